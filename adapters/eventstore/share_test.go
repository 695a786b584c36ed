package eventstore_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/adapters/storetest"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/stores"
)

// TestShared_Conforms: whoever subscribes through it is served as by the store.
func TestShared_Conforms(t *testing.T) {
	stores.Each(t, func(t *testing.T, k stores.Kind) {
		storetest.Run(t, func(t testing.TB) storetest.Store { return eventstore.Share(k.Open(t)) })
	})
}

// TestFoundR1_AServerAsksForThePassOnce: read models and processes that start at
// about the same place pass over another application's events together.
func TestFoundR1_AServerAsksForThePassOnce(t *testing.T) {
	const foreign = 20_000
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		store := k.Open(t)
		shared := eventstore.Share(store)
		shared.Readers = 6
		one, two := stores.Category(), stores.Category()
		append2 := func(c es.Category) es.Position {
			done, err := store.Append(t.Context(), es.StreamOf(c, id.New[id.Group]()), es.At(es.NoStream), proposals(2, 1))
			require.NoError(t, err)
			return done.Position
		}
		early, late := append2(one), append2(two)
		require.NoError(t, k.Like.Foreign(t.Context(), foreign))
		append2(one)
		append2(two)
		k.Like.ResetTraffic()

		var readers sync.WaitGroup
		seen := make([]int, 6)
		for i := range seen {
			// Three at one place with both categories, three at another with one.
			categories, after, want := []es.Category{one, two}, early, 6
			if i%2 == 1 {
				categories, after, want = []es.Category{two}, late, 2
			}
			readers.Go(func() {
				for signal, err := range shared.Subscribe(t.Context(), categories, after) {
					if err != nil {
						return
					}
					if signal.Event != nil {
						seen[i]++
					}
					if signal.CaughtUp && seen[i] >= want {
						return
					}
				}
			})
		}
		readers.Wait()
		require.Equal(t, []int{6, 2, 6, 2, 6, 2}, seen)
		require.Equal(t, int64(1), k.Like.Traffic().Subscriptions)
		require.InDelta(t, foreign, k.Like.Traffic().Considered, 50)
		require.Equal(t, int64(6), k.Like.Traffic().Delivered)
	})
}

// A reader of events that hardly ever come is told how far the others are: at the end
// of the log, and now and then afterwards. Where it is left behind, the next start
// passes over the log twice.
func TestFoundR1_AReaderOfRareEventsIsNotLeftBehind(t *testing.T) {
	store := openSocket(t, startNode(t, t.TempDir()))
	shared := eventstore.Share(store)
	shared.Readers = 2
	busy, rare := streamOf(t), stores.Category()
	at := es.NoStream
	add := func(n int) es.Position {
		done, err := store.Append(t.Context(), busy, es.At(at), proposals(n, 1))
		require.NoError(t, err)
		at = done.Revision
		return done.Position
	}
	begin, tail := add(1), add(5)

	var others sync.WaitGroup
	defer others.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	others.Go(func() {
		for _, err := range shared.Subscribe(ctx, []es.Category{busy.Category(), rare}, begin) {
			if err != nil {
				return
			}
		}
	})
	var told []es.Position
	for signal, err := range shared.Subscribe(t.Context(), []es.Category{rare}, begin) {
		require.NoError(t, err)
		require.Nil(t, signal.Event)
		if signal.Checkpoint != nil {
			told = append(told, *signal.Checkpoint)
		}
		if signal.CaughtUp {
			require.Equal(t, []es.Position{tail}, told, "where it has caught up")
			for n := 0; n < 2_000; n += es.MaxAppendSize {
				add(es.MaxAppendSize)
			}
		}
		if len(told) > 1 {
			break
		}
	}
	require.True(t, tail.Before(told[1]))
}

func TestShared_WhoComesLaterAndWhoIsSlow(t *testing.T) {
	store := openSocket(t, startNode(t, t.TempDir()))
	shared := eventstore.Share(store)
	stream := streamOf(t)
	at := es.NoStream
	add := func(n int) es.Position {
		done, err := store.Append(t.Context(), stream, es.At(at), proposals(n, 1))
		require.NoError(t, err)
		at = done.Revision
		return done.Position
	}
	begin := add(1)
	categories := []es.Category{stream.Category()}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	// A reader that takes one signal and then nothing.
	stuck, release := make(chan struct{}), make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	var end error
	readers.Go(func() {
		first := true
		for _, err := range shared.Subscribe(ctx, categories, begin) {
			if end = err; err != nil {
				return
			}
			if first {
				first = false
				close(stuck)
				<-release
			}
		}
	})
	<-stuck
	live := 0
	for signal, err := range shared.Subscribe(ctx, categories, begin) {
		require.NoError(t, err)
		if signal.CaughtUp && live == 0 {
			for range 50 {
				add(es.MaxAppendSize)
			}
		}
		if signal.Event != nil {
			live++
		}
		if live == 5_000 {
			break
		}
	}
	close(release)
	readers.Wait()
	require.ErrorIs(t, end, es.ErrStoreUnavailable)
	require.ErrorContains(t, end, "more slowly than the others")
}

func streamOf(t *testing.T) es.Stream {
	t.Helper()
	return es.StreamOf(stores.Category(), id.New[id.Group]())
}
