package postgres

import (
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/fault"
)

// Classified says of the error of a statement whether repeating can help: refused, where
// the same statement fails for ever (bad data, broken constraints, columns that are
// not there), and else unavailable. A fault is left alone. What the server said is
// scrubbed.
func Classified(doing string, err error, unavailable, refused *fault.Error) error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	if err == nil {
		return nil
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	// A database that lost its tables gets them anew.
	if ok && pg.Code != "42P01" && slices.Contains([]string{"22", "23", "42"}, pg.Code[:min(2, len(pg.Code))]) {
		return refused.Because(Scrubbed(doing, err))
	}
	return unavailable.Because(Scrubbed(doing, err))
}
