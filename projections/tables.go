package projections

import (
	"time"

	"praxis/domain/access"
	"praxis/projections/read"
)

// Tables are where a query reads: the tables of the builds that follow the log, or the
// rows of a moment in the past, which stand in a schema of their own for as long as
// one transaction lasts. It goes with the Querier that finds them.
type Tables struct {
	read.Querier
	// past is the schema of a moment in the past, empty for the present.
	past string
	// at is the instant of the rows of the past, UTC.
	at time.Time
}

// Live are the tables that follow the log.
func Live(q read.Querier) Tables { return Tables{Querier: q} }

// OfPast reports whether they hold what was, and not what is.
func (t Tables) OfPast() bool { return t.past != "" }

// Judged is what somebody may see, looked at as of the instant of the rows: places on care
// teams that are bounded in time hold at some instants and not at others.
func (t Tables) Judged(r access.Reach) access.Reach {
	if t.OfPast() {
		r.At = t.at
	}
	return r
}

// Of names a table of a projector in SQL.
func (t Tables) Of(p Projector, table string) string {
	if t.past != "" {
		return t.past + "." + table
	}
	return Table(p, table)
}
