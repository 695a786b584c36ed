package projections

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"praxis/domain/fault"
)

const resumeRow = `
update praxis.projection
   set status = 'running', epoch = epoch + 1, last_error = null, updated_at = now()
 where build = $1`

// Resume lets a stopped projection go on at the event that stopped it, after
// the cause was fixed; the leading runner, in whatever process, picks it up.
// Faults: "unknown_projection"; "projection_not_stopped"; if its tables are of
// another shape, "projection_shape_differs".
func (r *Runner) Resume(ctx context.Context, name string) error {
	p, err := r.find(name)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		at, err := lockRow(ctx, tx, Build(p))
		if err != nil {
			return err
		}
		switch {
		case at.State != Stopped:
			return fault.New(fault.Rejected, "projection_not_stopped", "Only a stopped projection can be resumed; this one is %s.", stateOf(at))
		case at.Shape != shape(p):
			return errShape
		}
		if _, err := tx.Exec(ctx, resumeRow, Build(p)); err != nil {
			return fmt.Errorf("resume projection %s: %w", name, err)
		}
		return nil
	})
}

// stateOf names the state of a row for a message.
func stateOf(r row) string {
	if r.State == "" {
		return "not started yet"
	}
	return string(r.State)
}
