// Package duplicates is the read model of which charts look as if they were of the same
// person, and which were merged. Who may see a chart is the roster's to say: every query is narrowed by it. It
// may import the domain, projections and pgx.
package duplicates

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
const Name = "duplicates"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	likenessTable = projections.Table(Projector{}, "likeness")
	apartTable    = projections.Table(Projector{}, "apart")
)

// Projector writes what charts can be found by.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning. It is raised when the signs change, too.
func (Projector) Version() int { return 2 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"likeness", "apart"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category} }

type likenessRow struct {
	Chart id.Chart     `db:"chart_id"`
	Group id.Group     `db:"group_id"`
	Signs []chart.Sign `db:"signs"`
	Into  id.Chart     `db:"merged_into,null"`
	Until *time.Time   `db:"undo_until"`
}

func (r *likenessRow) key() id.Chart { return r.Chart }

// pair is two charts, the one whose id comes first before the other.
type pair struct{ Low, High id.Chart }

func pairOf(one, other id.Chart) pair {
	if one.Compare(other) > 0 {
		one, other = other, one
	}
	return pair{one, other}
}

type apartRow struct {
	Low   id.Chart `db:"low_chart_id"`
	High  id.Chart `db:"high_chart_id"`
	Group id.Group `db:"group_id"`
}

func (r *apartRow) key() pair { return pair{r.Low, r.High} }

var (
	likenesses = rows.NewTable("likeness", (*likenessRow).key, "chart_id")
	apart      = rows.NewTable("apart", (*apartRow).key, "low_chart_id", "high_chart_id")
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
	found := func(by chart.Demographics) {
		row := likenessRow{Chart: c, Group: g, Signs: by.Signs(g)}
		likenesses.Upsert(b, row, func(r *likenessRow) { r.Signs = row.Signs })
	}
	switch ev := event.(type) {
	case chart.Created:
		found(chart.Demographics{GivenName: ev.GivenName, FamilyName: ev.FamilyName, BirthDate: ev.BirthDate, Email: ev.Email, Phone: ev.Phone})
	case chart.DemographicsUpdated:
		found(chart.Demographics(ev))
	case chart.MergedInto:
		likenesses.Change(b, c, func(r *likenessRow) { r.Into, r.Until = ev.Into, &ev.UndoUntil })
	case chart.MergeUndone:
		likenesses.Change(b, c, func(r *likenessRow) { r.Into, r.Until = id.Chart{}, nil })
	case chart.ToldApart:
		for _, other := range ev.From {
			two := pairOf(c, other)
			apart.Upsert(b, apartRow{two.Low, two.High, g}, nil)
		}
	default:
		// Nothing else says who the patient is.
	}
	return nil
}
