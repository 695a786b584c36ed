package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/read"
	"praxis/projections/rows"
)

// Foldable is a read model that can be asked about the past. Its rows as of a moment are a
// fold of the streams of one practice, so that the answer costs what the practice has
// recorded, and not what the installation has.
type Foldable struct {
	Projector
	// Streams lists the streams of a practice that the rows are made of, or more. It may
	// read the present rows of the read models that FoundBy names.
	Streams func(ctx context.Context, q read.Querier, g id.Group) ([]es.Stream, error)
	FoundBy []string
}

// Moment is a moment in the past: an instant, or else a position. Of each stream it covers
// the events up to the first that is later.
type Moment struct {
	At       time.Time
	Position es.Position
}

// covers reports whether an event is of this moment or before it.
func (m Moment) covers(rec es.Recorded) bool {
	if !m.At.IsZero() {
		return !rec.RecordedAt.After(m.At)
	}
	return !m.Position.Before(rec.Position)
}

// PastConfig is what a Past needs. Runner, Log and Models are required.
type PastConfig struct {
	// Runner follows the log for the same database.
	Runner *Runner
	// Log reads single streams.
	Log interface {
		ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
	}
	// Models are those that can be asked.
	Models []Foldable
	// Events and Streams bound what one answer folds; 0 means 200,000 and 20,000. Time bounds
	// how long the rows of one read model may take, 0 means 5 s.
	Events, Streams int
	Time            time.Duration
	// AtOnce is how many answers may be made at the same time; 0 means 4. Each holds a
	// connection of the pool.
	AtOnce int
	// StreamCost is how many events of one pass over the log cost as much as the reading of
	// one stream; 0 means 30. The cheaper of both is done.
	StreamCost int64
}

// Past answers what the rows of read models were at a moment in the past. It folds the
// events up to then with the projectors, into temporary tables of a transaction that is
// never committed, and lets the queries of the present read those.
type Past struct {
	PastConfig
	turns chan struct{}
}

// NewPast makes a Past. It does no I/O.
func NewPast(c PastConfig) *Past {
	c.Events, c.Streams, c.AtOnce = cmp.Or(c.Events, 200_000), cmp.Or(c.Streams, 20_000), cmp.Or(c.AtOnce, 4)
	c.Time, c.StreamCost = cmp.Or(c.Time, 5*time.Second), cmp.Or(c.StreamCost, 30)
	return &Past{PastConfig: c, turns: make(chan struct{}, c.AtOnce)}
}

// Faults of questions about the past.
var (
	errPastBusy     = fault.New(fault.Unavailable, "as_of_busy", "As many questions about the past are being answered as this server takes at once. Ask again shortly; questions about the present need not wait.")
	errPastTooLarge = fault.New(fault.TooLarge, "as_of_too_large", "More was recorded in this practice than an answer about the past may take together. Ask about one patient or one clinician where the list can be narrowed to them; `praxis audit history` shows what happened in one stream, however long it is.")
	errPastTooLong  = fault.New(fault.Unavailable, "as_of_takes_too_long", "To fold what this practice had recorded took longer than one answer about the past may take. Ask again shortly; if it takes too long again, ask when this server has less to do, or about one patient or one clinician where the list can be narrowed to them.")
	errPastFuture   = fault.New(fault.Invalid, "as_of_in_future", "That moment has not come yet: no event is recorded that late. Ask for the past, or leave asOf out for the present.")
)

// View is one moment of one practice. Close ends it.
type View struct {
	past  *Past
	group id.Group
	upTo  Moment
	// end is how far the log went when it began.
	end es.Position
	tx  pgx.Tx
	// folded are the read models whose rows are there, last the last event in them.
	folded map[string]bool
	events int
	last   es.Recorded
}

// pastSchema is where the rows are: the temporary tables of the connection. Nobody else
// sees them, they are not written to the log of Postgres, and rolling back forgets them.
const pastSchema = "pg_temp"

