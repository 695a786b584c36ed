package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/domain/es"
)

// numberOfClients send commands at the same time.
const numberOfClients = 8

// TestNothingAcknowledgedIsEverLost runs the real server under the commands of
// eight clients, kills it with -9 at random moments, and starts it again. Every
// client repeats what was not answered under the same Idempotency-Key. In the
// end every acknowledged command is in the log exactly once, exactly where its
// receipt says, and every row of every read model is what a fold of the log gives.
//
// PRAXIS_TEST_SEED repeats the choices of a run, PRAXIS_TEST_KILLS sets how
// often the server is killed.
func TestNothingAcknowledgedIsEverLost(t *testing.T) {
	seed, kills := fromEnv(t, "PRAXIS_TEST_SEED", rand.Uint64()), fromEnv(t, "PRAXIS_TEST_KILLS", 8)
	t.Logf("PRAXIS_TEST_SEED=%d PRAXIS_TEST_KILLS=%d", seed, kills)
	random := rand.New(rand.NewPCG(seed, 0))
	i := newInstallation(t)
	server := i.serve(t)
	p := i.found(t)
	clients := newClients(t, p, seed)

	var isOver atomic.Bool
	group, ctx := errgroup.WithContext(t.Context())
	for _, c := range clients {
		group.Go(func() error { return c.run(ctx, &isOver) })
	}
	for kill := range kills {
		awaitTraffic(ctx, t, clients[0].sent, int64(10+random.IntN(300)))
		server = i.killAndStart(t, server, kill, random)
	}
	awaitTraffic(ctx, t, clients[0].sent, 100)
	isOver.Store(true)
	require.NoError(t, group.Wait())

	var promises []promise
	for _, c := range clients {
		require.NoError(t, c.issueRefused(t.Context()))
		promises = append(promises, c.promises...)
	}
	p.awaitReadModels(t, promises)
	i.stop(t, server)

	store := i.openLog(t)
	log := readLog(t, store)
	require.NoError(t, log.checkWhole())
	require.NoError(t, log.checkKept(promises))
	require.NoError(t, log.checkNumbers())
	require.NoError(t, log.checkBookings())
	live, address := i.openDatabase(t)
	folded := fold(t, live, address, store)
	rows, err := checkReadModels(t, live, folded)
	require.NoError(t, err)
	t.Logf("%d events; rows: %v", len(log), rows)
	for _, table := range []string{"roster_v6.chart", "billing_v3.entry", "billing_v3.invoice", "billing_v3.ledger", "billing_v3.total", "calendar_v2.appointment", "calendar_v2.reserve"} {
		require.NotZero(t, rows[table], "rows in %s", table)
	}
	tally(t, promises)
	t.Run("every check can fail", func(t *testing.T) { checkTheChecks(t, log, promises, live, folded) })
}

func fromEnv(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	raw := os.Getenv(name)
	if raw == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(raw, 10, 64)
	require.NoError(t, err, name)
	return n
}

func newClients(t *testing.T, p *practice, seed uint64) []*client {
	t.Helper()
	var shared []string
	for n := range 3 {
		shared = append(shared, p.people["olivia"].command(t, http.MethodPost, p.path("/charts"), fmt.Sprintf("shared chart %d", n), p.newChart("Shared", clinicians[0])).ID)
	}
	// A day that has begun wherever the practice is.
	today := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	sent := new(atomic.Int64)
	var clients []*client
	for n := range numberOfClients {
		clients = append(clients, &client{
			correspondent: correspondent{name: fmt.Sprintf("client %d", n), sent: sent},
			practice:      p, random: rand.New(rand.NewPCG(seed, uint64(n)+1)), number: n, shared: shared,
			today: today,
		})
	}
	return clients
}

// awaitTraffic returns when the clients have sent some more requests, or when
// one of them has failed.
func awaitTraffic(ctx context.Context, t *testing.T, sent *atomic.Int64, more int64) {
	t.Helper()
	until := sent.Load() + more
	await(t, func() bool { return sent.Load() >= until || ctx.Err() != nil }, "the clients do not get on")
}

// killAndStart kills the server, every other time its PostgreSQL with it, and
// starts it again; every third time it is killed once more while it starts.
func (i *installation) killAndStart(t *testing.T, server *process, kill uint64, random *rand.Rand) *process {
	t.Helper()
	database := i.postgresPID()
	server.signal(syscall.SIGKILL)
	if kill%2 == 1 && isAlive(database) {
		_ = syscall.Kill(database, syscall.SIGKILL) // It may have ended by itself meanwhile.
	}
	server.awaitExit(t)
	if kill%3 == 2 {
		starting := i.start(t, "serve")
		require.NoError(t, pause(t.Context(), time.Duration(random.IntN(400))*time.Millisecond))
		starting.kill(t)
	}
	began := time.Now()
	server = i.serve(t)
	t.Logf("kill %d: ready again after %s", kill, time.Since(began).Round(time.Millisecond))
	return server
}

// awaitReadModels asks a query of each read model, so that all of them have
// seen everything that was acknowledged.
func (p *practice) awaitReadModels(t *testing.T, promises []promise) {
	t.Helper()
	var last es.Position
	for _, promise := range promises {
		if promise.receipt.Position == "" {
			continue
		}
		at, err := es.ParsePosition(promise.receipt.place())
		require.NoError(t, err)
		if last.Before(at) {
			last = at
		}
	}
	for _, query := range []string{"/charts", "/billing/history", "/appointments"} {
		p.people["olivia"].get(t, p.path("%s?limit=1", query), last.String(), &object{})
	}
}

// tally shows what the clients were told, and makes sure that the run was worth
// something: of every kind of command some were carried out, times were fought
// over, and some answers came only to a repeated request.
func tally(t *testing.T, promises []promise) {
	t.Helper()
	told := map[string]map[string]int{}
	outcomes := map[string]int{}
	for _, p := range promises {
		if told[p.kind] == nil {
			told[p.kind] = map[string]int{}
		}
		told[p.kind][p.refusal+p.receipt.Outcome]++
		outcomes[p.refusal+p.receipt.Outcome]++
	}
	for kind, counts := range told {
		t.Logf("%s: %v", kind, counts)
		require.NotZero(t, counts["done"], kind)
	}
	require.Len(t, told, 11)
	require.NotZero(t, told["book contended"]["taken"])
	t.Logf("%d answers; %d only after a repetition that found its command done", len(promises), outcomes["replayed"])
}
