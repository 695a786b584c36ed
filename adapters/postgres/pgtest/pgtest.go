package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/postgres"
)

// databasePrefix begins the name of every database of a test.
const databasePrefix = "praxis_test_"

// New returns a pool on a migrated database that only this test has. The pool
// is closed and the database dropped when the test ends; a connection that the
// test has not given back by then fails it.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := open(t.Context(), URL(t))
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// URL returns the connection URL of a migrated database that only this test
// has. It is dropped, with force, when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	s := server(t)
	return s.create(t, s.template)
}

// EmptyURL is URL for a database without any migration.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return server(t).create(t, "template0")
}

// create makes a database from a template for the time of the test.
func (s running) create(t testing.TB, template string) string {
	t.Helper()
	name := databasePrefix + strings.ToLower(rand.Text())
	if err := s.admin(t.Context(), "create database "+quote(name)+" template "+quote(template)+s.copyOption); err != nil {
		t.Fatalf("create the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.admin(context.WithoutCancel(t.Context()), "drop database "+quote(name)+" with (force)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return s.url(name)
}

// admin runs one statement on a connection of its own.
func (s running) admin(ctx context.Context, sql string) (err error) {
	conn, err := pgx.Connect(ctx, s.address.String())
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return run(ctx, conn, sql)
}

// closePool closes the pool, which waits for every connection to come back.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Errorf("the test ended with %d database connection(s) not given back", pool.Stat().AcquiredConns())
	}
}

// open connects as praxis does. Plain text is allowed, for a test server in a
// container beside the tests.
func open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	pool, err := postgres.Open(ctx, postgres.Config{
		URL: url, MaxConns: 8, AllowPlaintext: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, fmt.Errorf("connect to the test server: %w", err)
	}
	return pool, nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
