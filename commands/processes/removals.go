package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Removals moves the charts of members who left, chart by chart, to whom the plan
// names, and completes their removal when none is left (AMB-14). A new plan is
// followed at once.
func Removals(c Config) process.Process {
	return relocation[id.Member]{
		Config: c, process: "removals", command: "processes.moveCharts",
		starts: func(event group.Event) id.Member {
			if e, ok := event.(group.MemberRemovalReplanned); ok {
				return e.Member
			}
			e, _ := event.(group.MemberRemovalStarted)
			return e.Member
		},
		ends: func(event group.Event) id.Member { e, _ := event.(group.MemberRemoved); return e.Member },
		remains: func(f group.ChartFacts, leaver id.Member) bool {
			return f.Primary == leaver
		},
		move: func(ctx context.Context, call commands.Call, which id.Chart, leaver id.Member) error {
			return outcome(commands.RehomeChart.Give(ctx, c.Engine, call, which, chart.Rehome{Leaver: leaver}))
		},
		leaves: func(event chart.Event, leaver id.Member) bool {
			changed, isChanged := event.(chart.PrimaryProfessionalChanged)
			placed, isPlaced := event.(chart.PlacedInCustody)
			return isChanged && changed.From == leaver || isPlaced && placed.From == leaver
		},
		complete: func(ctx context.Context, call commands.Call, leaver id.Member, moved int) error {
			return outcome(commands.CompleteMemberRemoval.Give(ctx, c.Engine, call, group.CompleteMemberRemoval{Member: leaver, ChartsMoved: moved}))
		},
	}.definition()
}
