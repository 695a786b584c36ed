package embedded_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

// insertDuplicate makes the server report an error that names a person.
func insertDuplicate(t *testing.T, s *embedded.Server) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.ConnString())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	for _, sql := range []string{
		"insert into person values ('Ada Lovelace')",
		"select 'Lovelace'::int",
	} {
		_, err = conn.Exec(t.Context(), sql)
		var pgErr *pgconn.PgError
		require.ErrorAs(t, err, &pgErr)
	}
}

// lines receives what is logged, a line each.
type lines chan string

// Write implements io.Writer.
func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

func TestServer_KilledOwner(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "data")

	t.Run("the server shuts down in order when its owner is killed", func(t *testing.T) {
		o := startOwner(t, dir, nil)
		o.kill(t)
		awaitNoServer(t, dir)
	})

	t.Run("the next owner waits for the last one's server and finds every row", func(t *testing.T) {
		for want := 2; want <= 4; want++ {
			o := startOwner(t, dir, nil)
			o.kill(t)
			require.Error(t, o.cmd.Wait())
			s := start(t, embedded.Config{DataDir: dir})
			require.NotEqual(t, o.serverPID, s.PID())
			require.Equal(t, want, query[int](t, s, "select count(*)::int from kept"))
			require.NoError(t, s.Stop(t.Context()))
		}
	})

	t.Run("an owner that is alive keeps the directory", func(t *testing.T) {
		o := startOwner(t, dir, nil)
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir})
		require.ErrorAs(t, err, new(*embedded.InUseError))
		require.ErrorContains(t, err, fmt.Sprintf("(pid %d)", o.cmd.Process.Pid))
		o.kill(t)
		awaitNoServer(t, dir)
	})

	t.Run("a server that was killed itself recovers, and its end is seen", func(t *testing.T) {
		s := start(t, embedded.Config{DataDir: dir})
		before := query[int](t, s, "select count(*)::int from kept")
		execSQL(t, s, "insert into kept values (2)")
		require.NoError(t, syscall.Kill(s.PID(), syscall.SIGKILL))
		<-s.Done()
		require.NoError(t, s.Stop(t.Context()))

		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, before+1, query[int](t, again, "select count(*)::int from kept"))
	})

	t.Run("a start waits for what is left of a server that was killed", func(t *testing.T) {
		s := start(t, embedded.Config{DataDir: dir})
		conn, err := pgx.Connect(t.Context(), s.ConnString())
		require.NoError(t, err)
		session := int(conn.PgConn().PID())
		// A stopped session cannot notice that its server is gone.
		require.NoError(t, syscall.Kill(session, syscall.SIGSTOP))
		t.Cleanup(func() { _ = syscall.Kill(session, syscall.SIGCONT) })
		require.NoError(t, syscall.Kill(s.PID(), syscall.SIGKILL))
		<-s.Done()

		waiting := make(lines, 16)
		again := make(chan *embedded.Server, 1)
		var failed error
		go func() {
			defer close(again)
			var started *embedded.Server
			started, failed = embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: slog.New(slog.NewTextHandler(waiting, nil))})
			again <- started
		}()
		require.Contains(t, <-waiting, "waiting for the processes of a PostgreSQL server that was killed")
		require.NoError(t, syscall.Kill(session, syscall.SIGCONT))
		started := <-again
		require.NoError(t, failed)
		require.NoError(t, started.Stop(t.Context()))
	})

	t.Run("a pid file whose pid is another program's now does not block the start", func(t *testing.T) {
		stale := filepath.Join(dir, "cluster", "postmaster.pid")
		content := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n", os.Getppid(), filepath.Join(dir, "cluster"), filepath.Join(dir, "socket"))
		require.NoError(t, os.WriteFile(stale, []byte(content), 0o600))
		s := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 1, query[int](t, s, "select 1"))
	})
}
