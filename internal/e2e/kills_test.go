package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/eventstore"
	"praxis/adapters/postgres/embedded"
	"praxis/projections"
	"praxis/projections/all"
	"praxis/projections/roster"
)

// rowsEvery is after how many rounds of the trial every row is compared with a fold of the
// log; it is after the last in any case.
const rowsEvery = 10

// TestNothingIsLostWhateverIsKilled runs node, PostgreSQL, server and a rebuild of all read
// models as processes of their own, and kills one or two of them with -9 in each round, at
// random moments under the commands of eight clients. After every round every acknowledged
// command is in the log once and where its receipt says, every read model is proven to hold
// exactly the log, every invariant holds, and nothing is in the quarantine.
//
// PRAXIS_TEST_SEED repeats the choices of a run, PRAXIS_TEST_ROUNDS sets how many rounds
// there are; make trial/kills runs a hundred.
func TestNothingIsLostWhateverIsKilled(t *testing.T) {
	seed, rounds := fromEnv(t, "PRAXIS_TEST_SEED", rand.Uint64()), int(fromEnv(t, "PRAXIS_TEST_ROUNDS", 3))
	t.Logf("PRAXIS_TEST_SEED=%d PRAXIS_TEST_ROUNDS=%d", seed, rounds)
	k := newKills(t, rand.New(rand.NewPCG(seed, 0)))
	p := k.found(t)
	clients := newClients(t, p, seed)
	for round := range rounds {
		k.round(t, round, clients)
		promises := k.settle(t, p, clients)
		k.check(t, promises)
		if round == rounds-1 || round%rowsEvery == rowsEvery-1 {
			require.True(t, t.Run(fmt.Sprintf("rows after round %d", round), k.checkRows))
			k.server = k.serve(t, k.env()...)
		}
	}
	t.Logf("killed: %v; a rebuild was under way in %d rounds", k.killed, k.rebuilding)
	for _, victim := range victims[:min(rounds, len(victims))] {
		require.NotZero(t, k.killed[victim], victim)
	}
	for _, c := range clients {
		require.NotEmpty(t, c.promises, c.name)
	}
}

// What can be killed.
var victims = []string{"server", "PostgreSQL", "node", "rebuild"}

// kills is an installation of processes that can be killed one by one.
type kills struct {
	*installation
	random      *rand.Rand
	nodeAddress string
	storeURL    string
	// order is in which order the next rounds choose their first victims.
	order []string

	node, server, rebuild *process
	database              *embedded.Server
	// killed counts what was killed, rebuilding the rounds in which a rebuild ran then.
	killed     map[string]int
	rebuilding int
}

func newKills(t *testing.T, random *rand.Rand) *kills {
	t.Helper()
	k := &kills{installation: newInstallation(t), random: random, nodeAddress: freeAddress(t), killed: map[string]int{}}
	k.order = slices.Clone(victims)
	k.startDatabase(t)
	t.Cleanup(func() { require.NoError(t, k.database.Stop(context.WithoutCancel(t.Context()))) })
	k.node, k.storeURL = k.startNode(t, k.nodeAddress)
	k.server = k.serve(t, k.env()...)
	return k
}

func (k *kills) env() []string {
	return []string{"EVENTSTOREDB_URL=" + k.storeURL, "DATABASE_URL=" + k.database.ConnString()}
}

