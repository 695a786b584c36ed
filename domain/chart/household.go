package chart

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// HouseholdJoined says that the chart belongs to a household.
type HouseholdJoined struct {
	Household id.Household `json:"household"`
}

// HouseholdLeft says that the chart belongs to no household any more.
type HouseholdLeft struct {
	Household id.Household `json:"household"`
}

// HouseholdTeamsDeclined says that the chart takes no team from a household: it has its own
// only (AMB-16).
type HouseholdTeamsDeclined struct{}

// HouseholdTeamsAllowed says that the chart may take the team of a household again.
type HouseholdTeamsAllowed struct{}

func (HouseholdJoined) isEvent()        {}
func (HouseholdLeft) isEvent()          {}
func (HouseholdTeamsDeclined) isEvent() {}
func (HouseholdTeamsAllowed) isEvent()  {}

// inHousehold is what a chart has to do with a household.
type inHousehold struct {
	joined   id.Household
	declines bool
	// inherited are the members with a place over the household.
	inherited []id.Member
}

// ofHousehold is what the chart has to do with a household.
func (s State) ofHousehold() inHousehold {
	if s.household == nil {
		return inHousehold{}
	}
	return *s.household
}

// householdChanged changes that. It leaves alone what earlier copies of the state hold.
func (s *State) householdChanged(change func(*inHousehold)) {
	h := s.ofHousehold()
	change(&h)
	s.household = nil
	if !h.joined.IsZero() || h.declines || len(h.inherited) > 0 {
		s.household = &h
	}
}

// Household is the one that the chart belongs to; zero for none.
func (s State) Household() id.Household { return s.ofHousehold().joined }

// DeclinesTeams reports that the chart takes no team from a household (AMB-16).
func (s State) DeclinesTeams() bool { return s.ofHousehold().declines }

// Inherited reports whether a member has a place on the team over the household of the chart
// and not by hand.
func (s State) Inherited(m id.Member) bool { return slices.Contains(s.ofHousehold().inherited, m) }

// own reports that a place on the team was not given by a household, or not any more.
func (s *State) own(m id.Member) {
	if s.Inherited(m) {
		s.householdChanged(func(h *inHousehold) { h.inherited = without(h.inherited, m) })
	}
}

// givenBy notes how a place on the team was given.
func (s *State) givenBy(which id.Household, m id.Member) {
	if s.own(m); !which.IsZero() {
		s.householdChanged(func(h *inHousehold) { h.inherited = append(slices.Clip(h.inherited), m) })
	}
}

func without(members []id.Member, m id.Member) []id.Member {
	return slices.DeleteFunc(slices.Clone(members), func(x id.Member) bool { return x == m })
}

// byHand says whether a place on the team can be changed here, and not in the household.
func (s State) byHand(m id.Member) error {
	return fault.When(s.Inherited(m), fault.New(fault.Rejected, "inherited_place",
		"This member has the place over the household of the chart. Change it in the household, unlink the chart there, or have the chart decline teams of households."))
}

// withdrawn are the events that take every inherited place off the team.
func (s State) withdrawn() (events []Event) {
	for _, m := range s.ofHousehold().inherited {
		events = append(events, s.taken(m))
	}
	return events
}

// taken takes an inherited place off the team.
func (s State) taken(m id.Member) Event {
	role, _ := s.team.RoleOf(m)
	return TeamMemberRemoved{Member: m, LastRole: role, Window: s.team.WindowOf(m), Household: s.Household()}
}

// DeclineHouseholdTeams has the chart keep its own team only. Places that members have over
// a household end in the same step (AMB-16).
type DeclineHouseholdTeams struct{}

// Decide declines. Faults: "chart_not_found", "teams_declined".
func (DeclineHouseholdTeams) Decide(s State, _ time.Time) ([]Event, error) {
	err := cmp.Or(fault.When(!s.Exists(), errNotFound),
		fault.When(s.DeclinesTeams(), fault.New(fault.Rejected, "teams_declined", "This chart takes no teams of households already.")))
	if err != nil {
		return nil, err
	}
	return append(s.withdrawn(), HouseholdTeamsDeclined{}), nil
}

// AllowHouseholdTeams has the chart take the team of a household again, where it is linked so.
type AllowHouseholdTeams struct{}

