package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Branches moves the charts of closed branches, chart by chart, archived ones too,
// and completes the closing when none is left. It follows the log
// from its beginning, so that branches that closed before it ran are emptied too.
func Branches(c Config) process.Process {
	return relocation[id.Branch]{
		Config: c, process: "branches", command: "processes.emptyBranch",
		starts: func(event group.Event) id.Branch { e, _ := event.(group.BranchClosed); return e.Branch },
		ends:   func(event group.Event) id.Branch { e, _ := event.(group.BranchVacated); return e.Branch },
		remains: func(f group.ChartFacts, closed id.Branch) bool {
			return f.Branch == closed
		},
		move: func(ctx context.Context, call commands.Call, which id.Chart, closed id.Branch) error {
			return outcome(commands.LeaveClosedBranch.Give(ctx, c.Engine, call, which, chart.LeaveClosedBranch{From: closed}))
		},
		leaves: func(event chart.Event, closed id.Branch) bool {
			e, ok := event.(chart.BranchChanged)
			return ok && e.From == closed
		},
		complete: func(ctx context.Context, call commands.Call, closed id.Branch, moved int) error {
			return outcome(commands.VacateBranch.Give(ctx, c.Engine, call, group.VacateBranch{Branch: closed, ChartsMoved: moved}))
		},
	}.definition()
}
