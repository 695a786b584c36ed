package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres/embedded"
)

// URLEnv names the server to create test databases on.
const URLEnv = "PRAXIS_TEST_DATABASE_URL"

// running is the server of this test process.
type running struct {
	// address is the URL of a database that stays.
	address *url.URL
	// template is the name of the migrated template database.
	template string
	// copyOption is the option of create database that copies fastest.
	copyOption string
}

// shared starts the server of this process once; its tests share it. The
// process's end is the server's end, which package embedded sees to.
var shared = sync.OnceValues(func() (running, error) { return startServer(context.Background()) })

func server(t testing.TB) running {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("a PostgreSQL server for tests: %v", err)
	}
	return s
}

func startServer(ctx context.Context) (s running, err error) {
	address := os.Getenv(URLEnv)
	isOurs := address == ""
	if isOurs {
		if address, err = startEmbedded(ctx); err != nil {
			return running{}, err
		}
	}
	s.address, err = url.Parse(address)
	if err != nil || (s.address.Scheme != "postgres" && s.address.Scheme != "postgresql") {
		return running{}, errors.New(URLEnv + " has to be a URL of the form postgres://user@host:5432/database")
	}
	// On a connection of its own, so that nothing is left open between tests.
	// Closing it gives the lock of the template back.
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return running{}, fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	err = s.makeTemplate(ctx, conn, isOurs)
	return s, err
}

// url is the address of another database on the server.
func (s running) url(database string) string {
	other := *s.address
	other.Path = "/" + database
	return other.String()
}

// throwaway trades every guarantee of a test server for speed.
func throwaway() map[string]string {
	return map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
		"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "256MB", "checkpoint_timeout": "1h",
		"shared_buffers": "64MB", "max_connections": "200",
	}
}

// startEmbedded starts a server on the first cluster that no other test
// process has, and returns its address.
func startEmbedded(ctx context.Context) (string, error) {
	binaries, err := embedded.Find()
	if err != nil {
		return "", fmt.Errorf("find PostgreSQL: %w", err)
	}
	root, err := clustersDir(ctx)
	if err != nil {
		return "", err
	}
	const most = 64
	for n := range most {
		dir := filepath.Join(root, fmt.Sprintf("pg%d-%d", binaries.Major, n))
		s, err := embedded.Start(ctx, embedded.Config{
			DataDir: dir, Logger: slog.New(slog.DiscardHandler), Settings: throwaway(), Binaries: binaries,
		})
		if err == nil {
			return s.ConnString(), nil
		}
		if _, taken := errors.AsType[*embedded.InUseError](err); !taken {
			return "", fmt.Errorf("start the test server (its directory %s may be removed): %w", dir, err)
		}
	}
	return "", fmt.Errorf("%d test processes use PostgreSQL at once", most)
}

// clustersDir is the directory of this user's test clusters since the machine
// started. Clusters of an earlier start are removed: written without fsync,
// they may be damaged by a loss of power, and nothing in them is worth keeping.
func clustersDir(ctx context.Context) (string, error) {
	prefix := filepath.Join(os.TempDir(), "praxis-pgtest-"+strconv.Itoa(os.Geteuid())+"-")
	dir := prefix + bootID(ctx)
	// Others may pass through: as root, the server runs as another account.
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("create the directory of test clusters: %w", err)
	}
	found, err := filepath.Glob(prefix + "*")
	if err != nil {
		return "", fmt.Errorf("list the directories of test clusters: %w", err)
	}
	for _, other := range found {
		switch isOurs := isOurDir(other); {
		case other == dir && !isOurs:
			return "", fmt.Errorf("%s belongs to someone else; remove it or set TMPDIR", dir)
		case other == dir || !isOurs:
			continue
		}
		if err := os.RemoveAll(other); err != nil {
			return "", fmt.Errorf("remove test clusters of an earlier start of the machine: %w", err)
		}
	}
	return dir, nil
}

// bootID names the current start of the machine, "unknown" where the system
// does not tell; clusters then live until the temporary directory is cleared.
func bootID(ctx context.Context) string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		if id, err = exec.CommandContext(ctx, "sysctl", "-n", "kern.bootsessionuuid").Output(); err != nil {
			return "unknown"
		}
	}
	// The first group of the UUID keeps socket paths short.
	short, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(string(id))), "-")
	return short
}

func isOurDir(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
