package e2e_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	processes "praxis/commands/process"
	"praxis/projections"
	"praxis/projections/all"
	"praxis/projections/roster"
)

// TestToolsBesideAServerAndAlone runs the tools of operators and auditors while
// a server runs on the same data, and again after it was stopped.
func TestToolsBesideAServerAndAlone(t *testing.T) {
	i := newInstallation(t)
	server := i.serve(t)
	p := i.found(t)
	chart := p.people["olivia"].command(t, http.MethodPost, p.path("/charts"), "chart", p.newChart("Cole", "carla")).ID
	stranger := i.signIn(t, "farid").account
	status := map[string]string{"Idempotency-Key": "status", "Praxis-Reason": "Asked by phone"}
	var done receipt
	require.NoError(t, p.people["olivia"].send(t.Context(), http.MethodPut, p.path("/charts/%s/status", chart), status, object{"status": "inactive"}, &done))
	p.people["olivia"].get(t, p.path("/charts/%s", chart), done.Position, &object{})

	tools := func(t *testing.T) {
		t.Run("audit history", func(t *testing.T) { i.checkHistory(t, p, chart) })
		t.Run("projections status", func(t *testing.T) { i.checkStatus(t) })
		t.Run("processes status", func(t *testing.T) { i.checkProcesses(t) })
		t.Run("projections rebuild", func(t *testing.T) { i.checkRebuild(t) })
		t.Run("projections verify", func(t *testing.T) { i.checkVerify(t) })
		t.Run("projections verify --rows", func(t *testing.T) { i.checkRows(t) })
		t.Run("why", func(t *testing.T) { i.checkWhy(t, chart, p.people["olivia"].commandID("status").String()) })
		t.Run("migrate", func(t *testing.T) { i.checkMigrate(t) })
		t.Run("4: a stream and a projection that do not exist", func(t *testing.T) {
			o := i.run(t, "audit", "history", "chart-nowhere")
			require.Equal(t, 4, o.code)
			require.Contains(t, o.stderr, "(stream_not_found)")
			for _, verb := range []string{"rebuild", "resume"} {
				o = i.run(t, "projections", verb, "nothing")
				require.Equal(t, 4, o.code)
				require.Contains(t, o.stderr, "(unknown_projection)")
			}
			o = i.run(t, "processes", "refusals", "nothing")
			require.Equal(t, 4, o.code)
			require.Contains(t, o.stderr, "(unknown_process)")
		})
	}
	t.Run("beside a server", func(t *testing.T) {
		tools(t)
		t.Run("contacts forget", func(t *testing.T) { i.checkForget(t, p, stranger, true) })
		t.Run("7: a second server is refused", func(t *testing.T) { i.checkSecondServer(t) })
		t.Run("6: a rebuild beside a rebuild", func(t *testing.T) { i.checkContendedRebuild(t) })
		t.Run("a rebuild that was killed goes on when repeated", func(t *testing.T) { i.checkKilledRebuild(t, p, chart) })
	})
	i.stop(t, server)
	t.Run("alone", func(t *testing.T) {
		tools(t)
		t.Run("contacts forget", func(t *testing.T) { i.checkForget(t, p, stranger, false) })
		require.Zero(t, i.postgresPID(), "a tool stops the PostgreSQL that it started")
		t.Run("7: while a server starts", func(t *testing.T) { i.checkStarting(t) })
	})
}

// checkForget forgets somebody of whom something is known, or nothing.
func (i *installation) checkForget(t *testing.T, p *practice, stranger string, known bool) {
	t.Helper()
	type forgotten struct {
		Account  string
		WasKnown bool
	}
	require.Equal(t, forgotten{stranger, known}, parse[forgotten](t, i.succeed(t, "contacts", "forget", stranger, "--json")))
	table := i.succeed(t, "contacts", "forget", stranger)
	require.Contains(t, table, stranger)
	require.NotContains(t, table, "yes", "it is forgotten")
	o := i.run(t, "contacts", "forget", p.people["olivia"].account)
	require.Equal(t, 5, o.code)
	require.Contains(t, o.stderr, "(membership_active)")
	require.Equal(t, 2, i.run(t, "contacts", "forget", "olivia").code)
}

