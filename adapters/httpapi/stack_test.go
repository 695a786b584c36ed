package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/cards"
	"praxis/adapters/cards/simulated"
	"praxis/adapters/collecting"
	"praxis/adapters/contacts"
	"praxis/adapters/cursors"
	"praxis/adapters/devissuer"
	"praxis/adapters/erasure"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/adapters/httpapi"
	areas "praxis/adapters/httpapi/all"
	"praxis/adapters/idempotency"
	"praxis/adapters/lookups"
	"praxis/adapters/mail"
	"praxis/adapters/memstore"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
	"praxis/adapters/readiness"
	"praxis/adapters/telemetry"
	"praxis/commands"
	"praxis/commands/notification"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/clocktest"
	"praxis/internal/logtest"
	"praxis/internal/runtest"
	"praxis/internal/stores"
	"praxis/projections"
	"praxis/projections/all"
)

// eventStore is the event store as all parts together use it.
type eventStore interface {
	commands.Store
	projections.Source
}

// stack is a whole installation behind a test server.
type stack struct {
	t        testing.TB
	api      http.Handler
	url      string
	client   *http.Client
	store    eventStore
	mem      *memstore.Store // nil on a real store
	registry *es.Registry
	pool     *pgxpool.Pool
	runner   *projections.Runner
	issuer   *devissuer.Issuer
	clock    *clocktest.Clock
	doc      *openapi3.T
	router   routers.Router
	metrics  *telemetry.Metrics
	cursors  *cursors.Sealer
	// engine and config are what the API was made of.
	engine commands.Config
	config httpapi.Config
	// logs is everything that was logged.
	logs *logtest.Buffer
	// position is that of the latest receipt; reads wait for it.
	position string
	// stopRunner ends the projections and waits for their end.
	stopRunner func()
}

// setup is what a test may change about a stack before it starts.
type setup struct {
	real   bool
	kind   *stores.Kind
	config func(*httpapi.Config)
}

// issuerURL is the issuer of all tokens; nothing listens there.
const issuerURL = "http://127.0.0.1:1/dev"

// newStack starts a stack that ends with the test: on a real Postgres with
// running projections, and on an event store in memory unless real is asked for.
func newStack(t testing.TB, change ...func(*setup)) *stack {
	t.Helper()
	var made setup
	for _, f := range change {
		f(&made)
	}
	s := &stack{t: t, pool: pgtest.New(t), clock: clocktest.At(monday), metrics: telemetry.NewMetrics(), logs: &logtest.Buffer{}}
	logger := slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	issuer := issuerURL
	if made.kind != nil {
		s.store = made.kind.Open(t)
		// On a shared log, the accounts of an earlier run belong to its practices.
		issuer += "/" + id.New[id.Group]().String()
	} else {
		s.openStore(logger, made.real)
	}
	var err error
	s.registry, err = catalog.Registry(es.Plain{})
	require.NoError(t, err)
	s.runner, err = projections.NewRunner(projections.Config{
		Pool: s.pool, Source: s.store, Registry: s.registry, Projectors: all.Projectors(),
		Categories: catalog.Categories(), Clock: s.clock.Now, Logger: logger,
		Leases: lease.New(s.pool.Config().ConnConfig, lease.Config{}),
	})
	require.NoError(t, err)
	require.NoError(t, projections.Install(t.Context(), s.pool, all.Projectors()...))
	s.issuer, err = devissuer.New(devissuer.Config{
		URL: issuer, KeyFile: filepath.Join(t.TempDir(), "key.pem"), People: people(), Audience: "praxis", Clock: s.clock.Now,
	})
	require.NoError(t, err)
	known, err := contacts.New(s.pool)
	require.NoError(t, err)
	s.cursors = &cursors.Sealer{Pool: s.pool}
	models := lookups.Lookups{Pool: s.pool, Log: s.store, Freshness: s.runner}
	s.engine = commands.Config{
		Store: s.store, Registry: s.registry, Clock: s.clock.Now, Logger: logger,
		Rosters: models, Appointments: models, Duplicates: models, Outbox: postOf(t, s.pool, s.clock.Now), Accounts: known,
	}
	config := httpapi.Config{
		Areas:   areas.Areas(),
		Cursors: s.cursors,
		Cards: collecting.Messages{
			Processor: simulated.Processor{}, Logger: logger,
			Observe: func(k cards.EventKind, r collecting.Result) { s.metrics.CountCardMessage(string(k), string(r)) },
		},
		Engine: commands.NewEngine(s.engine),
		Store:  s.store, Registry: s.registry, Pool: s.pool, Freshness: s.runner, Past: projections.NewPast(projections.PastConfig{Runner: s.runner, Log: s.store, Models: all.Foldables()}), Verifier: s.issuer.Verifier(), Keys: idempotency.Keys{Pool: s.pool}, Contacts: known,
		Ready: (&readiness.Board{Logger: logger, Timeout: 5 * time.Second, Parts: []readiness.Part{
			{Name: readiness.EventStore, Check: func(ctx context.Context) error { _, err := s.store.Tail(ctx); return err }},
			{Name: readiness.Database, Check: s.pool.Ping},
			{Name: "projections", Check: s.runner.Ready, Degrades: func(error) bool { return true }, Needs: []string{readiness.EventStore, readiness.Database}},
		}}).Look,
		LogRequests: true,
		Metrics:     s.metrics.Handler(), Observer: s.metrics, Logger: logger, Clock: s.clock.Now,
		MaxBody: 64 << 10, Timeout: 10 * time.Second, PerSecond: 1e6, Burst: 1e6, Version: "test",
	}
	config.Erasure = erasure.Erasure{Engine: config.Engine, Contacts: known, Outbox: postOf(t, s.pool, s.clock.Now)}
	if made.config != nil {
		made.config(&config)
	}
	s.serve(config)
	s.startRunner()
	return s
}

