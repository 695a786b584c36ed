package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says how to connect.
type Config struct {
	// URL is a connection string as in DATABASE_URL, URL or keyword form.
	URL string
	// MaxConns bounds the pool; 0 means pool_max_conns of the URL, or else 10.
	MaxConns int32
	// StatementTimeout ends a statement that runs longer; 0 means 30 seconds. A
	// statement_timeout in the URL wins. Work that takes longer by design, such
	// as a rebuild, sets its own with "set local" in its transaction.
	StatementTimeout time.Duration
	// AllowPlaintext permits a connection without TLS to another host. It is
	// meant for a network that carries nothing else, such as that of one
	// machine's containers; patient data then crosses it readable.
	AllowPlaintext bool
	// StartupWait is how long Open waits for a server that is still starting;
	// 0 means 15 seconds.
	StartupWait time.Duration
	// Logger receives what a person should know; nil means slog.Default.
	Logger *slog.Logger
	// Tracer makes a span of every query: its text with $1 in place of values,
	// never the values.
	Tracer bool
}

// defaultMaxConns suits one process on two cores, with the projections' own
// connections, and stays far below a server's default limit of 100.
const defaultMaxConns = 10

// abandoned is how long a transaction stays open whose process says nothing, be it
// frozen or cut off: a row that it locked would keep another process from taking over
// (docs/adr/0027). No code of ours computes for that long between two statements;
// statements and COPY are not idle, however long they take.
const abandoned = 10 * time.Second

// NetworkTimeouts are the settings of a session whose server ends it when the client's
// machine has not answered for about the limit. Over a unix socket they do nothing.
func NetworkTimeouts(limit time.Duration) map[string]string {
	seconds := func(d time.Duration) string { return strconv.Itoa(max(1, int(d/time.Second))) }
	return map[string]string{
		"tcp_user_timeout":    milliseconds(limit),
		"tcp_keepalives_idle": seconds(limit / 2), "tcp_keepalives_interval": seconds(limit / 4), "tcp_keepalives_count": "2",
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Open returns a pool on which a connection has worked. Sessions run in UTC,
// times are read in UTC, and statements and idle transactions are bounded.
//
// An error never contains the connection string, which may hold a password.
func Open(ctx context.Context, cfg Config) (*pgxpool.Pool, error) {
	poolConfig, err := parse(cfg)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, poolConfig)
	if err != nil {
		return nil, fmt.Errorf("open the database pool: %w", err)
	}
	if err := awaitServer(ctx, pool, cmp.Or(cfg.StartupWait, 15*time.Second), cmp.Or(cfg.Logger, slog.Default())); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

func parse(cfg Config) (*pgxpool.Config, error) {
	if cfg.URL == "" {
		return nil, errors.New("the database URL is empty; set DATABASE_URL, or leave it unset for the embedded server")
	}
	poolConfig, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		// The cause is left out on purpose: it may quote the string.
		return nil, errors.New("DATABASE_URL is not a valid PostgreSQL connection string; it has the form postgres://user:password@host:5432/database?sslmode=verify-full")
	}
	conn := poolConfig.ConnConfig
	if !cfg.AllowPlaintext {
		if err := requireTLS(conn); err != nil {
			return nil, err
		}
	}
	if cfg.MaxConns != 0 || !strings.Contains(cfg.URL, "pool_max_conns") {
		poolConfig.MaxConns = cmp.Or(cfg.MaxConns, defaultMaxConns)
	}
	poolConfig.AfterConnect = readAndWriteValues
	conn.DialFunc = closingWhenCut(conn.DialFunc)
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = 10 * time.Second
	}

	timeout := cmp.Or(cfg.StatementTimeout, 30*time.Second)
	settings := NetworkTimeouts(abandoned)
	settings["application_name"] = "praxis"
	settings["statement_timeout"] = milliseconds(timeout)
	settings["idle_in_transaction_session_timeout"] = milliseconds(abandoned)
	// A plan that is made once for all practices is made for the average one. It reads a
	// large one row by row where an index finds little, and a small one by an index that
	// spans all. Planning takes a fraction of a millisecond; what writes read models says
	// otherwise in its transactions.
	settings["plan_cache_mode"] = "force_custom_plan"
	for name, value := range settings {
		if _, given := conn.RuntimeParams[name]; !given {
			conn.RuntimeParams[name] = value
		}
	}
	// Not a choice of the URL: every instant in praxis is UTC.
	conn.RuntimeParams["timezone"] = "UTC"
	if cfg.Tracer {
		conn.Tracer = otelpgx.NewTracer(otelpgx.WithDisableConnectionDetailsInAttributes())
	}
	return poolConfig, nil
}
