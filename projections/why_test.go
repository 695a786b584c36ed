package projections_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// shelf is a read model whose rows have keys of their own: one row for each stream, which
// counts, goes with what is poisoned and starts anew with what is deferred. What is refused
// can be applied once it is healed.
type shelf struct{ *tally }

// place is a row of it.
type place struct {
	Stream string `db:"stream"`
	Side   string `db:"side"`
	Events int64  `db:"events"`
	Sum    int64  `db:"sum"`
}

type placeKey struct{ Stream, Side string }

var places = rows.NewTable("place", func(p *place) placeKey { return placeKey{p.Stream, p.Side} }, "stream", "side")

func (shelf) Tables() []string { return []string{"place"} }
func (shelf) DDL() string {
	return "-- personal data: place.sum\n" +
		"create table place (stream text not null, side text not null, events bigint not null, sum bigint not null, twice bigint generated always as (sum * 2) stored, primary key (stream, side))"
}

func (s shelf) Project(b *rows.Batch, e es.Envelope) error {
	s.before(e)
	key := placeKey{string(e.Stream), "left"}
	switch event := e.Event.(type) {
	case counted:
		places.Upsert(b, place{key.Stream, key.Side, 1, int64(event.N)}, func(p *place) { p.Events, p.Sum = p.Events+1, p.Sum+int64(event.N) })
	case poisoned:
		places.Delete(b, key)
	case refused:
		if !s.healed.Load() {
			return errPoison
		}
		places.Change(b, key, func(p *place) { p.Sum = -1 })
	case deferred:
		places.Put(b, place{key.Stream, key.Side, 0, 0})
	}
	return nil
}