// postOf takes what is written to people; nobody sends it.
func postOf(t testing.TB, pool *pgxpool.Pool, clock func() time.Time) mail.Outbox {
	t.Helper()
	known, err := contacts.New(pool)
	require.NoError(t, err)
	return mail.Outbox{Pool: pool, Clock: clock, Contacts: known, Link: notification.Link{Template: "https://app.example.com/{group}/{invitation}", IsPage: true}}
}

// run is t.Run; what fails inside fails the subtest.
func (s *stack) run(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		outer := s.t
		s.t = t
		defer func() { s.t = outer }()
		f(t)
	})
}

func onRealStore(s *setup) { s.real = true }

// onEachStore runs a scenario on every kind of event store. The embedded node goes by
// the stack's clock, a server stamps events by its own.
func onEachStore(t *testing.T, f func(t *testing.T, s *stack)) {
	t.Helper()
	stores.Each(t, func(t *testing.T, k stores.Kind) {
		if k.Like == nil && !k.Shared {
			f(t, newStack(t, onRealStore))
			return
		}
		f(t, newStack(t, func(s *setup) { s.kind = &k }))
	})
}

func with(f func(*httpapi.Config)) func(*setup) { return func(s *setup) { s.config = f } }

func (s *stack) openStore(logger *slog.Logger, onDisk bool) {
	if !onDisk {
		s.mem = memstore.New(memstore.WithClock(s.clock.Now))
		s.store = s.mem
		s.t.Cleanup(s.mem.Close)
		return
	}
	node, err := eventnode.Open(eventnode.Config{Dir: s.t.TempDir(), Clock: s.clock.Now, Logger: logger})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, node.Close(context.WithoutCancel(s.t.Context()))) })
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address(), Logger: logger})
	require.NoError(s.t, err)
	s.t.Cleanup(store.Close)
	s.store = store
}

// serve puts the API behind a server and reads the document from it.
func (s *stack) serve(config httpapi.Config) {
	s.config = config
	api, err := httpapi.New(config)
	require.NoError(s.t, err)
	s.api = api
	server := httptest.NewServer(api)
	s.url, s.client = server.URL, server.Client()
	// Redirects would be answers that the document does not have.
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.t.Cleanup(server.Close)
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, "/openapi.json", nil))
	require.Equal(s.t, http.StatusOK, recorder.Code)
	served.Do(func() {
		if served.doc, served.err = openapi3.NewLoader().LoadFromData(recorder.Body.Bytes()); served.err == nil {
			served.router, served.err = gorillamux.NewRouter(served.doc)
		}
	})
	require.NoError(s.t, served.err)
	s.doc, s.router = served.doc, served.router
}

// served is the document as the first server serves it: all serve the same.
var served struct {
	sync.Once
	doc    *openapi3.T
	router routers.Router
	err    error
}

func (s *stack) startRunner() {
	s.stopRunner = runtest.Start(s.t, s.runner.Run)
}

// tail is the end of the log: equal tails mean that nothing was appended.
func (s *stack) tail() es.Position {
	s.t.Helper()
	at, err := s.store.Tail(s.t.Context())
	require.NoError(s.t, err)
	return at
}

// settle waits until every read model has seen everything, also what no answer
// told a position of.
func (s *stack) settle() {
	s.t.Helper()
	require.NoError(s.t, s.runner.WaitFor(s.t.Context(), s.tail()))
}

// monday is when every stack begins: nine o'clock in New York.
var monday = time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
