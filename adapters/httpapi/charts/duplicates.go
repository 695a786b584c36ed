package charts

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/projections/duplicates"
	"praxis/projections/roster"
)

// listDuplicates tells the pairs of charts that may be of the same patient.
func listDuplicates(x *httpapi.Exchange) error {
	q := duplicates.Query{Cursor: x.Cursor, Limit: httpapi.QueryLimit(x)}
	admission, err := x.AdmitTo(duplicates.Name, commands.Question{Action: "charts.duplicates", Capability: access.RosterView, Target: duplicates.Name})
	if err == nil {
		err = x.Await(roster.Name)
	}
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	page, err := duplicates.List(x.Ctx(), x.API.Pool, q)
	return x.Answer(struct {
		Pairs []duplicates.Pair  `json:"pairs"`
		Next  httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf  string             `json:"asOf"`
	}{httpapi.List(page.Pairs), x.Next(page.Next), x.AsOf()}, err)
}
