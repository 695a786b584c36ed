package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/eventnode/engine"
)

const crashWriters = 16

// appendForEver is the child of the crash test: it prints a line for every
// acknowledged append until it is killed.
func appendForEver(dir string) error {
	e, err := engine.Open(engine.Config{Dir: dir})
	if err != nil {
		return err
	}
	var printing sync.Mutex
	var writers errgroup.Group
	for w := range crashWriters {
		writers.Go(func() error {
			stream := fmt.Sprintf("writer-%d", w)
			revision, err := e.LastRevision(stream)
			expected := engine.Expected(revision)
			if errors.Is(err, engine.ErrStreamNotFound) {
				expected = engine.NoStream
			}
			for {
				id := uuid.New()
				result, err := e.Append(context.Background(), engine.Append{Stream: stream, Expected: expected, Events: events(id)})
				if err != nil {
					return err
				}
				expected = engine.Expected(result.Revision)
				printing.Lock()
				_, _ = fmt.Fprintln(os.Stdout, stream, result.Revision, result.Position, id)
				printing.Unlock()
			}
		})
	}
	return writers.Wait()
}

func TestEveryAcknowledgedAppendSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	type place struct {
		stream   string
		revision uint64
		position uint64
	}
	acknowledged := make(map[uuid.UUID]place)
	for range 3 {
		child := startChild(t, "append for ever", dir)
		child.Stderr = os.Stderr
		output, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		lines := bufio.NewScanner(output)
		for count := 0; lines.Scan(); count++ {
			if count == 1500 {
				require.NoError(t, child.Process.Kill())
			}
			var p place
			var id string
			if n, _ := fmt.Sscan(lines.Text(), &p.stream, &p.revision, &p.position, &id); n != 4 || len(id) != 36 {
				continue // the line the kill has cut off
			}
			acknowledged[uuid.MustParse(id)] = p
		}
		require.Error(t, child.Wait(), "the child ends by being killed")
	}
	require.Greater(t, len(acknowledged), 4500-3*crashWriters)

	e, err := engine.Open(engine.Config{Dir: dir, Verify: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	all, err := readAll(e, engine.Forwards, 1000)
	require.NoError(t, err)
	seen := make(map[uuid.UUID]int)
	for i, event := range all {
		require.Equal(t, uint64(i)+1, event.Position)
		require.True(t, strings.HasPrefix(event.Stream, "writer-"))
		seen[event.ID]++
		if p, wasAcknowledged := acknowledged[event.ID]; wasAcknowledged {
			found := place{stream: event.Stream, revision: event.Revision, position: event.Position}
			require.Equal(t, p, found)
		}
	}
	for id, p := range acknowledged {
		require.Equal(t, 1, seen[id], "acknowledged append to %s at %d", p.stream, p.revision)
	}
}

// openOnce is a second process that tries to open the same directory.
func openOnce(dir string) error {
	e, err := engine.Open(engine.Config{Dir: dir})
	if err != nil {
		return err
	}
	return e.Close()
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	output, err := startChild(t, "open once", dir).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), "is in use by another node; stop that process or choose another directory")

	_, err = engine.Open(engine.Config{Dir: dir})
	require.ErrorAs(t, err, new(*engine.LockedError))
	appendAll(t, first, "s", uuid.New())
}
