package households

import (
	"strings"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/careteam"
	"praxis/domain/household"
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
	h := httpapi.PathID[id.Household](x, "household")
	call, err := x.Call()
	if err != nil {
		return err
	}
	found, err := x.API.Engine.Household(x.Ctx(), call, h, "household.get", nil)
	if err != nil {
		return err
	}
	known, err := namesOn(x, call, found)
	if err != nil {
		return err
	}
	x.W.Header().Set("ETag", httpapi.ETag(found.Revision))
	return x.Reply(show(found, known, x.API.Clock()))
}

// namesOn finds what everybody is called whom the answer names.
func namesOn(x *httpapi.Exchange, call commands.Call, found commands.Household) (names.Found, error) {
	var n names.Wanted
	for _, p := range found.Places {
		n.Member(&p.Member)
		n.Actor(p.Given.Actor)
		if p.Taken != nil {
			n.Actor(p.Taken.Actor)
		}
	}
	n.Member(&found.Secondary)
	for _, p := range found.People {
		if !p.Chart.IsZero() {
			n.Charts = append(n.Charts, p.Chart)
		}
	}
	for _, l := range found.Charts {
		n.Charts = append(n.Charts, l.Chart)
	}
	return names.Look(x, call.Viewing.Subject, n)
}

// show is a household as a reader may see it who is told these names.
func show(found commands.Household, known names.Found, now time.Time) view {
	v := view{
		ID: found.Household, Name: found.Name, Revision: int64(found.Revision), ChangedAt: found.ChangedAt, Ended: found.Ended,
		Primary: found.Primary(), PrimaryName: known.Members[found.Primary()], Secondary: found.Secondary, SecondaryName: known.Members[found.Secondary],
		People: []person{}, Charts: []linked{}, Team: []place{}, Former: []place{},
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