func (i *installation) checkHistory(t *testing.T, p *practice, chart string) {
	t.Helper()
	stream := "chart-" + p.group + "+" + chart
	actor := "member:" + p.members["olivia"]
	table := i.succeed(t, "audit", "history", stream)
	for _, shown := range []string{"who", "when (UTC)", "why", actor, "owner", "chart.create", "chart.change_status", "Asked by phone", "2 events."} {
		require.Contains(t, table, shown)
	}
	require.NotContains(t, table, "Cole", "patient data is shown on demand only")
	require.Contains(t, i.succeed(t, "audit", "history", "--data", stream), "Cole")

	entries := parse[[]struct {
		Revision                                             int64
		Event, Actor, Role, Command, CommandID, Reason, Data string
	}](t, i.succeed(t, "audit", "history", "--json", stream))
	require.Len(t, entries, 2)
	for n, entry := range entries {
		require.Equal(t, int64(n), entry.Revision)
		require.Equal(t, actor, entry.Actor)
		require.Equal(t, "owner", entry.Role)
		require.Empty(t, entry.Data)
	}
	require.Equal(t, "chart.create", entries[0].Command)
	require.Equal(t, p.people["olivia"].commandID("status").String(), entries[1].CommandID)
	require.Equal(t, "Asked by phone", entries[1].Reason)
}

// checkRows has the rows compared with what the log makes of it, alone and by a rebuild.
func (i *installation) checkRows(t *testing.T) {
	t.Helper()
	type compared struct{ Rows, Differ int64 }
	all := parse[[]struct {
		Name   string
		Proven bool
		Rows   *compared
	}](t, i.succeed(t, "projections", "verify", "--rows", "--json", "roster", "billing"))
	require.Len(t, all, 2)
	for _, v := range all {
		require.True(t, v.Proven)
		require.Zero(t, v.Rows.Differ)
	}
	require.Positive(t, all[1].Rows.Rows, "the roster has rows")
	require.Contains(t, i.succeed(t, "projections", "verify", "roster", "--rows"), "differ")
	rebuilt := parse[struct{ Compared []compared }](t, i.succeed(t, "projections", "rebuild", "roster", "--verify", "--json"))
	require.Equal(t, []compared{*all[1].Rows}, rebuilt.Compared)
	require.Contains(t, i.succeed(t, "projections", "rebuild", "roster", "--verify"), "and none differs.")
}

// checkWhy asks for the events behind the row of a chart, one of them of a command.
func (i *installation) checkWhy(t *testing.T, chart, command string) {
	t.Helper()
	said := i.succeed(t, "why", "roster.chart", chart)
	for _, part := range []string{"chart.created", "chart.status_changed", "status: active → inactive", "family_name (personal data)"} {
		require.Contains(t, said, part)
	}
	require.NotContains(t, said, "Cole")
	why := parse[struct {
		Table   string
		Differs []string
		Events  []struct{ Type, Actor, Did string }
	}](t, i.succeed(t, "why", "chart", "chart_id="+chart, "--json", "--data"))
	require.Equal(t, "roster.chart", why.Table)
	require.Empty(t, why.Differs)
	require.Len(t, why.Events, 2)
	require.Equal(t, "inserted", why.Events[0].Did)
	require.Contains(t, why.Events[1].Actor, "member:")
	require.Contains(t, i.succeed(t, "why", "chart", chart, "--data"), "Cole")
	for code, args := range map[int][]string{4: {"why", "nowhere", chart}, 2: {"why", "roster.chart", "nobody"}} {
		require.Equal(t, code, i.run(t, args...).code)
	}
	o := i.run(t, "why", "roster.chart", command)
	require.Equal(t, 4, o.code)
	require.Contains(t, o.stderr, "(row_not_found)")
}

// checkVerify has every read model proven, and one.
func (i *installation) checkVerify(t *testing.T) {
	t.Helper()
	proven := parse[[]struct {
		Name   string
		Proven bool
		Events int64 `json:"eventsApplied"`
	}](t, i.succeed(t, "projections", "verify", "--json"))
	require.Len(t, proven, len(all.Projectors()))
	for _, v := range proven {
		require.True(t, v.Proven, v.Name)
		if v.Name == "roster" {
			require.Positive(t, v.Events)
		}
	}
	require.Contains(t, i.succeed(t, "projections", "verify", "roster"), "exactly the log")
	require.Equal(t, 2, i.run(t, "projections", "verify", "roster", "--all").code)
	require.Equal(t, 4, i.run(t, "projections", "verify", "nothing").code)
}

