package engine_test

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// open opens an engine until the test ends.
func open(t testing.TB, dir string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Config{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

// newEvent makes an event with the given id.
func newEvent(id uuid.UUID) engine.NewEvent {
	return engine.NewEvent{ID: id, Type: "tested", IsJSON: true, Metadata: []byte(`{"m":1}`), Data: []byte(id.String())}
}

// events makes one event per id.
func events(ids ...uuid.UUID) []engine.NewEvent {
	made := make([]engine.NewEvent, len(ids))
	for i, id := range ids {
		made[i] = newEvent(id)
	}
	return made
}

// appendAll appends one event per id to the end of a stream.
func appendAll(t testing.TB, e *engine.Engine, stream string, ids ...uuid.UUID) engine.Result {
	t.Helper()
	result, err := e.Append(t.Context(), engine.Append{Stream: stream, Expected: engine.Any, Events: events(ids...)})
	require.NoError(t, err)
	return result
}

// newIDs makes n fresh ids.
func newIDs(n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.New()
	}
	return ids
}

// readAll reads $all page by page.
func readAll(e *engine.Engine, direction engine.Direction, limit uint64) ([]engine.Event, error) {
	var all []engine.Event
	from := uint64(0)
	if direction == engine.Backwards {
		from = math.MaxUint64
	}
	for {
		page, err := e.ReadAll(direction, from, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Events...)
		if !page.More {
			return all, nil
		}
		from = all[len(all)-1].Position
		if direction == engine.Forwards {
			from++
		}
	}
}

// readStream reads a stream forwards, page by page; a missing stream is empty.
func readStream(e *engine.Engine, stream string, limit uint64) ([]engine.Event, error) {
	var all []engine.Event
	for {
		page, err := e.ReadStream(engine.Forwards, stream, uint64(len(all)), limit)
		if errors.Is(err, engine.ErrStreamNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Events...)
		if !page.More {
			return all, nil
		}
	}
}

// eventIDs lists the ids of events.
func eventIDs(events []engine.Event) []uuid.UUID {
	ids := make([]uuid.UUID, len(events))
	for i := range events {
		ids[i] = events[i].ID
	}
	return ids
}

// startChild prepares the test binary to run as a child in a role.
func startChild(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), executable)
	child.Env = append(os.Environ(), childVariable+"="+role, childDir+"="+dir)
	return child
}
