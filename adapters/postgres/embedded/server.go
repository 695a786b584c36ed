package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Database is the database of the embedded cluster that praxis works in.
const Database = "praxis"

// readyTimeout bounds a start. Recovery after a crash replays the write-ahead
// log, which takes time in proportion to what was written since a checkpoint.
const readyTimeout = 2 * time.Minute

// Config says which private server to run.
type Config struct {
	// DataDir is the directory of this server, created when absent. It holds
	// the cluster, the locks, the log and, where its path is short enough, the
	// socket. One process at a time uses it.
	DataDir string
	// Logger receives what a person should know; nil means slog.Default.
	Logger *slog.Logger
	// Settings are PostgreSQL settings over the defaults, for example
	// {"shared_buffers": "1GB"}. Those that keep the socket private are refused.
	Settings map[string]string
	// Binaries are the server programs; the zero value means to find those
	// that fit the cluster in DataDir, or the newest usable ones for a new one.
	Binaries Binaries
}

// Server is a running private server. Its methods may be called concurrently.
type Server struct {
	proc      *process
	socketDir string
	log       *slog.Logger
}

// Start runs the server of cfg.DataDir and returns when it answers. The first
// start creates the cluster. ctx bounds the start only; the server then runs
// until Stop, or until this process ends.
//
// Errors to tell apart: *NotFoundError (nothing installed), *VersionError (the
// data belongs to another major version), *InUseError (another praxis process
// has the directory).
func Start(ctx context.Context, cfg Config) (*Server, error) {
	dataDir, err := prepareDataDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	cfg.DataDir, cfg.Logger = dataDir, cmp.Or(cfg.Logger, slog.Default())
	lock, err := lockDataDir(dataDir)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, cfg, lock)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	return s, nil
}

// start prepares the cluster and runs its server. What cannot work for another
// reason than missing programs is reported first, so that nothing is installed in
// vain.
func start(ctx context.Context, cfg Config, lock *os.File) (*Server, error) {
	cluster := clusterOf(cfg.DataDir)
	major, err := clusterMajor(cluster)
	if err != nil {
		return nil, err
	}
	as, err := chooseAccount(cluster)
	if err != nil {
		return nil, err
	}
	if as, err = as.reaching(ctx, cfg.DataDir, filepath.Dir(cluster)); err != nil {
		return nil, err
	}
	b, err := chooseBinaries(cfg.Binaries, major, cluster)
	if err != nil {
		return nil, err
	}
	if err := as.probe(ctx, b); err != nil {
		return nil, err
	}
	clusterLock, err := lockCluster(ctx, cfg.DataDir, cluster, cfg.Logger)
	if err != nil {
		return nil, err
	}
	// The processes of the cluster have it too and keep it.
	defer func() { _ = clusterLock.Close() }()
	if major == 0 {
		cfg.Logger.InfoContext(ctx, "creating a PostgreSQL cluster", "version", b.Version, "directory", cluster, "as", as.name)
		err = createCluster(ctx, b, as, clusterLock, cluster, cfg.Settings["fsync"] != "off")
	} else {
		err = as.ownTree(cluster)
	}
	if err != nil {
		return nil, err
	}
	socket, err := socketDir(cfg.DataDir, as)
	if err != nil {
		return nil, err
	}
	args, err := serverArgs(cluster, socket, cfg.Settings)
	if err != nil {
		return nil, err
	}
	output, begin, err := openLog(filepath.Join(cfg.DataDir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = output.Close() }()
	cmd := as.command(context.WithoutCancel(ctx), clusterLock, b.Postgres(), args...)
	cmd.Stdout, cmd.Stderr = output, output
	proc, err := startProcess(cmd, lock)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &Server{proc: proc, socketDir: socket, log: cfg.Logger}
	if err := s.awaitReady(ctx); err != nil {
		err = fmt.Errorf("start PostgreSQL %s on %s: %w; %s", b.Version, cfg.DataDir, err, logTail(output, begin))
		if stopErr := s.Stop(context.WithoutCancel(ctx)); stopErr != nil {
			s.log.ErrorContext(ctx, "PostgreSQL did not stop after a failed start", "error", stopErr.Error())
		}
		return nil, err
	}
	s.log.InfoContext(ctx, "PostgreSQL is ready", "version", b.Version, "programs", b.Dir, "pid", s.PID(), "as", as.name)
	return s, nil
}

// prepareDataDir creates the directory and returns its absolute path. As root
// others may pass through it, since the account that runs the server has to
// reach the cluster in it; what is inside is closed.
func prepareDataDir(dir string) (string, error) {
	if dir == "" {
		return "", fmt.Errorf("the embedded PostgreSQL needs a data directory")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("locate the data directory: %w", err)
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", fmt.Errorf("create the data directory: %w", err)
	}
	return dir, nil
}

// chooseBinaries takes the given programs, else finds those of the cluster's
// own major version, else the first usable ones for a new cluster.
func chooseBinaries(b Binaries, major int, cluster string) (_ Binaries, err error) {
	if b == (Binaries{}) {
		if b, err = DefaultSearch().FindMajor(major); err != nil {
			return Binaries{}, fmt.Errorf("find PostgreSQL for %s: %w", cluster, err)
		}
	}
	if major != 0 && b.Major != major {
		return Binaries{}, &VersionError{Cluster: cluster, Data: major, Programs: b.Major}
	}
	return b, nil
}

// awaitReady returns when the server accepts connections and has its database.
func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		err := s.ensureDatabase(ctx)
		if err == nil || !notYet(err) {
			return err
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("the server ended (%s)", s.proc.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("the server did not become ready: %w", ctx.Err())
		case <-poll.C:
		}
	}
}

