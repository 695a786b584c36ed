// Package ledger is the API of the access log's questions: who looked at what, who was
// refused what, and who could and did open a chart on a day.
package ledger

import (
	"strings"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/accessledger"
	"praxis/projections/roster"
)

// Handlers are those of the access log.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"listAccessLog":      listAccessLog,
		"whoCouldAndDid":     whoCouldAndDid,
		"portalAccessReport": portalAccessReport,
	}
}

// record is one record of the access log as people read it.
type record struct {
	Event id.Event          `json:"event"`
	At    time.Time         `json:"at"`
	Kind  accessledger.Kind `json:"kind"`
	// By is what sort of actor it was, Member and Name who, for members.
	By         string     `json:"by"`
	Member     *id.Member `json:"member,omitempty"`
	Name       string     `json:"name,omitempty"`
	Role       string     `json:"role,omitempty"`
	Account    string     `json:"account,omitempty"`
	OnBehalfOf string     `json:"onBehalfOf,omitempty"`
	Purpose    string     `json:"purpose,omitempty"`
	Operation  string     `json:"operation,omitempty"`
	// What is the operation in words.
	What       string `json:"what"`
	Section    string `json:"section,omitempty"`
	Capability string `json:"capability,omitempty"`
	right
	Filters  []string `json:"filters,omitempty"`
	Reflects string   `json:"reflects,omitempty"`
	Charts   []seen   `json:"charts"`
	// ChartsTotal is how many charts were shown, for who may see every chart.
	ChartsTotal int    `json:"chartsTotal,omitempty"`
	Rows        int    `json:"rows,omitempty"`
	Unrecorded  int    `json:"unrecorded,omitempty"`
	SHA256      string `json:"sha256,omitempty"`
}

// right is what allowed a look, or refused it.
type right struct {
	Rule        string     `json:"rule"`
	BreakGlass  bool       `json:"breakGlass,omitempty"`
	DecidedBy   *id.Event  `json:"decidedBy,omitempty"`
	Grantor     *id.Member `json:"grantor,omitempty"`
	GrantorName string     `json:"grantorName,omitempty"`
}

func rightOf(e accessledger.Entry, known names.Found) right {
	return right{e.Rule, strings.HasPrefix(e.Rule, "break_glass"), e.DecidedBy, e.Grantor, known.Of(e.Grantor)}
}

// seen is a chart that was shown, by the patient's name.
type seen struct {
	Chart id.Chart `json:"chart"`
	Name  string   `json:"name"`
}

// recordOf shows a record to who may see all charts or not.
func recordOf(x *httpapi.Exchange, e accessledger.Entry, known names.Found, all bool) record {
	by, who, _ := strings.Cut(e.Actor, ":")
	r := record{
		Event: e.Event, At: e.At.UTC(), Kind: e.Kind, By: by, Member: e.Member, Name: known.Of(e.Member), Role: e.Role, OnBehalfOf: e.OnBehalfOf,
		Purpose: e.Purpose, Operation: e.Operation, What: what(x, e), Section: e.Section, Capability: e.Capability, right: rightOf(e, known),
		Filters: strings.Fields(e.Filters), Reflects: e.Reflects, SHA256: e.SHA256,
		Charts: httpapi.Views(e.Charts, func(c accessledger.Chart) seen { return seen{c.Chart, strings.TrimSpace(c.Given + " " + c.Family)} }),
	}
	if e.Member == nil {
		r.Account = who
	}
	switch {
	case e.Kind == accessledger.Exported && all:
		r.Rows = e.Amount
	case e.Kind == accessledger.Outsider:
		r.Unrecorded = e.Amount
	case e.Kind == accessledger.Viewed && all:
		r.ChartsTotal = e.Amount
	}
	return r
}

// what says in words what was asked for.
func what(x *httpapi.Exchange, e accessledger.Entry) string {
	if e.Kind == accessledger.SignedIn {
		return "Signed in."
	}
	if summary := x.API.Summary(e.Operation); summary != "" {
		return summary
	}
	return e.Operation
}

// bound is an edge of a time as a query gives it: an instant, or a day in the practice's zone.
type bound struct {
	at  time.Time
	day civil.Date
}

func parseBound(raw string) (b bound, err error) {
	if len(raw) == len("2026-03-02") {
		b.day, err = civil.ParseDate(raw)
		return b, err
	}
	b.at, err = httpapi.ParseInstant(raw)
	return b, err
}

// in is the edge as an instant; a day is its beginning, days after it.
func (b bound) in(zone *time.Location, days int) time.Time {
	if b.day.IsZero() {
		return b.at
	}
	return civil.At(b.day.Add(days), 0, zone)
}

func listAccessLog(x *httpapi.Exchange) error {
	q := accessledger.Query{
		Member: httpapi.QueryID[id.Member](x, "member"), Chart: httpapi.QueryID[id.Chart](x, "chart"),
		Kinds: httpapi.QueryWords[accessledger.Kind](x, "kind"), Operations: httpapi.QueryWords[string](x, "operation"),
		Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	from, until := httpapi.Queried(x, parseBound, "from"), httpapi.Queried(x, parseBound, "until")
	var name civil.Zone
	admission, err := x.AdmitTo(accessledger.Name, commands.Question{
		Action: "access_log.list", Capability: access.AccessLogView, Target: accessledger.Name,
		Look: func(g group.State) { name = g.Zone() }, Filter: commands.Filter{Chart: q.Chart},
	})
	if err != nil {
		return err
	}
	if err = x.Await(roster.Name); err != nil {
		return err
	}
	zone, err := name.Load()
	if err != nil {
		return err
	}
	q.From, q.Until = from.in(zone, 0), until.in(zone, 1)
	q.Reach, q.Charts = admission.Reach, access.ReachOf(admission.Subject, access.RosterView, x.API.Clock())
	found, err := accessledger.List(x.Ctx(), x.API.Pool, q)
	if err := x.OrRefused(admission, len(found.Entries), err); err != nil {
		return err
	}
	all := q.Charts.Everything()
	records, err := names.Beside(x, admission.Subject, found.Entries, func(n *names.Wanted, e accessledger.Entry) {
		n.Member(e.Member)
		n.Member(e.Grantor)
	}, func(e accessledger.Entry, known names.Found) record { return recordOf(x, e, known, all) })
	return x.Answer(struct {
		Records []record           `json:"records"`
		Next    httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf    string             `json:"asOf"`
	}{records, x.Next(found.Next), x.AsOf()}, err)
}
