package conformance

import (
	"context"
	"slices"

	"praxis/domain/es"
	"praxis/domain/id"
)

func orderChecks() []Check {
	return []Check{
		{"the order of all events is the order of the appends", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			a, b := newCategory(), newCategory()
			streams := []es.Stream{streamOf(a), streamOf(b), streamOf(a)}
			var ids []id.Event
			var results []es.Position
			for i := range 30 {
				events := proposals(1 + i%3)
				done, err := s.Append(ctx, streams[i%len(streams)], es.AnyRevision, events)
				noError(t, err)
				ids, results = append(ids, idsOf(events)...), append(results, done.Position)
			}
			all := readAll(ctx, t, s, start, a, b)
			equal(t, ids, recordedIDs(all))
			ascending(t, all)
			isTrue(t, slices.IsSortedFunc(results, comparePositions), "the positions that appends return rise")
			equal(t, results[len(results)-1], all[len(all)-1].Position, "an append returns the position of its last event")
		}},
		{"all events are the union of the streams", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			a, b := newCategory(), newCategory()
			streams := []es.Stream{streamOf(a), streamOf(b), streamOf(a, "x"), streamOf(b, "x", "y")}
			byPosition := map[es.Position]es.Recorded{}
			for i, stream := range streams {
				appended(ctx, t, s, stream, es.NoStream, 3+i)
			}
			for i, stream := range streams {
				for _, e := range readStream(ctx, t, s, stream, 0) {
					byPosition[e.Position] = e
				}
				appended(ctx, t, s, stream, es.Revision(2+i), 1)
				last := readStream(ctx, t, s, stream, es.Revision(3+i))[0]
				byPosition[last.Position] = last
			}
			all := readAll(ctx, t, s, start, a, b)
			hasLen(t, all, len(byPosition), "no two events share a position")
			for _, e := range all {
				equal(t, byPosition[e.Position], e)
			}
		}},
		{"reading by category gives exactly the events after a position", func(ctx context.Context, t T, s Store) {
			start := origin(ctx, t, s)
			category, other := newCategory(), newCategory()
			longer := es.Category(string(category) + "x")
			for range 4 {
				for _, c := range []es.Category{category, other, longer} {
					appended(ctx, t, s, streamOf(c), es.NoStream, 1)
				}
			}
			mine := readAll(ctx, t, s, start, category)
			hasLen(t, mine, 4)
			for i, e := range readAll(ctx, t, s, start, category, other, longer) {
				want := mine[min(len(mine), (i+3)/3):]
				equal(t, recordedIDs(want), recordedIDs(readAll(ctx, t, s, e.Position, category)), "after event %d", i)
			}
		}},
		{"the tail is the position of the last event", func(ctx context.Context, t T, s Store) {
			before, err := s.Tail(ctx)
			noError(t, err)
			done, err := s.Append(ctx, newStream(), es.At(es.NoStream), proposals(3))
			noError(t, err)
			after, err := s.Tail(ctx)
			noError(t, err)
			isTrue(t, before.Before(after))
			isFalse(t, after.Before(done.Position))
		}},
	}
}

func comparePositions(a, b es.Position) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

func ascending(t T, events []es.Recorded) {
	t.Helper()
	for i := 1; i < len(events); i++ {
		isTrue(t, events[i-1].Position.Before(events[i].Position), "event %d", i)
	}
}
