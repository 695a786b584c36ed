package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readiness is what /readyz answers.
type readiness struct {
	status                int
	Ready                 bool
	Parts                 map[string]string
	Degraded, Unavailable []string
	took                  time.Duration
}

func (i *installation) readiness(t *testing.T) readiness {
	t.Helper()
	began := time.Now()
	status, body := get(t, i.url()+"/readyz")
	r := parse[readiness](t, body)
	r.status, r.took = status, time.Since(began)
	return r
}

// awaitReadiness returns the first answer of /readyz that is as said.
func (i *installation) awaitReadiness(t *testing.T, holds func(readiness) bool) readiness {
	t.Helper()
	var r readiness
	await(t, func() bool { r = i.readiness(t); return holds(r) }, "/readyz never comes to say so")
	return r
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(raw)
}

// freeze stops a process and its children until the returned function is called, at
// the latest at the end of the test.
func freeze(t *testing.T, pid int) (thaw func()) {
	t.Helper()
	all := []int{pid}
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "task", strconv.Itoa(pid), "children"))
	require.NoError(t, err)
	for _, child := range strings.Fields(string(raw)) {
		n, err := strconv.Atoi(child)
		require.NoError(t, err)
		all = append(all, n)
		_ = syscall.Kill(n, syscall.SIGSTOP) // It may have ended.
	}
	thaw = func() {
		for _, n := range all {
			_ = syscall.Kill(n, syscall.SIGCONT) // As above.
		}
	}
	t.Cleanup(thaw)
	return thaw
}

// withNode is an installation whose event node is a process of its own.
func withNode(t *testing.T) (i *installation, node *process, env []string) {
	t.Helper()
	i = newInstallation(t)
	node, url := i.startNode(t, freeAddress(t))
	return i, node, []string{"EVENTSTOREDB_URL=" + url}
}

func (i *installation) startNode(t *testing.T, address string) (node *process, url string) {
	t.Helper()
	node = i.start(t, "node", "--listen", address)
	await(t, func() bool { return strings.Contains(node.stdout.String(), "esdb://") }, "the node does not start")
	_, url, _ = strings.Cut(node.stdout.String(), "The event node serves ")
	return node, strings.TrimSpace(url)
}

// A server must not be asked twice for a hung part, nor wait for it: readiness says
// which it is within its setting, and SIGTERM ends the server within its own.
const (
	readyLimit    = time.Second
	shutdownLimit = 4 * time.Second
)

var shortLimits = []string{"PRAXIS_READY_TIMEOUT=300ms", fmt.Sprintf("PRAXIS_SHUTDOWN_TIMEOUT=%s", shutdownLimit)}

func TestFoundW9_AHungDatabaseHoldsUpNeitherReadinessNorTheEnd(t *testing.T) {
	i := newInstallation(t)
	p := i.serve(t, shortLimits...)
	freeze(t, i.postgresPID())

	r := i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusServiceUnavailable })
	require.False(t, r.Ready)
	require.Equal(t, []string{"database"}, r.Unavailable, "%+v", r)
	require.Equal(t, "no_answer: It does not answer within 300ms.", r.Parts["database"])
	require.Equal(t, "unknown: Nothing is known of it while database is unavailable.", r.Parts["projections"])
	require.Equal(t, "ready", r.Parts["event_store"])
	for range 5 {
		require.Less(t, i.readiness(t).took, 300*time.Millisecond+readyLimit)
	}
	_, metrics := get(t, i.url()+"/metrics")
	require.Contains(t, metrics, "praxis_ready 0\n")
	require.Contains(t, metrics, `praxis_part_state{part="database",state="unavailable"} 1`)
	require.Equal(t, 1, strings.Count(p.stderr.String(), `"a part is not ready","part":"database"`), "one line however often it is asked")

	began := time.Now()
	p.signal(syscall.SIGTERM)
	require.Equal(t, 7, p.awaitExit(t), "something was unavailable")
	require.Less(t, time.Since(began), shutdownLimit+time.Second)
	require.Contains(t, p.stderr.String(), "without waiting any longer for the database connections", "what hung is named")
}

func TestFoundW9_AHungEventStoreHoldsUpNeitherReadinessNorTheEnd(t *testing.T) {
	i, node, env := withNode(t)
	p := i.serve(t, append(env, shortLimits...)...)
	thaw := freeze(t, node.cmd.Process.Pid)

	r := i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusServiceUnavailable })
	require.Equal(t, []string{"event_store"}, r.Unavailable, "%+v", r)
	require.Equal(t, "no_answer: It does not answer within 300ms.", r.Parts["event_store"])
	require.Equal(t, "ready", r.Parts["database"])
	require.Less(t, i.readiness(t).took, 300*time.Millisecond+readyLimit)

	began := time.Now()
	p.signal(syscall.SIGTERM)
	p.awaitExit(t)
	require.Less(t, time.Since(began), shutdownLimit+time.Second)
	thaw()
}
