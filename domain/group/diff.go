package group

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
)

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
	var changes []Change
	for _, m := range after.State.members {
		was, is := before.State.SubjectOfMember(m.ID), after.State.subject(m)
		for _, c := range access.Capabilities() {
			instants := edges(c, now, was, is)
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

// edges returns the instants from now on at which either subject's reach may
// change by itself, in order; the first is now.
func edges(c access.Capability, now time.Time, subjects ...access.Subject) []time.Time {
	instants := []time.Time{now.UTC()}
	for _, s := range subjects {
		for _, r := range slices.Concat(s.Overrides, s.RoleRules) {
			for _, edge := range [...]time.Time{r.From, r.Until} {
				if r.BearsOn(c) && edge.After(now) {
					instants = append(instants, edge.UTC())
				}
			}
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	return slices.CompactFunc(instants, time.Time.Equal)
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
