package postgres_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/pgtest"
)

func TestOpen_Session(t *testing.T) {
	address := pgtest.EmptyURL(t)
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: address, StatementTimeout: 50 * time.Millisecond})
	require.NoError(t, err)
	defer pool.Close()

	t.Run("sessions name themselves, run in UTC and are bounded", func(t *testing.T) {
		for setting, want := range map[string]string{
			"application_name": "praxis", "TimeZone": "UTC", "statement_timeout": "50ms",
			"idle_in_transaction_session_timeout": "10s",
		} {
			var got string
			require.NoError(t, pool.QueryRow(t.Context(), "select current_setting($1)", setting).Scan(&got))
			require.Equal(t, want, got, setting)
		}
	})

	t.Run("the server ends the session of a machine that answers no more", func(t *testing.T) {
		// Over a unix socket the server says 0 for them.
		sent := pool.Config().ConnConfig.RuntimeParams
		require.Equal(t, []string{"10000", "5", "2", "2"}, []string{
			sent["tcp_user_timeout"], sent["tcp_keepalives_idle"], sent["tcp_keepalives_interval"], sent["tcp_keepalives_count"],
		})
	})

	t.Run("a statement that runs too long is ended", func(t *testing.T) {
		_, err := pool.Exec(t.Context(), "select pg_sleep(60)")
		var pgErr *pgconn.PgError
		require.ErrorAs(t, err, &pgErr)
		require.Equal(t, "57014", pgErr.Code)
	})

	t.Run("instants are read in UTC, alone and in arrays", func(t *testing.T) {
		want := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
		var one time.Time
		var many []time.Time
		require.NoError(t, pool.QueryRow(t.Context(),
			"select timestamptz '2026-03-29 03:30+02', array[timestamptz '2026-03-29 03:30+02']").Scan(&one, &many))
		require.Equal(t, want, one)
		require.Equal(t, []time.Time{want}, many)
	})

	t.Run("the pool has the size that is asked for, by the config before the URL", func(t *testing.T) {
		require.Equal(t, int32(10), pool.Config().MaxConns)
		for want, cfg := range map[int32]postgres.Config{
			7: {URL: address + "&pool_max_conns=7"},
			3: {URL: address + "&pool_max_conns=7", MaxConns: 3},
		} {
			sized, err := postgres.Open(t.Context(), cfg)
			require.NoError(t, err)
			require.Equal(t, want, sized.Config().MaxConns)
			sized.Close()
		}
	})

	t.Run("what the URL says of names and bounds wins", func(t *testing.T) {
		own, err := postgres.Open(t.Context(), postgres.Config{URL: address + "&application_name=report&statement_timeout=5000&timezone=Asia/Tokyo"})
		require.NoError(t, err)
		defer own.Close()
		var name, timeout, zone string
		require.NoError(t, own.QueryRow(t.Context(),
			"select current_setting('application_name'), current_setting('statement_timeout'), current_setting('TimeZone')").Scan(&name, &timeout, &zone))
		require.Equal(t, "report", name)
		require.Equal(t, "5s", timeout)
		require.Equal(t, "UTC", zone, "the zone is not a choice")
	})
}

func TestOpen_Tracer(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(recorder)))
	t.Cleanup(func() { otel.SetTracerProvider(before) })

	pool, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.EmptyURL(t), Tracer: true})
	require.NoError(t, err)
	defer pool.Close()
	// Queries are traced within a request, not on their own.
	ctx, request := otel.Tracer("test").Start(t.Context(), "request")
	_, err = pool.Exec(ctx, "select $1::text", "Ada Lovelace")
	require.NoError(t, err)
	request.End()

	var text strings.Builder
	for _, span := range recorder.Ended() {
		text.WriteString(span.Name())
		for _, attribute := range span.Attributes() {
			text.WriteString(" " + string(attribute.Key) + "=" + attribute.Value.String())
		}
	}
	require.Contains(t, text.String(), "select $1::text")
	require.NotContains(t, text.String(), "Lovelace")
}

func TestOpen_Refuses(t *testing.T) {
	t.Run("plain text to another host, in every way it can be permitted", func(t *testing.T) {
		for _, address := range []string{
			"postgres://praxis:secret@db.example.org/praxis",
			"postgres://praxis:secret@db.example.org/praxis?sslmode=disable",
			"postgres://praxis:secret@db.example.org/praxis?sslmode=allow",
			"postgres://praxis:secret@db.example.org/praxis?sslmode=prefer",
			"postgres://praxis:secret@localhost,db.example.org/praxis?sslmode=disable",
			"host=203.0.113.7 user=praxis password=secret sslmode=disable",
		} {
			_, err := postgres.Open(t.Context(), postgres.Config{URL: address})
			require.ErrorContains(t, err, "sslmode=verify-full", address)
			require.NotContains(t, err.Error(), "secret")
		}
	})

	t.Run("an empty or malformed URL, without quoting it", func(t *testing.T) {
		_, err := postgres.Open(t.Context(), postgres.Config{})
		require.ErrorContains(t, err, "DATABASE_URL")
		for _, address := range []string{"postgres://praxis:secret@host:port/praxis", "postgres://praxis:secret@host/praxis?sslmode=sometimes", "praxis:secret"} {
			_, err = postgres.Open(t.Context(), postgres.Config{URL: address})
			require.ErrorContains(t, err, "not a valid PostgreSQL connection string")
			require.NotContains(t, err.Error(), "secret")
		}
	})

	t.Run("a database that does not exist, at once", func(t *testing.T) {
		missing := strings.Replace(pgtest.EmptyURL(t), "/praxis_test_", "/praxis_missing_", 1)
		_, err := postgres.Open(t.Context(), postgres.Config{URL: missing, StartupWait: time.Hour})
		var pgErr *pgconn.PgError
		require.ErrorAs(t, err, &pgErr)
		require.Equal(t, "3D000", pgErr.Code)
	})

	t.Run("a server that does not come up within the wait", func(t *testing.T) {
		_, err := postgres.Open(t.Context(), postgres.Config{
			URL: "postgres:///praxis?user=praxis&host=" + t.TempDir(), StartupWait: time.Millisecond,
		})
		require.ErrorContains(t, err, "did not accept connections within 1ms")
	})
}

func TestOpen_TLSTargets(t *testing.T) {
	// Nothing listens on port 1; whether TLS is demanded is decided before.
	for name, cfg := range map[string]postgres.Config{
		"loopback in plain text is accepted": {URL: "postgres://praxis@127.0.0.1:1/praxis?sslmode=disable"},
		"IPv6 loopback is accepted":          {URL: "postgres://praxis@[::1]:1/praxis?sslmode=disable"},
		"localhost is accepted":              {URL: "postgres://praxis@localhost:1/praxis"},
		"a unix socket is accepted":          {URL: "postgres:///praxis?user=praxis&host=" + filepath.Join(t.TempDir(), "none")},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.StartupWait = time.Millisecond
			_, err := postgres.Open(t.Context(), cfg)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "sslmode=verify-full")
		})
	}
}
