package projtest

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// Plans returns how Postgres would carry out the statements that ask sends. What it
// is to choose by must be there: enough rows, and statistics of them.
func Plans(t testing.TB, pool *pgxpool.Pool, ask func(*pgxpool.Pool) error) string {
	t.Helper()
	noted := &noting{}
	config := pool.Config()
	config.ConnConfig.Tracer = noted
	watched, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer watched.Close()
	require.NoError(t, ask(watched))
	var plans []string
	for _, s := range noted.statements {
		rows, err := pool.Query(t.Context(), "explain "+s.SQL, s.Args...)
		require.NoError(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err, s.SQL)
		plans = append(plans, strings.Join(lines, "\n"))
	}
	require.NotEmpty(t, plans, "it asks Postgres nothing")
	return strings.Join(plans, "\n\n")
}

// noting keeps the statements of one caller.
type noting struct{ statements []pgx.TraceQueryStartData }

// TraceQueryStart implements pgx.QueryTracer.
func (n *noting) TraceQueryStart(ctx context.Context, _ *pgx.Conn, s pgx.TraceQueryStartData) context.Context {
	n.statements = append(n.statements, s)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*noting) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
