package storetest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/conformance"
	"praxis/adapters/memstore"
	"praxis/domain/es"
	"praxis/domain/id"
)

// TestChecks_DetectBrokenStores breaks a conforming store in one way at a time
// and requires that the named checks, at least, fail. A suite that nothing can
// fail would prove nothing.
func TestChecks_DetectBrokenStores(t *testing.T) {
	const (
		long         = "long streams are read whole, by stream and by category"
		order        = "the order of all events is the order of the appends"
		union        = "all events are the union of the streams"
		restarted    = "a subscription restarted after any event sees each event exactly once"
		atCheckpoint = "a subscription restarted at a checkpoint loses and repeats nothing"
		live         = "a subscription goes on with what is appended after it caught up"
		midway       = "a read whose context ends midway ends with its error, not cleanly"
		ends         = "a subscription ends with its context's error"
		repeated     = "a repeated append is answered with its first result and keeps nothing twice"
		refused      = "an append at another revision is refused and keeps nothing"
		one          = "of concurrent appends at one revision exactly one wins"
		exact        = "data and metadata come back byte for byte"
		event64      = "an event of 64 KiB is kept and one byte more is refused"
		closed       = "a closed store ends subscriptions and refuses everything"
		tail         = "the tail is the position of the last event"
	)
	dropThird := func(n int, e es.Recorded) []es.Recorded {
		if n == 2 {
			return nil
		}
		return []es.Recorded{e}
	}
	doubleThird := func(n int, e es.Recorded) []es.Recorded {
		if n == 2 {
			return []es.Recorded{e, e}
		}
		return []es.Recorded{e}
	}
	for name, tt := range map[string]struct {
		store  func(s *memstore.Store) conformance.Store
		caught []string
	}{
		"drops an event of a stream": {
			func(s *memstore.Store) conformance.Store { return &badStream{s, altered(dropThird)} },
			[]string{long, union, refused},
		},
		"doubles an event of a stream": {
			func(s *memstore.Store) conformance.Store { return &badStream{s, altered(doubleThird)} },
			[]string{long, refused},
		},
		"reorders a stream": {
			func(s *memstore.Store) conformance.Store { return &badStream{s, swapped} },
			[]string{long, repeated},
		},
		"ends a stream early without an error": {
			func(s *memstore.Store) conformance.Store { return &badStream{s, cutAt(4096)} },
			[]string{long},
		},
		"takes a read error for the end": {
			func(s *memstore.Store) conformance.Store { return &badStream{s, swallowed} },
			[]string{midway, closed},
		},
		"drops an event of the order": {
			func(s *memstore.Store) conformance.Store { return &badOrder{s, altered(dropThird)} },
			[]string{long, order, union},
		},
		"doubles an event of the order": {
			func(s *memstore.Store) conformance.Store { return &badOrder{s, altered(doubleThird)} },
			[]string{long, order, union},
		},
		"reorders the order": {
			func(s *memstore.Store) conformance.Store { return &badOrder{s, swapped} },
			[]string{long, order},
		},
		"ends the order early without an error": {
			func(s *memstore.Store) conformance.Store { return &badOrder{s, cutAt(4096)} },
			[]string{long},
		},
		"reads the order inclusively": {
			func(s *memstore.Store) conformance.Store { return &inclusiveOrder{s} },
			[]string{long},
		},
		"drops an event of a subscription": {
			func(s *memstore.Store) conformance.Store { return &badFeed{s, altered(dropThird)} },
			[]string{restarted, live, atCheckpoint},
		},
		"doubles an event of a subscription": {
			func(s *memstore.Store) conformance.Store { return &badFeed{s, altered(doubleThird)} },
			[]string{restarted, live},
		},
		"subscribes inclusively": {
			func(s *memstore.Store) conformance.Store { return &inclusiveFeed{s} },
			[]string{restarted},
		},
		"sends checkpoints too far ahead": {
			func(s *memstore.Store) conformance.Store { return &hastyCheckpoints{s} },
			[]string{atCheckpoint},
		},
		"ends a subscription without an error": {
			func(s *memstore.Store) conformance.Store { return &silentFeed{s} },
			[]string{ends, closed},
		},
		"keeps a repeated append twice": {
			func(s *memstore.Store) conformance.Store { return &forgetful{s} },
			[]string{repeated},
		},
		"ignores the expected revision": {
			func(s *memstore.Store) conformance.Store { return &careless{s} },
			[]string{refused, one},
		},
		"normalises data": {
			func(s *memstore.Store) conformance.Store { return &tidy{s} },
			[]string{exact},
		},
		"cuts large events": {
			func(s *memstore.Store) conformance.Store { return &cutting{s} },
			[]string{event64},
		},
		"lags with its tail": {
			func(s *memstore.Store) conformance.Store { return &lagging{s} },
			[]string{tail},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range conformance.Checks() {
				if slices.Contains(tt.caught, c.Name) {
					require.True(t, fails(t, hanging, c, tt.store(memstore.New())), "%q passes on a store that %s", c.Name, name)
				}
			}
			require.Subset(t, names(), tt.caught)
		})
	}
}

// TestChecks_PassOnAConformingStore makes sure that running a check this way does not fail it.
func TestChecks_PassOnAConformingStore(t *testing.T) {
	for _, c := range conformance.Checks() {
		require.False(t, fails(t, time.Minute, c, memstore.New()), c.Name)
	}
}

