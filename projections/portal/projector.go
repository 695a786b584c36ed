// Package portal is the read model of which charts are a person's own: those that their
// account is linked to, in whatever practice. It says where to look and no more: what a
// link allows, and whether it still holds, is the chart's to say, at the instant in which
// it is asked. It may import the domain, projections and pgx.
package portal

import (
	_ "embed"
	"time"

	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "portal"

//go:embed schema.sql
var ddl string

var linkTable = projections.Table(Projector{}, "link")

// Projector writes which accounts are linked to which charts.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"link"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category} }

type linkRow struct {
	Account id.Account `db:"account_id"`
	Chart   id.Chart   `db:"chart_id"`
	Group   id.Group   `db:"group_id"`
	Since   time.Time  `db:"since"`
}

type linkKey struct {
	Account id.Account
	Chart   id.Chart
}

func (r *linkRow) key() linkKey { return linkKey{r.Account, r.Chart} }

var links = rows.NewTable("link", (*linkRow).key, "account_id", "chart_id")

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
	case chart.PatientAccountLinked:
		links.Insert(b, linkRow{Account: ev.Account, Chart: c, Group: g, Since: e.RecordedAt})
	case chart.PatientAccountUnlinked:
		links.Delete(b, linkKey{ev.Account, c})
	default:
		// The rest is the chart's to say.
	}
	return nil
}
