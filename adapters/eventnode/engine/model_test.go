package engine_test

import (
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/eventnode/engine"
)

// model is the log as a plain slice, with the rules of the table in
// docs/event-node.md written down a second time, as simply as possible.
type model struct {
	all   []stored
	known map[uuid.UUID]stored
}

type stored struct {
	stream   string
	id       uuid.UUID
	revision int64
	position uint64
}

func (m *model) stream(name string) []stored {
	var found []stored
	for _, s := range m.all {
		if s.stream == name {
			found = append(found, s)
		}
	}
	return found
}

// append returns the answer, or false for a wrong expected revision.
func (m *model) append(name string, expected engine.Expected, ids []uuid.UUID) (engine.Result, bool) {
	stream := m.stream(name)
	last := int64(len(stream)) - 1
	loose := expected == engine.Any || expected == engine.StreamExists
	if expected == engine.StreamExists && last < 0 {
		return engine.Result{}, false
	}
	if len(ids) == 0 {
		return engine.Result{Revision: last}, loose || int64(expected) == last
	}
	if loose {
		isKnown := func(id uuid.UUID) bool { return m.known[id].stream == name && name != "" }
		if isKnown(ids[0]) {
			answer := m.known[ids[len(ids)-1]]
			return engine.Result{Revision: answer.revision, Position: answer.position}, !slices.ContainsFunc(ids, func(id uuid.UUID) bool { return !isKnown(id) })
		}
	} else if int64(expected) != last {
		from := int(expected) + 1
		if int64(expected) > last || from+len(ids) > len(stream) {
			return engine.Result{}, false
		}
		for i, id := range ids {
			if stream[from+i].id != id {
				return engine.Result{}, false
			}
		}
		answer := stream[from+len(ids)-1]
		return engine.Result{Revision: answer.revision, Position: answer.position}, true
	}
	for _, id := range ids {
		last++
		event := stored{stream: name, id: id, revision: last, position: uint64(len(m.all)) + 1}
		m.all = append(m.all, event)
		m.known[id] = event
	}
	return engine.Result{Revision: last, Position: uint64(len(m.all))}, true
}

// requireSame compares events with the model's, in order.
func requireSame(t *rapid.T, wanted []stored, events []engine.Event) {
	var got []stored
	for _, e := range events {
		require.Equal(t, e.ID.String(), string(e.Data))
		got = append(got, stored{stream: e.Stream, id: e.ID, revision: int64(e.Revision), position: e.Position})
	}
	require.Equal(t, wanted, got)
}

func TestEngineBehavesLikeItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir := mustTempDir(t)
		e, err := engine.Open(engine.Config{Dir: dir})
		require.NoError(t, err)
		defer func() { require.NoError(t, e.Close()) }()
		m := &model{known: map[uuid.UUID]stored{}}
		streams := rapid.SampledFrom([]string{"a", "a-1", "b"})
		// Few ids, so that retries, partial retries and collisions are common.
		id := rapid.Custom(func(t *rapid.T) uuid.UUID { return uuid.UUID{15: byte(rapid.IntRange(1, 12).Draw(t, "id"))} })
		expected := rapid.Custom(func(t *rapid.T) engine.Expected {
			return engine.Expected(rapid.SampledFrom([]int64{-4, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7}).Draw(t, "expected"))
		})
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				stream, want := streams.Draw(t, "stream"), expected.Draw(t, "expected")
				ids := rapid.SliceOfN(id, 0, 4).Draw(t, "ids")
				if rapid.Bool().Draw(t, "retry of what is stored") {
					from := int(max(want+1, 0))
					if s := m.stream(stream); from < len(s) {
						ids = nil
						for _, original := range s[from:min(len(s), from+3)] {
							ids = append(ids, original.id)
						}
					}
				}
				wanted, accepted := m.append(stream, want, ids)
				got, err := e.Append(t.Context(), engine.Append{Stream: stream, Expected: want, Events: events(ids...)})
				if !accepted {
					require.ErrorAs(t, err, new(*engine.WrongExpectedRevisionError))
					return
				}
				require.NoError(t, err)
				require.Equal(t, wanted, got)
			},
			"read $all": func(t *rapid.T) {
				from := rapid.Uint64Range(0, uint64(len(m.all))+3).Draw(t, "from")
				limit := rapid.Uint64Range(1, 5).Draw(t, "limit")
				forwards, err := e.ReadAll(engine.Forwards, from, limit)
				require.NoError(t, err)
				wanted := m.all[min(uint64(len(m.all)), max(from, 1)-1):]
				require.Equal(t, uint64(len(wanted)) > limit, forwards.More)
				requireSame(t, slices.Clip(append([]stored(nil), wanted[:min(limit, uint64(len(wanted)))]...)), forwards.Events)

				backwards, err := e.ReadAll(engine.Backwards, from, limit)
				require.NoError(t, err)
				before := append([]stored(nil), m.all[:min(uint64(len(m.all)), max(from, 1)-1)]...)
				slices.Reverse(before)
				require.Equal(t, uint64(len(before)) > limit, backwards.More)
				requireSame(t, append([]stored(nil), before[:min(limit, uint64(len(before)))]...), backwards.Events)
			},
			"read stream": func(t *rapid.T) {
				name := streams.Draw(t, "stream")
				wanted := m.stream(name)
				from := rapid.SampledFrom([]uint64{0, 1, 2, 3, 50, math.MaxUint64}).Draw(t, "from")
				limit := rapid.Uint64Range(1, 4).Draw(t, "limit")
				forwards, err := e.ReadStream(engine.Forwards, name, from, limit)
				if len(wanted) == 0 {
					require.ErrorIs(t, err, engine.ErrStreamNotFound)
					return
				}
				require.NoError(t, err)
				after := wanted[min(from, uint64(len(wanted))):]
				requireSame(t, append([]stored(nil), after[:min(limit, uint64(len(after)))]...), forwards.Events)

				backwards, err := e.ReadStream(engine.Backwards, name, from, limit)
				require.NoError(t, err)
				before := append([]stored(nil), wanted[:min(from, uint64(len(wanted))-1)+1]...)
				slices.Reverse(before)
				requireSame(t, before[:min(limit, uint64(len(before)))], backwards.Events)
			},
			"restart": func(t *rapid.T) {
				require.NoError(t, e.Close())
				e, err = engine.Open(engine.Config{Dir: dir, Verify: true})
				require.NoError(t, err)
				m.known = map[uuid.UUID]stored{}
			},
			"": func(t *rapid.T) {
				head, _ := e.Head()
				require.Equal(t, uint64(len(m.all)), head)
				for _, name := range []string{"a", "a-1", "b"} {
					last, err := e.LastRevision(name)
					if count := len(m.stream(name)); count > 0 {
						require.NoError(t, err)
						require.Equal(t, uint64(count)-1, last)
					} else if !errors.Is(err, engine.ErrStreamNotFound) {
						t.Fatalf("stream %s: %v", name, err)
					}
				}
			},
		})
	})
}

// mustTempDir makes a directory that lives as long as one run of the property.
func mustTempDir(t *rapid.T) string {
	dir, err := os.MkdirTemp("", "event-engine-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}
