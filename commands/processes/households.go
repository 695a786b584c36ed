package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
)

// transferTimer is when the offer of a household to another practice lapses.
const transferTimer = "transfer"

// Households has charts follow their household where the command that changed it could not
// do so itself (AMB-16), lets offers to other practices lapse (H-7), and takes members off
// households who left the practice (AMB-14). It follows the log from its beginning, so that
// it overlooks nothing from before it ran.
func Households(c Config) process.Process {
	return process.Process{
		Name: "households", Categories: []es.Category{household.Category, chart.Category, group.Category},
		OnEvent: c.reactToHousehold,
		OnTimer: timers{
			transferTimer: about(func(t process.Timer, which id.Household) []process.Effect {
				return []process.Effect{process.Send{Group: t.Group, Command: "household.LapseTransfer", Give: onceOn(c.Engine, commands.LapseHouseholdTransfer, which, household.LapseTransfer{})}}
			}),
			againTimer: about(func(t process.Timer, leaver id.Member) []process.Effect { return c.leave(t.Group, leaver) }),
		}.fire,
	}
}

func (c Config) reactToHousehold(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case household.Event:
		_, which, err := household.ParseStream(env.Stream)
		return c.ofHousehold(g, which, e), err
	case chart.Event:
		_, which, err := chart.ParseStream(env.Stream)
		return c.ofChart(g, which, e), err
	case group.MemberAccessRevoked:
		// A household that somebody makes theirs in the same instant is found by the second look.
		return append(c.leave(g, e.Member), process.SetTimer{Group: g, Key: key(againTimer, e.Member), Due: notBefore(env.RecordedAt.Add(bookedBy))}), nil
	case group.MemberRemovalReplanned:
		return c.leave(g, e.Member), nil
	case group.GroupClosed:
		return cancelTimers(g), nil
	}
	return nil, nil
}

// ofHousehold is what follows from an event of a household.
func (c Config) ofHousehold(g id.Group, h id.Household, event household.Event) []process.Effect {
	var also []id.Chart
	switch e := event.(type) {
	case household.TransferOffered:
		return []process.Effect{process.SetTimer{Group: g, Key: key(transferTimer, h), Due: notBefore(e.ExpiresAt)}}
	case household.TransferConfirmed, household.TransferWithdrawn, household.TransferLapsed:
		return []process.Effect{process.ClearTimer{Group: g, Key: key(transferTimer, h)}}
	case household.ChartUnlinked:
		also = append(also, e.Chart)
	case household.ChartLinked, household.PrimaryProfessionalChanged, household.TeamMemberAdded, household.TeamRoleChanged,
		household.TeamWindowChanged, household.TeamMemberRemoved, household.TransferredOut, household.Dissolved:
	default: // Nothing else changes what charts inherit.
		return nil
	}
	return []process.Effect{process.Send{Group: g, Command: "chart.TakeTeam", Give: func(ctx context.Context, call commands.Call) error {
		return c.Engine.FollowHousehold(ctx, call, h, also...)
	}}}
}

// ofChart is what follows from an event of a chart: where a place ends that was given by
// hand, the one over the household takes its place.
func (c Config) ofChart(g id.Group, which id.Chart, event chart.Event) []process.Effect {
	switch e := event.(type) {
	case chart.TeamMemberRemoved:
		if !e.Household.IsZero() {
			return nil
		}
	case chart.PrimaryProfessionalChanged, chart.PlacedInCustody, chart.HouseholdTeamsAllowed:
	default:
		return nil
	}
	return []process.Effect{process.Send{Group: g, Command: "chart.TakeTeam", Give: onceOn(c.Engine, commands.TakeHouseholdTeam, which, chart.TakeTeam{})}}
}

// leave takes a member off every household of their practice.
func (c Config) leave(g id.Group, leaver id.Member) []process.Effect {
	return []process.Effect{process.Send{Group: g, Command: "household.Rehome", Give: func(ctx context.Context, call commands.Call) error {
		theirs, err := c.householdsOf(ctx, g)
		if err != nil {
			return err
		}
		var first error
		for _, h := range theirs {
			err := outcome(commands.RehomeHousehold.Give(ctx, c.Engine, part(call, h.String()), h, household.Rehome{Leaver: leaver}))
			if MayPass(err) {
				return err
			}
			if first == nil {
				first = err
			}
		}
		return first
	}}}
}

// householdsOf finds the households of a practice in the log: members leave rarely, and
// nothing that was recorded is overlooked.
func (c Config) householdsOf(ctx context.Context, g id.Group) (all []id.Household, err error) {
	for rec, err := range c.Log.ReadAll(ctx, []es.Category{household.Category}, es.Position{}) {
		if err != nil {
			return nil, err
		}
		owner, which, err := household.ParseStream(rec.Stream)
		if err != nil {
			return nil, err
		}
		if owner == g && rec.Revision == 0 {
			all = append(all, which)
		}
	}
	return all, nil
}
