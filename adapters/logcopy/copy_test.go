package logcopy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/adapters/logcopy"
	"praxis/adapters/memstore"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/stores"
)

// written is how often the original is appended to.
const written = 40

// original returns a log of a few streams, woven together: events from before the instant
// of recording was part of them and since, large ones, and many in one append. Beside
// them are events of another application.
func original(t testing.TB, category es.Category) *memstore.Store {
	t.Helper()
	clock := time.Date(2019, 7, 1, 8, 30, 0, 123456700, time.UTC)
	s := memstore.New(memstore.WithClock(func() time.Time { clock = clock.Add(time.Hour); return clock }))
	groups := []id.Group{id.New[id.Group](), id.New[id.Group](), id.New[id.Group]()}
	ends := map[es.Stream]es.Revision{}
	for i := range written {
		of := category
		if i%7 == 3 {
			of = "another"
		}
		stream, n := es.StreamOf(of, groups[i*i%7%3]), 1
		switch {
		case i == 19 || i == 20: // Both of one stream, as many as it takes at once.
			n = es.MaxAppendSize
		case i == 5 || i == 6: // Both of one stream, together larger than it takes at once.
			n = 5
		case i%5 == 0:
			n = 3
		}
		var events []es.Proposed
		for k := range n {
			e := event(fmt.Sprint(i, ".", k))
			if i%2 == 1 {
				e.Metadata = []byte(`{"recordedAt":"2020-02-29T23:59:59.123456Z","schemaVersion":"1"}`)
			}
			if i == 5 || i == 6 || i%9 == 4 {
				e.Data = []byte(`"` + strings.Repeat("x", es.MaxEventBytes-200) + `"`)
			}
			events = append(events, e)
		}
		at, known := ends[stream]
		if !known {
			at = es.NoStream
		}
		done, err := s.Append(t.Context(), stream, es.At(at), events)
		require.NoError(t, err)
		ends[stream] = done.Revision
	}
	return s
}

func event(said string) es.Proposed {
	return es.Proposed{ID: id.New[id.Event](), Type: "thing.said", Data: []byte(`{"said": "` + said + `"}`), Metadata: []byte(`{"schemaVersion":"1"}`)}
}

// kept is what a copy has to keep of an event. Of the metadata it is not the bytes, because
// a copy adds to those of events from before.
type kept struct {
	stream     es.Stream
	revision   es.Revision
	id         id.Event
	typ, data  string
	recordedAt time.Time
}

func read(t testing.TB, s logcopy.Store, category es.Category) (all []kept) {
	t.Helper()
	for rec, err := range s.ReadAll(t.Context(), []es.Category{category}, es.Position{}) {
		require.NoError(t, err)
		all = append(all, kept{rec.Stream, rec.Revision, rec.ID, rec.Type, string(rec.Data), rec.RecordedAt})
	}
	return all
}

func copier(from, to logcopy.Store, category es.Category) *logcopy.Copier {
	return &logcopy.Copier{From: from, To: to, Categories: []es.Category{category}}
}

func TestCopy(t *testing.T) {
	stores.Each(t, func(t *testing.T, k stores.Kind) {
		category := stores.Category()
		from, to, back := original(t, category), k.Open(t), memstore.New()
		stores.Foreign(t, to, 10)
		want := read(t, from, category)

		told := map[logcopy.Phase]int{}
		there := copier(from, to, category)
		there.Progress = func(p logcopy.Phase, events int, fraction float64) {
			require.Greater(t, fraction, 0.0)
			require.LessOrEqual(t, fraction, 1.0)
			told[p] = max(told[p], events)
		}
		first, err := there.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, read(t, to, category))
		require.True(t, first.Level)
		require.Equal(t, len(want), first.Events)
		require.Equal(t, len(want), first.Copied)
		require.Zero(t, first.Meanwhile)
		require.Equal(t, map[logcopy.Phase]int{logcopy.Copying: len(want), logcopy.Comparing: len(want)}, told)

		again, err := copier(from, to, category).Run(t.Context())
		require.NoError(t, err)
		require.Zero(t, again.Copied)
		require.Equal(t, first.Hash, again.Hash, "the hash is of the events, however they came there")

		home, err := copier(to, back, category).Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, read(t, back, category))
		require.Equal(t, first.Hash, home.Hash)
		require.NotEqual(t, first.Hash, hashOf(t, event("other")), "another log has another")
	})
}

