package projections_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/projections"
)

// compared compares the rows of the one read model.
func (b *bench) compared(r *projections.Runner) projections.Comparison {
	b.t.Helper()
	all, err := r.CompareRows(b.t.Context(), nil, nil)
	require.NoError(b.t, err)
	require.Len(b.t, all, 1)
	return all[0]
}

// requireNoCheck requires that nothing is left of a comparison.
func (b *bench) requireNoCheck() {
	b.t.Helper()
	var left int
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), `
select (select count(*) from pg_namespace where nspname ~ '_check$') + (select count(*) from praxis.projection where build ~ '_check$')`).Scan(&left))
	require.Zero(b.t, left)
}

// TestCompareRows_TheLiveRunGoesOn: the rows change while they are made once more, by few
// events and by more than one transaction of a rebuild, and both sides are compared where
// the log is the same.
func TestCompareRows_TheLiveRunGoesOn(t *testing.T) {
	for _, more := range []int{1, 3, 35} {
		b := newBench(t, "one")
		live, _ := b.shelves()
		b.start(live.Run)
		last := b.count(40)
		b.waitFor(live, last)
		fillings := 0
		b.source = &interrupted{b.store, func() {
			if fillings++; fillings > 2 {
				return
			}
			last = b.count(more)
			b.waitFor(live, last)
		}}
		r, _ := b.shelves()
		c := b.compared(r)
		require.Less(t, 1, fillings)
		require.Equal(t, last, c.Position)
		require.Equal(t, int64(3), c.Rows)
		require.Zero(t, c.Differ)
		b.requireNoCheck()
		require.Equal(t, map[string]projections.State{"one_v1": projections.Running}, b.states(live), "nothing is swapped")
	}
}

func TestCompareRows(t *testing.T) {
	t.Run("what differs, and what stays as it is", func(t *testing.T) {
		b := newBench(t, "one")
		r, _ := b.shelves()
		stop := b.start(r.Run)
		last := b.count(9)
		b.waitFor(r, last)
		stop()
		b.count(6)
		b.sessions(t.Context(), fmt.Sprintf(`update one_v1.place set events = 7, sum = 1 where stream = '%s'; delete from one_v1.place where stream = '%s';
			insert into one_v1.place (stream, side, events, sum) values ('%[1]s', 'right', 1, 1)`, b.stream(0), b.stream(1)))
		c := b.compared(r)
		require.Equal(t, last, c.Position, "what is read has not seen more")
		require.Equal(t, []int64{4, 3}, []int64{c.Rows, c.Differ})
		event := func(n int) projections.Touch { return *c.Differences[n].Event }
		key := func(n int, side string) []projections.Value {
			return []projections.Value{{Column: "stream", Value: string(b.stream(n))}, {Column: "side", Value: side}}
		}
		require.Len(t, c.Differences, 3)
		changed, many, missing := c.Differences[0], c.Differences[1], c.Differences[2]
		require.Equal(t, projections.RowDifferent, changed.Is)
		require.Equal(t, key(0, "left"), changed.Key)
		require.Equal(t, []projections.Deviation{{Column: "events", Read: number(7), Rebuilt: number(3)}, {Column: "sum", Personal: true}}, changed.Columns)
		require.Equal(t, es.Position{Commit: 9, Prepare: 9}, event(0).Position)
		require.Equal(t, projections.RowTooMany, many.Is)
		require.Equal(t, key(0, "right"), many.Key)
		require.Nil(t, many.Event)
		require.Equal(t, projections.RowMissing, missing.Is)
		require.Equal(t, key(1, "left"), missing.Key)
		require.Equal(t, es.Position{Commit: 7, Prepare: 7}, event(2).Position)
		require.Equal(t, c, b.compared(r), "it mends nothing")
		b.requireNoCheck()
	})

	t.Run("nobody knows the read model", func(t *testing.T) {
		b := newBench(t, "one")
		r, _ := b.shelves()
		_, err := r.CompareRows(t.Context(), []string{"nobody"}, nil)
		requireFault(t, err, "unknown_projection")
	})

	t.Run("ended early, it leaves nothing behind", func(t *testing.T) {
		b := newBench(t, "one")
		r, _ := b.shelves()
		b.start(r.Run)
		b.waitFor(r, b.count(40))
		ctx, cancel := context.WithCancel(t.Context())
		_, err := r.CompareRows(ctx, nil, func(p projections.Progress) { cancel() })
		require.ErrorIs(t, err, context.Canceled)
		b.requireNoCheck()
	})

	t.Run("a stream that waits in the quarantine", func(t *testing.T) {
		b := newBench(t, "one")
		r, model := b.shelves()
		b.start(r.Run)
		b.count(3)
		b.appended = 0
		b.waitFor(r, b.append(refused{}, counted{N: 1}, counted{N: 1}))
		require.Len(t, b.parkedOf("one"), 1)
		_, err := r.CompareRows(t.Context(), nil, nil)
		requireFault(t, err, "rebuild_failed")
		b.requireNoCheck()
		model.healed.Store(true)
		c := b.compared(r)
		require.Equal(t, 1, c.Parked)
		require.Equal(t, int64(1), c.Differ)
		require.Equal(t, "tally.refused", c.Differences[0].Event.Type, "the rows lack what waits")
	})

	t.Run("tables of another shape", func(t *testing.T) {
		b := newBench(t, "one")
		r, _ := b.shelves()
		require.NoError(t, projections.Install(t.Context(), b.pool, r.Projectors...))
		b.sessions(t.Context(), "update praxis.projection set shape = 'another'")
		_, err := r.CompareRows(t.Context(), nil, nil)
		requireFault(t, err, "projection_shape_differs")
	})
}

func TestRebuildAndCompare(t *testing.T) {
	b := newBench(t, "one")
	r, _ := b.shelves()
	stop := b.start(r.Run)
	last := b.count(30)
	b.waitFor(r, last)
	stop()
	b.sessions(t.Context(), "update one_v1.place set events = 0 where stream = '"+string(b.stream(0))+"'")
	rebuild := func(ctx context.Context, progress func(projections.Progress)) ([]projections.Comparison, error) {
		return r.RebuildAndCompare(ctx, nil, progress)
	}

	t.Run("interrupted, it goes on", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := rebuild(ctx, func(p projections.Progress) {
			if p.EventsDone == 20 {
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		done := 0
		ctx, cancel = context.WithCancel(t.Context())
		_, err = rebuild(ctx, func(p projections.Progress) { done = p.EventsDone; cancel() })
		require.ErrorIs(t, err, context.Canceled)
		require.LessOrEqual(t, done, 10)
	})

	t.Run("what an interrupted rebuild has too much of cannot be compared, so it begins anew", func(t *testing.T) {
		b.count(30)
		ctx, cancel := context.WithCancel(t.Context())
		require.ErrorIs(t, r.Rebuild(ctx, nil, func(p projections.Progress) {
			if last.Before(p.Position) {
				cancel()
			}
		}), context.Canceled)
		compared, err := rebuild(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, last, compared[0].Position)
		require.Equal(t, []int64{3, 1}, []int64{compared[0].Rows, compared[0].Differ})
		require.Equal(t, string(b.stream(0)), compared[0].Differences[0].Key[0].Value)
	})

	t.Run("and the new rows have taken their place, with all that came since", func(t *testing.T) {
		require.Equal(t, b.tail(), func() es.Position { at, err := r.Position(t.Context(), "one"); require.NoError(t, err); return at }())
		require.Zero(t, b.compared(r).Differ)
		require.Contains(t, b.states(r), "one_v1_old")
	})
}
