package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/adapters/storetest"
	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/id"
)

// register is the state of one stream: its last revision, and a fingerprint of
// all its events in order.
type register struct {
	last        es.Revision
	fingerprint uint64
}

func empty() register { return register{last: es.NoStream} }

func (r register) with(e id.Event) register {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, r.fingerprint, e)
	return register{r.last + 1, h.Sum64()}
}

// question is an operation on a stream: an append of one event at a revision, or
// a read of the whole stream.
type question struct {
	stream es.Stream
	isRead bool
	event  id.Event
	at     es.Revision
}

// outcome is how an operation ended, as its client saw it.
type outcome struct {
	kind ending
	// revision is of the event kept, or where the stream was when it was refused.
	revision es.Revision
	state    register
}

type ending int

const (
	kept ending = iota
	refused
	unknown
	wasRead
)

// streamModel is what one client at a time would see. Streams are independent.
var streamModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		streams := map[es.Stream][]porcupine.Operation{}
		for _, o := range history {
			q, _ := o.Input.(question)
			streams[q.stream] = append(streams[q.stream], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range streams {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return empty() },
	Step: func(state, input, output any) (bool, any) {
		s, _ := state.(register)
		q, _ := input.(question)
		o, _ := output.(outcome)
		switch o.kind {
		case wasRead:
			return o.state == s, s
		case refused:
			return q.at != s.last && o.revision == s.last, s
		case kept:
			return q.at == s.last && o.revision == s.last+1, s.with(q.event)
		case unknown:
			// It may take effect at any time, or never: too late, it changes nothing.
			if q.at == s.last {
				return true, s.with(q.event)
			}
			return true, s
		}
		return false, s
	},
}

// recording is the history of many clients. Its clock only counts.
type recording struct {
	clock atomic.Int64
	mu    sync.Mutex
	ops   []porcupine.Operation
}

func (r *recording) add(client int, q question, began int64, o outcome) {
	op := porcupine.Operation{ClientId: client, Input: q, Call: began, Output: o, Return: r.clock.Add(1)}
	if o.kind == unknown {
		op.Return = math.MaxInt64
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, op)
}

const (
	histClients = 5
	histStreams = 3
	histOps     = 30
)

// record lets clients append and read at random and writes down what they see.
// Half of the appends with an unknown outcome are found out about by repeating
// them, the others stay unknown. between is called after every operation.
func record(ctx context.Context, s commands.Store, seed uint64, between func()) ([]porcupine.Operation, error) {
	r := &recording{}
	streams := make([]es.Stream, histStreams)
	for i := range streams {
		streams[i] = newStream()
	}
	failures := make([]error, histClients)
	var clients sync.WaitGroup
	for c := range histClients {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(c)))
			known := map[es.Stream]es.Revision{}
			for _, stream := range streams {
				known[stream] = es.NoStream
			}
			for range histOps {
				stream := streams[random.IntN(histStreams)]
				if random.IntN(3) == 0 {
					began := r.clock.Add(1)
					state, err := readRegister(ctx, s, stream)
					if err == nil {
						known[stream] = state.last
						r.add(c, question{stream: stream, isRead: true}, began, outcome{kind: wasRead, state: state})
					} else if !errors.Is(err, es.ErrStoreUnavailable) {
						failures[c] = err
						return
					}
				} else {
					q := question{stream: stream, event: id.New[id.Event](), at: known[stream]}
					began := r.clock.Add(1)
					o, err := appendOnce(ctx, s, q, random.IntN(2) == 0)
					if err != nil {
						failures[c] = err
						return
					}
					if o.kind != unknown {
						known[stream] = o.revision
					}
					r.add(c, q, began, o)
				}
				between()
			}
		})
	}
	clients.Wait()
	return r.ops, errors.Join(failures...)
}

func readRegister(ctx context.Context, s commands.Store, stream es.Stream) (register, error) {
	state := empty()
	for e, err := range s.ReadStream(ctx, stream, 0) {
		if err != nil {
			return state, err
		}
		state = state.with(e.ID)
	}
	return state, nil
}

