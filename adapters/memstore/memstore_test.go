package memstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/adapters/storetest"
	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
)

var (
	_ commands.Store     = (*memstore.Store)(nil)
	_ projections.Source = (*memstore.Store)(nil)
)

func TestStore_Conforms(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Store { return memstore.New() })
}

const stream = es.Stream("chart-7b7ec1c2-6e0b-4c3b-9a59-0f1f3f8a4f11")

func event(n string) es.Proposed {
	return es.Proposed{ID: id.Derive[id.Event](n), Type: "chart.opened", Data: []byte(`{}`), Metadata: []byte(`{}`)}
}

func TestStore_IsDeterministic(t *testing.T) {
	s := memstore.New()
	done, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a"), event("b")})
	require.NoError(t, err)
	require.Equal(t, es.Appended{Revision: 1, Position: es.Position{Commit: 2, Prepare: 2}}, done)
	var at []time.Time
	for e, err := range s.ReadStream(t.Context(), stream, 0) {
		require.NoError(t, err)
		at = append(at, e.RecordedAt)
	}
	require.Equal(t, []time.Time{time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 2, 0, time.UTC)}, at)
}

func TestStore_TakesItsTimeFromTheClock(t *testing.T) {
	noon := time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	s := memstore.New(memstore.WithClock(func() time.Time { return noon }))
	_, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a")})
	require.NoError(t, err)
	for e, err := range s.ReadStream(t.Context(), stream, 0) {
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), e.RecordedAt)
	}
}

func TestStore_FailsOnDemand(t *testing.T) {
	always := func(err error) memstore.AppendHook {
		return func(es.Stream, []es.Proposed) error { return err }
	}
	count := func(t *testing.T, s *memstore.Store) (n int, end error) {
		t.Helper()
		for _, err := range s.ReadStream(t.Context(), stream, 0) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}

	t.Run("a failed append keeps nothing", func(t *testing.T) {
		s := memstore.New()
		s.FailAppend(always(es.ErrStoreUnavailable))
		_, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a")})
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
		n, err := count(t, s)
		require.NoError(t, err)
		require.Zero(t, n)
	})
	t.Run("after a lost answer the events are there and a retry finds out", func(t *testing.T) {
		s := memstore.New()
		s.LoseAnswer(always(es.ErrOutcomeUnknown))
		_, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a")})
		require.ErrorIs(t, err, es.ErrOutcomeUnknown)
		s.Mend()
		done, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a")})
		require.NoError(t, err)
		require.Equal(t, es.Revision(0), done.Revision)
		n, err := count(t, s)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
	t.Run("a broken read ends with its error after n events", func(t *testing.T) {
		s := memstore.New()
		_, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a"), event("b")})
		require.NoError(t, err)
		broken := errors.New("broken")
		for n := range 3 {
			s.BreakReadAfter(n, broken)
			got, err := count(t, s)
			require.ErrorIs(t, err, broken)
			require.Equal(t, n, got)
		}
		s.BreakReadAfter(3, broken)
		got, err := count(t, s)
		require.NoError(t, err)
		require.Equal(t, 2, got)
	})
	t.Run("a broken subscription ends with its error after n events", func(t *testing.T) {
		s := memstore.New()
		_, err := s.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{event("a"), event("b")})
		require.NoError(t, err)
		broken := errors.New("broken")
		s.BreakReadAfter(1, broken)
		n := 0
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for signal, err := range s.Subscribe(ctx, []es.Category{"chart"}, es.Position{}) {
			if err != nil {
				require.ErrorIs(t, err, broken)
				break
			}
			require.NotNil(t, signal.Event)
			n++
		}
		require.Equal(t, 1, n)
	})
}
