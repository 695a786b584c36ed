package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// explained is how many questions have their statement and its plan kept.
const explained = 10

// explain keeps how long every question took, and for the slowest the statement that
// took longest and how Postgres carries it out. The statements are those of this
// process, which asks the same handlers.
func (s *scale) explain(ctx context.Context, slow []answered) error {
	return s.beside(ctx, func(i *installation) error {
		seen := &statements{}
		c := i.pool.Config()
		c.ConnConfig.Tracer = seen
		pool, err := pgxpool.NewWithConfig(ctx, c)
		if err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		defer pool.Close()
		i.pool = pool
		handler, err := (&server{installation: i, url: s.config.BaseURL()}).handler()
		if err != nil {
			return err
		}
		var out bytes.Buffer
		done := map[string]bool{}
		for _, a := range slow {
			if key := a.Operation + a.who; len(done) < explained && !a.IsFile && !done[key] {
				done[key] = true
				if err := s.explainOne(ctx, &out, a, handler, pool, seen); err != nil {
					return err
				}
			}
		}
		fmt.Fprintf(&out, "\nAll questions, the slowest first: p50, p95\n")
		for _, a := range slow {
			fmt.Fprintf(&out, "%10s %10s  %s\n", a.row.P50.Round(10*time.Microsecond), a.row.P95.Round(10*time.Microsecond), a.row.What)
		}
		err = errors.Join(os.MkdirAll(filepath.Dir(s.plans), 0o755), os.WriteFile(s.plans, out.Bytes(), 0o600)) //nolint:gosec // G301: a directory of reports.
		s.progress("the plans of the slowest are in %s", s.plans)
		return err
	})
}

func (s *scale) explainOne(ctx context.Context, out *bytes.Buffer, a answered, handler http.Handler, pool *pgxpool.Pool, seen *statements) error {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, a.Target, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+a.token)
	seen.take()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Fprintf(out, "\n== %s: p50 %s, p95 %s\n", a.row.What, a.row.P50, a.row.P95)
	all := seen.take()
	if len(all) == 0 {
		fmt.Fprintln(out, "asks Postgres nothing")
		return nil
	}
	longest := slices.MaxFunc(all, func(a, b statement) int { return int(a.took - b.took) })
	fmt.Fprintf(out, "%d statements; the longest took %s:\n%s\n", len(all), longest.took, strings.TrimSpace(longest.sql))
	rows, err := pool.Query(ctx, "explain (analyze, buffers) "+longest.sql, longest.args...)
	if err == nil {
		var lines []string
		lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
		fmt.Fprintln(out, strings.Join(lines, "\n"))
	}
	if err != nil {
		return fmt.Errorf("explain %s: %w", a.row.What, err)
	}
	return nil
}

// statements notes what is asked of Postgres, and how long it took.
type statements struct {
	mu  sync.Mutex
	all []statement
}

type statement struct {
	sql   string
	args  []any
	begin time.Time
	took  time.Duration
}

type statementKey struct{}

// TraceQueryStart begins a statement.
func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, statement{sql: d.SQL, args: d.Args, begin: time.Now()})
}

// TraceQueryEnd ends it.
func (s *statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if st, is := ctx.Value(statementKey{}).(statement); is {
		st.took = time.Since(st.begin)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = append(s.all, st)
	}
}

// take hands out what was noted, and forgets it.
func (s *statements) take() []statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}
