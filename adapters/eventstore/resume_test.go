package eventstore_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/stores"
)

// follower is a projection reduced to its position: it subscribes after the last
// signal it saw, whatever ended the subscription before, and writes down what it
// is shown. Between signals, life goes on: its own events and foreign ones are
// appended, the node restarts, the subscription is given up and taken up again.
type follower struct {
	store      *eventstore.Store
	categories []es.Category
	at         es.Position
	got        []id.Event
	// vouched are the checkpoints, with how many events had been seen by then.
	vouched []vouched

	ends map[es.Stream]es.Revision
	mine []recordedAt
}

type vouched struct {
	at   es.Position
	seen int
}

// recordedAt is an event the follower must see, and where it lies.
type recordedAt struct {
	event id.Event
	at    es.Position
}

// What can happen between two signals.
const (
	appendOwn   = "append own events"
	appendNoise = "append some foreign events"
	appendMuch  = "append so many foreign events that a checkpoint is due"
	disturb     = "disturb the subscription"
	takeUpAgain = "give up the subscription and take it up again"
	justGoOn    = "go on"
)

// append keeps n events, in appends of at most 100, in a stream of a category.
func (f *follower) append(ctx context.Context, t require.TestingT, stream es.Stream, n int) {
	for n > 0 {
		events := proposals(min(n, es.MaxAppendSize), 1)
		n -= len(events)
		end, grown := f.ends[stream]
		if !grown {
			end = es.NoStream
		}
		done, err := f.store.Append(ctx, stream, es.At(end), events)
		require.NoError(t, err)
		f.ends[stream] = done.Revision
		if slices.Contains(f.categories, stream.Category()) {
			for e, err := range f.store.ReadStream(ctx, stream, end+1) {
				require.NoError(t, err)
				f.mine = append(f.mine, recordedAt{e.ID, e.Position})
			}
		}
	}
}

// TestSubscription_SeesEachEventOnce is the property that every read model
// stands on: whatever is appended to whatever category, however often the node
// restarts or the reader resumes, at an event or at a checkpoint, idle or busy,
// each event of the asked categories is seen exactly once and in order, and no
// checkpoint ever lies beyond an event that was not seen.
//
// The embedded node is disturbed by a restart; on a server, a subscriber that is
// live is dropped or set back to reading.
func TestSubscription_SeesEachEventOnce(t *testing.T) {
	t.Run("the embedded node", func(t *testing.T) {
		seesEachEventOnce(t, 100, func(t *testing.T) world {
			srv := startServer(t)
			return world{
				open:    srv.open,
				disturb: func() (over bool) { srv.stop(t); srv.start(t); return true },
				close:   func() { stopNode(t, srv.node) },
			}
		})
	})
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		seesEachEventOnce(t, 30, func(*testing.T) world {
			return world{
				open:    k.Open,
				disturb: func() (over bool) { k.Like.DropSlow(); return false },
				close:   func() {},
			}
		})
	})
}

// world is the store of one run. disturb says whether the subscription is over by
// it; else that shows, if it is.
type world struct {
	open    func(testing.TB) *eventstore.Store
	disturb func() (over bool)
	close   func()
}

// seesEachEventOnce tries it, up to so many times.
func seesEachEventOnce(base *testing.T, most int, start func(*testing.T) world) {
	checkpoints, disturbed, resumed, tried := 0, 0, 0, 0
	rapid.Check(base, func(t *rapid.T) {
		if tried++; tried > most {
			return
		}
		ctx, cancel := context.WithTimeout(base.Context(), 20*time.Second)
		defer cancel()
		w := start(base)
		defer w.close()
		// A category whose name begins like an asked one is foreign all the same.
		own := rapid.SampledFrom([][]es.Category{{"chart"}, {"chart", "invoice"}, {"invoice", "chart", "group"}}).Draw(t, "filter")
		foreign := []es.Category{"chartx", "noise", "invoiceSeries"}
		store := w.open(base)
		defer store.Close()
		// The log may hold what an earlier run left.
		run := es.Stream("-" + strings.ToLower(id.New[id.Group]().String()))
		begin, err := store.Tail(ctx)
		require.NoError(t, err)
		f := &follower{store: store, categories: own, at: begin, ends: map[es.Stream]es.Revision{}}

		steps := rapid.IntRange(2, 8).Draw(t, "steps")
		for done := false; !done; {
			caughtUp := false
			for signal, err := range f.store.Subscribe(ctx, f.categories, f.at) {
				if err != nil {
					require.ErrorIs(t, err, es.ErrStoreUnavailable)
					require.NoError(t, ctx.Err(), "an event never came")
					break
				}
				switch {
				case signal.Event != nil:
					f.got, f.at = append(f.got, signal.Event.ID), signal.Event.Position
				case signal.Checkpoint != nil:
					f.at = *signal.Checkpoint
					f.vouched = append(f.vouched, vouched{f.at, len(f.got)})
					checkpoints++
				case signal.CaughtUp:
					caughtUp = true
				}
				// Once nothing more is on its way, only what happens here makes a signal.
				idle := caughtUp && len(f.got) == len(f.mine)
				again := false
				for steps > 0 && !again && (idle || rapid.IntRange(0, 9).Draw(t, "now") == 0) {
					steps--
					happening := rapid.SampledFrom([]string{appendOwn, appendOwn, appendNoise, appendMuch, disturb, takeUpAgain, justGoOn}).Draw(t, "happening")
					switch happening {
					case appendOwn:
						f.append(ctx, t, es.Stream(rapid.SampledFrom(own).Draw(t, "category"))+run, rapid.IntRange(1, 150).Draw(t, "events"))
						idle = false
					case appendNoise:
						f.append(ctx, t, es.Stream(rapid.SampledFrom(foreign).Draw(t, "category"))+run, rapid.IntRange(1, 40).Draw(t, "events"))
					case appendMuch:
						f.append(ctx, t, es.Stream(rapid.SampledFrom(foreign).Draw(t, "category"))+run, rapid.IntRange(2040, 2060).Draw(t, "events"))
					case disturb:
						disturbed++
						again, idle = w.disturb(), false
					case takeUpAgain:
						resumed++
						again = true
					}
				}
				if done = caughtUp && steps == 0 && len(f.got) >= len(f.mine); done || again {
					break
				}
			}
		}

		var want []id.Event
		for _, e := range f.mine {
			want = append(want, e.event)
		}
		require.Equal(t, want, f.got)
		for _, v := range f.vouched {
			unseen := slices.IndexFunc(f.mine[v.seen:], func(e recordedAt) bool { return !v.at.Before(e.at) })
			require.Equal(t, -1, unseen, "a checkpoint lies beyond an event that was not seen")
		}
	})
	base.Logf("%d checkpoints, disturbed %d and resumed %d times", checkpoints, disturbed, resumed)
	require.Positive(base, checkpoints)
	require.Positive(base, disturbed)
	require.Positive(base, resumed)
}
