package eventstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
)

// TestPoorNetwork runs writers, a reader and a subscription on one store through
// a network that is spoilt in one way at a time. All must go on under the fault
// where the fault leaves a way, and in any case after it; nothing may be lost,
// doubled or reordered; and the store is never restarted.
func TestPoorNetwork(t *testing.T) {
	for name, tt := range map[string]struct {
		toxics []string
		// disturb is what happens under the fault.
		disturb func(t *testing.T, n *network, f *traffic)
		// unsure says that appends must have lost their answers.
		unsure bool
	}{
		"latency and jitter": {
			toxics: []string{
				`{"name":"up","type":"latency","stream":"upstream","attributes":{"latency":10,"jitter":10}}`,
				`{"name":"down","type":"latency","stream":"downstream","attributes":{"latency":10,"jitter":10}}`,
			},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.goesOn(t) },
		},
		"little bandwidth": {
			toxics: []string{
				`{"name":"up","type":"bandwidth","stream":"upstream","attributes":{"rate":100}}`,
				`{"name":"down","type":"bandwidth","stream":"downstream","attributes":{"rate":100}}`,
			},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.goesOn(t) },
		},
		"requests in small pieces": {
			toxics:  []string{`{"name":"up","type":"slicer","stream":"upstream","attributes":{"average_size":30,"size_variation":20,"delay":100}}`},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.goesOn(t) },
		},
		"connections cut again and again": {
			disturb: func(t *testing.T, n *network, f *traffic) {
				for range 5 {
					n.cut(t)
					f.goesOn(t)
				}
			},
		},
		"connections that break in the middle of a request": {
			toxics:  []string{`{"name":"up","type":"limit_data","stream":"upstream","attributes":{"bytes":20000}}`},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.goesOn(t) },
		},
		"connections that break in the middle of an answer": {
			toxics:  []string{`{"name":"down","type":"limit_data","stream":"downstream","attributes":{"bytes":60000}}`},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.goesOn(t); f.goesOn(t) },
			unsure:  true,
		},
		"half-open connections, answers swallowed": {
			toxics:  []string{swallowAnswers},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.isLost(t) },
			unsure:  true,
		},
		"half-open connections, requests swallowed": {
			toxics:  []string{swallowRequests},
			disturb: func(t *testing.T, _ *network, f *traffic) { f.isLost(t) },
			unsure:  true,
		},
		"every second connection swallows everything": {
			toxics: []string{`{"name":"down","type":"timeout","stream":"downstream","toxicity":0.5,"attributes":{"timeout":0}}`},
			disturb: func(t *testing.T, n *network, f *traffic) {
				for range 3 {
					n.cut(t)
					f.goesOn(t)
				}
			},
		},
		"a server that restarts behind slow closes": {
			toxics: []string{
				`{"name":"up","type":"slow_close","stream":"upstream","attributes":{"delay":1000}}`,
				`{"name":"down","type":"slow_close","stream":"downstream","attributes":{"delay":1000}}`,
			},
			disturb: func(t *testing.T, n *network, f *traffic) {
				// An append need not be on its way when the server stops: again until one was.
				for f.isSure() {
					n.srv.stop(t)
					n.srv.start(t)
					f.goesOn(t)
				}
			},
			unsure: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := startNetwork(t)
			f := startTraffic(t, n.open(t))
			f.goesOn(t)
			n.spoil(t, tt.toxics...)
			tt.disturb(t, n, f)
			n.heal(t)
			f.goesOn(t)
			f.end(t)
			if tt.unsure {
				require.Positive(t, f.unsure, "the fault took the answer of at least one append")
			}
		})
	}
}

// TestOutcome_IsFoundOut takes the answer or the request of an append away. In
// both cases the caller is told the same, that the outcome is unknown; repeating
// the append tells the two apart.
func TestOutcome_IsFoundOut(t *testing.T) {
	for name, tt := range map[string]struct {
		toxic string
		kept  bool
	}{
		"an append whose answer is lost was kept":        {swallowAnswers, true},
		"an append whose request is lost was never kept": {swallowRequests, false},
	} {
		for _, overtaken := range []bool{false, true} {
			t.Run(map[bool]string{false: name, true: name + ", and others went on"}[overtaken], func(t *testing.T) {
				t.Parallel()
				n := startNetwork(t)
				s, direct := n.open(t), n.openDirect(t)
				stream := newStream()
				first, lost := proposals(1, 10), proposals(2, 10)
				_, err := s.Append(t.Context(), stream, es.At(es.NoStream), first)
				require.NoError(t, err)

				n.spoil(t, tt.toxic)
				_, err = s.Append(t.Context(), stream, es.At(0), lost)
				require.ErrorIs(t, err, es.ErrOutcomeUnknown)
				want := []id.Event{first[0].ID}
				if tt.kept {
					want = append(want, lost[0].ID, lost[1].ID)
				}
				require.Equal(t, want, idsOf(t, direct.ReadStream(t.Context(), stream, 0)))
				if overtaken {
					other := proposals(1, 10)
					_, err := direct.Append(t.Context(), stream, es.At(es.Revision(len(want)-1)), other)
					require.NoError(t, err)
					want = append(want, other[0].ID)
				}
				n.heal(t)

				// Repeating lasts until the store has noticed the broken connection.
				err = untilKnown(t.Context(), s, stream, es.At(0), lost)
				switch {
				case !tt.kept && overtaken:
					var wrong *es.WrongRevisionError
					require.ErrorAs(t, err, &wrong)
					require.Equal(t, es.Revision(1), wrong.Actual)
				case !tt.kept:
					require.NoError(t, err)
					want = append(want, lost[0].ID, lost[1].ID)
				default:
					require.NoError(t, err)
				}
				require.Equal(t, want, idsOf(t, direct.ReadStream(t.Context(), stream, 0)))
			})
		}
	}
}

// TestHalfOpen_IsNoticedByAnIdleSubscription has nothing but the keep-alive to
// go by: nobody uses the connection, and it never closes.
func TestHalfOpen_IsNoticedByAnIdleSubscription(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	s := n.open(t)
	stream := newStream()
	events := proposals(2, 10)
	_, err := s.Append(t.Context(), stream, es.At(es.NoStream), events[:1])
	require.NoError(t, err)
	after := es.Position{}
	var end error
	for signal, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, after) {
		if end = err; err != nil {
			break
		}
		if signal.Event != nil {
			after = signal.Event.Position
		}
		if signal.CaughtUp {
			n.spoil(t, swallowAnswers)
		}
	}
	require.ErrorIs(t, end, es.ErrStoreUnavailable)
	n.heal(t)
	_, err = s.Append(t.Context(), stream, es.At(0), events[1:])
	require.NoError(t, err)
	for signal, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, after) {
		require.NoError(t, err)
		require.NotNil(t, signal.Event)
		require.Equal(t, events[1].ID, signal.Event.ID)
		break
	}
}
