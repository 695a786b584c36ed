package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/eventnode/engine"
)

func TestOpenMakesAPrivateDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	open(t, dir)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	info, err = os.Stat(filepath.Join(dir, engine.FileName))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestOpenNeedsADirectory(t *testing.T) {
	_, err := engine.Open(engine.Config{})
	require.ErrorContains(t, err, "no data directory given")
}

func TestEventsAreStampedWithTheClockInTicks(t *testing.T) {
	instant := time.Date(2026, 2, 3, 4, 5, 6, 700, time.UTC)
	e, err := engine.Open(engine.Config{Dir: t.TempDir(), Clock: func() time.Time { return instant }})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	appendAll(t, e, "s", uuid.New())
	all, err := readAll(e, engine.Forwards, 1)
	require.NoError(t, err)
	require.Equal(t, instant.UnixNano()/100, all[0].Created)
}

func TestAppendRefusesWhatTheLogCannotHold(t *testing.T) {
	e := open(t, t.TempDir())
	valid := func() engine.Append {
		return engine.Append{Stream: "s", Expected: engine.Any, Events: events(uuid.New())}
	}
	for name, change := range map[string]func(*engine.Append){
		"an empty stream name":     func(a *engine.Append) { a.Stream = "" },
		"a too long stream name":   func(a *engine.Append) { a.Stream = strings.Repeat("s", engine.MaxStreamNameBytes+1) },
		"the stream $all":          func(a *engine.Append) { a.Stream = "$all" },
		"a stream metadata stream": func(a *engine.Append) { a.Stream = "$$s" },
		"an event without an id":   func(a *engine.Append) { a.Events[0].ID = uuid.Nil },
		"an event without a type":  func(a *engine.Append) { a.Events[0].Type = "" },
	} {
		t.Run(name, func(t *testing.T) {
			request := valid()
			change(&request)
			_, err := e.Append(t.Context(), request)
			require.ErrorAs(t, err, new(*engine.InvalidAppendError))
		})
	}
	t.Run("the limit itself is accepted, one byte more is not", func(t *testing.T) {
		request := engine.Append{Stream: "s", Expected: engine.Any, Events: []engine.NewEvent{{
			ID: uuid.New(), Type: "t", Metadata: make([]byte, 1000), Data: make([]byte, engine.MaxAppendBytes-1002),
		}}}
		_, err := e.Append(t.Context(), request)
		require.NoError(t, err)
		request.Events[0].Data = make([]byte, engine.MaxAppendBytes-1001)
		_, err = e.Append(t.Context(), request)
		var tooLarge *engine.TooLargeError
		require.ErrorAs(t, err, &tooLarge)
		require.Equal(t, engine.TooLargeError{Size: engine.MaxAppendBytes + 1, Limit: engine.MaxAppendBytes}, *tooLarge)
	})
	t.Run("a stream name of the longest length is accepted", func(t *testing.T) {
		request := valid()
		request.Stream = strings.Repeat("s", engine.MaxStreamNameBytes)
		_, err := e.Append(t.Context(), request)
		require.NoError(t, err)
	})
}

func TestPagesAreBoundedByBytes(t *testing.T) {
	e := open(t, t.TempDir())
	for range 8 {
		_, err := e.Append(t.Context(), engine.Append{Stream: "s", Expected: engine.Any, Events: []engine.NewEvent{
			{ID: uuid.New(), Type: "large", Data: make([]byte, 100<<10)},
		}})
		require.NoError(t, err)
	}
	page, err := e.ReadAll(engine.Forwards, 0, 100)
	require.NoError(t, err)
	require.Len(t, page.Events, 2)
	require.True(t, page.More)
	page, err = e.ReadStream(engine.Backwards, "s", engine.Latest, 100)
	require.NoError(t, err)
	require.Len(t, page.Events, 2)
	require.True(t, page.More)
	all, err := readAll(e, engine.Backwards, 100)
	require.NoError(t, err)
	require.Len(t, all, 8)
}

func TestAContextThatHasEndedStoresNothing(t *testing.T) {
	e := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Append(ctx, engine.Append{Stream: "s", Expected: engine.Any, Events: events(uuid.New())})
	require.ErrorIs(t, err, engine.ErrNotProcessed)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, engine.Result{Revision: 0, Position: 1}, appendAll(t, e, "s", uuid.New()))
}

