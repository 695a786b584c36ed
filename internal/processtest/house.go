// Package processtest has what the tests of process managers share: a practice
// on a log of its own with one journal, and a killer that ends a runner at any
// place at which it touches the world. It may import adapters and test
// libraries.
package processtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/commands/process"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/clocktest"
)

// House is one practice, to be founded, on an empty log, with an empty journal
// and a clock that only the test moves.
type House struct {
	*clocktest.Clock
	Pool     *pgxpool.Pool
	Registry *es.Registry
	Store    *memstore.Store
	Group    id.Group

	t    testing.TB
	made int
}

// NewHouse empties the journal and the outbox of the pool.
func NewHouse(t testing.TB, pool *pgxpool.Pool, now time.Time) *House {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	h := &House{Clock: clocktest.At(now), Pool: pool, Registry: registry, Group: id.Derive[id.Group]("practice"), t: t}
	h.Store = memstore.New(memstore.WithClock(h.Now))
	t.Cleanup(h.Store.Close)
	h.Forget()
	_, err = pool.Exec(t.Context(), "delete from praxis.outbox")
	require.NoError(t, err)
	return h
}

// Forget empties what Postgres knows of the processes, as a database does that
// was made anew.
func (h *House) Forget() {
	h.t.Helper()
	for _, table := range []string{"process_timer", "process_refusal", "process"} {
		_, err := h.Pool.Exec(h.t.Context(), "delete from praxis."+table)
		require.NoError(h.t, err)
	}
}

// Next makes the names of new things, the same in every run.
func (h *House) Next() string {
	h.made++
	return fmt.Sprint(h.made)
}

// Log is what happened, in order, with who did it and why.
func (h *House) Log() []string {
	h.t.Helper()
	var log []string
	for rec, err := range h.Store.ReadAll(context.WithoutCancel(h.t.Context()), catalog.Categories(), es.Position{}) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		log = append(log, fmt.Sprintf("%s@%d %s %s by %s command %s because %s of %s", rec.Stream, rec.Revision, rec.Type, rec.Data, env.Meta.Actor, env.Meta.Command, env.Meta.Causation, env.Meta.Correlation))
	}
	return log
}

// Settled says that a process has nothing to do at present.
func (h *House) Settled(s process.Status) bool {
	return !s.UpdatedAt.IsZero() && s.CaughtUp && (s.NextDue == nil || s.NextDue.After(h.Now()))
}
