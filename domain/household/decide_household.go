package household

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

// What is kept about a household, and how much of it at the most.
var (
	nameField     = text.Line("household's name", 200)
	personField   = text.Line("person's name", 200)
	relationField = text.Line("relation", 100)
	practiceField = text.Line("other practice's name", 200)
)

// MostPeople and MostCharts are how many people and charts a household has at the most.
const (
	MostPeople = 50
	MostCharts = 50
)

// CreateHousehold makes a household.
type CreateHousehold struct {
	Household id.Household `json:"household"`
	Group     id.Group     `json:"group"`
	Name      string       `json:"name"`
	// Primary is who was named, or whom DefaultPrimary found; PrimaryRule says which (H-5).
	Primary     id.Member            `json:"primary"`
	PrimaryRule careteam.PrimaryRule `json:"primaryRule"`
}

// Completed is the command with the primary filled in that it leaves open (H-5, AMB-16).
// Fault: "no_professional_available".
func (c CreateHousehold) Completed(p Group) (CreateHousehold, error) {
	var err error
	if c.PrimaryRule = careteam.ByChoice; c.Primary.IsZero() {
		c.Primary, c.PrimaryRule, err = p.Members.DefaultPrimary(p.By)
	}
	return c, err
}

// Decide creates. Faults: "household_exists", "household_name_required",
// "no_professional_available", "primary_not_professional", and those of package text.
func (c CreateHousehold) Decide(s State, p Group, _ time.Time) ([]Event, error) {
	name, err := readName(c.Name)
	err = cmp.Or(
		fault.When(s.Exists(), fault.New(fault.Rejected, "household_exists", "This household was already created.")),
		fault.When(c.Primary.IsZero(), fault.New(fault.Rejected, "no_professional_available", "A household needs a primary professional. Name an active clinician of the group.")),
		fault.When(!p.Members.Treats(c.Primary), fault.New(fault.Rejected, "primary_not_professional", "The primary of a household must be an active clinician of the group.")),
		err)
	return es.Decided[Event](err, false, Created{Household: c.Household, Group: c.Group, Name: name, Primary: c.Primary, PrimaryRule: c.PrimaryRule})
}

func readName(raw string) (string, error) {
	name, err := nameField.Read(raw)
	return name, cmp.Or(err, fault.When(err == nil && name == "", fault.New(fault.Invalid, "household_name_required", "A household needs a name.")))
}

// RenameHousehold says what the household is called.
type RenameHousehold struct {
	Name string `json:"name"`
}

// Decide renames; the same name again leads to no event. Faults: "household_not_found",
// "household_ended", "household_name_required", and those of package text.
func (c RenameHousehold) Decide(s State, _ time.Time) ([]Event, error) {
	name, err := readName(c.Name)
	return es.Decided[Event](cmp.Or(s.alive(), err), name == s.Name, Renamed{Name: name})
}

// AddPerson says that somebody belongs to the household: the patient of a chart of the
// practice, or a person whom the name says.
type AddPerson struct {
	Person   id.Person `json:"person"`
	Chart    id.Chart  `json:"chart,omitzero"`
	Name     string    `json:"name"`
	Relation string    `json:"relation"`
}

// Decide adds. known reports that the chart is one that the actor may see. Faults:
// "household_not_found", "household_ended", "person_exists", "too_many_people",
// "person_unclear", "person_chart_not_found", and those of package text.
func (c AddPerson) Decide(s State, known bool, _ time.Time) ([]Event, error) {
	name, badName := personField.Read(c.Name)
	relation, badRelation := relationField.Read(c.Relation)
	there := slices.ContainsFunc(s.People, func(p Person) bool { return p.ID == c.Person || !c.Chart.IsZero() && p.Chart == c.Chart })
	err := cmp.Or(s.alive(), badName, badRelation,
		fault.When(c.Chart.IsZero() == (name == ""), fault.New(fault.Invalid, "person_unclear", "Say who it is: the chart of a patient, or a name.")),
		fault.When(!c.Chart.IsZero() && !known, fault.New(fault.NotFound, "person_chart_not_found", "There is no such chart, or it is beyond what you may see.")),
		fault.When(c.Person.IsZero() || there, fault.New(fault.Rejected, "person_exists", "This person is in the household already.")),
		fault.When(len(s.People) >= MostPeople, fault.New(fault.Rejected, "too_many_people", "A household has %d people at the most. Remove one first.", MostPeople)))
	return es.Decided[Event](err, false, PersonAdded{Person: c.Person, Chart: c.Chart, Name: name, Relation: relation})
}

