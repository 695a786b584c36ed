package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/eventstore"
	"praxis/adapters/postgres/embedded"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/quarantine"
)

func TestFoundW8_ReadinessNamesTheReadModelAndTheReason(t *testing.T) {
	i, node, env := withNode(t)
	p := i.serve(t, append(env, "PRAXIS_READY_TIMEOUT=2s")...)
	practice := i.found(t)
	i.appendUnheardOf(t, env[0])

	r := i.awaitReadiness(t, func(r readiness) bool {
		return strings.Contains(r.Parts["projections"], "member_directory") && strings.Contains(r.Parts["processes"], "invitations")
	})
	require.Equal(t, http.StatusOK, r.status, "it can serve")
	require.True(t, r.Ready)
	require.Equal(t, []string{"projections", "processes"}, r.Degraded)
	require.Contains(t, r.Parts["projections"], "The read model member_directory lets 1 stream wait behind an event that it cannot apply; everything else goes on.")
	require.NotContains(t, r.Parts["projections"], "roster", "it consumes no such event")
	require.Contains(t, r.Parts["processes"], "The process invitations lets 1 practice wait behind what it cannot deal with; everything else goes on.")
	_, metrics := get(t, i.url()+"/metrics")
	require.Contains(t, metrics, "praxis_ready 1\n")
	require.Contains(t, metrics, `praxis_part_state{part="projections",state="degraded"} 1`)
	require.Contains(t, metrics, `praxis_process_parked{process="invitations"} 1`)
	await(t, func() bool {
		return strings.Contains(p.stderr.String(), `"part":"projections","state":"degraded","code":"events_quarantined","reason":"The read model`)
	}, "the log does not say it")

	// Every other practice goes on.
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), chart.Position, &object{})
	owner.get(t, practice.path("/members"), chart.Position, &object{})

	t.Run("FOUND-W4 an operator leaves it out, on record", func(t *testing.T) {
		o := i.runWith(t, env, "quarantine", "list")
		require.Equal(t, 0, o.code, o.stderr)
		require.Contains(t, o.stdout, "projection member_directory")
		require.Contains(t, o.stdout, "group.unheard_of")
		require.Contains(t, o.stdout, "event_unreadable")
		all := parse[[]quarantine.Entry](t, i.runWith(t, env, "quarantine", "list", "--json").stdout)
		first := fmt.Sprint(all[0].ID)
		o = i.runWith(t, env, "quarantine", "show", first)
		require.Contains(t, o.stdout, "A stored event cannot be read by this version of Praxis.")
		o = i.runWith(t, env, "quarantine", "retry", first)
		require.Equal(t, 0, o.code, o.stderr)
		require.Contains(t, o.stdout, "is parked now")
		require.Equal(t, 2, i.runWith(t, env, "quarantine", "skip", first, "--by", "pat").code, "without a reason")
		for _, e := range all {
			o = i.runWith(t, env, "quarantine", "skip", fmt.Sprint(e.ID), "--by", "pat", "--reason", "of no release")
			require.Equal(t, 0, o.code, o.stderr)
			require.Contains(t, o.stdout, "was left out")
		}
		require.Equal(t, 4, i.runWith(t, env, "quarantine", "skip", first, "--by", "pat", "--reason", "again").code, "it is not parked any more")
		i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusOK && len(r.Degraded) == 0 })
		o = i.runWith(t, env, "audit", "history", "quarantine-installation")
		require.Equal(t, 0, o.code, o.stderr)
		require.Contains(t, o.stdout, "operator:pat")
	})
	i.stop(t, p)
	node.kill(t)
}

