package households

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/households"
	"praxis/projections/roster"
)

// entry is a household of the list.
type entry struct {
	ID            id.Household     `json:"id"`
	Name          string           `json:"name"`
	Primary       id.Member        `json:"primary"`
	PrimaryName   string           `json:"primaryName,omitempty"`
	Secondary     id.Member        `json:"secondary,omitzero"`
	SecondaryName string           `json:"secondaryName,omitempty"`
	Team          []id.Member      `json:"team"`
	People        int              `json:"people"`
	Charts        int              `json:"charts"`
	Offered       households.Offer `json:"offered,omitempty"`
	ExpiresAt     *time.Time       `json:"expiresAt,omitempty"`
	Ended         bool             `json:"ended"`
	CreatedAt     time.Time        `json:"createdAt"`
	ChangedAt     time.Time        `json:"changedAt"`
}

func listHouseholds(x *httpapi.Exchange) error {
	q := households.Query{
		Professionals: httpapi.QueryIDs[id.Member](x, "professional"), Chart: httpapi.QueryID[id.Chart](x, "chart"),
		Ended: httpapi.QueryFlag(x, "ended"), Search: x.InQuery("search"), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	admission, err := x.AdmitTo(households.Name, commands.Question{
		Action: "household.list", Capability: access.TeamView, Target: households.Name, Filter: commands.Filter{Clinicians: q.Professionals},
	})
	if err != nil {
		return err
	}
	if err := x.Await(roster.Name); err != nil { // What patients are called is searched there.
		return err
	}
	q.Reach, q.Roster = admission.Reach, access.ReachOf(admission.Subject, access.RosterView, x.API.Clock())
	found, next, err := households.List(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return err
	}
	shown, err := names.Beside(x, admission.Subject, found, func(n *names.Wanted, e households.Entry) {
		n.Member(&e.Primary)
		n.Member(&e.Secondary)
	}, func(e households.Entry, known names.Found) entry {
		return entry{
			ID: e.Household, Name: e.Name, Primary: e.Primary, PrimaryName: known.Members[e.Primary], Secondary: e.Secondary, SecondaryName: known.Members[e.Secondary],
			Team: httpapi.List(e.Team), People: e.People, Charts: e.Charts, Offered: e.Offered, ExpiresAt: e.ExpiresAt, Ended: e.Ended,
			CreatedAt: e.CreatedAt, ChangedAt: e.ChangedAt,
		}
	})
	return x.Answer(struct {
		Households []entry            `json:"households"`
		Next       httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf       string             `json:"asOf"`
	}{shown, x.Next(next), x.AsOf()}, x.OrRefused(admission, len(found), err))
}
