package group

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// ChartFacts is what access to a chart depends on, as the practice's rosters
// know it.
type ChartFacts struct {
	Chart   id.Chart
	Primary id.Member
	Branch  id.Branch
	// Team are the places on the care team besides the primary's.
	Team []access.Place
	// Guard is what is set on the chart itself; nil for nothing.
	Guard *access.Guard
	// Former are the places on the team that members lost because they left.
	Former careteam.FormerPlaces
}

// Resource returns the chart as what access is decided over.
func (f ChartFacts) Resource(g id.Group) access.Resource {
	r := access.Resource{Group: g, Clinician: f.Primary, Branch: f.Branch, Team: f.Team, Chart: f.Chart}
	if f.Guard != nil { // Against the primary of then.
		guard := *f.Guard
		guard.Primary, r.Guard = f.Primary, &guard
	}
	return r
}

func (f ChartFacts) equal(o ChartFacts) bool {
	return f.Chart == o.Chart && f.Primary == o.Primary && f.Branch == o.Branch && slices.EqualFunc(f.Team, o.Team, access.Place.Equal) &&
		reflect.DeepEqual(f.Guard, o.Guard)
}

// Foreseen returns the charts as they will be once everything that the events
// set in motion is done: the charts of a leaver are with those who take them
// over, those of a closed branch where they move to, and those that are given back
// with whom they were.
func Foreseen(charts []ChartFacts, events []Event) []ChartFacts {
	foreseen := slices.Clone(charts)
	rehome := func(leaver id.Member, p Rehoming) {
		for i := range foreseen {
			if to, _, ok := p.TargetOf(foreseen[i].Chart); ok && foreseen[i].Primary == leaver {
				foreseen[i].Primary = to
				foreseen[i].Team = offTeam(foreseen[i].Team, to)
			}
		}
	}
	for _, event := range events {
		switch e := event.(type) {
		case MemberRemovalStarted:
			rehome(e.Member, e.Plan)
		case MemberRemovalReplanned:
			rehome(e.Member, e.Plan)
		case RelinkingStarted:
			for i, f := range foreseen {
				if slices.Contains(e.Charts, f.Chart) {
					foreseen[i] = f.relinked(e.Member)
				}
			}
		case BranchClosed:
			for i := range foreseen {
				if foreseen[i].Branch == e.Branch {
					foreseen[i].Branch = cmp.Or(e.MovedTo, e.Branch)
				}
			}
		default: // Nothing else moves a chart later.
		}
	}
	return foreseen
}

// relinked returns the chart after a member was given back the place they lost.
func (f ChartFacts) relinked(m id.Member) ChartFacts {
	p, lost := f.Former.Of(m)
	switch {
	case !lost || p.MovedOn:
		return f
	case p.Role != careteam.Primary:
		f.Team = append(offTeam(f.Team, m), access.Place{Member: m, From: p.Window.From, Until: p.Window.Until})
	default:
		f.Primary, f.Team = m, offTeam(f.Team, m)
		if p.ToWas != "" {
			f.Team = append(offTeam(f.Team, p.To), access.Place{Member: p.To, From: p.ToWindow.From, Until: p.ToWindow.Until})
		}
	}
	f.Former = f.Former.Regained(m)
	return f
}

// offTeam is a team less one of its members.
func offTeam(team []access.Place, m id.Member) []access.Place {
	return slices.DeleteFunc(slices.Clone(team), func(p access.Place) bool { return p.Member == m })
}

// View is a practice at one moment: its members and the charts they may reach.
type View struct {
	State State
	// Charts may be left out; a difference then says nothing about single charts.
	Charts []ChartFacts
}

// Shift is which way a change goes.
type Shift string

// The shifts.
const (
	Gained Shift = "gained"
	Lost   Shift = "lost"
)