// appendOnce makes one append. It repeats it while nothing was sent, and while
// the outcome is unknown if it is to be found out.
func appendOnce(ctx context.Context, s commands.Store, q question, findOut bool) (outcome, error) {
	events := proposals(1, 10)
	events[0].ID = q.event
	for {
		done, err := s.Append(ctx, q.stream, es.At(q.at), events)
		var wrong *es.WrongRevisionError
		switch {
		case err == nil:
			return outcome{kind: kept, revision: done.Revision}, nil
		case errors.As(err, &wrong):
			return outcome{kind: refused, revision: wrong.Actual}, nil
		case ctx.Err() != nil:
			return outcome{}, err
		case errors.Is(err, es.ErrOutcomeUnknown):
			if !findOut {
				return outcome{kind: unknown}, nil
			}
		case !errors.Is(err, es.ErrStoreUnavailable):
			return outcome{}, err
		}
	}
}

func verdict(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(streamModel, history, time.Minute)
}

// TestStore_IsLinearizable records what clients see while the node is stopped
// and started, or killed, under them.
func TestStore_IsLinearizable(t *testing.T) {
	const rounds, faults = 3, 4
	for name, start := range map[string]func(t *testing.T) (s storetest.Store, restart func()){
		"through restarts of the node": func(t *testing.T) (storetest.Store, func()) {
			srv := startServer(t)
			return srv.open(t), func() { srv.stop(t); srv.start(t) }
		},
		"through kill -9 of the node's process": func(t *testing.T) (storetest.Store, func()) {
			n := startProcessNode(t)
			return n.open(t), func() { n.restart(t) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, restart := start(t)
			unsure := 0
			for round := range rounds {
				seed := rand.Uint64()
				t.Logf("round %d, seed %d", round, seed)
				var done atomic.Int32
				due := make(chan struct{}, faults)
				var history []porcupine.Operation
				var failed error
				go func() {
					defer close(due)
					history, failed = record(t.Context(), s, seed, func() {
						if n := done.Add(1); n%(histClients*histOps/(faults+1)) == 0 && n < histClients*histOps {
							due <- struct{}{}
						}
					})
				}()
				for range due {
					restart()
				}
				require.NoError(t, failed)
				require.Equal(t, porcupine.Ok, verdict(history), "seed %d", seed)
				for _, o := range history {
					if end, _ := o.Output.(outcome); end.kind == unknown {
						unsure++
					}
				}
			}
			t.Logf("%d appends stayed unknown", unsure)
		})
	}
}

// TestLinearizability_IsRefutedForBrokenStores breaks a store on purpose; a
// checker that nothing can fail would prove nothing.
func TestLinearizability_IsRefutedForBrokenStores(t *testing.T) {
	for name, breakIt := range map[string]func(s *memstore.Store) commands.Store{
		"acknowledges without storing":  func(s *memstore.Store) commands.Store { return &losing{Store: s} },
		"reorders a stream":             func(s *memstore.Store) commands.Store { return &reordering{s} },
		"stores later than it says":     func(s *memstore.Store) commands.Store { return &lagging{Store: s} },
		"ignores the expected revision": func(s *memstore.Store) commands.Store { return &careless{s} },
		"keeps an append it refused":    func(s *memstore.Store) commands.Store { return &spiteful{s} },
	} {
		t.Run(name, func(t *testing.T) {
			history, err := record(t.Context(), breakIt(memstore.New()), 1, func() {})
			require.NoError(t, err)
			require.Equal(t, porcupine.Illegal, verdict(history))
		})
	}
	t.Run("and not for the same store unbroken", func(t *testing.T) {
		history, err := record(t.Context(), memstore.New(), 1, func() {})
		require.NoError(t, err)
		require.Equal(t, porcupine.Ok, verdict(history))
	})
}
