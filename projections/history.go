package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/follower"
	"praxis/projections/rows"
)

// Touch is an event that inserted, changed or deleted a row of a read model.
type Touch struct {
	// Position is that of the event in the log.
	Position   es.Position `json:"position"`
	RecordedAt time.Time   `json:"recordedAt"`
	Stream     es.Stream   `json:"stream"`
	Revision   es.Revision `json:"revision"`
	Type       string      `json:"type"`
	// Actor is who caused it, as the event has it, such as member:<id>.
	Actor string `json:"actor"`
	// Did is "inserted", "changed" or "deleted".
	Did     string   `json:"did"`
	Changes []Change `json:"changes"`
}

// Change is what an event changed in one column. Both values are nil where the column holds
// personal data that was not asked for.
type Change struct {
	Column   string `json:"column"`
	From     any    `json:"from"`
	To       any    `json:"to"`
	Personal bool   `json:"personal,omitempty"`
}

// traced is a row whose events are looked for.
type traced struct {
	layout
	// row is the row as far as the events were looked at, nil while it is not there.
	row     map[string]any
	touches []Touch
}

// trace finds the events of rows: it folds the log once more, in memory, and looks at what
// becomes of the rows meanwhile. Nothing is written.
type trace struct {
	runner    *Runner
	projector Projector
	// upTo is the last position that counts, and left what up to there is not in the rows.
	upTo es.Position
	left aside
	// tables are those with rows that are looked for, by name.
	tables map[string]*tracedTable
	// groups are the practices whose events are folded; nil for all. A row is made of
	// events of its own practice alone.
	groups map[id.Group]bool
	// expected is about how many events there are, 0 if that is not known.
	expected int
	progress func(Progress)
}

// maxTraced is how many rows a trace keeps in memory, about a gigabyte.
const maxTraced = 1_000_000

var errTooManyRows = fault.New(fault.Rejected, "too_many_rows", "The row is not there now, so the events of every practice would have to be kept in memory to find it, and they are too many. Add group_id=… to say whose it was.")

// tracedTable are the rows of a table that are looked for, by identity.
type tracedTable struct {
	layout
	rows map[string]*traced
}

// look has the events of a row looked for, of which the columns of the key are needed.
func (t *trace) look(l layout, row map[string]any) (*traced, error) {
	identity, err := l.identity(row)
	if err != nil {
		return nil, err
	}
	if t.tables == nil {
		t.tables = map[string]*tracedTable{}
	}
	if t.tables[l.table] == nil {
		t.tables[l.table] = &tracedTable{layout: l, rows: map[string]*traced{}}
	}
	of := &traced{layout: l}
	t.tables[l.table].rows[identity] = of
	return of, nil
}

// within narrows the fold to the practices of rows, or to none if one has no practice.
func (t *trace) within(all ...map[string]any) {
	groups := map[id.Group]bool{}
	for _, row := range all {
		text, _ := row["group_id"].(string)
		g, err := id.Parse[id.Group](text)
		if err != nil {
			return
		}
		groups[g] = true
	}
	t.groups = groups
}

// run looks for the events. Faults: "too_many_rows"; "trace_failed" if an event cannot be
// folded that is in the rows.
func (t *trace) run(ctx context.Context) error {
	m := meter{started: t.runner.Clock()}
	m.expect(0, t.expected)
	memory := rows.NewMemory("", 0, true)
	for rec, err := range t.runner.Source.ReadAll(ctx, t.projector.Categories(), es.Position{}) {
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", errLog, err)
		case t.upTo.Before(rec.Position):
			return nil
		}
		if m.events++; t.progress != nil && m.events%5_000 == 0 {
			t.progress(m.at(rec.Position, t.runner.Clock()))
		}
		if t.concerns(rec) && !t.left.isLeftOut(rec) {
			if err := t.fold(memory, follower.Decode(t.runner.Registry, rec)); err != nil {
				return err
			}
		}
	}
	return nil
}

// isLeftOut reports whether an event is not in the rows, because it is in the quarantine,
// waits behind one that is, or was left out.
func (a *aside) isLeftOut(rec es.Recorded) bool {
	e, waits := a.parked[rec.Stream]
	_, skipped := a.skips[rec.ID]
	return skipped || waits && rec.Revision >= e.Revision
}

// concerns reports whether an event is of a practice that is looked at, or of none.
func (t *trace) concerns(rec es.Recorded) bool {
	g, ok := rec.Stream.Group()
	return !ok || t.groups == nil || t.groups[g]
}

// fold folds one event.
func (t *trace) fold(memory *rows.Memory, it *item) error {
	b := memory.Batch()
	touched := map[*traced]map[string]any{}
	known := 0
	err := project(t.projector, b, it)
	if err == nil {
		err = recovered(func() (err error) {
			known = b.Fold(func(r rows.Became) {
				if err == nil {
					err = t.became(r, touched)
				}
			})
			return err
		})
	}
	switch {
	case err != nil:
		return fault.New(fault.Internal, "trace_failed", "An event that is in the rows cannot be folded: %s", describe(err, it.Recorded, t.runner.Clock()).String())
	case known > maxTraced:
		return errTooManyRows
	}
	for row, now := range touched {
		row.note(it, now)
	}
	return nil
}

// recovered runs f, and makes an error of a panic.
func recovered(f func() error) (err error) {
	defer panicked(&err)
	return f()
}

// became takes what became of a row, if it is looked for.
func (t *trace) became(r rows.Became, touched map[*traced]map[string]any) error {
	table := t.tables[r.Table]
	if table == nil {
		return nil
	}
	key, err := r.Values(table.keyColumns()...)
	if err != nil {
		return err
	}
	identity, err := table.identity(key)
	row := table.rows[identity]
	switch {
	case err != nil || row == nil:
		return err
	case r.Gone:
		touched[row] = nil
		return nil
	}
	values, err := r.Values()
	if err != nil {
		return err
	}
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	touched[row], err = parsed(text)
	return err
}

// note notes what an event did to the row; nothing if the row is as it was.
func (r *traced) note(it *item, now map[string]any) {
	rec := it.Recorded
	touch := Touch{
		Position: rec.Position, RecordedAt: rec.RecordedAt.UTC(), Stream: rec.Stream, Revision: rec.Revision, Type: rec.Type,
		Actor: it.Envelope.Meta.Actor, Did: "changed", Changes: []Change{},
	}
	switch {
	case r.row == nil && now == nil:
		return
	case r.row == nil:
		touch.Did = "inserted"
	case now == nil:
		touch.Did = "deleted"
	}
	for _, name := range r.written {
		if from, to := r.row[name], now[name]; !same(from, to) {
			touch.Changes = append(touch.Changes, Change{Column: name, From: from, To: to, Personal: r.personal[name]})
		}
	}
	if len(touch.Changes) > 0 {
		r.row, r.touches = now, append(r.touches, touch)
	}
}

// last is the last event of the row; nil if there is none.
func (r *traced) last() *Touch {
	if len(r.touches) == 0 {
		return nil
	}
	return &r.touches[len(r.touches)-1]
}
