package household

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Person is somebody of the household: the patient of a chart, or a person whom the name says.
type Person struct {
	ID    id.Person
	Chart id.Chart
	// Name is empty where the chart says it. Relation is what they are in the household, in
	// the practice's words.
	Name, Relation string
}

// Linked is a chart of the household.
type Linked struct {
	Chart id.Chart
	// InheritTeam: the household's team has access to it.
	InheritTeam bool
}

// Transfer is an offer of the household to another practice.
type Transfer struct {
	To string
	// ExpiresAt is the first instant at which it cannot be confirmed any more, UTC.
	ExpiresAt time.Time
	// Confirmed is the account that confirmed it.
	Confirmed id.Account
}

// IsZero reports whether nothing is offered.
func (t Transfer) IsZero() bool { return t.ExpiresAt.IsZero() }

// Lapsed reports whether it was not confirmed in time (H-7).
func (t Transfer) Lapsed(now time.Time) bool {
	return !t.IsZero() && t.Confirmed.IsZero() && !now.Before(t.ExpiresAt)
}

// State is a household at one revision.
type State struct {
	Household id.Household
	Group     id.Group
	Name      string
	// People and Charts are in the order in which they came.
	People []Person
	Charts []Linked
	// Secondary is the clinician of the team who stands in for the primary; zero for none.
	Secondary id.Member
	// Transfer is the offer to another practice, if there is one.
	Transfer Transfer
	// Ended reports that it was dissolved, or that another practice has it.
	Ended bool

	team careteam.Team
}

// Aggregate says how the events of a household fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{Category: Category, New: func() State { return State{} }, Evolve: Evolve}
}

// Evolve applies one event. It never changes what earlier copies of the state hold.
func Evolve(s *State, e Event) {
	switch e := e.(type) {
	case Created:
		s.Household, s.Group, s.Name, s.team = e.Household, e.Group, e.Name, careteam.Of(e.Primary)
	case Renamed:
		s.Name = e.Name
	case PersonAdded:
		s.People = append(slices.Clip(s.People), Person{e.Person, e.Chart, e.Name, e.Relation})
	case PersonRemoved:
		s.People = slices.DeleteFunc(slices.Clone(s.People), func(p Person) bool { return p.ID == e.Person })
	case ChartLinked:
		s.link(Linked(e))
	case ChartUnlinked:
		s.Charts = slices.DeleteFunc(slices.Clone(s.Charts), func(l Linked) bool { return l.Chart == e.Chart })
	case PrimaryProfessionalChanged:
		s.team = s.team.Reassign(e.To, e.FormerBecomes)
		s.noSecondary(e.To)
	case SecondaryProfessionalSet:
		s.Secondary = e.Member
	case SecondaryProfessionalCleared:
		s.noSecondary(e.Member)
	case TeamMemberAdded:
		s.team = s.team.With(e.Member, e.Role).Bounded(e.Member, e.Window)
	case TeamRoleChanged:
		if s.team = s.team.With(e.Member, e.To); e.To != careteam.Clinician {
			s.noSecondary(e.Member)
		}
	case TeamWindowChanged:
		s.team = s.team.Bounded(e.Member, e.To)
	case TeamMemberRemoved:
		s.team = s.team.Without(e.Member)
		s.noSecondary(e.Member)
	case TransferOffered:
		s.Transfer = Transfer{To: e.To, ExpiresAt: e.ExpiresAt}
	case TransferConfirmed:
		s.Transfer.Confirmed = e.Account
	case TransferWithdrawn, TransferLapsed:
		s.Transfer = Transfer{}
	case TransferredOut, Dissolved:
		s.Ended = true
	case SummaryPrinted: // It tells of the household and changes nothing.
	}
}

func (s *State) link(l Linked) {
	s.Charts = slices.Clone(s.Charts)
	if i := s.linked(l.Chart); i >= 0 {
		s.Charts[i] = l
		return
	}
	s.Charts = append(s.Charts, l)
}

// noSecondary has a member not be the secondary professional any more.
func (s *State) noSecondary(m id.Member) {
	if s.Secondary == m {
		s.Secondary = id.Member{}
	}
}

// linked is where a chart stands among those of the household; -1 for none.
func (s State) linked(c id.Chart) int {
	return slices.IndexFunc(s.Charts, func(l Linked) bool { return l.Chart == c })
}

// Exists reports whether the household was created.
func (s State) Exists() bool { return !s.Household.IsZero() }

// Primary returns the one responsible professional; the zero id before creation.
func (s State) Primary() id.Member { return s.team.Primary() }

// Team returns the team.
func (s State) Team() careteam.Team { return s.team }

// Links reports whether a chart belongs to the household, and whether the team has access to it.
func (s State) Links(c id.Chart) (linked, inherits bool) {
	i := s.linked(c)
	return i >= 0 && !s.Ended, i >= 0 && !s.Ended && s.Charts[i].InheritTeam
}

// Given is the team as a chart gets it that inherits it, at an instant: the primary treats
// there, too, and is not the chart's primary by that (AMB-16).
func (s State) Given(c id.Chart, now time.Time) []careteam.Participant {
	if _, inherits := s.Links(c); !inherits {
		return nil
	}
	return append([]careteam.Participant{{Member: s.Primary(), Role: careteam.Clinician}}, s.team.At(now).Others()...)
}

// Resource returns the household as what access is decided over: like a chart of its
// primary and its team.
func (s State) Resource(group id.Group) access.Resource {
	return access.Resource{Group: group, Clinician: s.Primary(), Team: s.team.Places()}
}

// alive says whether the household can change.
func (s State) alive() error {
	return cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(s.Ended, errEnded))
}

var (
	errNotFound = fault.New(fault.NotFound, "household_not_found", "There is no such household.")
	errEnded    = fault.New(fault.Rejected, "household_ended", "This household was dissolved, or another practice has it. Nothing about it can change.")
)
