package embedded_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

// Environment of a test process that plays the praxis process of a test.
const (
	ownerDirEnv     = "PRAXIS_EMBEDDED_TEST_OWNER"
	noNamespacesEnv = "PRAXIS_EMBEDDED_TEST_NO_NAMESPACES"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerDirEnv); dir != "" {
		if err := runOwner(dir); err != nil {
			fmt.Fprintln(os.Stdout, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// runOwner starts a server as the praxis process would, commits a row, says so
// and waits to be killed.
func runOwner(dir string) error {
	if os.Getenv(noNamespacesEnv) != "" {
		// This process is root of its own user namespace; in it, no further
		// namespace may be made, as in a container with default restrictions.
		if err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0o644); err != nil {
			return err
		}
	}
	ctx := context.Background()
	s, err := embedded.Start(ctx, embedded.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.ConnString())
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "create table if not exists kept (n int); insert into kept values (1)"); err != nil {
		return err
	}
	var rows int
	if err := conn.QueryRow(ctx, "select count(*) from kept").Scan(&rows); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "ready", s.PID(), rows)
	// A person's Ctrl-C must not be needed: the test kills this process.
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// sharedDir is a temporary directory that other accounts may pass through.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "praxis-pg-test-") //nolint:usetesting // t.TempDir is closed to other accounts.
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

// fast gives up durability for speed, where a test is about something else.
func fast() map[string]string { return map[string]string{"fsync": "off"} }

// start runs a server for the test, a fast one unless it has settings of its
// own, and stops it at the end.
func start(t *testing.T, cfg embedded.Config) *embedded.Server {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	if cfg.Settings == nil {
		cfg.Settings = fast()
	}
	s, err := embedded.Start(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.Stop(context.WithoutCancel(t.Context())))
	})
	return s
}

// query runs one statement that returns one value.
func query[T any](t *testing.T, s *embedded.Server, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.ConnString())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	var value T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	return value
}

// exec runs one statement.
func execSQL(t *testing.T, s *embedded.Server, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.ConnString())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

// owner is a child process that plays praxis on dir.
type owner struct {
	cmd *exec.Cmd
	// serverPID is the process id of its PostgreSQL server.
	serverPID int
	// rows is how many rows it has committed, it and all owners before it.
	rows int
}

// startOwner runs this test program as the praxis process of dir.
func startOwner(t *testing.T, dir string, attr *syscall.SysProcAttr, env ...string) owner {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self)
	cmd.Env = append(append(os.Environ(), ownerDirEnv+"="+dir), env...)
	cmd.SysProcAttr = attr
	_, err = cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	o := owner{cmd: cmd}
	line := make([]byte, 512)
	n, err := out.Read(line)
	require.NoError(t, err)
	_, err = fmt.Sscanf(string(line[:n]), "ready %d %d", &o.serverPID, &o.rows)
	require.NoError(t, err, "the owner said: %s", line[:n])
	return o
}

// kill ends the owner as the kernel's memory killer would.
func (o owner) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, o.cmd.Process.Signal(syscall.SIGKILL))
}

// awaitNoServer waits until the server of dir has shut down in order, which is
// when it has removed its pid file.
func awaitNoServer(t *testing.T, dir string) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, "cluster", "postmaster.pid"))
		return os.IsNotExist(err)
	}, time.Minute, 5*time.Millisecond)
}
