package processes

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/commands/process"
	"praxis/domain/fault"
)

var (
	errUnavailable = fault.New(fault.Unavailable, "process_journal_unavailable", "The memory of the processes cannot be reached at the moment. They go on when it is back.")
	errRefused     = fault.New(fault.Internal, "process_journal_refused", "The memory of the processes does not take what this process asks for. Report the event or the timer named here.")
)

// refusedStates are the SQLSTATE classes in which the same statement fails for
// ever: bad data, broken constraints, columns that are not there.
var refusedStates = []string{"22", "23", "42"}

// emptied are the codes of a database that lost its tables: they are made anew.
var emptied = []string{"42P01", "3F000"}

// classified says of an error whether repeating can help. It keeps only the code
// of what the server said, because messages quote values.
func classified(doing string, err error) error {
	if err == nil || errors.Is(err, process.ErrCheckpointConflict) {
		return err
	}
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		cause := fmt.Errorf("%s: SQLSTATE %s %s", doing, pg.Code, pg.ConstraintName)
		for _, class := range refusedStates {
			if strings.HasPrefix(pg.Code, class) && !slices.Contains(emptied, pg.Code) {
				return errRefused.Because(cause)
			}
		}
		return errUnavailable.Because(cause)
	}
	return errUnavailable.Because(fmt.Errorf("%s: %w", doing, err))
}