func TestAClosedEngineSaysSo(t *testing.T) {
	e, err := engine.Open(engine.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	appendAll(t, e, "s", uuid.New())
	require.NoError(t, e.Close())
	require.NoError(t, e.Close(), "closing twice is harmless")
	_, err = e.Append(t.Context(), engine.Append{Stream: "s", Expected: engine.Any, Events: events(uuid.New())})
	require.ErrorIs(t, err, engine.ErrClosed)
	_, err = e.ReadAll(engine.Forwards, 0, 1)
	require.ErrorIs(t, err, engine.ErrClosed)
	_, err = e.ReadStream(engine.Forwards, "s", 0, 1)
	require.ErrorIs(t, err, engine.ErrClosed)
	_, err = e.LastRevision("s")
	require.ErrorIs(t, err, engine.ErrClosed)
}

func TestCloseCommitsWhatIsQueued(t *testing.T) {
	dir := t.TempDir()
	e, err := engine.Open(engine.Config{Dir: dir})
	require.NoError(t, err)
	var started []*engine.Pending
	for range 300 {
		pending, err := e.Start(t.Context(), engine.Append{Stream: "s", Expected: engine.Any, Events: events(uuid.New())})
		require.NoError(t, err)
		started = append(started, pending)
	}
	require.NoError(t, e.Close())
	for i, pending := range started {
		result, err := pending.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, engine.Result{Revision: int64(i), Position: uint64(i) + 1}, result)
	}
	head, _ := open(t, dir).Head()
	require.Equal(t, uint64(300), head)
}

func TestHeadWakesThoseWhoWait(t *testing.T) {
	e := open(t, t.TempDir())
	head, moved := e.Head()
	require.Zero(t, head)
	appendAll(t, e, "s", newIDs(3)...)
	<-moved
	head, moved = e.Head()
	require.Equal(t, uint64(3), head)
	_, err := e.Append(t.Context(), engine.Append{Stream: "s", Expected: engine.NoStream, Events: events(uuid.New())})
	require.ErrorAs(t, err, new(*engine.WrongExpectedRevisionError))
	select {
	case <-moved:
		t.Fatal("a refused append moves nothing")
	default:
	}
}

func TestAcknowledgedMeansVisible(t *testing.T) {
	e := open(t, t.TempDir())
	var writers errgroup.Group
	for range 16 {
		writers.Go(func() error {
			for range 40 {
				id := uuid.New()
				result, err := e.Append(t.Context(), engine.Append{Stream: "s", Expected: engine.Any, Events: events(id)})
				if err != nil {
					return err
				}
				page, err := e.ReadAll(engine.Forwards, result.Position, 1)
				if err != nil {
					return err
				}
				stream, err := e.ReadStream(engine.Forwards, "s", uint64(result.Revision), 1)
				if err != nil {
					return err
				}
				if len(page.Events) != 1 || len(stream.Events) != 1 || page.Events[0].ID != id || stream.Events[0].ID != id {
					return fmt.Errorf("the event acknowledged at %d is not there to be read", result.Position)
				}
			}
			return nil
		})
	}
	require.NoError(t, writers.Wait())
}

func TestExactlyOneWriterWinsARevision(t *testing.T) {
	e := open(t, t.TempDir())
	appendAll(t, e, "s", uuid.New())
	for revision := range 20 {
		var writers errgroup.Group
		results := make([]error, 16)
		for w := range results {
			writers.Go(func() error {
				_, results[w] = e.Append(t.Context(), engine.Append{Stream: "s", Expected: engine.Expected(revision), Events: events(uuid.New())})
				return nil
			})
		}
		require.NoError(t, writers.Wait())
		won := 0
		for _, err := range results {
			if err == nil {
				won++
				continue
			}
			require.ErrorAs(t, err, new(*engine.WrongExpectedRevisionError))
		}
		require.Equal(t, 1, won)
	}
}

func TestHeadsAreReadFromTheFile(t *testing.T) {
	e := open(t, t.TempDir())
	for round := range 3 {
		for _, stream := range strings.Split("abcdefghijkl", "") {
			result, err := e.Append(t.Context(), engine.Append{Stream: stream, Expected: engine.Expected(round - 1), Events: events(uuid.New())})
			require.NoError(t, err)
			require.Equal(t, int64(round), result.Revision)
		}
	}
}

func TestErrorsMatchTheirKindAndNoOther(t *testing.T) {
	kinds := []error{
		&engine.InvalidAppendError{Problem: "p"}, &engine.TooLargeError{Size: 2, Limit: 1},
		&engine.WrongExpectedRevisionError{Stream: "s", Expected: engine.StreamExists, Current: -1},
		&engine.WritesRefusedError{Cause: os.ErrClosed}, &engine.CorruptionError{Bucket: "log", Position: 1, Problem: "p"},
		&engine.LockedError{Dir: "d"}, &engine.FormatError{Found: 2, Supported: 1},
	}
	for i, err := range kinds {
		require.NotEmpty(t, err.Error())
		for j, kind := range kinds {
			require.Equal(t, i == j, errors.As(err, reflect.New(reflect.TypeOf(kind)).Interface()), "%T as %T", err, kind)
		}
	}
	require.EqualError(t, kinds[2], `stream "s": expected an existing stream but it has no event; reload and decide again`)
	require.ErrorIs(t, kinds[3], os.ErrClosed)
}
