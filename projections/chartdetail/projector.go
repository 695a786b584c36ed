// Package chartdetail is the read model of what a chart holds beside what the roster
// shows: the people in the patient's life, and who answers for the patient. Who may see
// a chart is the roster's to say: its queries are asked for charts that were found there.
// It may import the domain, projections and pgx.
package chartdetail

import (
	_ "embed"

	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "chart_detail"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	contactTable     = projections.Table(Projector{}, "contact")
	responsibleTable = projections.Table(Projector{}, "responsible_party")
)

// Projector writes the details of charts.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"contact", "responsible_party"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category} }

type contactRow struct {
	Chart       id.Chart    `db:"chart_id"`
	Contact     id.Contact  `db:"contact_id"`
	Group       id.Group    `db:"group_id"`
	Name        string      `db:"name"`
	Relation    string      `db:"relation"`
	Phone       string      `db:"phone"`
	Email       string      `db:"email"`
	Emergency   bool        `db:"emergency"`
	MayBeCalled bool        `db:"may_be_called"`
	Added       es.Revision `db:"added"`
}

// contactKey names a contact of a chart.
type contactKey struct {
	Chart   id.Chart
	Contact id.Contact
}

func (r *contactRow) key() contactKey { return contactKey{r.Chart, r.Contact} }

type responsibleRow struct {
	Chart   id.Chart   `db:"chart_id"`
	Group   id.Group   `db:"group_id"`
	Contact id.Contact `db:"contact_id,null"`
	Other   id.Chart   `db:"other_chart_id,null"`
}

func (r *responsibleRow) key() id.Chart { return r.Chart }

var (
	contacts    = rows.NewTable("contact", (*contactRow).key, "chart_id", "contact_id")
	responsible = rows.NewTable("responsible_party", (*responsibleRow).key, "chart_id")
)

// Project notes what one event of a chart does.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	event, ok := e.Event.(chart.Event)
	if !ok {
		return nil
	}
	g, c, err := chart.ParseStream(e.Stream)
	if err != nil {
		return err
	}
	switch ev := event.(type) {
	case chart.ContactSaved:
		row := contactRow{
			Chart: c, Contact: ev.Contact, Group: g, Name: ev.Name, Relation: ev.Relation, Phone: ev.Phone, Email: ev.Email,
			Emergency: ev.Emergency, MayBeCalled: ev.MayBeCalled, Added: e.Revision,
		}
		contacts.Upsert(b, row, func(r *contactRow) {
			row.Added = r.Added
			*r = row
		})
	case chart.ContactRemoved:
		contacts.Delete(b, contactKey{c, ev.Contact})
	case chart.ResponsiblePartyNamed:
		row := responsibleRow{Chart: c, Group: g, Contact: ev.Contact, Other: ev.Chart}
		responsible.Upsert(b, row, func(r *responsibleRow) { *r = row })
	case chart.ResponsiblePartyCleared:
		responsible.Delete(b, c)
	default:
		// The rest is the roster's.
	}
	return nil
}
