package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/roster"
)

type rosterEntry struct {
	ID         id.Chart     `json:"id"`
	GivenName  string       `json:"givenName"`
	FamilyName string       `json:"familyName"`
	BirthDate  *string      `json:"birthDate,omitempty"`
	Email      string       `json:"email,omitempty"`
	Phone      string       `json:"phone,omitempty"`
	Branch     id.Branch    `json:"branch"`
	Primary    id.Member    `json:"primary"`
	Team       []id.Member  `json:"team"`
	Status     chart.Status `json:"status"`
	Archived   bool         `json:"archived"`
	CreatedAt  time.Time    `json:"createdAt"`
	ChangedAt  time.Time    `json:"changedAt"`
}

func rosterEntryOf(e roster.Entry) rosterEntry {
	return rosterEntry{
		ID: e.Chart, GivenName: e.GivenName, FamilyName: e.FamilyName, BirthDate: e.BirthDate, Email: e.Email,
		Phone: e.Phone, Branch: e.Branch, Primary: e.Primary, Team: e.Team, Status: e.Status, Archived: e.Archived,
		CreatedAt: e.CreatedAt.UTC(), ChangedAt: e.ChangedAt.UTC(),
	}
}

// rosterQuery reads the filter; the document has checked the forms.
func rosterQuery(x *exchange) (roster.Query, error) {
	values := x.r.URL.Query()
	q := roster.Query{Cursor: x.cursor, Order: roster.ByName}
	var err error
	if q.Filter.Clinicians, err = queryIDs[id.Member](values["clinician"]); err != nil {
		return q, err
	}
	if q.Filter.Branches, err = queryIDs[id.Branch](values["branch"]); err != nil {
		return q, err
	}
	q.Filter.Status, q.Filter.Archived, q.Filter.Search = chart.Status(values.Get("status")), values.Get("archived") == "true", values.Get("search")
	if sort := values.Get("sort"); sort != "" {
		q.Order, q.Descending = roster.Order(strings.TrimPrefix(sort, "-")), strings.HasPrefix(sort, "-")
	}
	q.Limit = queryLimit(x)
	return q, nil
}

// filterOf is what a question about the roster names.
func filterOf(q roster.Query) commands.Filter {
	return commands.Filter{Clinicians: q.Filter.Clinicians, Branches: q.Filter.Branches}
}

// queryIDs reads a repeated query parameter.
func queryIDs[I ~[16]byte](raw []string) ([]I, error) {
	var ids []I
	for _, s := range raw {
		v, err := parseID[I](s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, v)
	}
	return ids, nil
}

// queryWords reads a repeated query parameter; the document lists its words.
func queryWords[W ~string](x *exchange, name string) (words []W) {
	for _, s := range x.r.URL.Query()[name] {
		words = append(words, W(s))
	}
	return words
}

// defaultLimit is the size of a page unless the query says otherwise.
const defaultLimit = 50

func queryLimit(x *exchange) int {
	if n, err := strconv.Atoi(x.r.URL.Query().Get("limit")); err == nil {
		return n
	}
	return defaultLimit
}

// admitted reads the call, asks the gate, and waits for the read model.
func (x *exchange) admitted(projection string, q commands.Question) (commands.Call, commands.Admission, error) {
	call, err := x.call()
	if err != nil {
		return call, commands.Admission{}, err
	}
	admission, err := x.api.Engine.Admit(x.ctx(), call, q)
	if err != nil {
		return call, admission, err
	}
	return call, admission, x.await(projection)
}

func (a *api) listCharts(x *exchange) error {
	q, err := rosterQuery(x)
	if err != nil {
		return err
	}
	_, admission, err := x.admitted(roster.Name, commands.Question{
		Action: "roster.list", Capability: access.RosterView, Target: roster.Name, Filter: filterOf(q),
	})
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	page, err := roster.List(x.ctx(), a.Pool, q)
	if err != nil {
		return err
	}
	if err := x.orRefused(admission, len(page.Entries)); err != nil {
		return err
	}
	return x.reply(struct {
		Charts []rosterEntry `json:"charts"`
		Next   nextCursor    `json:"nextCursor,omitzero"`
	}{viewsOf(page.Entries, rosterEntryOf), x.next(page.Next)})
}

func (a *api) getChart(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	call, err := x.call()
	if err != nil {
		return err
	}
	_, admission, err := x.admitted(roster.Name, commands.Question{Action: "chart.get", Capability: access.RosterView, Target: chart.Stream(call.Group, c)})
	if err != nil {
		return err
	}
	entry, err := roster.Find(x.ctx(), a.Pool, admission.Reach, c)
	if err != nil {
		return err
	}
	x.w.Header().Set("ETag", etag(es.Revision(entry.Revision)))
	return x.reply(rosterEntryOf(entry))
}

// exportRoster hands out the roster as a file, once the export is recorded.
func (a *api) exportRoster(x *exchange) error {
	q, err := rosterQuery(x)
	if err != nil {
		return err
	}
	accounts := map[id.Member]id.Account{}
	sheet := roster.Sheet{Branches: map[id.Branch]string{}, AsOf: a.Clock(), BOM: x.r.URL.Query().Get("bom") == "true"}
	call, admission, err := x.admitted(roster.Name, commands.Question{
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
	if sheet.Clinicians, err = a.namesOfAll(x, accounts); err != nil {
		return err
	}
	position, err := a.Freshness.Position(x.ctx(), roster.Name)
	if err != nil {
		return err
	}
	sheet.Position = position.String()
	q.Reach, q.Limit = admission.Reach, 0
	page, err := roster.List(x.ctx(), a.Pool, q)
	if err != nil {
		return err
	}
	if err := x.orRefused(admission, len(page.Entries)); err != nil {
		return err
	}
	file := sheet.CSV(page.Entries)
	sum := sha256.Sum256(file)
	if err := a.Engine.RecordExport(x.ctx(), call, admission, accesslog.DataExported{
		What: roster.Name, Rows: len(page.Entries), Filter: filterNames(x, admission.Reach), SHA256: hex.EncodeToString(sum[:]), AsOf: position.String(),
	}); err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="roster.csv"`)
	x.w.WriteHeader(http.StatusOK)
	_, err = x.w.Write(file)
	return err
}

// namesOfAll tells the names of members; those of whom none is known are left out.
func (a *api) namesOfAll(x *exchange, accounts map[id.Member]id.Account) (map[id.Member]string, error) {
	names := make(map[id.Member]string, len(accounts))
	if a.Contacts == nil {
		return names, nil
	}
	known, err := a.Contacts.Of(x.ctx(), slices.Collect(maps.Values(accounts))...)
	if err != nil {
		return nil, err
	}
	for member, account := range accounts {
		if name := known[account].Name; name != "" {
			names[member] = name
		}
	}
	return names, nil
}

// filterNames lists which filters were set, and "reach" where the exporter may not
// see everything: such a file is no copy of the practice's records. The values of
// filters stay out of the record: a search term is a patient's name.
func filterNames(x *exchange, reach access.Reach) string {
	var names []string
	if !reach.Everything() {
		names = append(names, "reach")
	}
	for _, name := range []string{"archived", "branch", "clinician", "search", "status"} {
		if x.r.URL.Query().Has(name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
