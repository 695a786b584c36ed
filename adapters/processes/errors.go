package processes

import (
	"errors"

	"praxis/adapters/postgres"
	"praxis/commands/process"
	"praxis/domain/fault"
)

var (
	errUnavailable = fault.New(fault.Unavailable, "process_journal_unavailable", "The memory of the processes cannot be reached at the moment. They go on when it is back.")
	errRefused     = fault.New(fault.Internal, "process_journal_refused", "The memory of the processes does not take what this process asks for. Report the event or the timer named here.")
)

// classified says of an error whether repeating can help.
func classified(doing string, err error) error {
	if errors.Is(err, process.ErrCheckpointConflict) {
		return err
	}
	return postgres.Classified(doing, err, errUnavailable, errRefused)
}