// projectionStatus is what projections status says of one read model.
type projectionStatus struct {
	Name      string `json:"name"`
	Build     string `json:"build"`
	State     string `json:"state"`
	Events    int64  `json:"eventsApplied"`
	LagEvents int    `json:"lagEvents"`
}

// statuses returns by name what is said of the rows that are read, and by build what is
// said of others.
func (i *installation) statuses(t *testing.T) map[string]projectionStatus {
	t.Helper()
	own := map[string]string{}
	for _, p := range all.Projectors() {
		own[projections.Build(p)] = p.Name()
	}
	found := map[string]projectionStatus{}
	for _, s := range parse[[]projectionStatus](t, i.succeed(t, "projections", "status", "--json")) {
		found[cmp.Or(own[s.Build], s.Build)] = s
	}
	return found
}

// rosterBuild names the rows of the roster.
var rosterBuild = projections.Build(roster.Projector{})

func (i *installation) checkStatus(t *testing.T) {
	t.Helper()
	table := i.succeed(t, "projections", "status")
	statuses := i.statuses(t)
	for _, p := range all.Projectors() {
		require.Contains(t, table, p.Name())
		require.Equal(t, "running", statuses[p.Name()].State, p.Name())
	}
	require.Zero(t, statuses["roster"].LagEvents)
	require.NotZero(t, statuses["roster"].Events)
}

func (i *installation) checkRebuild(t *testing.T) {
	t.Helper()
	plans := parse[[]struct {
		Name          string
		Events, Bytes int64
	}](t, i.succeed(t, "projections", "rebuild", "--all", "--dry-run", "--json"))
	require.Len(t, plans, len(all.Projectors()))
	for _, plan := range plans {
		require.NotZero(t, plan.Bytes, plan.Name)
	}
	require.Contains(t, i.succeed(t, "projections", "rebuild", "roster", "--dry-run"), "Nothing was changed.")
	require.Equal(t, 2, i.run(t, "projections", "rebuild").code)
	require.Equal(t, 2, i.run(t, "projections", "rebuild", "--all", "roster").code)

	require.Contains(t, i.succeed(t, "projections", "rebuild", "--all"), " are rebuilt from ")
	answer := parse[struct {
		Projections []string
		Position    string
		Events      int
	}](t, i.succeed(t, "projections", "rebuild", "roster", "--json"))
	require.Equal(t, []string{"roster"}, answer.Projections)
	require.NotZero(t, answer.Events)
	require.Contains(t, i.succeed(t, "projections", "rollback", "roster"), "roster has its former rows again.")
	require.Contains(t, i.succeed(t, "projections", "status"), rosterBuild+"_old")
	i.succeed(t, "projections", "drop", rosterBuild+"_old")
	o := i.run(t, "projections", "rollback", "roster")
	require.Equal(t, 5, o.code)
	require.Contains(t, o.stderr, "(nothing_to_roll_back)")
	require.Equal(t, "running", i.statuses(t)["roster"].State)
}

func (i *installation) checkMigrate(t *testing.T) {
	t.Helper()
	require.Contains(t, i.succeed(t, "migrate"), "0001_projections.sql")
	status := parse[object](t, i.succeed(t, "migrate", "--json"))
	require.NotEmpty(t, status)
}

func (i *installation) checkSecondServer(t *testing.T) {
	t.Helper()
	o := i.runWith(t, []string{"PRAXIS_LISTEN=" + freeAddress(t)}, "serve")
	require.Equal(t, 7, o.code)
	require.Contains(t, o.stderr, "(data_in_use)")
	require.True(t, isReady(t.Context(), i.url()), "the first server is not disturbed")
}

// checkStarting plays a server that has the data directory and is not up yet.
func (i *installation) checkStarting(t *testing.T) {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(i.dir, "server.lock"), os.O_RDWR, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, lock.Close()) }()
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), "a stopped server has given its lock back")
	o := i.run(t, "projections", "status")
	require.Equal(t, 7, o.code)
	require.Contains(t, o.stderr, "(server_starting)")
}

