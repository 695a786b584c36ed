// Package accessledger is the read model of the access log: who looked at which charts, who
// was refused what, who took data out and who signed in, by which rule and who set it. What a
// reader may see of it follows from what they may see of the charts, which is the roster's to
// say. It may import the domain, projections, the roster and pgx.
package accessledger

import (
	_ "embed"
	"strings"
	"time"

	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "access_ledger"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	entryTable = projections.Table(Projector{}, "entry")
	shownTable = projections.Table(Projector{}, "shown")
	ruleTable  = projections.Table(Projector{}, "set_rule")
)

// Projector writes the access ledger.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"entry", "shown", "set_rule"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{accesslog.Category, group.Category} }

// Kind is what a record is of.
type Kind string

// The kinds of records.
const (
	Viewed   Kind = "viewed"
	Refused  Kind = "refused"
	Exported Kind = "exported"
	SignedIn Kind = "signed_in"
	Outsider Kind = "outsider"
)

type entryRow struct {
	Event      id.Event  `db:"event_id"`
	Group      id.Group  `db:"group_id"`
	At         time.Time `db:"at"`
	Kind       Kind      `db:"kind"`
	Actor      string    `db:"actor"`
	Member     id.Member `db:"member_id,null"`
	Role       string    `db:"role"`
	OnBehalfOf string    `db:"on_behalf_of"`
	Purpose    string    `db:"purpose"`
	Operation  string    `db:"operation"`
	Section    string    `db:"section"`
	Capability string    `db:"capability"`
	Rule       string    `db:"rule"`
	DecidedBy  id.Event  `db:"decided_by,null"`
	Filters    string    `db:"filters"`
	Reflects   string    `db:"reflects"`
	Amount     int       `db:"amount"`
	SHA256     string    `db:"sha256"`
	Position   uint64    `db:"position"`
	Prepare    uint64    `db:"prepare"`
}

type shownRow struct {
	Chart id.Chart  `db:"chart_id"`
	Event id.Event  `db:"event_id"`
	Group id.Group  `db:"group_id"`
	At    time.Time `db:"at"`
}

type ruleRow struct {
	Event   id.Event  `db:"event_id"`
	Group   id.Group  `db:"group_id"`
	Grantor id.Member `db:"grantor"`
}

var (
	entries = rows.NewLog[entryRow]("entry")
	shown   = rows.NewLog[shownRow]("shown")
	setRule = rows.NewLog[ruleRow]("set_rule")
)

// Project notes one record of an access log, or who set a rule. Everything else that
// happens in a practice is nothing to it.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	switch ev := e.Event.(type) {
	case accesslog.RecordsViewed:
		r := recordOf(e, Viewed, ev.Operation, ev.Section, string(ev.Capability))
		r.Filters, r.Reflects, r.Amount = strings.Join(ev.Filters, " "), ev.Reflects, max(len(ev.Charts), ev.ChartsTotal)
		r.add(b, ev.Charts...)
	case accesslog.AccessRefused:
		r := recordOf(e, Refused, ev.Action, "", string(ev.Capability))
		r.Rule = ev.Rule
		if r.Section = ev.Target; strings.Contains(ev.Target, "-") {
			r.Section = string(es.Stream(ev.Target).Category())
		}
		r.add(b, chartsOf(es.Stream(ev.Target))...)
	case accesslog.DataExported:
		r := recordOf(e, Exported, ev.What, "", "")
		r.Filters, r.Reflects, r.Amount, r.SHA256 = filterNames(ev.Filter), ev.AsOf, ev.Rows, ev.SHA256
		r.add(b)
	case accesslog.SignedIn:
		recordOf(e, SignedIn, "", "", "").add(b)
	case accesslog.OutsiderRefused:
		r := recordOf(e, Outsider, ev.Action, "", "")
		r.Group, r.Amount = ev.Group, ev.Unrecorded
		r.add(b)
	case group.PermissionGranted:
		setBy(b, e, ev.GrantedBy)
	case group.PermissionDenied:
		setBy(b, e, ev.DeniedBy)
	case group.RolePermissionSet:
		setBy(b, e, ev.SetBy)
	case group.ChartSharingChanged:
		setBy(b, e, ev.ChangedBy)
	}
	return nil
}

// recordOf is what the metadata say of a record.
func recordOf(e es.Envelope, kind Kind, operation, section, capability string) *entryRow {
	r := &entryRow{
		Event: e.ID, At: e.RecordedAt, Kind: kind, Actor: e.Meta.Actor, Role: e.Meta.ActorRole, OnBehalfOf: e.Meta.OnBehalfOf,
		Purpose: e.Meta.Purpose, Operation: operation, Section: section, Capability: capability,
		Position: e.Position.Commit, Prepare: e.Position.Prepare,
	}
	r.Group, _ = e.Stream.Group()
	if raw, is := strings.CutPrefix(e.Meta.Actor, "member:"); is {
		r.Member, _ = id.Parse[id.Member](raw)
	}
	rule, by, _ := strings.Cut(e.Meta.Decision, "@")
	r.Rule = rule
	r.DecidedBy, _ = id.Parse[id.Event](by)
	return r
}

func (r *entryRow) add(b *rows.Batch, charts ...id.Chart) {
	entries.Append(b, *r)
	for _, c := range charts {
		shown.Append(b, shownRow{c, r.Event, r.Group, r.At})
	}
}

// setBy notes who set a rule: decisions name it by the event that set it.
func setBy(b *rows.Batch, e es.Envelope, by id.Member) {
	if g, ok := e.Stream.Group(); ok {
		setRule.Append(b, ruleRow{e.ID, g, by})
	}
}

// chartsOf is the chart that a stream is about, if it is about one.
func chartsOf(s es.Stream) []id.Chart {
	if ledger, err := invoice.ParseLedger(s); err == nil {
		return []id.Chart{ledger.Chart}
	}
	if _, c, err := chart.ParseStream(s); err == nil {
		return []id.Chart{c}
	}
	return nil
}

// filterNames are the names of the filters of an export, parted by blanks. Those of the first
// releases had their values, too.
func filterNames(filter string) string {
	names := strings.FieldsFunc(filter, func(r rune) bool { return r == ',' || r == '&' })
	for n := range names {
		names[n], _, _ = strings.Cut(names[n], "=")
	}
	return strings.Join(names, " ")
}
