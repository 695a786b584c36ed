package charts

import (
	"strings"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/roster"
)

// rosterQuery reads the filter; the document has checked the forms.
func rosterQuery(x *httpapi.Exchange) roster.Query {
	q := roster.Query{Cursor: x.Cursor, Limit: httpapi.QueryLimit(x), Order: roster.ByName, Filter: roster.Filter{
		Clinicians: httpapi.QueryIDs[id.Member](x, "clinician"), Branches: httpapi.QueryIDs[id.Branch](x, "branch"),
		Status: chart.Status(x.InQuery("status")), Archived: httpapi.QueryFlag(x, "archived"), Search: x.InQuery("search"),
	}}
	if sort := x.InQuery("sort"); sort != "" {
		q.Order, q.Descending = roster.Order(strings.TrimPrefix(sort, "-")), strings.HasPrefix(sort, "-")
	}
	return q
}

// filterOf is what a question about the roster names.
func filterOf(q roster.Query) commands.Filter {
	return commands.Filter{Clinicians: q.Filter.Clinicians, Branches: q.Filter.Branches}
}

func listCharts(x *httpapi.Exchange) error {
	q := rosterQuery(x)
	admission, err := x.AdmitAsOf(roster.Name, commands.Question{
		Action: "roster.list", Capability: access.RosterView, Target: roster.Name, Filter: filterOf(q),
	})
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	page, err := roster.List(x.Ctx(), x.From, q)
	// The first page says how many there are; the others need not count again.
	var count *roster.Count
	if err == nil && x.Cursor == "" {
		var counted roster.Count
		counted, err = roster.CountOf(x.Ctx(), x.From, q)
		count = &counted
	}
	return x.Answer(struct {
		Charts []roster.Entry     `json:"charts"`
		Count  *roster.Count      `json:"count,omitempty"`
		Next   httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf   string             `json:"asOf"`
	}{httpapi.List(page.Entries), count, x.Next(page.Next), x.AsOf()}, x.OrRefused(admission, len(page.Entries), err))
}

func getChart(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	admission, err := x.AdmitTo(roster.Name, commands.Question{Action: "chart.get", Capability: access.RosterView, Target: chart.Stream(x.Group(), c)})
	if err != nil {
		return err
	}
	entry, err := roster.Find(x.Ctx(), x.API.Pool, admission.Reach, c)
	if err != nil {
		return err
	}
	x.W.Header().Set("ETag", httpapi.ETag(es.Revision(entry.Revision)))
	return x.Reply(entry)
}
