package eventstore_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// traffic uses one store for everything at once, without pause and without ever
// being restarted: writers that repeat what they do not know the outcome of,
// readers, and a subscription that is continued after the last signal seen.
type traffic struct {
	store *eventstore.Store
	over  <-chan struct{}
	stop  context.CancelFunc
	work  sync.WaitGroup
	// finish ends the writers once they know of their last append.
	finish  chan struct{}
	writing sync.WaitGroup
	steps   chan string
	writes  []written
	mu      sync.Mutex
	failed  error
	// followed is what the subscription saw, in order.
	followed []id.Event
	// unsure counts the appends whose outcome had to be found out.
	unsure int
}

// written is the stream of one writer and what it was told to be in it.
type written struct {
	stream es.Stream
	kept   []id.Event
}

const trafficWriters = 3

func startTraffic(t *testing.T, s *eventstore.Store) *traffic {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	f := &traffic{store: s, over: ctx.Done(), stop: cancel, finish: make(chan struct{}), steps: make(chan string), writes: make([]written, trafficWriters)}
	for w := range f.writes {
		f.writes[w].stream = newStream()
		f.writing.Go(func() { f.write(ctx, &f.writes[w]) })
	}
	f.work.Go(func() { f.read(ctx, f.writes[0].stream) })
	f.work.Go(func() { f.follow(ctx) })
	t.Cleanup(func() { cancel(); f.writing.Wait(); f.work.Wait() })
	return f
}

// step reports that one thing was done.
func (f *traffic) step(ctx context.Context, what string) {
	select {
	case f.steps <- what:
	case <-ctx.Done():
	}
}

// isSure reports whether no append has lost its answer so far.
func (f *traffic) isSure() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.unsure == 0
}

func (f *traffic) isFinishing() bool {
	select {
	case <-f.finish:
		return true
	default:
		return false
	}
}

func (f *traffic) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = errors.Join(f.failed, err)
	f.stop()
}

func (f *traffic) write(ctx context.Context, w *written) {
	for n := 0; ctx.Err() == nil && !f.isFinishing(); n++ {
		events := proposals(1, 200)
		for known := false; !known; {
			done, err := f.store.Append(ctx, w.stream, es.At(es.Revision(n-1)), events)
			switch {
			case err == nil && done.Revision != es.Revision(n):
				f.fail(errors.New("an append ended at another revision"))
				return
			case err == nil:
				known = true
			case ctx.Err() != nil:
				return
			case errors.Is(err, es.ErrOutcomeUnknown):
				f.mu.Lock()
				f.unsure++
				f.mu.Unlock()
				f.step(ctx, "unknown")
			case !errors.Is(err, es.ErrStoreUnavailable):
				f.fail(err)
				return
			}
		}
		f.mu.Lock()
		w.kept = append(w.kept, events[0].ID)
		f.mu.Unlock()
		f.step(ctx, "append")
	}
}

// read reads a growing stream; what it is shown must be gapless and never less
// than before.
func (f *traffic) read(ctx context.Context, stream es.Stream) {
	seen := 0
	for ctx.Err() == nil {
		n := 0
		err := func() error {
			for e, err := range f.store.ReadStream(ctx, stream, 0) {
				if err != nil {
					return err
				}
				if e.Revision != es.Revision(n) {
					return errors.New("a read has a gap")
				}
				n++
			}
			return nil
		}()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && n < seen:
			f.fail(errors.New("a read that ended cleanly was cut short"))
		case err == nil:
			seen = n
			f.step(ctx, "read")
		case !errors.Is(err, es.ErrStoreUnavailable):
			f.fail(err)
		}
	}
}

func (f *traffic) follow(ctx context.Context) {
	after := es.Position{}
	for ctx.Err() == nil {
		for signal, err := range f.store.Subscribe(ctx, []es.Category{"chart"}, after) {
			if err != nil {
				if ctx.Err() == nil && !errors.Is(err, es.ErrStoreUnavailable) {
					f.fail(err)
				}
				break
			}
			if signal.Checkpoint != nil {
				after = *signal.Checkpoint
			}
			if signal.Event != nil {
				after = signal.Event.Position
				f.mu.Lock()
				f.followed = append(f.followed, signal.Event.ID)
				f.mu.Unlock()
				f.step(ctx, "signal")
			}
		}
	}
}

// goesOn waits until everything was done some more times.
func (f *traffic) goesOn(t *testing.T) {
	t.Helper()
	f.until(t, map[string]int{"append": 60, "read": 5, "signal": 60})
}

// isLost waits until every writer has lost an answer.
func (f *traffic) isLost(t *testing.T) {
	t.Helper()
	f.until(t, map[string]int{"unknown": trafficWriters})
}

func (f *traffic) until(t *testing.T, missing map[string]int) {
	t.Helper()
	for len(missing) > 0 {
		select {
		case what := <-f.steps:
			if missing[what]--; missing[what] <= 0 {
				delete(missing, what)
			}
		case <-f.over:
			f.halted(t)
		}
	}
}

// halted fails because the traffic ended before it was told to.
func (f *traffic) halted(t *testing.T) {
	t.Helper()
	f.writing.Wait()
	f.work.Wait()
	require.NoError(t, f.failed)
	require.Fail(t, "the traffic came to a halt")
}

// end stops the traffic and compares everything with everything: each stream
// holds exactly what its writer was told, the log is the union of the streams,
// and the subscription saw each event once, in the order of the log.
func (f *traffic) end(t *testing.T) {
	t.Helper()
	close(f.finish)
	written := make(chan struct{})
	go func() { f.writing.Wait(); close(written) }()
	total := 0
	for unfinished := true; unfinished || f.seen() < total; {
		select {
		case <-f.steps:
		case <-written:
			unfinished, written = false, nil
			for _, w := range f.writes {
				total += len(w.kept)
			}
		case <-f.over:
			f.halted(t)
		}
	}
	f.stop()
	f.work.Wait()
	require.NoError(t, f.failed)
	for _, w := range f.writes {
		require.Equal(t, w.kept, idsOf(t, f.store.ReadStream(t.Context(), w.stream, 0)), "every acknowledged event once, at its place, and no other")
	}
	all := idsOf(t, f.store.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{}))
	require.Len(t, all, total, "the log is the union of the streams")
	require.Len(t, slices.Compact(slices.SortedFunc(slices.Values(all), compareIDs)), total, "no event is in the log twice")
	require.Equal(t, all, f.followed, "the subscription saw each event once, in the order of the log")
}

// seen is how many events the subscription has seen.
func (f *traffic) seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.followed)
}

func compareIDs(a, b id.Event) int { return slices.Compare(a[:], b[:]) }