// hashOf returns the hash of a log of some events.
func hashOf(t *testing.T, events ...es.Proposed) string {
	t.Helper()
	from := memstore.New()
	_, err := from.Append(t.Context(), "some-thing", es.At(es.NoStream), events)
	require.NoError(t, err)
	report, err := copier(from, memstore.New(), "some").Run(t.Context())
	require.NoError(t, err)
	return report.Hash
}

// Wherever a copy is broken off, before an append or with its answer lost, the next one goes
// on from there.
func TestCopy_GoesOnWhereItWasBrokenOff(t *testing.T) {
	category := stores.Category()
	from := original(t, category)
	want := read(t, from, category)
	report, err := copier(from, memstore.New(), category).Run(t.Context())
	require.NoError(t, err)
	ended := false
	for n := 0; !ended; n++ {
		require.Less(t, n, written)
		for name, breakOff := range map[string]func(*memstore.Store, memstore.AppendHook){
			"before an append": (*memstore.Store).FailAppend,
			"after an append":  (*memstore.Store).LoseAnswer,
		} {
			to, left := memstore.New(), n
			breakOff(to, func(es.Stream, []es.Proposed) error {
				if left--; left < 0 {
					return es.ErrStoreUnavailable
				}
				return nil
			})
			if _, err := copier(from, to, category).Run(t.Context()); err == nil {
				ended = true
				continue
			}
			require.Less(t, len(read(t, to, category)), len(want)+1)
			to.Mend()
			again, err := copier(from, to, category).Run(t.Context())
			require.NoError(t, err, "%s %d", name, n)
			require.Equal(t, want, read(t, to, category), "%s %d", name, n)
			require.Equal(t, report.Hash, again.Hash)
			require.Equal(t, again.Events-again.Copied, len(want)-again.Copied)
		}
	}
}

// twisted is a store that shows events otherwise than they are, or leaves them out where
// change returns false.
type twisted struct {
	*memstore.Store
	change func(n int, rec *es.Recorded) bool
}

func (s twisted) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		n := 0
		for rec, err := range s.Store.ReadAll(ctx, categories, after) {
			keep := s.change(n, &rec)
			if n++; keep && !yield(rec, err) {
				return
			}
		}
	}
}

