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

// giveAgain asks for the charts that are on their way back to a member to be given
// to them, and for the relinking to be completed.
type giveAgain struct{ Of id.Member }

// Relinking gives members who are back the charts again that they had when they
// left, chart by chart, and says which it could not (AMB-14).
func Relinking(c Config) process.Process {
	return relocations[id.Member, giveAgain](c, "relinking", reactToRelinking, c.relinking)
}

func reactToRelinking(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case group.RelinkingStarted:
		return relocating(g, e.Member.String(), giveAgain{e.Member}, env.RecordedAt), nil
	case group.RelinkingCompleted:
		return relocated(g, e.Member.String()), nil
	case group.MemberAccessRevoked:
		return relocated(g, e.Member.String()), nil
	case group.GroupClosed:
		return cancelTimers(g), nil
	}
	return nil, nil
}

// relinking gives every chart that was promised back to the returner. A chart that
// a rule keeps where it is stays there for good: the end of the relinking names it.
func (c Config) relinking(returner id.Member) relocation {
	return relocation{
		starts: func(event group.Event) bool {
			e, ok := event.(group.RelinkingStarted)
			return ok && e.Member == returner
		},
		ends: func(event group.Event) bool {
			done, isDone := event.(group.RelinkingCompleted)
			gone, isGone := event.(group.MemberAccessRevoked)
			return isDone && done.Member == returner || isGone && gone.Member == returner
		},
		remains: func(f group.ChartFacts) bool {
			_, lost := f.Former.Of(returner)
			return lost
		},
		move: func(ctx context.Context, call commands.Call, which id.Chart) error {
			_, err := commands.RelinkChart.Give(ctx, c.Engine, call, which, commands.Relinking{Returner: returner})
			if refused(err) {
				return nil
			}
			return err
		},
		leaves: func(event chart.Event) bool {
			primary, isPrimary := event.(chart.PrimaryProfessionalChanged)
			added, isAdded := event.(chart.TeamMemberAdded)
			return isPrimary && primary.To == returner && !primary.Relinks.IsZero() ||
				isAdded && added.Member == returner && !added.Relinks.IsZero()
		},
		complete: func(ctx context.Context, call commands.Call, given int) error {
			_, err := commands.CompleteRelinking.Give(ctx, c.Engine, call, group.CompleteRelinking{Member: returner, Relinked: given})
			return err
		},
	}
}
