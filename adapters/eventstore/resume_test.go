package eventstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// follower is a projection reduced to its position: it subscribes after the last
// signal it saw, whatever ended the subscription before, and writes down what it
// is shown. Between signals, life goes on: its own events and foreign ones are
// appended, the node restarts, the subscription is given up and taken up again.
type follower struct {
	srv        *server
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
	restartNode = "restart the node"
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
			for i, e := range events {
				// The last event of an append lies at its position, the others before.
				back := uint64(len(events) - 1 - i)
				f.mine = append(f.mine, recordedAt{e.ID, es.Position{Commit: done.Position.Commit - back, Prepare: done.Position.Prepare - back}})
			}
		}
	}
}

// TestSubscription_SeesEachEventOnce is the property that every read model
// stands on: whatever is appended to whatever category, however often the node
// restarts or the reader resumes, at an event or at a checkpoint, idle or busy,
// each event of the asked categories is seen exactly once and in order, and no
// checkpoint ever lies beyond an event that was not seen.
func TestSubscription_SeesEachEventOnce(t *testing.T) {
	base := t
	checkpoints, restarts, resumed := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		ctx, cancel := context.WithTimeout(base.Context(), 20*time.Second)
		defer cancel()
		srv := startServer(base)
		defer func() { stopNode(base, srv.node) }()
		// A category whose name begins like an asked one is foreign all the same.
		own := rapid.SampledFrom([][]es.Category{{"chart"}, {"chart", "invoice"}, {"invoice", "chart", "group"}}).Draw(t, "filter")
		foreign := []es.Category{"chartx", "noise", "invoiceSeries"}
		store := srv.open(base)
		defer store.Close()
		f := &follower{srv: srv, store: store, categories: own, ends: map[es.Stream]es.Revision{}}

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
					happening := rapid.SampledFrom([]string{appendOwn, appendOwn, appendNoise, appendMuch, restartNode, takeUpAgain, justGoOn}).Draw(t, "happening")
					switch happening {
					case appendOwn:
						f.append(ctx, t, es.Stream(rapid.SampledFrom(own).Draw(t, "category")+"-1"), rapid.IntRange(1, 150).Draw(t, "events"))
						idle = false
					case appendNoise:
						f.append(ctx, t, es.Stream(rapid.SampledFrom(foreign).Draw(t, "category")+"-1"), rapid.IntRange(1, 40).Draw(t, "events"))
					case appendMuch:
						f.append(ctx, t, es.Stream(rapid.SampledFrom(foreign).Draw(t, "category")+"-1"), rapid.IntRange(2040, 2060).Draw(t, "events"))
					case restartNode:
						srv.stop(base)
						srv.start(base)
						restarts++
						again = true
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
	base.Logf("%d checkpoints, %d restarts, resumed %d times", checkpoints, restarts, resumed)
	require.Positive(base, checkpoints)
	require.Positive(base, restarts)
	require.Positive(base, resumed)
}