func names() []string {
	var all []string
	for _, c := range conformance.Checks() {
		all = append(all, c.Name)
	}
	return all
}

// hanging is how long a check may wait for an event that a broken store
// dropped before its context ends, which fails it.
const hanging = 3 * time.Second

// fails runs a check that may fail without failing the test.
func fails(t *testing.T, patience time.Duration, c conformance.Check, s conformance.Store) bool {
	t.Helper()
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return c.Run(ctx, s).Failure != ""
}

func altered(f func(n int, e es.Recorded) []es.Recorded) func(es.Events) es.Events {
	return func(events es.Events) es.Events {
		return func(yield func(es.Recorded, error) bool) {
			n := 0
			for e, err := range events {
				if err != nil {
					yield(e, err)
					return
				}
				for _, e := range f(n, e) {
					if !yield(e, nil) {
						return
					}
				}
				n++
			}
		}
	}
}

func swapped(events es.Events) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		var held []es.Recorded
		for e, err := range events {
			if err != nil {
				yield(e, err)
				return
			}
			held = append(held, e)
		}
		if len(held) > 2 {
			held[1], held[2] = held[2], held[1]
		}
		for _, e := range held {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func cutAt(n int) func(es.Events) es.Events {
	return altered(func(i int, e es.Recorded) []es.Recorded {
		if i >= n {
			return nil
		}
		return []es.Recorded{e}
	})
}

func swallowed(events es.Events) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		for e, err := range events {
			if err != nil || !yield(e, nil) {
				return
			}
		}
	}
}

type badStream struct {
	*memstore.Store
	alter func(es.Events) es.Events
}

func (s *badStream) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	return s.alter(s.Store.ReadStream(ctx, stream, from))
}

type badOrder struct {
	*memstore.Store
	alter func(es.Events) es.Events
}

func (s *badOrder) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return s.alter(s.Store.ReadAll(ctx, categories, after))
}

type inclusiveOrder struct{ *memstore.Store }

func (s *inclusiveOrder) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return s.Store.ReadAll(ctx, categories, before(after))
}

func before(p es.Position) es.Position {
	if p.Commit > 0 {
		p.Commit, p.Prepare = p.Commit-1, p.Prepare-1
	}
	return p
}

type badFeed struct {
	*memstore.Store
	alter func(es.Events) es.Events
}

func (s *badFeed) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		n := 0
		var kept []es.Recorded
		for signal, err := range s.Store.Subscribe(ctx, categories, after) {
			if err != nil || signal.Event == nil {
				if !yield(signal, err) || err != nil {
					return
				}
				continue
			}
			// Each event is judged by its number in this subscription.
			events := func(yield func(es.Recorded, error) bool) {
				for range n {
					if !yield(es.Recorded{}, nil) {
						return
					}
				}
				yield(*signal.Event, nil)
			}
			kept = kept[:0]
			for e, err := range s.alter(events) {
				if err == nil && e.ID != (id.Event{}) {
					kept = append(kept, e)
				}
			}
			n++
			for _, e := range kept {
				if !yield(es.Signal{Event: &e}, nil) {
					return
				}
			}
		}
	}
}

type inclusiveFeed struct{ *memstore.Store }

func (s *inclusiveFeed) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return s.Store.Subscribe(ctx, categories, before(after))
}

type hastyCheckpoints struct{ *memstore.Store }

func (s *hastyCheckpoints) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		tail, err := s.Tail(ctx)
		if err != nil {
			yield(es.Signal{}, err)
			return
		}
		if !yield(es.Signal{Checkpoint: &tail}, nil) {
			return
		}
		s.Store.Subscribe(ctx, categories, after)(yield)
	}
}

type silentFeed struct{ *memstore.Store }

func (s *silentFeed) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for signal, err := range s.Store.Subscribe(ctx, categories, after) {
			if err != nil || !yield(signal, nil) {
				return
			}
		}
	}
}

type forgetful struct{ *memstore.Store }

func (s *forgetful) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	renamed := slices.Clone(events)
	for i := range renamed {
		renamed[i].ID = id.New[id.Event]()
	}
	return s.Store.Append(ctx, stream, expected, renamed)
}

type careless struct{ *memstore.Store }

func (s *careless) Append(ctx context.Context, stream es.Stream, _ es.Expected, events []es.Proposed) (es.Appended, error) {
	return s.Store.Append(ctx, stream, es.AnyRevision, events)
}

type tidy struct{ *memstore.Store }

func (s *tidy) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	trimmed := slices.Clone(events)
	for i, e := range trimmed {
		trimmed[i].Data = slices.DeleteFunc(slices.Clone(e.Data), func(b byte) bool { return b == ' ' || b == '\n' })
	}
	return s.Store.Append(ctx, stream, expected, trimmed)
}

type cutting struct{ *memstore.Store }

func (s *cutting) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	cut := slices.Clone(events)
	for i, e := range cut {
		cut[i].Data = e.Data[:min(len(e.Data), 32<<10)]
	}
	return s.Store.Append(ctx, stream, expected, cut)
}

type lagging struct{ *memstore.Store }

func (s *lagging) Tail(ctx context.Context) (es.Position, error) {
	at, err := s.Store.Tail(ctx)
	return before(at), err
}
