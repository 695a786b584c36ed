package households

import (
	"strings"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

type view struct {
	ID            id.Household `json:"id"`
	Name          string       `json:"name"`
	Revision      int64        `json:"revision"`
	ChangedAt     time.Time    `json:"changedAt"`
	Primary       id.Member    `json:"primary"`
	PrimaryName   string       `json:"primaryName,omitempty"`
	Secondary     id.Member    `json:"secondary,omitzero"`
	SecondaryName string       `json:"secondaryName,omitempty"`
	Ended         bool         `json:"ended"`
	People        []person     `json:"people"`
	Charts        []linked     `json:"charts"`
	HiddenCharts  int          `json:"hiddenCharts,omitempty"`
	Team          []place      `json:"team"`
	Former        []place      `json:"former"`
	Transfer      *transfer    `json:"transfer,omitempty"`
	// Summaries are those that were printed and name none but what the reader may see.
	Summaries []summaryView `json:"summaries"`
}

// person is somebody of the household. Of a chart that the reader may not open it tells
// neither the id nor the name.
type person struct {
	ID       id.Person `json:"id"`
	Chart    id.Chart  `json:"chart,omitzero"`
	Name     string    `json:"name,omitempty"`
	Relation string    `json:"relation,omitempty"`
}

type linked struct {
	Chart       id.Chart `json:"chart"`
	Name        string   `json:"name,omitempty"`
	InheritTeam bool     `json:"inheritTeam"`
}

// place is one place on the team as people read it.
type place struct {
	Member    id.Member     `json:"member"`
	Name      string        `json:"name,omitempty"`
	Role      careteam.Role `json:"role"`
	Secondary bool          `json:"secondary"`
	Since     time.Time     `json:"since"`
	Until     *time.Time    `json:"until,omitempty"`
	Given     cause         `json:"given"`
	Ended     *cause        `json:"ended,omitempty"`
}

type cause struct {
	careteam.Cause
	ActorName string `json:"actorName,omitempty"`
}

type transfer struct {
	To        string    `json:"to"`
	ExpiresAt time.Time `json:"expiresAt"`
	Confirmed bool      `json:"confirmed"`
	Lapsed    bool      `json:"lapsed"`
}

func getHousehold(x *httpapi.Exchange) error {
	v, err := read(x)
	if err != nil {
		return err
	}
	x.W.Header().Set("ETag", httpapi.ETag(es.Revision(v.Revision)))
	return x.Reply(v)
}

// read is the household that the path names, as the reader may see it.
func read(x *httpapi.Exchange) (v view, err error) {
	h := httpapi.PathID[id.Household](x, "household")
	call, err := x.Call()
	if err != nil {
		return v, err
	}
	found, err := x.API.Engine.Household(x.Ctx(), call, h, "household.get")
	if err != nil {
		return v, err
	}
	known, err := namesOn(x, found)
	return show(found, known, x.API.Clock()), err
}

var errNoPerson = fault.New(fault.NotFound, "person_not_found", "This household has no such person.")

func getHouseholdPerson(x *httpapi.Exchange) error {
	which := httpapi.PathID[id.Person](x, "person")
	v, err := read(x)
	if err != nil {
		return err
	}
	for _, p := range v.People {
		if p.ID == which {
			return x.Reply(p)
		}
	}
	return errNoPerson
}

// namesOn finds what everybody is called whom the answer names.
func namesOn(x *httpapi.Exchange, found commands.Household) (names.Found, error) {
	var n names.Wanted
	for _, p := range found.Places {
		n.Member(&p.Member)
		n.Actor(p.Given.Actor)
		if p.Taken != nil {
			n.Actor(p.Taken.Actor)
		}
	}
	n.Member(&found.Secondary)
	for _, p := range found.Printed {
		n.Actor(p.Actor)
		n.Charts = append(n.Charts, p.Charts...)
	}
	for _, p := range found.People {
		if !p.Chart.IsZero() {
			n.Charts = append(n.Charts, p.Chart)
		}
	}
	for _, l := range found.Charts {
		n.Charts = append(n.Charts, l.Chart)
	}
	return names.Look(x, found.Reader, n)
}

// show is a household as a reader may see it who is told these names.
func show(found commands.Household, known names.Found, now time.Time) view {
	v := view{
		ID: found.Household, Name: found.Name, Revision: int64(found.Revision), ChangedAt: found.ChangedAt, Ended: found.Ended,
		Primary: found.Primary(), PrimaryName: known.Members[found.Primary()], Secondary: found.Secondary, SecondaryName: known.Members[found.Secondary],
		People: []person{}, Charts: []linked{}, Team: []place{}, Former: []place{}, Summaries: []summaryView{},
	}
	for _, p := range found.People {
		shown := person{ID: p.ID, Name: p.Name, Relation: p.Relation}
		if name, seen := known.Patients[p.Chart]; seen {
			shown.Chart, shown.Name = p.Chart, strings.TrimSpace(name)
		}
		v.People = append(v.People, shown)
	}
	for _, l := range found.Charts {
		name, seen := known.Patients[l.Chart]
		if !seen {
			v.HiddenCharts++
			continue
		}
		v.Charts = append(v.Charts, linked{l.Chart, strings.TrimSpace(name), l.InheritTeam})
	}
	for _, p := range found.Places {
		shown := placeOf(p, known)
		if p.Taken != nil || p.Window.EndedBy(now) {
			v.Former = append(v.Former, shown)
			continue
		}
		shown.Secondary = p.Member == found.Secondary
		v.Team = append(v.Team, shown)
	}
	for _, p := range found.Printed {
		if seesAll(p, known) {
			v.Summaries = append(v.Summaries, summaryShown(p, known))
		}
	}
	if t := found.Transfer; !t.IsZero() {
		v.Transfer = &transfer{To: t.To, ExpiresAt: t.ExpiresAt, Confirmed: !t.Confirmed.IsZero(), Lapsed: t.Lapsed(now)}
	}
	return v
}

func placeOf(p careteam.PlaceHeld, known names.Found) place {
	shown := place{
		Member: p.Member, Name: known.Members[p.Member], Role: p.Role, Since: p.Given.At,
		Given: cause{p.Given, known.OfActor(p.Given.Actor)},
	}
	if p.Window.From.After(shown.Since) {
		shown.Since = p.Window.From
	}
	if !p.Window.Until.IsZero() {
		shown.Until = &p.Window.Until
	}
	if p.Taken != nil {
		shown.Ended = &cause{*p.Taken, known.OfActor(p.Taken.Actor)}
		if shown.Until == nil || p.Taken.At.Before(*shown.Until) {
			shown.Until = &p.Taken.At
		}
	}
	return shown
}