// startDatabase starts PostgreSQL, or starts it again where it was.
func (k *kills) startDatabase(t *testing.T) {
	t.Helper()
	started, err := embedded.Start(t.Context(), embedded.Config{DataDir: filepath.Join(k.dir, "postgres"), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	if k.database != nil {
		require.Equal(t, k.database.ConnString(), started.ConnString())
	}
	k.database = started
}

// round lets the clients work, kills what it is its turn and perhaps something else, and
// brings everything back.
func (k *kills) round(t *testing.T, round int, clients []*client) {
	t.Helper()
	var isOver atomic.Bool
	group, ctx := errgroup.WithContext(t.Context())
	for _, c := range clients {
		group.Go(func() error { return c.run(ctx, &isOver) })
	}
	awaitTraffic(ctx, t, clients[0].sent, int64(10+k.random.IntN(100)))
	first := k.order[0]
	if k.order = k.order[1:]; len(k.order) == 0 {
		k.order = slices.Clone(victims)
		k.random.Shuffle(len(k.order), func(n, m int) { k.order[n], k.order[m] = k.order[m], k.order[n] })
	}
	chosen := []string{first}
	if other := victims[k.random.IntN(len(victims))]; other != first && k.random.IntN(2) == 0 {
		chosen = append(chosen, other)
	}
	k.rebuild = k.startWith(t, k.env(), "projections", "rebuild", "--all")
	require.NoError(t, pause(ctx, time.Duration(k.random.IntN(700))*time.Millisecond))
	if !k.rebuild.isOver() {
		k.rebuilding++
	}
	for _, victim := range chosen {
		k.kill(t, victim)
	}
	t.Logf("round %d: killed %s", round, strings.Join(chosen, " and "))
	k.revive(t, chosen)
	awaitTraffic(ctx, t, clients[0].sent, 50)
	isOver.Store(true)
	require.NoError(t, group.Wait())
}

func (k *kills) kill(t *testing.T, victim string) {
	t.Helper()
	k.killed[victim]++
	switch victim {
	case "server":
		k.server.kill(t)
	case "node":
		k.node.kill(t)
	case "rebuild":
		k.rebuild.kill(t)
	case "PostgreSQL":
		require.NoError(t, syscall.Kill(k.database.PID(), syscall.SIGKILL))
		<-k.database.Done()
	}
}

// revive starts what was killed, as a supervisor would, and returns when the server is
// ready, which outlives node and PostgreSQL, and the rebuild is done.
func (k *kills) revive(t *testing.T, chosen []string) {
	t.Helper()
	if slices.Contains(chosen, "PostgreSQL") {
		k.startDatabase(t)
	}
	if slices.Contains(chosen, "node") {
		k.node, _ = k.startNode(t, k.nodeAddress)
	}
	if slices.Contains(chosen, "server") {
		k.server = k.startWith(t, k.env(), "serve")
	}
	k.awaitReady(t, k.server)
	// An outage ends a rebuild, or it waits; called again, it goes on where it was.
	code := k.rebuild.awaitExit(t)
	if code != 0 {
		require.True(t, len(chosen) > 1 || chosen[0] != "server", "the rebuild ended with %d: %s", code, k.rebuild.stderr.tail())
		o := k.runWith(t, k.env(), "projections", "rebuild", "--all")
		require.Equal(t, 0, o.code, o.stderr)
	}
}

// settle has everything answered and seen by the read models, and returns what the clients
// were promised.
func (k *kills) settle(t *testing.T, p *practice, clients []*client) (promises []promise) {
	t.Helper()
	for _, c := range clients {
		require.NoError(t, c.issueRefused(t.Context()))
		promises = append(promises, c.promises...)
	}
	p.awaitReadModels(t, promises)
	return promises
}

// check holds log and read models to what was promised.
func (k *kills) check(t *testing.T, promises []promise) {
	t.Helper()
	for _, look := range [][]string{{"projections", "verify", "--all", "--json"}, {"audit", "invariants"}, {"quarantine", "list", "--json"}} {
		o := k.runWith(t, k.env(), look...)
		require.Equal(t, 0, o.code, "praxis %s\n%s%s", strings.Join(look, " "), o.stdout, o.stderr)
		switch look[0] {
		case "projections":
			require.Equal(t, len(all.Projectors()), strings.Count(o.stdout, `"proven": true`), o.stdout)
		case "quarantine":
			require.Equal(t, "[]", strings.TrimSpace(o.stdout))
		}
	}
	store, err := eventstore.Open(eventstore.Config{URL: k.storeURL})
	require.NoError(t, err)
	defer store.Close()
	log := readLog(t, store)
	require.NoError(t, log.checkWhole())
	require.NoError(t, log.checkKept(promises))
	require.NoError(t, log.checkNumbers())
	require.NoError(t, log.checkBookings())
}

// checkRows compares every row with a fold of the log, after the server was stopped.
func (k *kills) checkRows(t *testing.T) {
	await(t, func() bool {
		o := k.runWith(t, k.env(), "projections", "status", "--json")
		require.Equal(t, 0, o.code, o.stderr)
		for _, s := range parse[[]projectionStatus](t, o.stdout) {
			if s.State == "running" && s.LagEvents > 0 {
				return false
			}
		}
		return true
	}, "the read models do not get to the end of the log")
	k.server.signal(syscall.SIGTERM)
	require.Equal(t, 0, k.server.awaitExit(t), "exit code after SIGTERM")
	store, err := eventstore.Open(eventstore.Config{URL: k.storeURL})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	live := openPool(t, k.database.ConnString())
	folded := fold(t, live, k.database.ConnString(), store)
	rows, err := checkReadModels(t, live, folded)
	require.NoError(t, err)
	folded.Close()
	_, err = live.Exec(t.Context(), "drop database fold_of_the_log")
	require.NoError(t, err)
	require.NotZero(t, rows[projections.Table(roster.Projector{}, "chart")])
	t.Logf("rows: %v", rows)
}

// isOver reports whether the process has ended.
func (p *process) isOver() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}
