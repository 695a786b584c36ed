package charts

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
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
	return x.Answer(struct {
		Charts []roster.Entry     `json:"charts"`
		Next   httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf   string             `json:"asOf"`
	}{httpapi.List(page.Entries), x.Next(page.Next), x.AsOf()}, x.OrRefused(admission, len(page.Entries), err))
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

// exportRoster hands out the roster as a file, once the export is recorded.
func exportRoster(x *httpapi.Exchange) error {
	q := rosterQuery(x)
	accounts := map[id.Member]id.Account{}
	sheet := roster.Sheet{Branches: map[id.Branch]string{}, AsOf: x.API.Clock(), BOM: httpapi.QueryFlag(x, "bom")}
	call, err := x.Call()
	if err != nil {
		return err
	}
	admission, err := x.AdmitTo(roster.Name, commands.Question{
		Action: "roster.export", Capability: access.RosterExport, Target: roster.Name, Filter: filterOf(q),
		Look: func(g group.State) {
			for _, m := range g.Members() {
				accounts[m.ID] = m.Account
			}
			for _, b := range g.Branches() {
				sheet.Branches[b.ID] = b.Name
			}
		},
	})
	if err != nil {
		return err
	}
	if sheet.Clinicians, err = names.OfAccounts(x, accounts); err != nil {
		return err
	}
	sheet.Position = x.AsOf()
	q.Reach, q.Limit = admission.Reach, 0
	page, err := roster.List(x.Ctx(), x.From, q)
	if err := x.OrRefused(admission, len(page.Entries), err); err != nil {
		return err
	}
	file := sheet.CSV(page.Entries)
	sum := sha256.Sum256(file)
	if err := x.API.Engine.RecordExport(x.Ctx(), call, admission, accesslog.DataExported{
		What: roster.Name, Rows: len(page.Entries), Filter: filterNames(x, admission.Reach), SHA256: hex.EncodeToString(sum[:]), AsOf: sheet.Position,
	}); err != nil {
		return err
	}
	for _, entry := range page.Entries {
		x.Shows(entry.Chart)
	}
	h := x.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="roster.csv"`)
	x.W.WriteHeader(http.StatusOK)
	_, err = x.W.Write(file)
	return err
}

// filterNames lists which filters were set, and "reach" where the exporter may not
// see everything: such a file is no copy of the practice's records. The values of
// filters stay out of the record: a search term is a patient's name.
func filterNames(x *httpapi.Exchange, reach access.Reach) string {
	var names []string
	if !reach.Everything() {
		names = append(names, "reach")
	}
	for _, name := range []string{"archived", "branch", "clinician", "search", "status"} {
		if x.R.URL.Query().Has(name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