func TestCopy_RefusesATargetThatDiffers(t *testing.T) {
	category := stores.Category()
	from := original(t, category)
	want := read(t, from, category)
	whole := func(t *testing.T) *memstore.Store {
		t.Helper()
		to := memstore.New()
		_, err := copier(from, to, category).Run(t.Context())
		require.NoError(t, err)
		return to
	}
	const planted = 17
	for name, change := range map[string]func(rec *es.Recorded){
		"id":          func(rec *es.Recorded) { rec.ID = id.New[id.Event]() },
		"type":        func(rec *es.Recorded) { rec.Type += "x" },
		"data":        func(rec *es.Recorded) { rec.Data = []byte(strings.ToUpper(string(rec.Data))) },
		"metadata":    func(rec *es.Recorded) { rec.Metadata = append([]byte(" "), rec.Metadata...) },
		"revision 17": func(rec *es.Recorded) { rec.Revision++ },
	} {
		t.Run("in the "+name+" of one event", func(t *testing.T) {
			to := whole(t)
			_, err := copier(from, twisted{to, func(n int, rec *es.Recorded) bool {
				if n == planted {
					change(rec)
				}
				return true
			}}, category).Run(t.Context())
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, "copy_differs", f.Code)
			require.Equal(t, string(want[planted].stream), f.Details["stream"])
			if !strings.HasPrefix(name, "revision") {
				require.Equal(t, fmt.Sprint(want[planted].revision), f.Details["revision"])
				require.Contains(t, f.Message, "its "+name)
			}
			require.Equal(t, want, read(t, to, category), "nothing of it is changed")
		})
	}
	t.Run("in an event that the store does not show again as it was given", func(t *testing.T) {
		// The copy itself is found wrong: it was appended as it should be.
		_, err := copier(from, twisted{memstore.New(), func(n int, rec *es.Recorded) bool {
			if n == planted {
				rec.Data = []byte("{}")
			}
			return true
		}}, category).Run(t.Context())
		require.Equal(t, "copy_differs", fault.From(err).Code)
	})
	t.Run("in an event that is missing in the middle", func(t *testing.T) {
		_, err := copier(from, twisted{whole(t), func(n int, _ *es.Recorded) bool { return n != planted }}, category).Run(t.Context())
		require.Equal(t, "copy_differs", fault.From(err).Code)
	})
	t.Run("in a stream of its own", func(t *testing.T) {
		to := memstore.New()
		_, err := to.Append(t.Context(), es.StreamOf(category, id.New[id.Group]()), es.At(es.NoStream), []es.Proposed{event("own")})
		require.NoError(t, err)
		_, err = copier(from, to, category).Run(t.Context())
		require.Equal(t, "copy_differs", fault.From(err).Code)
		require.Len(t, read(t, to, category), 1)
	})
	t.Run("in what goes on beyond the source", func(t *testing.T) {
		to := whole(t)
		last := want[len(want)-1]
		_, err := to.Append(t.Context(), es.StreamOf(category, id.New[id.Group]()), es.At(es.NoStream), []es.Proposed{event("beyond")})
		require.NoError(t, err)
		_, err = copier(from, to, category).Run(t.Context())
		require.Equal(t, "copy_differs", fault.From(err).Code)
		require.NotEqual(t, string(last.stream), fault.From(err).Details["stream"])
		require.Contains(t, err.Error(), "the source ends before it")
	})
	t.Run("in what somebody else writes while it is copied to", func(t *testing.T) {
		to := memstore.New()
		other := func(es.Stream, []es.Proposed) error { return nil }
		wrote := false
		c := copier(from, to, category)
		c.Progress = func(logcopy.Phase, int, float64) {
			if !wrote {
				_, err := to.Append(t.Context(), want[0].stream, es.AnyRevision, []es.Proposed{event("other")})
				require.NoError(t, err)
				wrote = true
			}
		}
		to.FailAppend(other)
		_, err := c.Run(t.Context())
		require.Equal(t, "copy_differs", fault.From(err).Code)
		require.Equal(t, string(want[0].stream), fault.From(err).Details["stream"])
	})
}

// A stream of which the server has cut something off and scavenged cannot be copied as it was.
func TestCopy_RefusesASourceThatLacksEventsOfAStream(t *testing.T) {
	category := stores.Category()
	from := original(t, category)
	want := read(t, from, category)
	for _, missing := range []int{0, 1, 100} {
		_, err := copier(twisted{from, func(n int, _ *es.Recorded) bool { return n != missing }}, memstore.New(), category).Run(t.Context())
		require.Equal(t, "copy_source_incomplete", fault.From(err).Code)
		require.Equal(t, string(want[missing].stream), fault.From(err).Details["stream"])
		require.Equal(t, fmt.Sprint(want[missing].revision+1), fault.From(err).Details["revision"])
	}
}

// What a server hides of a stream is in its log until it is scavenged, and so in the copy.
func TestCopy_HoldsWhatAServerHides(t *testing.T) {
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		category := stores.Category()
		server, to := k.Open(t), memstore.New()
		_, err := copier(original(t, category), server, category).Run(t.Context())
		require.NoError(t, err)
		want := read(t, server, category)
		hide := []func(string) error{
			func(s string) error { return k.Like.DeleteStream(t.Context(), s) },
			func(s string) error { return k.Like.TruncateStream(t.Context(), s, 2) },
			func(s string) error { return k.Like.TombstoneStream(t.Context(), s) },
		}
		hidden := map[es.Stream]bool{}
		for _, e := range want {
			if !hidden[e.stream] && len(hidden) < len(hide) {
				require.NoError(t, hide[len(hidden)](string(e.stream)))
				hidden[e.stream] = true
			}
		}
		require.Len(t, hidden, len(hide))
		_, err = copier(server, to, category).Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, read(t, to, category))
		for stream := range hidden {
			for _, err := range to.ReadStream(t.Context(), stream, 0) {
				require.NoError(t, err)
			}
		}
	})
}

