package projections

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// errVersion is the failure of a projection whose rows were made by another
// version of its projector.
var errVersion = fault.New(fault.Rejected, "projection_version_differs", "The rows of this projection were made by another version of its projector, and the two must not mix. Run `praxis projections rebuild NAME`.")

const adoptVersion = `
update praxis.projection
   set version = $2, status = 'running', epoch = epoch + 1, last_error = null, updated_at = now()
 where name = $1`

// settleVersion refuses to mix the rows of two versions: it stops a running
// projection that has rows of another one. A projection that was stopped for
// that reason goes on as soon as a program of its own version leads again.
func (r *Runner) settleVersion(ctx context.Context, tx pgx.Tx, p Projector, at row) error {
	same, hasRows := at.Version == p.Version(), at.Position != es.Position{}
	switch {
	case at.State == Rebuilding:
		return nil
	case same && !at.isStoppedForVersion(), !same && hasRows && at.State == Stopped:
		return nil
	case same, !hasRows:
		if _, err := tx.Exec(ctx, adoptVersion, p.Name(), p.Version()); err != nil {
			return fmt.Errorf("adopt projection %s: %w", p.Name(), err)
		}
		return nil
	}
	f := describe(errVersion, es.Recorded{}, r.Clock())
	r.Logger.ErrorContext(ctx, "projection stopped", "projection", p.Name(), "failure", f.String(), "stored", at.Version, "program", p.Version())
	r.Observer.Stopped(p.Name(), f)
	return stopRowAt(ctx, tx, p.Name(), at.checkpoint(), f)
}

// isStoppedForVersion reports whether it stopped because its rows are of another version.
func (r row) isStoppedForVersion() bool {
	return r.State == Stopped && r.Failure != nil && r.Failure.Code == errVersion.Code
}
