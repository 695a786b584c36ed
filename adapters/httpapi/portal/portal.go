// Package portal is the API of patients and guardians about what is theirs, in whatever
// practice. What they do in one practice is with the area that it is about.
package portal

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/portal"
)

// Handlers are those of the portal.
func Handlers() httpapi.Handlers { return httpapi.Handlers{"listMyCharts": listMyCharts} }

// myChart is a chart as the person reads it that it is linked to.
type myChart struct {
	Group      id.Group            `json:"group"`
	GroupName  string              `json:"practice"`
	Chart      id.Chart            `json:"chart"`
	GivenName  string              `json:"givenName"`
	FamilyName string              `json:"familyName"`
	Relation   chart.Relation      `json:"relation,omitempty"`
	May        []access.Capability `json:"may"`
	Since      time.Time           `json:"since"`
	Until      time.Time           `json:"until,omitzero"`
	Clinicians []clinician         `json:"clinicians"`
}

type clinician struct {
	Member id.Member     `json:"member"`
	Name   string        `json:"name,omitempty"`
	Role   careteam.Role `json:"role"`
}

// listMyCharts tells the caller the charts that are linked to their account. The read model
// says where to look; what is shown is asked of each chart itself.
func listMyCharts(x *httpapi.Exchange) error {
	call, err := x.Call()
	if err == nil {
		err = x.Await(portal.Name)
	}
	if err != nil {
		return err
	}
	links, err := portal.LinksOf(x.Ctx(), x.API.Pool, call.Account)
	if err != nil {
		return err
	}
	mine := []myChart{}
	for _, l := range links {
		c, holds, err := x.API.Engine.MyChart(x.Ctx(), call, l.Group, l.Chart, "listMyCharts")
		if err != nil {
			return err
		}
		if !holds {
			continue
		}
		treating, err := called(x, c.Treating)
		if err != nil {
			return err
		}
		mine = append(mine, myChart{
			Group: c.Group, GroupName: c.GroupName, Chart: c.Chart, GivenName: c.GivenName, FamilyName: c.FamilyName,
			Relation: c.Relation, May: c.May, Since: l.Since, Until: c.Until, Clinicians: treating,
		})
	}
	return x.Reply(map[string]any{"charts": mine})
}

// called names the clinicians who treat a patient, to whom they are no secret.
func called(x *httpapi.Exchange, treating []commands.Treating) ([]clinician, error) {
	accounts := make([]id.Account, 0, len(treating))
	for _, t := range treating {
		accounts = append(accounts, t.Account)
	}
	known, err := x.API.Contacts.Of(x.Ctx(), accounts...)
	named := make([]clinician, 0, len(treating))
	for _, t := range treating {
		named = append(named, clinician{t.Member, known[t.Account].Name, t.Role})
	}
	return named, err
}