func TestCopy_FollowsASourceThatIsWrittenTo(t *testing.T) {
	category := stores.Category()
	from, to := original(t, category), memstore.New()
	before := len(read(t, from, category))
	stream := es.StreamOf(category, id.New[id.Group]())
	write := func() {
		_, err := from.Append(t.Context(), stream, es.AnyRevision, []es.Proposed{event("meanwhile")})
		require.NoError(t, err)
	}
	c := copier(from, to, category)
	c.Progress = func(p logcopy.Phase, events int, _ float64) {
		if p == logcopy.Copying && events == 10 {
			write()
		}
	}
	report, err := c.Run(t.Context())
	require.NoError(t, err)
	require.True(t, report.Level)
	require.Equal(t, 1, report.Meanwhile)
	require.Equal(t, before+1, report.Events)
	require.Equal(t, read(t, from, category), read(t, to, category))

	// Faster than it can be followed, it is left behind; what was copied was compared.
	c.Progress = func(_ logcopy.Phase, events int, _ float64) {
		if events == 1 {
			write()
		}
	}
	report, err = c.Run(t.Context())
	require.NoError(t, err)
	require.False(t, report.Level)
	require.Len(t, read(t, to, category), report.Events)
	c.Progress = nil
	report, err = c.Run(t.Context())
	require.NoError(t, err)
	require.True(t, report.Level)
	require.Equal(t, read(t, from, category), read(t, to, category))
}

func TestCopy_EndsWithTheFaultOfAStore(t *testing.T) {
	category := stores.Category()
	from := original(t, category)
	from.BreakReadAfter(20, es.ErrStoreUnavailable)
	to := memstore.New()
	_, err := copier(from, to, category).Run(t.Context())
	require.ErrorIs(t, err, es.ErrStoreUnavailable)
	from.Mend()
	to.BreakReadAfter(0, errors.New("broken"))
	_, err = copier(from, to, category).Run(t.Context())
	require.ErrorContains(t, err, "broken")
}

// openNode runs an embedded node of this process.
func openNode(t *testing.T) logcopy.Node {
	t.Helper()
	node, err := eventnode.Open(eventnode.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, node.Close(context.WithoutCancel(t.Context()))) })
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	return logcopy.Node{Store: store, Node: node}
}

// A node of this process takes many appends at once, and keeps the order of the log.
func TestNode(t *testing.T) {
	category := stores.Category()
	from := original(t, category)
	want := read(t, from, category)
	whole, err := copier(from, memstore.New(), category).Run(t.Context())
	require.NoError(t, err)
	t.Run("a copy into it is that of any store", func(t *testing.T) {
		to := openNode(t)
		report, err := copier(from, to, category).Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, whole, report)
		require.Equal(t, want, read(t, to, category))
	})
	t.Run("a copy that is broken off leaves a beginning of the log", func(t *testing.T) {
		for _, after := range []int{1, 5, 20, 100} {
			to := openNode(t)
			ctx, cancel := context.WithCancel(t.Context())
			c := copier(from, to, category)
			c.Progress = func(_ logcopy.Phase, events int, _ float64) {
				if events == after {
					cancel()
				}
			}
			_, err := c.Run(ctx)
			require.Error(t, err)
			held := read(t, to, category)
			require.Equal(t, want[:len(held)], append([]kept{}, held...))
			report, err := copier(from, to, category).Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, whole.Hash, report.Hash)
			require.Equal(t, len(want)-len(held), report.Copied)
		}
	})
	t.Run("what somebody else writes while it is copied to is found", func(t *testing.T) {
		to := openNode(t)
		c := copier(from, to, category)
		c.Progress = func(_ logcopy.Phase, events int, _ float64) {
			if events == 1 {
				_, err := to.Append(t.Context(), want[0].stream, es.AnyRevision, []es.Proposed{event("other")})
				require.NoError(t, err)
			}
		}
		_, err := c.Run(t.Context())
		require.Equal(t, "copy_differs", fault.From(err).Code)
	})
}