// database connects to the database of a running server.
func (i *installation) database(t *testing.T) *pgx.Conn {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(i.dir, "server.json"))
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), parse[struct{ Database string }](t, string(raw)).Database)
	require.NoError(t, err)
	return conn
}

func execute(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err, strings.TrimSpace(sql))
}

// checkContendedRebuild holds back a rebuild in its middle and starts another.
func (i *installation) checkContendedRebuild(t *testing.T) {
	t.Helper()
	first, release := i.holdRebuild(t)
	o := i.run(t, "projections", "rebuild", "roster")
	require.Equal(t, 6, o.code)
	require.Contains(t, o.stderr, "(rebuild_in_progress)")
	release()
	require.Equal(t, 0, first.awaitExit(t))
}

// checkKilledRebuild kills a rebuild in its middle. Nobody who reads notices that, nor
// that it is repeated.
func (i *installation) checkKilledRebuild(t *testing.T, p *practice, chart string) {
	t.Helper()
	stop := i.readThroughout(t, p, chart)
	rebuild, release := i.holdRebuild(t)
	rebuild.kill(t)
	release()
	require.Equal(t, "building", i.statuses(t)[rosterBuild+"_next"].State)
	require.Equal(t, "running", i.statuses(t)["roster"].State)
	i.succeed(t, "projections", "rebuild", "roster")
	require.Equal(t, "running", i.statuses(t)["roster"].State)
	require.NotContains(t, i.statuses(t), rosterBuild+"_next")
	stop()
}

// readThroughout reads a chart and asks for readiness, again and again, until it is
// stopped. Every answer has to be whole and ready.
func (i *installation) readThroughout(t *testing.T, p *practice, chart string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			var entry struct{ Status string }
			if err := p.people["olivia"].send(t.Context(), http.MethodGet, p.path("/charts/%s", chart), nil, nil, &entry); err != nil {
				ended <- err
				return
			}
			if ready := isReady(t.Context(), i.url()); !ready || entry.Status != "inactive" {
				ended <- fmt.Errorf("ready: %v, the chart is %q", ready, entry.Status)
				return
			}
		}
		ended <- nil
	}()
	return func() {
		t.Helper()
		cancel()
		require.NoError(t, <-ended)
	}
}

// holdRebuild starts a rebuild of the roster and returns when it has its rows and is held
// back at its first index, until release.
func (i *installation) holdRebuild(t *testing.T) (rebuild *process, release func()) {
	t.Helper()
	conn := i.database(t)
	execute(t, conn, `
create function public.hold() returns event_trigger language plpgsql as $$
begin perform pg_advisory_xact_lock_shared(4711); end $$`)
	execute(t, conn, "create event trigger hold on ddl_command_start when tag in ('CREATE INDEX') execute function public.hold()")
	execute(t, conn, "select pg_advisory_lock(4711)")
	rebuild = i.start(t, "projections", "rebuild", "roster")
	await(t, func() bool {
		var held bool
		require.NoError(t, conn.QueryRow(t.Context(), "select exists (select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted)").Scan(&held))
		return held
	}, "the rebuild does not get to its first index")
	return rebuild, func() {
		execute(t, conn, "select pg_advisory_unlock(4711)")
		execute(t, conn, "drop function public.hold() cascade")
		// Waits for the transaction that was held back, whether its owner lives or not.
		execute(t, conn, "select from praxis.projection where build = '"+rosterBuild+"_next' for update")
		require.NoError(t, conn.Close(t.Context()))
	}
}

// checkProcesses looks at what Praxis does by itself, in both forms.
func (i *installation) checkProcesses(t *testing.T) {
	t.Helper()
	table := i.succeed(t, "processes", "status")
	for _, s := range parse[[]processes.Status](t, i.succeed(t, "processes", "status", "--json")) {
		require.Zero(t, s.Parked, s.Name)
		require.Contains(t, table, s.Name)
		require.Equal(t, "[]", strings.TrimSpace(i.succeed(t, "processes", "refusals", s.Name, "--json")))
	}
}
