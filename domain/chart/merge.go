package chart

import (
	"slices"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// UndoableFor is how long a merge can be undone.
const UndoableFor = 30 * 24 * time.Hour

// Merge is that a chart was merged into another one; zero for a chart of its own.
type Merge struct {
	// Event names it.
	Event id.Event
	Into  id.Chart
	// UndoUntil is the first instant at which it cannot be undone any more, UTC.
	UndoUntil time.Time
	// WasArchived reports that the chart was archived before.
	WasArchived bool
}

// IsZero reports whether the chart is one of its own.
func (m Merge) IsZero() bool { return m == Merge{} }

// Source is a chart that was merged into this one.
type Source struct {
	Merge id.Event
	Chart id.Chart
}

// alike is what a chart has to do with others that look alike.
type alike struct {
	merged  Merge
	sources []Source
	apart   []id.Chart
}

// ofAlike is what the chart has to do with others that look alike.
func (s State) ofAlike() alike {
	if s.alike == nil {
		return alike{}
	}
	return *s.alike
}

// alikeChanged changes that. It leaves alone what earlier copies of the state hold.
func (s *State) alikeChanged(change func(*alike)) {
	a := s.ofAlike()
	change(&a)
	s.alike = nil
	if !a.merged.IsZero() || len(a.sources) > 0 || len(a.apart) > 0 {
		s.alike = &a
	}
}

// Merged says into which chart this one was merged; zero for none. It is Archived then, too.
func (s State) Merged() Merge { return s.ofAlike().merged }

// MergedFrom are the charts that were merged into this one, in that order.
func (s State) MergedFrom() []Source { return s.ofAlike().sources }

// Apart are charts that look alike and are of other people.
func (s State) Apart() []id.Chart { return s.ofAlike().apart }

// mergedInto makes the chart read-only, as an archived one is (AMB-17).
func (s *State) mergedInto(e MergedInto) {
	was := s.Archived
	s.alikeChanged(func(a *alike) {
		a.merged = Merge{Event: e.Merge, Into: e.Into, UndoUntil: e.UndoUntil, WasArchived: was}
	})
	s.Archived = true
}

// mergeUndone makes it what it was before.
func (s *State) mergeUndone(e MergeUndone) {
	s.alikeChanged(func(a *alike) { a.merged = Merge{} })
	s.Archived = e.Archived
}

// unmergedFrom forgets a source; without any the state is what it was before the first.
func (s *State) unmergedFrom(e UnmergedFrom) {
	s.alikeChanged(func(a *alike) {
		if a.sources = slices.DeleteFunc(slices.Clone(a.sources), func(x Source) bool { return x.Merge == e.Merge }); len(a.sources) == 0 {
			a.sources = nil
		}
	})
}

// hasMerge reports whether the chart tells of a merge into it.
func (s State) hasMerge(m id.Event) bool {
	return slices.ContainsFunc(s.MergedFrom(), func(x Source) bool { return x.Merge == m })
}

// Beyond returns what s says of the patient that other does not.
func (s State) Beyond(other State) (d Differences) {
	differs := func(mine, theirs string) string {
		if mine == theirs {
			return ""
		}
		return mine
	}
	born := func(of Demographics) string {
		if of.BirthDate.IsZero() {
			return ""
		}
		return of.BirthDate.String()
	}
	is, was := s.Patient, other.Patient
	d = Differences{
		GivenName: differs(is.GivenName, was.GivenName), FamilyName: differs(is.FamilyName, was.FamilyName),
		BirthDate: differs(born(is), born(was)), Email: differs(is.Email, was.Email), Phone: differs(is.Phone, was.Phone),
	}
	for _, c := range s.Contacts {
		if !slices.ContainsFunc(other.Contacts, func(x Contact) bool { return x.ContactDetails == c.ContactDetails }) {
			d.Contacts = append(d.Contacts, c.ContactDetails)
		}
	}
	return d
}

// ErrMerged refuses what would be new on a chart that was merged into another one. Its code
// is "chart_merged"; who may see the other chart is told which one it is.
var ErrMerged = fault.New(fault.Rejected, "chart_merged", "This chart was merged into another one and is read-only. Use that one, or undo the merge.")
