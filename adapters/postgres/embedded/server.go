package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Database is the database of the embedded cluster that praxis works in.
const Database = "praxis"

// Config says which private server to run.
type Config struct {
	// DataDir is the directory of this server, created when absent. It holds
	// the cluster, the lock, the log and, where its path is short enough, the
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
	// AccountDir is where the cluster goes when the account that the server runs
	// as cannot reach DataDir, which happens to root only; DataDir then holds a
	// link to it. Empty means DefaultAccountDir.
	AccountDir string
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
	log := cfg.Logger
	if log == nil {
		log = slog.Default()
	}
	dataDir, err := prepareDataDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	lock, err := lockDataDir(dataDir)
	if err != nil {
		return nil, err
	}
	defer lock.release()

	p, err := prepareCluster(ctx, cfg, dataDir, log)
	if err != nil {
		return nil, err
	}
	socket, err := socketDir(p.home, p.id)
	if err != nil {
		return nil, err
	}
	args, err := serverArgs(clusterIn(p.home), socket, cfg.Settings)
	if err != nil {
		return nil, err
	}
	return launchPatiently(ctx, launch{
		binaries: p.binaries, id: p.id, dataDir: dataDir, socketDir: socket, args: args, lock: lock, log: log,
	})
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
func chooseBinaries(given Binaries, major int, cluster string) (Binaries, error) {
	b, err := given, error(nil)
	switch {
	case given != Binaries{}:
	case major == 0:
		b, err = Find()
	default:
		b, err = DefaultSearch().FindMajor(major)
	}
	if err != nil {
		return Binaries{}, fmt.Errorf("find PostgreSQL for %s: %w", cluster, err)
	}
	if major != 0 && b.Major != major {
		return Binaries{}, &VersionError{Cluster: cluster, Data: major, Programs: b.Major}
	}
	return b, nil
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
	for _, step := range []struct {
		signal syscall.Signal
		grace  time.Duration
	}{
		{syscall.SIGINT, 30 * time.Second}, // fast: roll back, checkpoint, end
		{syscall.SIGQUIT, 5 * time.Second}, // immediate: end, recover later
		{syscall.SIGKILL, 5 * time.Second},
	} {
		s.proc.signal(step.signal)
		if ctx.Err() != nil {
			step.grace = min(step.grace, hurry)
		}
		grace := time.NewTimer(step.grace)
		// A second step does not wait for a context that has ended already.
		ended := ctx.Done()
		if step.signal != syscall.SIGINT {
			ended = nil
		}
		select {
		case <-s.proc.done:
			grace.Stop()
			return nil
		case <-ended:
			grace.Stop()
		case <-grace.C:
		}
		s.log.WarnContext(ctx, "PostgreSQL did not stop in time", "signal", step.signal.String())
	}
	return fmt.Errorf("PostgreSQL (pid %d) does not end", s.PID())
}