func TestFoundW6_WithoutTheEventStoreNothingIsServedAndStatusIsShown(t *testing.T) {
	i, node, env := withNode(t)
	p := i.serve(t, append(env, "PRAXIS_READY_TIMEOUT=2s")...)
	practice := i.found(t)
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), chart.Position, &object{})
	node.kill(t)

	t.Run("what somebody may see is decided from the log, so queries fail with it", func(t *testing.T) {
		var refused *refusalError
		require.ErrorAs(t, owner.send(t.Context(), http.MethodGet, practice.path("/charts"), nil, nil, &object{}), &refused)
		require.Equal(t, http.StatusServiceUnavailable, refused.Status)
		require.Equal(t, "event_store_unavailable", refused.Code)
		r := i.readiness(t)
		require.Equal(t, http.StatusServiceUnavailable, r.status)
		require.Equal(t, []string{"event_store"}, r.Unavailable)
	})
	t.Run("status prints what Postgres knows", func(t *testing.T) {
		for command, said := range map[string]string{"projections": "running", "processes": "letters"} {
			o := i.runWith(t, env, command, "status")
			require.Equal(t, 0, o.code, o.stderr)
			require.Contains(t, o.stdout, "unknown")
			require.Contains(t, o.stdout, said)
		}
	})
	t.Run("and everything goes on by itself", func(t *testing.T) {
		address := strings.TrimPrefix(env[0], "EVENTSTOREDB_URL=esdb://")
		address, _, _ = strings.Cut(address, "?")
		i.startNode(t, address)
		i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusOK && len(r.Degraded) == 0 })
		owner.get(t, practice.path("/charts/%s", chart.ID), chart.Position, &object{})
		for _, state := range []string{"leading", "connection"} {
			require.LessOrEqual(t, strings.Count(p.stderr.String(), state), 40)
		}
		i.stop(t, p)
	})
}

