package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/conformance"
	"praxis/adapters/eventnode"
)

// check runs praxis eventstore check.
func check(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"eventstore", "check"}, args...), environ, &out, &errs)
	return code, out.String(), errs.String()
}

// startNode serves a node over TCP and returns its connection string.
func startNode(t *testing.T, c eventnode.Config) string {
	t.Helper()
	c.Dir, c.Listen = t.TempDir(), "127.0.0.1:0"
	node, err := eventnode.Open(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, node.Close(context.Background())) })
	return node.ConnectionString()
}

func TestEventStoreCheck(t *testing.T) {
	t.Run("an embedded node is fit and leaves nothing behind", func(t *testing.T) {
		dir := t.TempDir()
		code, stdout, stderr := check(t, []string{"PRAXIS_DATA_DIR=" + dir})
		require.Zero(t, code, stderr)
		require.Contains(t, stdout, fmt.Sprintf("%[1]d of %[1]d checks passed", len(conformance.Checks())))
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	})
	t.Run("a server is fit and JSON says what was left there", func(t *testing.T) {
		url := startNode(t, eventnode.Config{})
		code, stdout, stderr := check(t, []string{"EVENTSTOREDB_URL=" + url}, "--json")
		require.Zero(t, code, stderr)
		var got struct {
			Fit    bool   `json:"fit"`
			Prefix string `json:"streamPrefix"`
			conformance.Report
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &got))
		require.True(t, got.Fit)
		require.Equal(t, conformance.Prefix, got.Prefix)
		require.Len(t, got.Rows, len(conformance.Checks()))
		require.Positive(t, got.Events)
		require.Positive(t, got.Streams)
	})
	t.Run("a server that fails a check gives exit code 5 and says what was seen", func(t *testing.T) {
		// Every append is told that its outcome is unknown.
		url := startNode(t, eventnode.Config{WriteTimeout: time.Nanosecond})
		code, stdout, stderr := check(t, nil, url, "--patience", "2s")
		require.Equal(t, 5, code)
		require.Contains(t, stderr, "event_store_unfit")
		require.Regexp(t, `did\W+not\W+answer\W+in\W+time`, stdout)
	})
	t.Run("a server that is away gives exit code 7", func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, listener.Close())
		code, stdout, stderr := check(t, nil, "esdb://"+listener.Addr().String()+"?tls=false&maxDiscoverAttempts=1")
		require.Equal(t, 7, code)
		require.Contains(t, stderr, "event_store_unavailable")
		require.Empty(t, stdout)
	})
	t.Run("a malformed connection string gives exit code 2 and is not echoed", func(t *testing.T) {
		code, _, stderr := check(t, nil, "esdb://user:secret@127.0.0.1?tls=maybe")
		require.Equal(t, 2, code)
		require.NotContains(t, stderr, "secret")
	})
	t.Run("two servers are one too many", func(t *testing.T) {
		code, _, _ := check(t, nil, "a", "b")
		require.Equal(t, 2, code)
	})
}