// Open begins a view of a practice. Faults: "as_of_busy", "as_of_in_future".
func (p *Past) Open(ctx context.Context, g id.Group, m Moment) (*View, error) {
	end, err := p.Runner.Source.Tail(ctx)
	switch {
	case err != nil:
		return nil, err
	case m.At.After(p.Runner.Clock()), m.At.IsZero() && end.Before(m.Position):
		return nil, errPastFuture
	}
	select {
	case p.turns <- struct{}{}:
		return &View{past: p, group: g, upTo: m, end: end, folded: map[string]bool{}}, nil
	default:
		return nil, errPastBusy
	}
}

// Close forgets the rows.
func (v *View) Close(ctx context.Context) {
	if v.tx != nil {
		// Without an answer the connection is given up, and the rows with it.
		_ = v.tx.Rollback(context.WithoutCancel(ctx))
	}
	<-v.past.turns
}

// Tables are the rows of the moment. They are read by one query at a time. The instant of a
// position is that of the last event in them.
func (v *View) Tables() Tables {
	t := Tables{Querier: v.tx, past: pastSchema}
	if at := v.Reflection().LastEvent; at != nil {
		t.at = at.UTC()
	}
	return t
}

// Reflection says what the rows reflect: the position that was asked for, and when the last
// event in them was recorded; or the instant that was asked for.
func (v *View) Reflection() Reflection {
	r := Reflection{Position: v.upTo.Position}
	switch {
	case !v.upTo.At.IsZero():
		r.LastEvent = &v.upTo.At
	case v.events > 0:
		r.LastEvent = &v.last.RecordedAt
	}
	return r
}

// Fold makes the rows of a read model, once; only narrows it down to some of its streams,
// unless it is nil. Faults: "as_of_too_large", "as_of_takes_too_long", "read_model_behind".
func (v *View) Fold(ctx context.Context, model string, only func(es.Stream) bool) error {
	n := slices.IndexFunc(v.past.Models, func(m Foldable) bool { return m.Name() == model })
	if n < 0 {
		return fmt.Errorf("the read model %s cannot be asked about the past", model)
	}
	if v.folded[model] {
		return nil
	}
	v.folded[model] = true
	bounded, cancel := context.WithTimeout(ctx, v.past.Time)
	defer cancel()
	err := v.fold(bounded, v.past.Models[n], only)
	if bounded.Err() != nil && ctx.Err() == nil && err != nil && !errors.Is(err, errBehind) && !errors.Is(err, errPastTooLarge) {
		return errPastTooLong.Because(err)
	}
	return err
}

func (v *View) fold(ctx context.Context, m Foldable, only func(es.Stream) bool) error {
	runner := v.past.Runner
	// Streams are found by what read models hold now; so they must hold what was recorded then.
	least := v.end
	if v.upTo.At.IsZero() {
		least = v.upTo.Position
	}
	if len(m.FoundBy) > 0 {
		if err := runner.WaitFor(ctx, least, m.FoundBy...); err != nil {
			return err
		}
	}
	streams, err := m.Streams(ctx, runner.Pool, v.group)
	if err != nil {
		return err
	}
	if only != nil {
		streams = slices.DeleteFunc(streams, func(s es.Stream) bool { return !only(s) })
	}
	events, err := v.collect(ctx, m, streams)
	if err != nil {
		return err
	}
	b := rows.NewMemory(pastSchema, v.past.Events, true).Batch()
	for _, e := range events {
		if err := project(m.Projector, b, e); err != nil {
			return fmt.Errorf("fold %s@%d: %w", e.Recorded.Stream, e.Recorded.Revision, err)
		}
	}
	return v.write(ctx, m, b)
}

// write makes the tables of a read model and writes its rows. All of it is rolled back in the end.
func (v *View) write(ctx context.Context, m Foldable, b *rows.Batch) (err error) {
	if v.tx == nil {
		if v.tx, err = v.past.Runner.Pool.Begin(ctx); err != nil {
			return fmt.Errorf("begin a view of the past: %w", err)
		}
	}
	tables, indexes, _ := strings.Cut(m.DDL(), indexMark)
	if err := define(ctx, v.tx, searched(pastSchema), noShape.ReplaceAllString(tables, "")); err != nil {
		return err
	}
	if err := writeRows(ctx, v.tx, b); err != nil {
		return err
	}
	return define(ctx, v.tx, indexes+";\nanalyze "+strings.Join(m.Tables(), ", "))
}
