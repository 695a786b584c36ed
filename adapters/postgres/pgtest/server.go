package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres/embedded"
)

// URLEnv names the server to create test databases on.
const URLEnv = "PRAXIS_TEST_DATABASE_URL"

// running is the server of this test process.
type running struct {
	// maintenance is the URL of a database that stays; base is it parsed.
	maintenance string
	base        *url.URL
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

func startServer(ctx context.Context) (running, error) {
	given := os.Getenv(URLEnv)
	if given != "" {
		s, err := newRunning(given)
		if err != nil {
			return running{}, err
		}
		return s.withTemplate(ctx)
	}
	address, err := startEmbedded(ctx)
	if err != nil {
		return running{}, err
	}
	s, err := newRunning(address)
	if err != nil {
		return running{}, err
	}
	if err := s.dropLeftovers(ctx); err != nil {
		return running{}, err
	}
	return s.withTemplate(ctx)
}

func newRunning(address string) (running, error) {
	base, err := url.Parse(address)
	if err != nil || (base.Scheme != "postgres" && base.Scheme != "postgresql") {
		return running{}, errors.New(URLEnv + " has to be a URL of the form postgres://user@host:5432/database")
	}
	return running{maintenance: address, base: base}, nil
}

// url is the address of another database on the server.
func (s running) url(database string) string {
	other := *s.base
	other.Path = "/" + database
	return other.String()
}

// admin runs one statement on a connection of its own, so that nothing is left
// open between tests.
func (s running) admin(ctx context.Context, sql string) (err error) {
	conn, err := pgx.Connect(ctx, s.maintenance)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("prepare a test database: %w", err)
	}
	return nil
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
	// Others may pass through: as root, the server may run as another account.
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("create the directory of test clusters: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("inspect the directory of test clusters: %w", err)
	}
	if !info.IsDir() || !ownedByUs(info) {
		return "", fmt.Errorf("%s belongs to someone else; remove it or set TMPDIR", dir)
	}
	old, err := filepath.Glob(prefix + "*")
	if err != nil {
		return "", fmt.Errorf("list the directories of test clusters: %w", err)
	}
	for _, other := range old {
		if info, err := os.Lstat(other); other == dir || err != nil || !ownedByUs(info) {
			continue
		}
		if err := os.RemoveAll(other); err != nil {
			return "", fmt.Errorf("remove test clusters of an earlier start of the machine: %w", err)
		}
	}
	return dir, nil
}
