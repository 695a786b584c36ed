package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Relinking gives members who are back the charts again that they had when they
// left, chart by chart (AMB-14). A chart that a rule keeps where it is stays there
// for good: the end of the relinking names it.
func Relinking(c Config) process.Process {
	return relocation[id.Member]{
		Config: c, process: "relinking", command: "processes.giveAgain",
		starts: func(event group.Event) id.Member { e, _ := event.(group.RelinkingStarted); return e.Member },
		ends: func(event group.Event) id.Member {
			if gone, ok := event.(group.MemberAccessRevoked); ok {
				return gone.Member
			}
			e, _ := event.(group.RelinkingCompleted)
			return e.Member
		},
		remains: func(f group.ChartFacts, returner id.Member) bool {
			_, lost := f.Former.Of(returner)
			return lost
		},
		move: func(ctx context.Context, call commands.Call, which id.Chart, returner id.Member) error {
			_, err := commands.RelinkChart.Give(ctx, c.Engine, call, which, commands.Relinking{Returner: returner})
			if refused(err) {
				return nil
			}
			return err
		},
		leaves: func(event chart.Event, returner id.Member) bool {
			primary, isPrimary := event.(chart.PrimaryProfessionalChanged)
			added, isAdded := event.(chart.TeamMemberAdded)
			return isPrimary && primary.To == returner && !primary.Relinks.IsZero() ||
				isAdded && added.Member == returner && !added.Relinks.IsZero()
		},
		complete: func(ctx context.Context, call commands.Call, returner id.Member, given int) error {
			return outcome(commands.CompleteRelinking.Give(ctx, c.Engine, call, group.CompleteRelinking{Member: returner, Relinked: given}))
		},
	}.definition()
}
