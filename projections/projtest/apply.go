package projtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Apply projects events into the model's tables without a runner and without a
// checkpoint, in one transaction: for property tests that draw many histories
// into one database, each of a practice of its own.
func Apply(t testing.TB, m Model, events ...Event) {
	t.Helper()
	log := NewLog(m.Registry)
	log.Record(t, events...)
	b := &pgx.Batch{}
	for _, rec := range log.events {
		envelope, err := m.Registry.Decode(rec)
		require.NoError(t, err)
		require.NoError(t, m.Projector.Project(b, envelope))
	}
	(&Spec{t: t, model: m}).inSchema(func(tx pgx.Tx) error {
		if b.Len() == 0 {
			return nil
		}
		return tx.SendBatch(t.Context(), b).Close()
	})
}
