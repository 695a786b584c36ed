package eventstore_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
)

// playNode serves a node until it is killed, or its parent is gone.
func playNode() error {
	if _, err := eventnode.Open(eventnode.Config{Dir: os.Getenv(dirVariable), Socket: os.Getenv(socketVariable)}); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// processNode is a node in a process of its own, for kill -9.
type processNode struct {
	dir, socket string
	running     *child
}

func startProcessNode(t *testing.T) *processNode {
	t.Helper()
	dir, err := os.MkdirTemp("", "es") //nolint:usetesting // t.TempDir names the test, too long for a socket.
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	n := &processNode{dir: t.TempDir(), socket: filepath.Join(dir, "s")}
	n.start(t)
	return n
}

func (n *processNode) start(t *testing.T) {
	t.Helper()
	n.running = spawn(t, "node", dirVariable+"="+n.dir, socketVariable+"="+n.socket)
	require.Equal(t, "ready", n.running.says())
}

// restart kills the node and starts it again on its data.
func (n *processNode) restart(t *testing.T) {
	t.Helper()
	n.running.kill(t)
	n.start(t)
}

func (n *processNode) open(t *testing.T) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(eventstore.Config{Socket: n.socket})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}
