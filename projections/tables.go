package projections

import "praxis/projections/read"

// Tables are where a query reads: the tables of the builds that follow the log, or the
// rows of a moment in the past, which stand in a schema of their own for as long as
// one transaction lasts. It goes with the Querier that finds them.
type Tables struct {
	read.Querier
	// past is the schema of a moment in the past, empty for the present.
	past string
}

// Live are the tables that follow the log.
func Live(q read.Querier) Tables { return Tables{Querier: q} }

// OfPast reports whether they hold what was, and not what is.
func (t Tables) OfPast() bool { return t.past != "" }

// Of names a table of a projector in SQL.
func (t Tables) Of(p Projector, table string) string {
	if t.past != "" {
		return t.past + "." + table
	}
	return Table(p, table)
}
