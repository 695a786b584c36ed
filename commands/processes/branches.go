package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// emptyBranch asks for every chart of a closed branch to be moved, and for the
// closing to be completed.
type emptyBranch struct{ Of id.Branch }

// Branches moves the charts of closed branches, chart by chart, archived ones too,
// and completes the closing when none is left. It follows the log
// from its beginning, so that branches that closed before it ran are emptied too.
func Branches(c Config) process.Process {
	return relocations[id.Branch, emptyBranch](c, "branches", reactToBranch, c.emptying)
}

func reactToBranch(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case group.BranchClosed:
		return relocating(g, e.Branch.String(), emptyBranch{e.Branch}, env.RecordedAt), nil
	case group.BranchVacated:
		return relocated(g, e.Branch.String()), nil
	case group.GroupClosed:
		return cancelTimers(g), nil
	}
	return nil, nil
}

// emptying moves every chart of a branch to where the branch went.
func (c Config) emptying(branch id.Branch) relocation {
	return relocation{
		starts: func(event group.Event) bool {
			e, ok := event.(group.BranchClosed)
			return ok && e.Branch == branch
		},
		ends: func(event group.Event) bool {
			e, ok := event.(group.BranchVacated)
			return ok && e.Branch == branch
		},
		remains: func(f group.ChartFacts) bool { return f.Branch == branch },
		move: func(ctx context.Context, call commands.Call, which id.Chart) error {
			_, err := commands.LeaveClosedBranch.Give(ctx, c.Engine, call, which, chart.LeaveClosedBranch{From: branch})
			return err
		},
		leaves: func(event chart.Event) bool {
			e, ok := event.(chart.BranchChanged)
			return ok && e.From == branch
		},
		complete: func(ctx context.Context, call commands.Call, moved int) error {
			_, err := commands.VacateBranch.Give(ctx, c.Engine, call, group.VacateBranch{Branch: branch, ChartsMoved: moved})
			return err
		},
	}
}