// Change says that a member gains or loses a capability, and for what.
type Change struct {
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Shift      Shift             `json:"shift"`
	// Group reports that it is about the practice as a whole.
	Group bool `json:"group,omitempty"`
	// Members, Branches and Charts are those whose things, or which, it is about.
	Members  []id.Member `json:"members,omitempty"`
	Branches []id.Branch `json:"branches,omitempty"`
	Charts   []id.Chart  `json:"charts,omitempty"`
	// From and Until say when the change holds, UTC, where that is later than now or
	// ends again: rules may be bounded in time. Until is exclusive.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Diff compares who may do what before and after, from now on: every member with
// every capability on the practice, on each member's things, on each branch and
// on each chart. Only what differs is listed: members in the order of joining,
// capabilities in alphabetical order, gains before losses.
func Diff(before, after View, now time.Time) []Change {
	places, moved := placesOf(before, after)
	turns := turnsOf(now, before.Charts, after.Charts)
	var changes []Change
	for _, m := range after.State.members {
		was, is := before.State.SubjectOfMember(m.ID), after.State.subject(m)
		for _, c := range access.Capabilities() {
			instants := merged(access.Turns(c, now, was, is), turns[m.ID])
			// The same reach can only make a difference where a chart itself changed.
			about := moved
			if slices.ContainsFunc(instants, func(at time.Time) bool {
				return !access.ReachOf(was, c, at).Equal(access.ReachOf(is, c, at))
			}) {
				about = places
			}
			if len(about) > 0 {
				changes = append(changes, compare(m.ID, c, was, is, about, instants)...)
			}
		}
	}
	return changes
}

// turnsOf returns when places on care teams begin or end after now, by their members.
func turnsOf(now time.Time, charts ...[]ChartFacts) map[id.Member][]time.Time {
	turns := map[id.Member][]time.Time{}
	for _, list := range charts {
		for _, f := range list {
			for _, p := range f.Team {
				for _, edge := range [...]time.Time{p.From, p.Until} {
					if edge.After(now) {
						turns[p.Member] = append(turns[p.Member], edge.UTC())
					}
				}
			}
		}
	}
	return turns
}

// merged adds instants to a list, in order and each once.
func merged(instants, more []time.Time) []time.Time {
	if len(more) == 0 {
		return instants
	}
	instants = slices.Concat(instants, more)
	slices.SortFunc(instants, time.Time.Compare)
	return slices.CompactFunc(instants, time.Time.Equal)
}

// compare lists what changes for one member and one capability, over time.
func compare(m id.Member, c access.Capability, was, is access.Subject, places []place, instants []time.Time) []Change {
	var gains, losses []Change
	for i, at := range instants {
		reachWas, reachIs := access.ReachOf(was, c, at), access.ReachOf(is, c, at)
		gained := Change{Member: m, Capability: c, Shift: Gained}
		lost := Change{Member: m, Capability: c, Shift: Lost}
		for _, p := range places {
			switch could, can := p.in(reachWas, p.before), p.in(reachIs, p.after); {
			case can && !could:
				p.list(&gained)
			case could && !can:
				p.list(&lost)
			}
		}
		if i == 0 {
			at = time.Time{}
		}
		gains, losses = follow(gains, gained, at), follow(losses, lost, at)
	}
	return append(gains, losses...)
}

// follow continues a list of changes over time with what holds from an instant
// on; the zero instant is now.
func follow(changes []Change, next Change, at time.Time) []Change {
	if n := len(changes); n > 0 && changes[n-1].Until.IsZero() {
		if changes[n-1].about(next) {
			return changes
		}
		changes[n-1].Until = at
	}
	if next.about(Change{}) {
		return changes
	}
	next.From = at
	return append(changes, next)
}

// about reports whether two changes are about the same things.
func (c Change) about(o Change) bool {
	return c.Group == o.Group && slices.Equal(c.Members, o.Members) && slices.Equal(c.Branches, o.Branches) && slices.Equal(c.Charts, o.Charts)
}

// place is something that a capability can be about, before and after.
type place struct {
	before, after *access.Resource
	// list enters it in a change.
	list func(*Change)
}

func (p place) in(r access.Reach, res *access.Resource) bool { return res != nil && r.Contains(*res) }

// placesOf lists everything that a capability can be about, and apart those of
// the places that are not what they were before.
func placesOf(before, after View) (places, moved []place) {
	g := after.State.group
	still := func(r access.Resource, list func(*Change)) { places = append(places, place{&r, &r, list}) }
	still(access.Resource{Group: g}, func(c *Change) { c.Group = true })
	for _, m := range after.State.members {
		still(access.Resource{Group: g, Clinician: m.ID, Subject: m.ID}, func(c *Change) { c.Members = append(c.Members, m.ID) })
	}
	for _, b := range after.State.branches {
		still(access.Resource{Group: g, Branch: b.ID}, func(c *Change) { c.Branches = append(c.Branches, b.ID) })
	}
	earlier := make(map[id.Chart]ChartFacts, len(before.Charts))
	for _, f := range before.Charts {
		earlier[f.Chart] = f
	}
	add := func(chart id.Chart, was, is *access.Resource, same bool) {
		p := place{was, is, func(c *Change) { c.Charts = append(c.Charts, chart) }}
		if places = append(places, p); !same {
			moved = append(moved, p)
		}
	}
	for _, f := range after.Charts {
		is := f.Resource(g)
		was, known := earlier[f.Chart]
		delete(earlier, f.Chart)
		if !known {
			add(f.Chart, nil, &is, false)
			continue
		}
		old := was.Resource(g)
		add(f.Chart, &old, &is, was.equal(f))
	}
	for _, f := range before.Charts {
		if _, gone := earlier[f.Chart]; gone {
			was := f.Resource(g)
			add(f.Chart, &was, nil, false)
		}
	}
	return places, moved
}

// Cost is what a change costs a practice, shown before it is made.
type Cost struct {
	// Lines are charged at once, credits among them; there are none during the trial.
	Lines []pricing.Line
	// Today is what the charges grow by, less what is refunded for unused days.
	Today money.Money
	// Next is the period after the present one, or after the trial, Before what it
	// would have cost and After what it will, with the licences whose purchase is
	// still to be paid.
	Next          pricing.Period
	Before, After money.Money
}

// CostOf compares the charges and the next invoice of a practice before and after
// a change, at the prices of a book; ok is false for a practice that has no
// subscription afterwards, which nothing costs anything. Fault: "unknown_plan" for
// a licence whose plan has no price in the next period.
func CostOf(before, after State, book pricing.Book) (c Cost, ok bool, err error) {
	if !after.Subscribed() {
		return Cost{}, false, nil
	}
	c = Cost{Today: money.Of(0, after.currency), Before: money.Of(0, after.currency)}
	for _, now := range after.subscription.charges {
		was, _ := before.Charge(now.ID)
		grown, err := now.Total.Minus(was.Total)
		if err != nil {
			return Cost{}, false, err
		}
		if c.Today, err = c.Today.Plus(grown); err != nil {
			return Cost{}, false, err
		}
		if len(now.Lines) > len(was.Lines) {
			c.Lines = append(c.Lines, now.Lines[len(was.Lines):]...)
		}
	}
	for _, r := range after.subscription.refunds {
		if _, known := before.Refund(r.ID); known || r.Reason != Unused {
			continue
		}
		if c.Today, err = c.Today.Minus(r.Amount); err != nil {
			return Cost{}, false, err
		}
	}
	if before.Subscribed() {
		without, err := before.allPaid().NextInvoice(book)
		if err != nil {
			return Cost{}, false, err
		}
		c.Before = without.Total
	}
	with, err := after.allPaid().NextInvoice(book)
	c.Next, c.After = with.Period, with.Total
	return c, err == nil, err
}

// allPaid returns the state as it is once every purchase is paid.
func (s State) allPaid() State {
	s.subscription.licences = slices.Clone(s.subscription.licences)
	for i := range s.subscription.licences {
		s.subscription.licences[i].Pending = false
	}
	return s
}