// Decide allows. Faults: "chart_not_found", "teams_allowed".
func (AllowHouseholdTeams) Decide(s State, _ time.Time) ([]Event, error) {
	err := cmp.Or(fault.When(!s.Exists(), errNotFound),
		fault.When(!s.DeclinesTeams(), fault.New(fault.Rejected, "teams_allowed", "This chart takes teams of households already.")))
	return es.Decided[Event](err, false, HouseholdTeamsAllowed{})
}

// JoinHousehold has the chart belong to a household. The chart is what decides between two
// that link it at once.
type JoinHousehold struct {
	Household id.Household `json:"household"`
}

// Decide joins; the same again leads to no event. left reports that the household that the
// chart names does not have it. Faults: "chart_not_found", "chart_in_other_household".
func (c JoinHousehold) Decide(s State, left bool, _ time.Time) ([]Event, error) {
	elsewhere := !s.Household().IsZero() && s.Household() != c.Household
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(elsewhere && !left, errElsewhere))
	if err != nil || s.Household() == c.Household {
		return nil, err
	}
	events := s.withdrawn()
	if elsewhere {
		events = append(events, HouseholdLeft{Household: s.Household()})
	}
	return append(events, HouseholdJoined(c)), nil
}

// TakeTeam brings the places that the chart has over a household up to date. Places given by
// hand stay as they are. It is for Praxis itself, after every change of the household.
type TakeTeam struct {
	// Household is the one that changed; zero is the chart's.
	Household id.Household `json:"household,omitzero"`
}

// Giving is what a household gives to the chart, as it stands now.
type Giving struct {
	Group
	Household id.Household
	// Linked reports that the household has the chart. Places is its team, if the chart
	// inherits that.
	Linked bool
	Places []careteam.Participant
}

// Decide brings them up to date. Faults: "chart_not_found", "chart_in_other_household".
func (TakeTeam) Decide(s State, g Giving, now time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case g.Household.IsZero():
		return nil, nil
	case s.Household() != g.Household && !s.Household().IsZero():
		return nil, fault.When(g.Linked, errElsewhere)
	case !g.Linked && s.Household().IsZero():
		return nil, nil
	case !g.Linked:
		return append(s.withdrawn(), HouseholdLeft{Household: s.Household()}), nil
	}
	var events []Event
	if s.Household().IsZero() {
		events = append(events, HouseholdJoined{Household: g.Household})
	}
	wanted := s.wanted(g, now)
	for _, m := range s.ofHousehold().inherited {
		if !slices.ContainsFunc(wanted, func(p careteam.Participant) bool { return p.Member == m }) {
			events = append(events, s.taken(m))
		}
	}
	for _, p := range wanted {
		events = append(events, s.taking(p, g.Household)...)
	}
	return events, nil
}

// wanted are the places that the chart is to have over its household: not of those who have
// one by hand, and not of those who cannot have one.
func (s State) wanted(g Giving, now time.Time) (wanted []careteam.Participant) {
	if s.DeclinesTeams() {
		return nil
	}
	team := s.team.At(now)
	for _, p := range g.Places {
		_, on := team.RoleOf(p.Member)
		if on && !s.Inherited(p.Member) || checkFits(p.Role, g.Member(p.Member)) != nil {
			continue
		}
		wanted = append(wanted, p)
	}
	return wanted
}

// taking leads to a place over the household that is as it is to be.
func (s State) taking(p careteam.Participant, h id.Household) (events []Event) {
	if !s.Inherited(p.Member) {
		if role, over := s.team.RoleOf(p.Member); over {
			events = append(events, TeamMemberRemoved{Member: p.Member, LastRole: role, Window: s.team.WindowOf(p.Member), Reason: careteam.Ended})
		}
		return append(events, TeamMemberAdded{Member: p.Member, Role: p.Role, Window: p.Window, Household: h})
	}
	role, _ := s.team.RoleOf(p.Member)
	window := s.team.WindowOf(p.Member)
	if role != p.Role {
		events = append(events, TeamRoleChanged{Member: p.Member, From: role, To: p.Role, Window: window})
	}
	if !window.Equal(p.Window) {
		events = append(events, TeamWindowChanged{Member: p.Member, Role: p.Role, From: window, To: p.Window})
	}
	return events
}

var errElsewhere = fault.New(fault.Rejected, "chart_in_other_household", "This chart belongs to another household. Unlink it there first.")