// RemovePerson says that somebody does not belong to the household any more. A chart of
// theirs stays linked until it is unlinked.
type RemovePerson struct {
	Person id.Person `json:"person"`
}

// Decide removes. Faults: "household_not_found", "household_ended", "person_not_found".
func (c RemovePerson) Decide(s State, _ time.Time) ([]Event, error) {
	there := slices.ContainsFunc(s.People, func(p Person) bool { return p.ID == c.Person })
	return es.Decided[Event](cmp.Or(s.alive(), fault.When(!there, fault.New(fault.NotFound, "person_not_found", "This household has no such person."))),
		false, PersonRemoved(c))
}

// LinkChart has a chart belong to the household. With InheritTeam, which each chart must be
// given for itself, the household's team has access to it (AMB-16).
type LinkChart struct {
	Chart       id.Chart `json:"chart"`
	InheritTeam bool     `json:"inheritTeam"`
}

// ChartFacts are what a household must know of a chart.
type ChartFacts struct {
	// Seen reports that the actor may open the chart, and Shares that they may also put
	// members on its care team.
	Seen, Shares bool
	// Elsewhere reports that it belongs to another household, and OptedOut that its patient's
	// record is to have no team but its own.
	Elsewhere, OptedOut bool
}

// Decide links; the same again leads to no event. Faults: "household_not_found",
// "household_ended", "linked_chart_not_found", "team_not_yours_to_share",
// "chart_in_other_household", "chart_opted_out", "too_many_charts".
func (c LinkChart) Decide(s State, f ChartFacts, _ time.Time) ([]Event, error) {
	at := s.linked(c.Chart)
	err := cmp.Or(s.alive(),
		fault.When(!f.Seen, fault.New(fault.NotFound, "linked_chart_not_found", "There is no such chart, or it is beyond what you may see.")),
		fault.When(f.Elsewhere, fault.New(fault.Rejected, "chart_in_other_household", "This chart belongs to another household. Unlink it there first.")),
		fault.When(c.InheritTeam && f.OptedOut, fault.New(fault.Rejected, "chart_opted_out", "This chart takes no team from a household. Link it without the team, or have the chart take teams again.")),
		fault.When(c.InheritTeam && !f.Shares, fault.New(fault.Forbidden, "team_not_yours_to_share", "To give the household's team access to this chart you must be allowed to add members to the chart's own care team.")),
		fault.When(at < 0 && len(s.Charts) >= MostCharts, fault.New(fault.Rejected, "too_many_charts", "A household has %d charts at the most. Unlink one first.", MostCharts)))
	return es.Decided[Event](err, at >= 0 && s.Charts[at].InheritTeam == c.InheritTeam, ChartLinked(c))
}

// UnlinkChart has a chart not belong to the household any more. The access that members had
// over the household ends with it.
type UnlinkChart struct {
	Chart id.Chart `json:"chart"`
}

// Decide unlinks. Faults: "household_not_found", "household_ended", "chart_not_linked".
func (c UnlinkChart) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](cmp.Or(s.alive(), fault.When(s.linked(c.Chart) < 0, fault.New(fault.Rejected, "chart_not_linked", "This chart does not belong to this household."))),
		false, ChartUnlinked(c))
}

// Dissolve ends the household. Its charts stay as they are, without its team.
type Dissolve struct{}

// Decide dissolves. Faults: "household_not_found", "household_ended".
func (Dissolve) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](s.alive(), false, Dissolved{})
}
