package conformance

import (
	"slices"

	"praxis/domain/es"
	"praxis/domain/id"
)

func orderChecks() []Check {
	return []Check{
		{"the order of all events is the order of the appends", func(t *trial) {
			start := t.tail()
			a, b := newCategory(), newCategory()
			streams := []es.Stream{streamOf(a), streamOf(b), streamOf(a)}
			var ids []id.Event
			var results []es.Position
			for i := range 30 {
				events := proposals(1 + i%3)
				done := t.append(streams[i%len(streams)], es.AnyRevision, events)
				ids, results = append(ids, idsOf(events)...), append(results, done.Position)
			}
			all := t.readAll(start, a, b)
			equal(t, ids, recordedIDs(all))
			ascending(t, all)
			t.holds(slices.IsSortedFunc(results, comparePositions), "the positions that appends return rise")
			equal(t, results[len(results)-1], all[len(all)-1].Position, "an append returns the position of its last event")
		}},
		{"all events are the union of the streams", func(t *trial) {
			start := t.tail()
			a, b := newCategory(), newCategory()
			streams := []es.Stream{streamOf(a), streamOf(b), streamOf(a, "x"), streamOf(b, "x", "y")}
			byPosition := map[es.Position]es.Recorded{}
			for i, stream := range streams {
				t.appended(stream, es.NoStream, 3+i)
			}
			for i, stream := range streams {
				for _, e := range t.read(stream, 0) {
					byPosition[e.Position] = e
				}
				t.appended(stream, es.Revision(2+i), 1)
				last := t.read(stream, es.Revision(3+i))[0]
				byPosition[last.Position] = last
			}
			all := t.readAll(start, a, b)
			hasLen(t, all, len(byPosition), "no two events share a position")
			for _, e := range all {
				equal(t, byPosition[e.Position], e)
			}
		}},
		{"reading by category gives exactly the events after a position", func(t *trial) {
			start := t.tail()
			category, other := newCategory(), newCategory()
			longer := es.Category(string(category) + "x")
			for range 4 {
				for _, c := range []es.Category{category, other, longer} {
					t.appended(streamOf(c), es.NoStream, 1)
				}
			}
			mine := t.readAll(start, category)
			hasLen(t, mine, 4)
			for i, e := range t.readAll(start, category, other, longer) {
				want := mine[min(len(mine), (i+3)/3):]
				equal(t, recordedIDs(want), recordedIDs(t.readAll(e.Position, category)), "after event %d", i)
			}
		}},
		{"the tail is the position of the last event", func(t *trial) {
			before := t.tail()
			done := t.append(newStream(), es.At(es.NoStream), proposals(3))
			after := t.tail()
			t.holds(before.Before(after))
			t.holds(!after.Before(done.Position))
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

func ascending(t *trial, events []es.Recorded) {
	for i := 1; i < len(events); i++ {
		t.holds(events[i-1].Position.Before(events[i].Position), "event %d", i)
	}
}