// notYet says that a failed attempt may succeed later: no connection could be
// made, or the server is still recovering.
func notYet(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code == "57P03"
	}
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// ensureDatabase connects and creates the database where it is missing.
func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.connString("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{Database}.Sanitize())
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == "42P04" {
		return nil // It is there already.
	}
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// ConnString is the URL of the praxis database on the server's unix socket.
func (s *Server) ConnString() string { return s.connString(Database) }

// PID is the process id of the server.
func (s *Server) PID() int { return s.proc.cmd.Process.Pid }

// Done is closed when the server process has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.proc.done }

func (s *Server) connString(database string) string {
	query := url.Values{"host": {s.socketDir}, "port": {socketPort}, "user": {superuser}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query.Encode()}).String()
}

// hurry is how long a server may take over the harder signals once the time for its
// end is over: one that hangs takes none of them but the last.
const hurry = 250 * time.Millisecond

// Stop shuts the server down: open transactions are rolled back, everything
// committed is on disk. When ctx ends first the server is stopped harder; it
// then recovers from its write-ahead log at the next start, and nothing
// committed is lost. Stop returns when the process has ended, and again at
// once when called again.
func (s *Server) Stop(ctx context.Context) error {
	orderly, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	// Fast: roll back, checkpoint, end.
	if s.end(orderly, syscall.SIGINT) {
		return nil
	}
	grace := 5 * time.Second
	if ctx.Err() != nil {
		grace = hurry
	}
	// Immediate (end, recover later), and then without asking.
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		harder, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if s.end(harder, signal) {
			return nil
		}
	}
	return fmt.Errorf("PostgreSQL (pid %d) does not end", s.PID())
}

// end sends a signal and says whether the server has ended before ctx does.
func (s *Server) end(ctx context.Context, signal syscall.Signal) bool {
	// The only error is that the server has ended, which is what is wanted.
	_ = s.proc.cmd.Process.Signal(signal)
	select {
	case <-s.proc.done:
		return true
	case <-ctx.Done():
		s.log.WarnContext(ctx, "PostgreSQL did not stop in time", "signal", signal.String())
		return false
	}
}