// shelves is a runner with the one read model "one", and what its events are.
func (b *bench) shelves() (*projections.Runner, shelf) {
	b.t.Helper()
	c := b.config()
	s := shelf{b.models[0]}
	c.Projectors = []projections.Projector{s}
	r, err := projections.NewRunner(c)
	require.NoError(b.t, err)
	return r, s
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

func TestWhy(t *testing.T) {
	b := newBench(t, "one")
	r, model := b.shelves()
	stop := b.start(r.Run)
	stream := string(b.stream(1))
	b.waitFor(r, b.append(counted{N: 5}, counted{N: 1}, counted{N: 1}, counted{N: 7}, counted{N: 1}, counted{N: 1}, counted{N: 0}))
	ask := func(withData bool, key ...string) (projections.Explanation, error) {
		return r.Why(t.Context(), projections.Question{Table: "one.place", Key: key, WithData: withData})
	}
	answer := func(key ...string) projections.Explanation {
		t.Helper()
		why, err := ask(true, key...)
		require.NoError(t, err)
		return why
	}

	t.Run("the row, and each event with what it changed", func(t *testing.T) {
		why := answer(stream, "left")
		require.Equal(t, "one.place", why.Table)
		require.Equal(t, "one_v1", why.Build)
		require.Equal(t, []projections.Value{{Column: "stream", Value: stream}, {Column: "side", Value: "left"}}, why.Key)
		require.Equal(t, es.Position{Commit: 7, Prepare: 7}, why.Position)
		require.Equal(t, []projections.Value{
			{Column: "stream", Value: stream},
			{Column: "side", Value: "left"},
			{Column: "events", Value: number(3)},
			{Column: "sum", Value: number(12), Personal: true},
			{Column: "twice", Value: number(24)},
		}, why.Row, "what Postgres generates, too")
		require.Empty(t, why.Differs)
		require.Len(t, why.Events, 3)
		first, second, third := why.Events[0], why.Events[1], why.Events[2]
		require.Equal(t, []projections.Change{
			{Column: "stream", To: stream}, {Column: "side", To: "left"}, {Column: "events", To: number(1)}, {Column: "sum", To: number(5), Personal: true},
		}, first.Changes)
		require.Equal(t, []projections.Change{{Column: "events", From: number(1), To: number(2)}, {Column: "sum", From: number(5), To: number(12), Personal: true}}, second.Changes)
		require.Equal(t, []projections.Change{{Column: "events", From: number(2), To: number(3)}}, third.Changes)
		require.Equal(t, []string{"inserted", "changed", "changed"}, []string{first.Did, second.Did, third.Did})
		require.Equal(t, es.Position{Commit: 4, Prepare: 4}, second.Position)
		require.Equal(t, es.Stream(stream), second.Stream)
		require.Equal(t, es.Revision(1), second.Revision)
		require.Equal(t, "tally.counted", second.Type)
		require.False(t, second.RecordedAt.IsZero())
	})

	t.Run("the key in any order, and whose the row is", func(t *testing.T) {
		whole := answer(stream, "left")
		require.Equal(t, whole, answer("side=left", "stream="+stream))
		require.Equal(t, whole, answer("side=left", stream))
		require.Equal(t, whole, answer(stream, "left", "group_id="+group.String()))
	})

	t.Run("nothing personal unasked", func(t *testing.T) {
		why, err := ask(false, stream, "left")
		require.NoError(t, err)
		require.Equal(t, projections.Value{Column: "sum", Personal: true}, why.Row[3])
		require.Equal(t, projections.Change{Column: "sum", Personal: true}, why.Events[1].Changes[1])
	})

	t.Run("what cannot be found", func(t *testing.T) {
		_, err := r.Why(t.Context(), projections.Question{Table: "nowhere", Key: []string{"x"}})
		require.Contains(t, requireFault(t, err, "unknown_table").Message, "one.place")
		for _, key := range [][]string{{}, {stream}, {stream, "left", "more"}, {"side=left", "side=left"}} {
			_, err = ask(true, key...)
			require.Contains(t, requireFault(t, err, "malformed_key").Message, "stream (text), side (text)")
		}
		_, err = ask(true, stream, "right")
		requireFault(t, err, "row_not_found")
	})

	t.Run("a part of the key, if one row alone has it", func(t *testing.T) {
		whole, part := answer(stream, "left"), answer("stream="+stream)
		require.Equal(t, whole, part)
		_, err := ask(true, "side=left")
		require.Contains(t, requireFault(t, err, "key_incomplete").Message, "3 rows of one.place have that. A row is named by stream (text), side (text)")
		_, err = ask(true, "side=right")
		require.Contains(t, requireFault(t, err, "key_incomplete").Message, "0 rows of one.place")
	})

	t.Run("only the events of the row's practice are folded, unless none of them made it", func(t *testing.T) {
		folded := 0
		model.before = func(es.Envelope) { folded++ }
		defer func() { model.before = func(es.Envelope) {} }()
		whole := answer(stream, "left")
		require.Equal(t, 7, folded)
		folded = 0
		other := "group_id=" + id.Derive[id.Group]("another").String()
		_, err := ask(true, stream, "right", other)
		requireFault(t, err, "row_not_found")
		require.Zero(t, folded)
		require.Equal(t, whole, answer(stream, "left", other))
		require.Equal(t, 7, folded)
	})

	t.Run("a row that is not what its events make of it", func(t *testing.T) {
		b.sessions(t.Context(), "update one_v1.place set sum = 0 where side = 'left'")
		require.Equal(t, []string{"sum"}, answer(stream, "left").Differs)
		b.sessions(t.Context(), "update one_v1.place set side = 'right' where stream = '"+stream+"'")
		why := answer(stream, "right")
		require.Equal(t, []string{"stream", "side"}, why.Differs)
		require.Empty(t, why.Events, "no event made it")
		why = answer(stream, "left")
		require.Equal(t, []string{"stream", "side"}, why.Differs)
		require.Nil(t, why.Row, "it is not there")
		require.Len(t, why.Events, 3)
		require.NoError(t, r.Rebuild(t.Context(), nil, nil))
	})

	t.Run("a row that went, and one that went and came in one event", func(t *testing.T) {
		last := b.append(counted{N: 1}, counted{N: 1}, poisoned{})
		b.waitFor(r, last)
		why := answer(stream, "left")
		require.Nil(t, why.Row)
		require.Empty(t, why.Differs)
		gone := why.Events[len(why.Events)-1]
		require.Equal(t, "deleted", gone.Did)
		require.Contains(t, gone.Changes, projections.Change{Column: "sum", From: number(12), Personal: true})
		b.appended = 0
		b.waitFor(r, b.append(deferred{}, counted{N: 1}, counted{N: 1}, counted{N: 4}, counted{N: 1}, counted{N: 1}, deferred{}))
		why = answer(stream, "left")
		require.Empty(t, why.Differs)
		require.Equal(t, "inserted", why.Events[4].Did)
		require.Equal(t, "changed", why.Events[6].Did)
		require.Equal(t, []projections.Change{{Column: "events", From: number(1), To: number(0)}, {Column: "sum", From: number(4), To: number(0), Personal: true}}, why.Events[6].Changes)
	})

	t.Run("what is not in the rows yet, or in the quarantine, does not count", func(t *testing.T) {
		b.appended = 0
		b.waitFor(r, b.append(counted{N: 2}, counted{N: 1}, counted{N: 1}, refused{}, counted{N: 1}, counted{N: 1}, counted{N: 3}))
		before := answer(stream, "left")
		require.Empty(t, before.Differs)
		require.Len(t, before.Events, 8)
		require.Len(t, b.parkedOf("one"), 1)
		stop()
		b.append(counted{N: 1}, counted{N: 1})
		require.Equal(t, before, answer(stream, "left"))
		model.healed.Store(true)
		require.Equal(t, before, answer(stream, "left"), "healed, the event still waits")
	})
}
