package conformance_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/conformance"
	"praxis/adapters/memstore"
	"praxis/domain/es"
)

// ticking is a clock that a second passes on whenever it is read.
func ticking() func() time.Time {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return func() time.Time { at = at.Add(time.Second); return at }
}

func plan(open func() (conformance.Store, error)) conformance.Plan {
	return conformance.Plan{Open: open, Patience: time.Minute, Clock: ticking()}
}

func TestRun_ReportsEveryCheck(t *testing.T) {
	s := staying{memstore.New(), map[es.Stream]bool{}, new(sync.Mutex)}
	p := plan(func() (conformance.Store, error) { return s, nil })
	var heard []conformance.Row
	// Long enough for every check but the one that waits for this store to close.
	p.Patience = 5 * time.Second
	p.Progress = func(r conformance.Row) { heard = append(heard, r) }
	report, err := conformance.Run(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, heard, report.Rows)
	require.Len(t, report.Rows, len(conformance.Checks()))
	for i, c := range conformance.Checks() {
		want := conformance.Row{Check: c.Name, Passed: true, Took: time.Second}
		if strings.HasPrefix(c.Name, "a closed store") {
			// The store above stays open for the next check.
			require.False(t, report.Rows[i].Passed)
			continue
		}
		require.Equal(t, want, report.Rows[i])
	}
	require.Equal(t, 1, report.Failed())

	t.Run("what is left behind is counted and bears the prefix", func(t *testing.T) {
		tail, err := s.Tail(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, report.Events, tail.Commit)
		require.Len(t, s.kept, report.Streams)
		for stream := range s.kept {
			require.True(t, strings.HasPrefix(string(stream), conformance.Prefix), stream)
		}
	})
}

// staying is a store that is shared by all checks, so it stays open, and knows
// the names of its streams.
type staying struct {
	*memstore.Store
	kept map[es.Stream]bool
	mu   *sync.Mutex
}

func (staying) Close() {}

func (s staying) Append(ctx context.Context, stream es.Stream, at es.Expected, events []es.Proposed) (es.Appended, error) {
	done, err := s.Store.Append(ctx, stream, at, events)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.kept[stream] = true
	}
	return done, err
}

// deaf is a store whose appends fail.
type deaf struct{ *memstore.Store }

func (deaf) Append(context.Context, es.Stream, es.Expected, []es.Proposed) (es.Appended, error) {
	return es.Appended{}, es.ErrStoreUnavailable.Because(errors.New("the disk is full"))
}

func TestRun_SaysWhatFailed(t *testing.T) {
	report, err := conformance.Run(t.Context(), plan(func() (conformance.Store, error) { return deaf{memstore.New()}, nil }))
	require.NoError(t, err)
	require.Greater(t, report.Failed(), len(report.Rows)/2)
	require.False(t, report.Rows[0].Passed)
	require.Contains(t, report.Rows[0].Failure, "cannot be reached")
	require.Contains(t, report.Rows[0].Failure, "the disk is full")
	require.Zero(t, report.Events)
}

// halting is a store whose subscriptions panic.
type halting struct{ *memstore.Store }

func (halting) Subscribe(context.Context, []es.Category, es.Position) es.Feed { panic("halted") }

func TestRun_SurvivesAPanic(t *testing.T) {
	report, err := conformance.Run(t.Context(), plan(func() (conformance.Store, error) { return halting{memstore.New()}, nil }))
	require.NoError(t, err)
	require.Positive(t, report.Failed())
}

func TestRun_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := plan(func() (conformance.Store, error) { return memstore.New(), nil })
	p.Progress = func(conformance.Row) { cancel() }
	report, err := conformance.Run(ctx, p)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, report.Rows, 1)
}

func TestRun_FailsWhenTheStoreCannotBeOpened(t *testing.T) {
	closed := errors.New("no such store")
	_, err := conformance.Run(t.Context(), plan(func() (conformance.Store, error) { return nil, closed }))
	require.ErrorIs(t, err, closed)
}

// moody is a store that drops every subscription after two signals, as a server drops
// a subscriber that it finds too slow.
type moody struct{ *memstore.Store }

func (s moody) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		n := 0
		for signal, err := range s.Store.Subscribe(ctx, categories, after) {
			if !yield(signal, err) {
				return
			}
			if n++; n == 2 && err == nil {
				yield(es.Signal{}, es.ErrStoreUnavailable.Because(errors.New("too slow")))
				return
			}
		}
	}
}

// A server may drop a subscriber that it finds too slow: that is shown, and no failure.
func TestFoundR8_ASubscriptionThatIsDroppedIsResumed(t *testing.T) {
	report, err := conformance.Run(t.Context(), plan(func() (conformance.Store, error) { return moody{memstore.New()}, nil }))
	require.NoError(t, err)
	dropped := 0
	for _, row := range report.Rows {
		require.True(t, row.Passed, "%s: %s", row.Check, row.Failure)
		dropped += row.Dropped
	}
	require.Positive(t, dropped)
}
