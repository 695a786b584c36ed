package projections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	parked "praxis/projections/quarantine"
)

// Comparison says whether the rows of a read model that are read are those that the log
// makes.
type Comparison struct {
	Name string `json:"name"`
	// Build names the rows that were compared with rows made anew, both as of Position.
	Build    string      `json:"build"`
	Position es.Position `json:"position"`
	// Rows is how many rows were compared, those that only one side has among them, and
	// Differ how many are not the same on both.
	Rows   int64 `json:"rows"`
	Differ int64 `json:"differ"`
	// Parked counts the streams that wait in the quarantine: what they say is not in the
	// rows.
	Parked int `json:"parked"`
	// Differences are some of those that differ, a few of each table.
	Differences []RowDifference `json:"differences"`
}

// RowDifference is a row that is not what the log makes of it.
type RowDifference struct {
	Table string  `json:"table"`
	Key   []Value `json:"key"`
	// Is says what is wrong.
	Is RowState `json:"is"`
	// Columns are those that differ, all that are not null where one side has no row.
	Columns []Deviation `json:"columns"`
	// Event is the last one that inserted, changed or deleted the row, as the log has it;
	// nil if no event ever did.
	Event *Touch `json:"event"`
	row   *traced
}

// RowState says what is wrong with a row.
type RowState string

// What can be wrong with a row.
const (
	// RowMissing rows are not there, RowTooMany ones should not be, and RowDifferent ones
	// hold something else than they should.
	RowMissing   RowState = "missing"
	RowTooMany   RowState = "too_many"
	RowDifferent RowState = "different"
)

// Deviation is a column that differs. Both values are nil where it holds personal data.
type Deviation struct {
	Column   string `json:"column"`
	Read     any    `json:"read"`
	Rebuilt  any    `json:"rebuilt"`
	Personal bool   `json:"personal,omitempty"`
}

// checkOf is the build that a comparison makes and removes.
func checkOf(p Projector) string { return Build(p) + "_check" }

// CompareRows makes the rows of the named projections, or of all if none is named, once
// more from the log, in builds of their own that are removed afterwards, and says whether
// the rows that are read are the same. The live run goes on meanwhile. progress is called
// as by Rebuild. Faults: those of Rebuild; "projection_shape_differs".
func (r *Runner) CompareRows(ctx context.Context, names []string, progress func(Progress)) ([]Comparison, error) {
	projectors, err := r.pick(names)
	if err != nil {
		return nil, err
	}
	b := &rebuild{runner: r, progress: progress, compares: true, only: true}
	err = r.alone(ctx, projectors, func(ctx context.Context) (err error) {
		if err := Install(ctx, r.Pool, projectors...); err != nil {
			return err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removing)
			defer cancel()
			for _, p := range projectors {
				err = errors.Join(err, r.forget(ctx, checkOf(p)))
			}
		}()
		return b.replace(ctx, projectors, checkOf, func(ctx context.Context, tx pgx.Tx, p Projector, at row) error {
			return begun(ctx, tx, p, checkOf(p), at.Epoch)
		})
	})
	return b.comparisons, err
}

// removing is how long the removal of what was made for a comparison may take; what is
// left is removed by the next one.
const removing = 10 * time.Second

// compare compares a shadow that was filled, which goes on afterwards if it is to take a
// place.
func (b *rebuild) compare(ctx context.Context, s *shadow) error {
	c, err := s.compare(ctx)
	if err != nil {
		return err
	}
	b.comparisons = append(b.comparisons, *c)
	if s.compares = false; b.only {
		b.settled(s)
	}
	return nil
}

// bound has a shadow that is to be compared go no further than the rows that are read.
func (s *shadow) bound(ctx context.Context) error {
	if !s.compares {
		return nil
	}
	live, err := loadRow(ctx, s.runner.Pool, Build(s.projector))
	s.upTo = live.Position
	return err
}

// isBeyond reports whether a position is further than the shadow goes at present.
func (s *shadow) isBeyond(at es.Position) bool { return s.compares && s.upTo.Before(at) }

// until is how far the shadow goes of a log that ends at a position.
func (s *shadow) until(end es.Position) es.Position {
	if s.isBeyond(end) {
		return s.upTo
	}
	return end
}

// listed is how many differences of a table are listed and explained.
const listed = 20