// appendUnheardOf puts an event into the log that no release can read.
func (i *installation) appendUnheardOf(t *testing.T, env string) {
	t.Helper()
	store, err := eventstore.Open(eventstore.Config{URL: strings.TrimPrefix(env, "EVENTSTOREDB_URL=")})
	require.NoError(t, err)
	defer store.Close()
	_, err = store.Append(t.Context(), es.StreamOf(group.Category, id.New[id.Group]()), es.At(es.NoStream), []es.Proposed{{
		ID: id.New[id.Event](), Type: "group.unheard_of", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`),
	}})
	require.NoError(t, err)
}

// connect opens a session of a superuser on the database of a running installation.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// withDatabase is withNode with a PostgreSQL of the test's own, as with a configured
// one; admin is a session on another database of it.
func withDatabase(t *testing.T) (i *installation, env []string, admin *pgx.Conn, address string) {
	t.Helper()
	i, _, env = withNode(t)
	server, err := embedded.Start(t.Context(), embedded.Config{DataDir: filepath.Join(i.dir, "postgres"), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.WithoutCancel(t.Context()))) })
	u, err := url.Parse(server.ConnString())
	require.NoError(t, err)
	u.Path = "/postgres"
	return i, append(env, "DATABASE_URL="+server.ConnString(), "PRAXIS_READY_TIMEOUT=2s"), connect(t, u.String()), server.ConnString()
}

func runSQL(t *testing.T, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
}

func TestFoundW11_AReadOnlyDatabaseIsSaidOnce(t *testing.T) {
	i, env, admin, _ := withDatabase(t)
	p := i.serve(t, env...)
	practice := i.found(t)
	owner := practice.people["olivia"]
	before := strings.Count(p.stderr.String(), "\n")

	// Whoever leads loses its session, as in a fail-over to a standby.
	runSQL(t, admin, "alter system set default_transaction_read_only = on", "select pg_reload_conf()",
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = 'praxis'")
	r := i.awaitReadiness(t, func(r readiness) bool { return strings.HasPrefix(r.Parts["database"], "database_read_only: ") })
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.Equal(t, []string{"database"}, r.Unavailable)
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	require.Equal(t, "done", chart.Outcome, "the log takes what Postgres does not")
	// What is tried again every 25 ms would be tried some hundred times meanwhile.
	for began := time.Now(); time.Since(began) < 3*time.Second; {
		require.Equal(t, http.StatusServiceUnavailable, i.readiness(t).status)
	}
	said := strings.Count(p.stderr.String(), "\n") - before
	require.Less(t, said, 45, "each loop once or twice: %s", p.stderr.tail())
	t.Logf("%d lines", said)

	runSQL(t, admin, "set default_transaction_read_only = off", "alter system reset default_transaction_read_only", "select pg_reload_conf()")
	i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusOK && len(r.Degraded) == 0 })
	owner.get(t, practice.path("/charts/%s", chart.ID), chart.Position, &object{})
	await(t, func() bool { return strings.Contains(p.stderr.String(), "leading what follows the log works again") }, "the log does not say that it is over")
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.awaitExit(t))
}

func TestFoundW12_AnEmptiedDatabaseIsFilledAgainUnderTheRunningServer(t *testing.T) {
	i, env, admin, address := withDatabase(t)
	p := i.serve(t, env...)
	practice := i.found(t)
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts/%s", chart.ID), chart.Position, &object{})

	isFilled := func() {
		t.Helper()
		await(t, func() bool {
			position := map[string]string{"Praxis-Min-Position": chart.Position}
			return owner.send(t.Context(), http.MethodGet, practice.path("/charts/%s", chart.ID), position, nil, &object{}) == nil
		}, "the read models do not come back")
		i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusOK && len(r.Degraded) == 0 })
		require.NotContains(t, p.stderr.String(), `relation \"praxis.projection\" does not exist`)
	}
	t.Run("a database that is dropped and made anew", func(t *testing.T) {
		runSQL(t, admin, "drop database praxis with (force)", "create database praxis")
		isFilled()
	})
	t.Run("schemas that are dropped", func(t *testing.T) {
		inside := connect(t, address)
		rows, err := inside.Query(t.Context(), "select quote_ident(nspname) from pg_namespace where nspname !~ '^(pg_|information_schema|public)'")
		require.NoError(t, err)
		schemas, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		runSQL(t, inside, "drop schema "+strings.Join(schemas, ", ")+" cascade")
		isFilled()
	})
	t.Run("the schema praxis alone", func(t *testing.T) {
		runSQL(t, connect(t, address), "drop schema praxis cascade")
		isFilled()
	})
	t.Run("what comes afterwards is shown, too", func(t *testing.T) {
		second := owner.command(t, http.MethodPost, practice.path("/charts"), "second", practice.newChart("Drew", "carla"))
		owner.get(t, practice.path("/charts/%s", second.ID), second.Position, &object{})
		o := i.runWith(t, env, "processes", "status")
		require.NotContains(t, o.stdout, "stopped")
	})
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.awaitExit(t))
}

func TestFoundW12_AnEmptiedDatabaseIsFilledAgainUnderTwoServers(t *testing.T) {
	one, env, admin, _ := withDatabase(t)
	other := &installation{dir: one.dir, address: freeAddress(t)}
	env = append(env, "PRAXIS_PUBLIC_URL="+one.url())
	servers := map[*installation]*process{one: one.serve(t, env...), other: other.serve(t, env...)}
	practice := one.found(t)
	owner := practice.people["olivia"]
	first := owner.command(t, http.MethodPost, practice.path("/charts"), "first", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts/%s", first.ID), first.Position, &object{})

	runSQL(t, admin, "drop database praxis with (force)", "create database praxis")
	var second receipt
	for n, i := range []*installation{one, other} {
		owner.base = i.url()
		await(t, func() bool {
			position := map[string]string{"Praxis-Min-Position": first.Position}
			return owner.send(t.Context(), http.MethodGet, practice.path("/charts/%s", first.ID), position, nil, &object{}) == nil
		}, "the read models do not come back")
		i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusOK && len(r.Degraded) == 0 })
		// What one of them takes afterwards, both show.
		second = owner.command(t, http.MethodPost, practice.path("/charts"), fmt.Sprint("second ", n), practice.newChart("Drew", "carla"))
		for _, reader := range []*installation{one, other} {
			owner.base = reader.url()
			owner.get(t, practice.path("/charts/%s", second.ID), second.Position, &object{})
		}
	}
	for i, p := range servers {
		require.NotContains(t, p.stderr.String(), `relation \"praxis.projection\" does not exist`)
		p.signal(syscall.SIGTERM)
		require.Equal(t, 0, p.awaitExit(t), i.address)
	}
}

