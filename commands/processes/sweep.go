package processes

import (
	"context"
	"maps"
	"slices"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/membership"
)

// The kinds of the timers of the sweep: one per practice and day; one for each claim
// whose membership has not begun; and one for each membership that has ended.
const (
	dailyTimer  = "daily"
	claimTimer  = "claim"
	formerTimer = "former"
)

// daily is how often a practice is looked at.
const daily = 24 * time.Hour

// Findings takes what is wrong with practices and cannot be mended by itself.
type Findings interface {
	// Found takes everything that the last look at a practice found; nothing, if
	// everything holds.
	Found(ctx context.Context, g id.Group, found []invariant.Violation)
}

// Sweep looks after what spans two streams (groups.md §2.4): every practice once a
// day, counted from its founding so that they do not all come at once, and every
// claim of an account that may have been left over, after an hour. It mends what
// the rules already say how to mend and tells Findings the rest. It reads the
// practice's own stream, its roster, the claims of its members and the streams of
// charts that look wrong, never the whole log.
func Sweep(c Config) process.Process {
	return process.Process{
		Name: "sweep", Categories: []es.Category{group.Category, membership.Category},
		OnEvent: reactToStrays,
		OnTimer: timers{
			dailyTimer: c.lookAtGroup,
			claimTimer: about(func(t process.Timer, account id.Account) []process.Effect {
				return c.freeClaim(t.Group, account, id.Member{})
			}),
			formerTimer: about(func(t process.Timer, member id.Member) []process.Effect {
				return c.freeClaim(t.Group, id.Account{}, member)
			}),
		}.fire,
	}
}

// lookAtGroup finds what must not be, mends what can be mended and tells the rest,
// once a day. Days that were missed are left out, and the practice keeps its time of day.
func (c Config) lookAtGroup(t process.Timer, _ string) ([]process.Effect, error) {
	missed := t.FiredAt.Sub(t.Due).Truncate(daily)
	return []process.Effect{
		process.Send{Group: t.Group, Command: "processes.lookAfter", Give: c.lookAfter},
		process.SetTimer{Group: t.Group, Key: dailyTimer, Due: t.Due.Add(missed + daily)},
	}, nil
}

// freeClaim frees an account, which is named by itself or by a membership.
func (c Config) freeClaim(g id.Group, account id.Account, m id.Member) []process.Effect {
	return []process.Effect{process.Send{Group: g, Command: "processes.freeClaim", Give: func(ctx context.Context, call commands.Call) error {
		return outcome(c.Engine.FreeStrayClaim(ctx, call, account, m))
	}}}
}

func reactToStrays(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	soon := notBefore(env.RecordedAt.Add(invariant.ClaimGrace))
	switch e := env.Event.(type) {
	case membership.Claimed:
		account, err := membership.ParseStream(env.Stream)
		return []process.Effect{process.SetTimer{Group: e.Group, Key: key(claimTimer, account), Due: soon}}, err
	case membership.Released:
		account, err := membership.ParseStream(env.Stream)
		return []process.Effect{
			process.ClearTimer{Group: e.Group, Key: key(claimTimer, account)},
			process.ClearTimer{Group: e.Group, Key: key(formerTimer, e.Member)},
		}, err
	case group.GroupCreated:
		return []process.Effect{
			process.ClearTimer{Group: g, Key: key(claimTimer, e.Account)},
			process.SetTimer{Group: g, Key: dailyTimer, Due: env.RecordedAt.Add(daily)},
		}, nil
	case group.MemberJoined:
		return []process.Effect{process.ClearTimer{Group: g, Key: key(claimTimer, e.Account)}}, nil
	case group.MemberAccessRevoked:
		return []process.Effect{process.SetTimer{Group: g, Key: key(formerTimer, e.Member), Due: soon}}, nil
	case group.MemberReinstated:
		return []process.Effect{process.ClearTimer{Group: g, Key: key(formerTimer, e.Member)}}, nil
	case group.GroupClosed:
		return append(cancelTimers(g), process.SetTimer{Group: g, Key: key(formerTimer, e.ClosedBy), Due: soon}), nil
	}
	return nil, nil
}