// compare compares the rows that are read with those of the shadow, both at the position
// that the former have in one snapshot: the shadow is given, in the same transaction, what
// it lacks. Nothing is locked, so the live run goes on meanwhile.
func (s *shadow) compare(ctx context.Context) (*Comparison, error) {
	if err := s.confirm(ctx); err != nil {
		return nil, err
	}
	p := s.projector
	c := &Comparison{Name: p.Name(), Build: Build(p), Differences: []RowDifference{}}
	var expected int64
	t := trace{runner: s.runner, projector: p, left: s.aside}
	var sides []map[string]any
	err := pgx.BeginTxFunc(ctx, s.runner.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		live, err := loadRow(ctx, tx, Build(p))
		if err != nil {
			return err
		}
		switch {
		case live.Shape != shape(p):
			return errShape.With("projection", p.Name())
		case live.Before(s.at.position):
			return errSuperseded
		}
		if err := s.delta(ctx, tx, live); err != nil {
			return err
		}
		c.Position, expected = live.Position, live.Applied
		entries, err := parked.List(ctx, tx, memberName(p))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Status == parked.Parked {
				c.Parked++
			}
		}
		if err := define(ctx, tx, "set local statement_timeout = 0", "set local timezone = 'UTC'", "set local enable_seqscan = on", "set local plan_cache_mode = auto"); err != nil {
			return err
		}
		for _, table := range p.Tables() {
			found, err := s.compareTable(ctx, tx, table, c)
			if err != nil {
				return err
			}
			for _, pair := range found {
				d, err := differ(pair, &t)
				if err != nil {
					return err
				}
				c.Differences = append(c.Differences, d)
				sides = append(sides, pair.sides()...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.at.position = c.Position
	if len(c.Differences) == 0 {
		return c, nil
	}
	t.upTo, t.expected = c.Position, int(expected)
	t.within(sides...)
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	for n := range c.Differences {
		if c.Differences[n].Event = c.Differences[n].row.last(); c.Differences[n].Event != nil {
			hide(c.Differences[n].Event.Changes)
		}
	}
	return c, nil
}

// pair is a row as it is read and as it was made anew; nil where it is not there.
type pair struct {
	layout
	read, rebuilt map[string]any
}

// sides are the rows that there are.
func (p pair) sides() (rows []map[string]any) {
	for _, row := range []map[string]any{p.read, p.rebuilt} {
		if row != nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// compareTable counts the rows of a table that differ, and returns some of them.
func (s *shadow) compareTable(ctx context.Context, tx pgx.Tx, table string, c *Comparison) ([]pair, error) {
	l, err := layoutOf(ctx, tx, s.projector, Build(s.projector), table)
	if err != nil {
		return nil, err
	}
	columns := make([]string, 0, len(l.written))
	for _, name := range l.written {
		columns = append(columns, quoted(name))
	}
	side := func(build string) string {
		return "(select " + strings.Join(columns, ", ") + " from " + quoted(build) + "." + quoted(table) + ")"
	}
	from := " from " + side(Build(s.projector)) + " l full join " + side(s.build) + " r on " + on(l.keyColumns(), "l", "r")
	var rows, differ int64
	if err := tx.QueryRow(ctx, "select count(*), count(*) filter (where l is distinct from r)"+from).Scan(&rows, &differ); err != nil {
		return nil, fmt.Errorf("compare the rows of %s: %w", table, err)
	}
	c.Rows, c.Differ = c.Rows+rows, c.Differ+differ
	if differ == 0 {
		return nil, nil
	}
	order := make([]string, 0, len(l.key))
	for _, name := range l.keyColumns() {
		order = append(order, "coalesce(l."+quoted(name)+", r."+quoted(name)+")")
	}
	found, err := tx.Query(ctx, "select to_jsonb(l), to_jsonb(r)"+from+" where l is distinct from r order by "+strings.Join(order, ", ")+" limit $1", listed)
	if err != nil {
		return nil, fmt.Errorf("read rows of %s that differ: %w", table, err)
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (pair, error) {
		var read, rebuilt []byte
		p := pair{layout: l}
		err := row.Scan(&read, &rebuilt)
		if err == nil {
			p.read, err = parsed(read)
		}
		if err == nil {
			p.rebuilt, err = parsed(rebuilt)
		}
		return p, err
	})
}

// differ says how the two differ, and has the events of the row looked for.
func differ(p pair, t *trace) (d RowDifference, err error) {
	there := p.sides()[0]
	d = RowDifference{Table: p.table, Key: p.keyOf(there), Is: RowDifferent}
	switch {
	case p.read == nil:
		d.Is = RowMissing
	case p.rebuilt == nil:
		d.Is = RowTooMany
	}
	for _, name := range p.written {
		read, rebuilt := p.read[name], p.rebuilt[name]
		if same(read, rebuilt) {
			continue
		}
		if p.personal[name] {
			read, rebuilt = nil, nil
		}
		d.Columns = append(d.Columns, Deviation{Column: name, Read: read, Rebuilt: rebuilt, Personal: p.personal[name]})
	}
	d.row, err = t.look(p.layout, there)
	return d, err
}
