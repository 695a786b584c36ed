package projections

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"praxis/domain/fault"
	parked "praxis/projections/quarantine"
)

// The faults of what is done with builds.
var (
	errUnknownBuild = fault.New(fault.NotFound, "unknown_build", "There is no build of that name. `praxis projections status` lists them.")
	errBuildInUse   = fault.New(fault.Rejected, "build_in_use", "This program reads and follows that build, so it cannot be dropped. `praxis projections rebuild` makes it anew.")
)

// Drop removes a build that this program does not read, with its rows. A server of
// another version that still follows it makes it anew from the log. Faults:
// "unknown_build", "build_in_use".
func (r *Runner) Drop(ctx context.Context, build string) error {
	for _, p := range r.Projectors {
		if Build(p) == build {
			return errBuildInUse.With("build", build)
		}
	}
	return pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "delete from praxis.projection where build = $1", build)
		switch {
		case err != nil:
			return fmt.Errorf("drop the build %s: %w", build, err)
		case tag.RowsAffected() == 0:
			return errUnknownBuild.With("build", build)
		}
		return dropSchema(ctx, tx, build)
	})
}

// dropSchema removes the rows of a build, and what the quarantine has of it.
func dropSchema(ctx context.Context, tx pgx.Tx, build string) error {
	if _, err := tx.Exec(ctx, "drop schema if exists "+quoted(build)+" cascade"); err != nil {
		return fmt.Errorf("drop the build %s: %w", build, err)
	}
	return parked.Forget(ctx, tx, memberPrefix+build)
}