// lookAfter looks at one practice. What seems wrong is looked at twice: mending
// changes it, and a practice that was at work during the first look is not wrong.
func (c Config) lookAfter(ctx context.Context, call commands.Call) error {
	found, err := c.inspect(ctx, call.Group)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		for _, v := range found {
			if err := c.mend(ctx, call, v); MayPass(err) {
				return err
			}
		}
		if found, err = c.inspect(ctx, call.Group); err != nil {
			return err
		}
	}
	if c.Findings != nil {
		c.Findings.Found(ctx, call.Group, found)
	}
	return nil
}

// mend does what the rules say about a violation, as far as they do: a chart of
// somebody who left follows the plan of their removal, and one of a branch that
// closed goes where that went.
func (c Config) mend(ctx context.Context, call commands.Call, v invariant.Violation) error {
	if v.Rule != invariant.ChartPrimary && v.Rule != invariant.ChartBranch {
		return nil
	}
	which, err := id.Parse[id.Chart](v.ID(invariant.KindChart))
	if err != nil {
		return err
	}
	call = part(call, string(v.Rule), which.String())
	if v.Rule == invariant.ChartPrimary {
		leaver, err := id.Parse[id.Member](v.ID(invariant.KindMember))
		if err != nil {
			return err
		}
		return outcome(commands.RehomeChart.Give(ctx, c.Engine, call, which, chart.Rehome{Leaver: leaver}))
	}
	closed, err := id.Parse[id.Branch](v.ID(invariant.KindBranch))
	if err != nil {
		return err
	}
	return outcome(commands.LeaveClosedBranch.Give(ctx, c.Engine, call, which, chart.LeaveClosedBranch{From: closed}))
}

// inspect audits the streams of one practice that can break its invariants. The
// roster is read first, so that the practice's stream knows everybody on it.
func (c Config) inspect(ctx context.Context, g id.Group) ([]invariant.Violation, error) {
	a := invariant.New(c.Engine.Clock(), g)
	charts, err := c.Charts.CurrentChartsOf(ctx, g)
	if err == nil {
		err = c.addTo(ctx, a, group.Stream(g))
	}
	if err != nil {
		return nil, err
	}
	for _, suspect := range a.Suspects(g, charts) {
		if err := c.addTo(ctx, a, chart.Stream(g, suspect)); err != nil {
			return nil, err
		}
	}
	if err := c.addClashes(ctx, a, g); err != nil {
		return nil, err
	}
	for _, account := range a.ActiveAccounts(g) {
		if err := c.addTo(ctx, a, membership.Stream(account)); err != nil {
			return nil, err
		}
	}
	found, _ := a.Violations()
	return found, nil
}

// addTo adds a stream to an audit.
func (c Config) addTo(ctx context.Context, a *invariant.Audit, stream es.Stream) error {
	for rec, err := range c.Log.ReadStream(ctx, stream, 0) {
		if err != nil {
			return err
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			a.Unreadable(rec)
			continue
		}
		a.Add(env)
	}
	return nil
}

// addClashes adds the calendars in which the read model shows a patient twice at one
// time (BKG-A18). What the log says of them is judged.
func (c Config) addClashes(ctx context.Context, a *invariant.Audit, g id.Group) error {
	if c.Appointments == nil {
		return nil
	}
	held, _, err := c.Appointments.Upcoming(ctx, g, commands.UpcomingQuery{From: c.Engine.Clock()})
	if err != nil {
		return err
	}
	clashing := map[es.Stream]bool{}
	perChart := map[id.Chart][]booking.Held{}
	for _, one := range held {
		for _, other := range perChart[one.Chart] {
			if one.Clinician != other.Clinician && one.Overlaps(other.Span) {
				clashing[booking.CalendarID{Group: g, Clinician: one.Clinician}.Stream()] = true
				clashing[booking.CalendarID{Group: g, Clinician: other.Clinician}.Stream()] = true
			}
		}
		perChart[one.Chart] = append(perChart[one.Chart], one)
	}
	for _, stream := range slices.Sorted(maps.Keys(clashing)) {
		if err := c.addTo(ctx, a, stream); err != nil {
			return err
		}
	}
	return nil
}
