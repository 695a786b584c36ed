package processes

import (
	"fmt"
	"strings"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// The kinds of the timers of care teams.
const (
	// placeTimer is when the place of a member on a chart's team is over.
	placeTimer = "place"
	// primaryTimer is when the primary of a chart is to change.
	primaryTimer = "primary"
)

// CareTeams makes the changes of primaries that were planned, at their instant, and takes
// members off care teams whose place is over. The latter only keeps teams tidy: access
// ended with the place. It follows the log from its beginning, so that it overlooks nothing
// from before it ran.
func CareTeams(c Config) process.Process {
	return process.Process{
		Name: "care_teams", Categories: []es.Category{chart.Category, group.Category},
		OnEvent: reactToCareTeam,
		OnTimer: timers{
			placeTimer: func(t process.Timer, raw string) ([]process.Effect, error) {
				which, _, _ := strings.Cut(raw, "+")
				chartID, err := id.Parse[id.Chart](which)
				if err != nil {
					return nil, fmt.Errorf("timer %s: %w", t.Key, err)
				}
				return []process.Effect{process.Send{Group: t.Group, Command: "chart.TidyTeam", Give: onceOn(c.Engine, commands.TidyTeam, chartID, chart.TidyTeam{})}}, nil
			},
			primaryTimer: about(func(t process.Timer, which id.Chart) []process.Effect {
				carryOut := onceOn(c.Engine, commands.CarryOutPlannedPrimary, which, chart.CarryOutPlannedPrimary{EffectiveAt: t.Due})
				return []process.Effect{process.Send{Group: t.Group, Command: "chart.CarryOutPlannedPrimary", Give: carryOut}}
			}),
		}.fire,
	}
}

func reactToCareTeam(env es.Envelope) ([]process.Effect, error) {
	if g, ok := env.Stream.Group(); ok {
		if _, closed := env.Event.(group.GroupClosed); closed {
			return cancelTimers(g), nil
		}
	}
	event, ok := env.Event.(chart.Event)
	if !ok {
		return nil, nil
	}
	g, c, err := chart.ParseStream(env.Stream)
	if err != nil {
		return nil, err
	}
	place := func(m id.Member, w careteam.Window) process.Effect {
		key := key(placeTimer, c) + "+" + m.String()
		if w.Until.IsZero() {
			return process.ClearTimer{Group: g, Key: key}
		}
		return process.SetTimer{Group: g, Key: key, Due: notBefore(w.Until)}
	}
	noPlan := process.ClearTimer{Group: g, Key: key(primaryTimer, c)}
	switch e := event.(type) {
	case chart.TeamMemberAdded:
		return []process.Effect{place(e.Member, e.Window)}, nil
	case chart.TeamWindowChanged:
		return []process.Effect{place(e.Member, e.To)}, nil
	case chart.TeamMemberRemoved:
		return []process.Effect{place(e.Member, careteam.Window{})}, nil
	case chart.PrimaryChangePlanned:
		return []process.Effect{process.SetTimer{Group: g, Key: key(primaryTimer, c), Due: e.EffectiveAt}}, nil
	case chart.PrimaryChangeCancelled, chart.PrimaryChangeLapsed:
		return []process.Effect{noPlan}, nil
	case chart.PrimaryProfessionalChanged:
		return []process.Effect{noPlan, place(e.To, careteam.Window{}), place(e.From, e.FormerWindow)}, nil
	case chart.PlacedInCustody:
		return []process.Effect{noPlan, place(e.Custodian, careteam.Window{})}, nil
	default: // Nothing else is about a team's time.
		return nil, nil
	}
}
