package eventnode_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
)

func TestEveryEngineErrorHasItsStatus(t *testing.T) {
	refused := &engine.WritesRefusedError{Cause: errors.New("no space left on device")}
	for _, c := range []struct {
		err  error
		code codes.Code
		text string
	}{
		{&engine.InvalidAppendError{Problem: "p"}, codes.InvalidArgument, "invalid append: p"},
		{&engine.TooLargeError{Size: 2, Limit: 1}, codes.InvalidArgument, "exceeds the limit"},
		{refused, codes.FailedPrecondition, "no space left on device"},
		{fmt.Errorf("%w: %w", engine.ErrOutcomeUnknown, refused), codes.Aborted, "outcome of the append is unknown"},
		{fmt.Errorf("%w: %w", engine.ErrOutcomeUnknown, context.DeadlineExceeded), codes.Aborted, "outcome of the append is unknown"},
		{fmt.Errorf("%w: %w", engine.ErrNotProcessed, context.DeadlineExceeded), codes.Aborted, "nothing was stored"},
		{&engine.CorruptionError{Bucket: "log", Position: 7, Problem: "p"}, codes.DataLoss, `bucket "log" at position 7`},
		{engine.ErrClosed, codes.Unavailable, "shutting down"},
		{context.Canceled, codes.Canceled, "cancelled"},
		{context.DeadlineExceeded, codes.DeadlineExceeded, "deadline"},
		{status.Error(codes.ResourceExhausted, "r"), codes.ResourceExhausted, "r"},
		{os.ErrClosed, codes.Unknown, "file already closed"},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			told := status.Convert(eventnode.Translate(fmt.Errorf("append: %w", c.err)))
			require.Equal(t, c.code, told.Code())
			require.Contains(t, told.Message(), c.text)
		})
	}
	require.NoError(t, eventnode.Translate(nil))
}

func TestAnAppendThatIsNotProcessedInTimeIsAborted(t *testing.T) {
	client := connect(t, openNode(t, func(c *eventnode.Config) { c.WriteTimeout = time.Nanosecond }))
	_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event("x", "{}"))
	requireCode(t, esdb.ErrorAborted, err)
	require.ErrorContains(t, err, "nothing was stored")
	require.Empty(t, readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 1))
}

func TestDamageReachesTheClientAndTheLogWithoutEventData(t *testing.T) {
	dir := shortSocketDir(t)
	node, err := eventnode.Open(eventnode.Config{Dir: dir})
	require.NoError(t, err)
	const secret = "the patient is allergic"
	client := connect(t, node)
	seed(t, client, "chart-1", 1)
	_, err = client.AppendToStream(t.Context(), "chart-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event("noted", secret))
	require.NoError(t, err)
	require.NoError(t, client.Close())
	require.NoError(t, node.Close(t.Context()))

	path := filepath.Join(dir, engine.FileName)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	damaged := bytes.ReplaceAll(file, []byte(secret), []byte("the patient is allergiC"))
	require.NotEqual(t, file, damaged)
	require.NoError(t, os.WriteFile(path, damaged, 0o600))

	_, err = eventnode.Open(eventnode.Config{Dir: dir, Verify: true})
	require.ErrorAs(t, err, new(*engine.CorruptionError))

	var logged bytes.Buffer
	node = openNode(t, func(c *eventnode.Config) {
		c.Dir, c.Logger = dir, slog.New(slog.NewTextHandler(&logged, nil))
	})
	client = connect(t, node)
	stream, err := client.ReadStream(t.Context(), "chart-1", esdb.ReadStreamOptions{From: esdb.Start{}}, 10)
	require.NoError(t, err)
	_, err = stream.Recv()
	require.ErrorContains(t, err, `damaged in bucket "log" at position 2`)
	require.ErrorContains(t, err, "restore the data directory from a backup")
	require.NoError(t, client.Close())
	require.NoError(t, node.Close(t.Context()))
	require.Contains(t, logged.String(), "position 2")
	require.NotContains(t, logged.String(), "allergi")
}
