package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Scrubbed says what was being done when an error happened, and keeps of what
// the server said only the code and the constraint: its message quotes values,
// which can be personal. A connection that broke keeps being one for Translate.
func Scrubbed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		plain := &pgconn.PgError{Severity: pg.Severity, Code: pg.Code, ConstraintName: pg.ConstraintName, Message: "refused by the database"}
		return fmt.Errorf("%s: %w", doing, plain)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
