package charts

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/careteam"
	"praxis/domain/id"
)

// teamPlace is one place on the care team as people read it.
type teamPlace struct {
	Member id.Member     `json:"member"`
	Name   string        `json:"name,omitempty"`
	Role   careteam.Role `json:"role"`
	// Since is when this role began to hold, JoinedAt when the member joined the team.
	Since    time.Time `json:"since"`
	JoinedAt time.Time `json:"joinedAt"`
	// Until is when the place ends, or ended.
	Until *time.Time `json:"until,omitempty"`
	Given teamCause  `json:"given"`
	Ended *teamCause `json:"ended,omitempty"`
}

// teamCause is what gave a place, or took it.
type teamCause struct {
	careteam.Cause
	ActorName string `json:"actorName,omitempty"`
}

type opening struct {
	commands.Opening
	Name        string `json:"name,omitempty"`
	GrantorName string `json:"grantorName,omitempty"`
	OnTeam      bool   `json:"onTeam"`
}

type plannedPrimary struct {
	careteam.PlannedPrimary
	ToName string `json:"toName,omitempty"`
	ByName string `json:"byName,omitempty"`
}

// teamView tells who is on the care team, who is to be and who was, and what else lets a
// member in (H-1).
type teamView struct {
	Chart   id.Chart        `json:"chart"`
	At      time.Time       `json:"at"`
	Team    []teamPlace     `json:"team"`
	ToCome  []teamPlace     `json:"toCome"`
	Former  []teamPlace     `json:"former"`
	Planned *plannedPrimary `json:"planned,omitempty"`
	MayOpen []opening       `json:"mayOpen"`
}

func getTeam(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	var at *time.Time
	if moment, given := httpapi.QueryInstant(x, "at"); given {
		at = &moment
	}
	call, err := x.Call()
	if err != nil {
		return err
	}
	team, err := x.API.Engine.CareTeam(x.Ctx(), call, c, at)
	if err != nil {
		return err
	}
	known, err := namesOn(x, call, team)
	if err != nil {
		return err
	}
	view := teamView{Chart: c, At: team.At, Team: []teamPlace{}, ToCome: []teamPlace{}, Former: []teamPlace{}, MayOpen: []opening{}}
	onTeam := map[id.Member]bool{}
	for _, p := range team.Places {
		place, standing := placeOf(p, known, team.At)
		switch standing {
		case holds:
			view.Team, onTeam[p.Member] = append(view.Team, place), true
		case toCome:
			view.ToCome = append(view.ToCome, place)
		case over:
			view.Former = append(view.Former, place)
		}
	}
	if p := team.Planned; !p.IsZero() {
		view.Planned = &plannedPrimary{p, known.Members[p.To], known.Members[p.By]}
	}
	for _, o := range team.Opens {
		view.MayOpen = append(view.MayOpen, opening{o, known.Members[o.Member], known.Of(o.Grantor), onTeam[o.Member]})
	}
	x.W.Header().Set("ETag", httpapi.ETag(team.Revision))
	return x.Reply(view)
}

// namesOn finds what everybody is called whom the answer names.
func namesOn(x *httpapi.Exchange, call commands.Call, team commands.CareTeam) (names.Found, error) {
	var n names.Wanted
	for _, p := range team.Places {
		n.Member(&p.Member)
		n.Actor(p.Given.Actor)
		if p.Taken != nil {
			n.Actor(p.Taken.Actor)
		}
	}
	for _, o := range team.Opens {
		n.Member(&o.Member)
		n.Member(o.Grantor)
	}
	n.Member(&team.Planned.To)
	n.Member(&team.Planned.By)
	return names.Look(x, call.Viewing.Subject, n)
}

// How a place stands at an instant.
const (
	holds = iota
	toCome
	over
)

// placeOf shows a place, and says how it stands at an instant.
func placeOf(p careteam.PlaceHeld, known names.Found, at time.Time) (shown teamPlace, standing int) {
	shown = teamPlace{
		Member: p.Member, Name: known.Members[p.Member], Role: p.Role, Since: p.Given.At, JoinedAt: p.JoinedAt,
		Given: teamCause{p.Given, known.OfActor(p.Given.Actor)},
	}
	if p.Window.From.After(shown.Since) {
		shown.Since = p.Window.From
	}
	if !p.Window.Until.IsZero() {
		shown.Until = &p.Window.Until
	}
	if p.Taken != nil {
		shown.Ended = &teamCause{*p.Taken, known.OfActor(p.Taken.Actor)}
		if shown.Until == nil || p.Taken.At.Before(*shown.Until) {
			shown.Until = &p.Taken.At
		}
	}
	switch {
	case p.Taken != nil || p.Window.EndedBy(at):
		return shown, over
	case at.Before(p.Window.From):
		return shown, toCome
	}
	return shown, holds
}
