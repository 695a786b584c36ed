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

// moveCharts asks for every chart of a leaver to be given to whom the plan
// names, and for the removal to be completed.
type moveCharts struct{ Of id.Member }

// Removals moves the charts of members who left, chart by chart, and completes
// their removal when none is left (AMB-14). A new plan is followed at once.
func Removals(c Config) process.Process {
	return relocations[id.Member, moveCharts](c, "removals", reactToRemoval, c.removal)
}

func reactToRemoval(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case group.MemberRemovalStarted:
		return relocating(g, e.Member.String(), moveCharts{e.Member}, env.RecordedAt), nil
	case group.MemberRemovalReplanned:
		return relocating(g, e.Member.String(), moveCharts{e.Member}, env.RecordedAt), nil
	case group.MemberRemoved:
		return relocated(g, e.Member.String()), nil
	}
	return nil, nil
}

// removal gives every chart of the leaver to whom the plan names.
func (c Config) removal(leaver id.Member) relocation {
	return relocation{
		starts: func(event group.Event) bool {
			e, ok := event.(group.MemberRemovalStarted)
			return ok && e.Member == leaver
		},
		ends: func(event group.Event) bool {
			e, ok := event.(group.MemberRemoved)
			return ok && e.Member == leaver
		},
		remains: func(f group.ChartFacts) bool { return f.Primary == leaver },
		move: func(ctx context.Context, call commands.Call, which id.Chart) error {
			_, err := commands.RehomeChart.Give(ctx, c.Engine, call, which, chart.Rehome{Leaver: leaver})
			return err
		},
		leaves: func(event chart.Event) bool {
			changed, isChanged := event.(chart.PrimaryProfessionalChanged)
			placed, isPlaced := event.(chart.PlacedInCustody)
			return isChanged && changed.From == leaver || isPlaced && placed.From == leaver
		},
		complete: func(ctx context.Context, call commands.Call, moved int) error {
			_, err := commands.CompleteMemberRemoval.Give(ctx, c.Engine, call, group.CompleteMemberRemoval{Member: leaver, ChartsMoved: moved})
			return err
		},
	}
}