func TestFoundW12_AHalfEmptiedDatabaseEndsTheServerWithOneSentence(t *testing.T) {
	i, env, _, address := withDatabase(t)
	p := i.serve(t, env...)
	inside := connect(t, address)
	// As a release had it whose migrations made the tables of read models.
	runSQL(t, inside, "create schema roster", "drop schema praxis cascade")
	require.Equal(t, 7, p.awaitExit(t))
	require.Contains(t, p.stderr.String(), "praxis: The database has tables of Praxis, but the record of how they were made (praxis.migration) is gone.")
}

// balancer sends requests in turn to the servers whose readiness said yes last.
type balancer struct {
	servers []*url.URL
	isUp    []atomic.Bool
	turn    atomic.Int64
	refused atomic.Int64
}

func (b *balancer) watch(ctx context.Context) error {
	for ctx.Err() == nil {
		for n, server := range b.servers {
			b.isUp[n].Store(isReady(ctx, server.String()))
		}
		// The only error is that of ctx, which the loop checks.
		_ = pause(ctx, 20*time.Millisecond)
	}
	return nil
}

func (b *balancer) rewrite(r *httputil.ProxyRequest) {
	for range b.servers {
		if n := int(b.turn.Add(1)) % len(b.servers); b.isUp[n].Load() {
			r.SetURL(b.servers[n])
			return
		}
	}
	r.SetURL(b.servers[0])
}

func TestFoundW10_ARollingRestartRefusesNoRequest(t *testing.T) {
	one, env, _, _ := withDatabase(t)
	other := &installation{dir: one.dir, address: freeAddress(t)}
	b := &balancer{isUp: make([]atomic.Bool, 2)}
	for _, i := range []*installation{one, other} {
		u, err := url.Parse(i.url())
		require.NoError(t, err)
		b.servers = append(b.servers, u)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: b.rewrite, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		b.refused.Add(1)
		http.Error(w, err.Error(), http.StatusBadGateway)
	}})
	defer front.Close()
	env = append(env, "PRAXIS_PUBLIC_URL="+front.URL, "PRAXIS_DRAIN_PERIOD=1s")
	servers := map[*installation]*process{}
	for _, i := range []*installation{one, other} {
		servers[i] = i.serve(t, env...)
	}
	practice := one.found(t)
	owner := practice.people["olivia"]
	owner.base = front.URL
	watching, stopWatching := context.WithCancel(t.Context())
	defer stopWatching()
	running, ctx := errgroup.WithContext(t.Context())
	running.Go(func() error { return b.watch(watching) })
	await(t, func() bool { return b.isUp[0].Load() && b.isUp[1].Load() }, "the servers do not get ready")

	var sent atomic.Int64
	var isOver atomic.Bool
	for worker := range 4 {
		running.Go(func() error {
			for n := 0; !isOver.Load() || sent.Load() < 1000; n++ {
				var err error
				if n%4 == 0 {
					key := map[string]string{"Idempotency-Key": fmt.Sprintf("worker %d chart %d", worker, n)}
					err = owner.send(ctx, http.MethodPost, practice.path("/charts"), key, practice.newChart("Cole", "carla"), &receipt{})
				} else {
					err = owner.send(ctx, http.MethodGet, practice.path("/charts?limit=1"), nil, nil, &object{})
				}
				if err != nil {
					return fmt.Errorf("request %d: %w", sent.Load(), err)
				}
				sent.Add(1)
			}
			return nil
		})
	}
	for _, i := range []*installation{one, other} {
		servers[i].signal(syscall.SIGTERM)
		require.Equal(t, 0, servers[i].awaitExit(t))
		servers[i] = i.serve(t, env...)
		n := map[*installation]int{one: 0, other: 1}[i]
		await(t, func() bool { return b.isUp[n].Load() || ctx.Err() != nil }, "the balancer does not find the server again")
	}
	isOver.Store(true)
	go func() {
		for sent.Load() < 1000 && ctx.Err() == nil {
			_ = pause(ctx, 10*time.Millisecond)
		}
		stopWatching()
	}()
	require.NoError(t, running.Wait())
	require.Zero(t, b.refused.Load())
	t.Logf("%d requests during two restarts, none refused", sent.Load())
	for _, p := range servers {
		p.signal(syscall.SIGTERM)
		require.Equal(t, 0, p.awaitExit(t))
	}
}
