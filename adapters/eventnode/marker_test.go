package eventnode_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

func TestAfterARunThatDidNotEndByItself(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events")
	open := func(t *testing.T) (*eventnode.Node, string) {
		t.Helper()
		var logged bytes.Buffer
		node, err := eventnode.Open(eventnode.Config{Dir: dir, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		require.NoError(t, err)
		return node, logged.String()
	}
	marker := filepath.Join(dir, "running")

	t.Run("a running node leaves its marker, a closed one takes it away", func(t *testing.T) {
		node, logged := open(t)
		require.FileExists(t, marker)
		require.NotContains(t, logged, "did not end by itself")
		require.NoError(t, node.Close(t.Context()))
		require.NoFileExists(t, marker)
	})
	t.Run("the whole log is checked when the marker is found", func(t *testing.T) {
		require.NoError(t, os.WriteFile(marker, nil, 0o600))
		node, logged := open(t)
		require.Contains(t, logged, "checking the whole log")
		require.NoError(t, node.Close(t.Context()))
		require.NoFileExists(t, marker)
	})
}
