package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds every wait of these tests. It is never reached when all is well.
const patience = 3 * time.Minute

// installation is a data directory and an address for praxis to run on.
type installation struct {
	dir     string
	address string
	// store is the connection string of its event store; empty for its own node.
	store string
}

// newInstallation makes a data directory that exists for this test, on an
// address of its own. Its path is short, because it holds unix sockets.
func newInstallation(t testing.TB) *installation {
	t.Helper()
	parent, err := os.MkdirTemp("", "praxis-e2e-") //nolint:usetesting // t.TempDir would name the test, too long for sockets
	require.NoError(t, err)
	// Where the tests run as root, PostgreSQL runs as another account, which has
	// to reach its directory below this one.
	require.NoError(t, os.Chmod(parent, 0o711))
	i := &installation{dir: filepath.Join(parent, "data"), address: freeAddress(t)}
	require.NoError(t, os.Mkdir(i.dir, 0o711))
	t.Cleanup(func() {
		i.awaitNoPostgres(t)
		require.NoError(t, os.RemoveAll(parent))
	})
	return i
}

// freeAddress returns a loopback address on which nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// url is where the server of this installation answers.
func (i *installation) url() string { return "http://" + i.address }

// environ is the environment of the processes: this one's without what
// configures praxis, and what this installation sets.
func (i *installation) environ(more ...string) []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "PRAXIS_") && !strings.HasPrefix(name, "OTEL_") && name != "DATABASE_URL" && name != "EVENTSTOREDB_URL" {
			env = append(env, entry)
		}
	}
	if i.store != "" {
		env = append(env, "EVENTSTOREDB_URL="+i.store)
	}
	env = append(env, "PRAXIS_DATA_DIR="+i.dir, "PRAXIS_LISTEN="+i.address, "PRAXIS_LOG_FORMAT=json", "PRAXIS_DRAIN_PERIOD=0s")
	return append(env, more...)
}

// outcome is what a finished command left behind.
type outcome struct {
	code           int
	stdout, stderr string
}

// run carries out one command line to its end.
func (i *installation) run(t testing.TB, args ...string) outcome {
	t.Helper()
	return i.runWith(t, nil, args...)
}

// runWith is run with more environment variables.
func (i *installation) runWith(t testing.TB, env []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = i.environ(env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err, "praxis %s", strings.Join(args, " "))
	}
	require.NoError(t, ctx.Err(), "praxis %s does not end\n%s", strings.Join(args, " "), stderr.String())
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// succeed is run for command lines that must exit with 0; it returns what they print.
func (i *installation) succeed(t testing.TB, args ...string) string {
	t.Helper()
	o := i.run(t, args...)
	require.Equal(t, 0, o.code, "praxis %s\n%s%s", strings.Join(args, " "), o.stdout, o.stderr)
	return o.stdout
}

// postgresPID returns the process id of the installation's PostgreSQL, 0 if it
// has none or an orderly stop removed its trace.
func (i *installation) postgresPID() int {
	raw, err := os.ReadFile(filepath.Join(i.dir, "postgres", "cluster", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}

// isAlive reports whether a process of that id runs. One that has ended counts
// as gone even while nobody has collected it, which is usual in a container.
func isAlive(pid int) bool {
	if pid <= 0 || syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// awaitNoPostgres returns when the PostgreSQL of a killed server is gone.
func (i *installation) awaitNoPostgres(t testing.TB) {
	t.Helper()
	await(t, func() bool { return !isAlive(i.postgresPID()) }, "the PostgreSQL of a stopped server is still there")
}

// await asks again and again until the answer is yes.
func await(t testing.TB, isSo func() bool, otherwise string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !isSo() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			require.FailNow(t, otherwise)
		}
	}
}

// parse reads JSON that a command or the API printed.
func parse[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal([]byte(text), &v), "%s", text)
	return v
}
