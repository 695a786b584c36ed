//go:build unix

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
)

// appendUntilDiskIsFull is the child of the fail-stop test. The kernel refuses
// to let its files grow beyond 2 MiB, as a full disk would.
func appendUntilDiskIsFull(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 2 << 20, Max: 2 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return fmt.Errorf("limit file size: %w", err)
	}
	e, err := engine.Open(engine.Config{Dir: dir})
	if err != nil {
		return err
	}
	request := func() engine.Append {
		event := newEvent(uuid.New())
		event.Data = make([]byte, 60<<10)
		return engine.Append{Stream: "s", Expected: engine.Any, Events: []engine.NewEvent{event}}
	}
	acknowledged := 0
	for ; err == nil; acknowledged++ {
		_, err = e.Append(context.Background(), request())
	}
	acknowledged--
	if !errors.Is(err, engine.ErrOutcomeUnknown) || !strings.Contains(err.Error(), syscall.EFBIG.Error()) {
		return fmt.Errorf("the failing append answers %w", err)
	}
	for range 3 {
		_, err = e.Append(context.Background(), request())
		if _, isRefused := errors.AsType[*engine.WritesRefusedError](err); !isRefused || errors.Is(err, engine.ErrOutcomeUnknown) {
			return fmt.Errorf("an append after the failure answers %w", err)
		}
	}
	stored, err := readAll(e, engine.Forwards, 100)
	if err != nil {
		return fmt.Errorf("read after the failure: %w", err)
	}
	if len(stored) != acknowledged {
		return fmt.Errorf("%d events can be read, %d were acknowledged", len(stored), acknowledged)
	}
	_, _ = fmt.Fprintln(os.Stdout, "acknowledged", acknowledged)
	return e.Close()
}

func TestAFailedCommitStopsWritesAndKeepsReads(t *testing.T) {
	dir := t.TempDir()
	output, err := startChild(t, "append until disk is full", dir).CombinedOutput()
	require.NoError(t, err, string(output))
	acknowledged, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(output), "acknowledged")))
	require.NoError(t, err)
	require.Positive(t, acknowledged)

	// A restart with room on the disk takes writes again and has lost nothing.
	e, err := engine.Open(engine.Config{Dir: dir, Verify: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	head, _ := e.Head()
	require.GreaterOrEqual(t, head, uint64(acknowledged))
	require.Equal(t, head+1, appendAll(t, e, "s", uuid.New()).Position)
}
