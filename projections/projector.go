package projections

import (
	"fmt"
	"regexp"

	"praxis/domain/es"
	"praxis/projections/rows"
)

// Projector turns events into the rows of one read model. It is a pure function
// from an event to what becomes of which rows: it does no I/O, reads no clock and
// draws no random numbers, so that a rebuild gives the same rows as the live run. It
// has no other effect than its rows, so a rebuild has nothing to suppress.
//
// Rows and checkpoint commit together, so the runner applies each event exactly
// once; the rows must still not depend on how events are cut into batches.
type Projector interface {
	// Name is the stable name of the projection, such as "invoice_list".
	Name() string
	// Version changes whenever Project or the tables change so that the rows
	// must be made anew; the first is 1. Each version has rows of its own, see Build.
	Version() int
	// DDL makes the tables, without naming a schema: that is Build, where statements
	// find them. Only indexes follow the line "-- +indexes": those that Project does
	// without, so that they can be made when the rows are there. A line that begins with
	// "-- personal data:" lists the columns that hold some, each as table.column.
	DDL() string
	// Tables lists every table that Project writes to.
	Tables() []string
	// Categories lists the categories of the streams whose events it consumes: it is
	// handed those and no others.
	Categories() []es.Category
	// Project notes what one event does to the rows, nothing for an event that does
	// not concern this read model. An error stops the projection before this event; it
	// must not contain event data.
	Project(b *rows.Batch, e es.Envelope) error
}

// identifier is what names of projections, schemas and tables look like: plain
// enough never to need quoting.
var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// check refuses projectors that cannot run side by side.
func check(projectors []Projector) error {
	names := map[string]bool{}
	for _, p := range projectors {
		for _, s := range append([]string{p.Name()}, p.Tables()...) {
			if !identifier.MatchString(s) {
				return fmt.Errorf("projection %q: %q is not a plain lower-case identifier", p.Name(), s)
			}
		}
		switch {
		case names[p.Name()]:
			return fmt.Errorf("two projections are called %q", p.Name())
		case len(p.Categories()) == 0:
			return fmt.Errorf("projection %q consumes no category", p.Name())
		case p.Version() < 1:
			return fmt.Errorf("projection %q has version %d; the first version is 1", p.Name(), p.Version())
		}
		names[p.Name()] = true
	}
	return nil
}
