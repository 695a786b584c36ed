package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/cards"
	"praxis/adapters/collecting"
	"praxis/adapters/config"
	"praxis/adapters/contacts"
	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/adapters/logidentity"
	"praxis/adapters/lookups"
	"praxis/adapters/postgres"
	"praxis/adapters/postgres/embedded"
	"praxis/adapters/postgres/lease"
	journal "praxis/adapters/processes"
	"praxis/adapters/telemetry"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/follower"
	"praxis/projections"
	"praxis/projections/all"
)

// installation is everything that runs on one machine: the stores, configured
// or embedded, and what works on them.
type installation struct {
	config   config.Config
	logger   *slog.Logger
	registry *es.Registry
	store    *eventstore.Store
	pool     *pgxpool.Pool
	// guard knows whether the log is the one that the database was filled from.
	guard  *logidentity.Guard
	runner *projections.Runner
	engine *commands.Engine
	// processes do what Praxis does by itself; they run beside the projections.
	processes *process.Runner
	// contacts say who the accounts are.
	contacts *contacts.Book
	metrics  *telemetry.Metrics
	// cards charges what practices pay for, and books record it.
	cards cards.Processor
	books processes.Config
	// databaseEnded closes when the private PostgreSQL ends; nil with another one.
	databaseEnded <-chan struct{}
	// endpoints are where the embedded parts can be reached by other processes.
	endpoints endpoints
	// progress is where it is told what takes long.
	progress io.Writer
	// verify has the embedded log checked whole before it is served.
	verify bool
	// ownsData says that this process has the lock of the data directory.
	ownsData bool
	// refuses is whether the event store refused the last append.
	refuses atomic.Bool
	closers []closer
}

// now is the wall clock. This is the only place that reads it for decisions.
func now() time.Time { return time.Now().UTC() }

// opening says how an installation is opened.
type opening struct {
	// isServer demands to be the only one on the data. Another command joins the
	// server that runs there already.
	isServer bool
	// verify checks the whole embedded log before anything is served from it.
	verify bool
}

var errNothingToVerify = fault.New(fault.Invalid, "verify_needs_embedded_log", "--verify checks the log of the embedded event node, and EVENTSTOREDB_URL names another store. Leave one of them out; praxis audit invariants checks what any store holds.")

// open starts or connects everything. What takes long is written to progress.
// Whatever was opened is closed again when a later part fails.
func open(ctx context.Context, c config.Config, logger *slog.Logger, how opening, progress io.Writer) (*installation, error) {
	if how.verify && c.EventStoreURL.IsSet() {
		return nil, errNothingToVerify
	}
	i := &installation{config: c, logger: logger, metrics: telemetry.NewMetrics(), verify: how.verify, progress: progress}
	if err := i.claimData(how.isServer); err != nil {
		return nil, err
	}
	steps := []func(context.Context) error{i.openRegistry, i.openStore, i.openDatabase, i.openRunner, i.openProcesses}
	if how.isServer {
		steps = slices.Insert(steps, 0, i.checkListen)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, within(c.ShutdownTimeout, i.close))
		}
	}
	return i, nil
}

// closer closes one part.
type closer struct {
	// name is how the part is called where it does not close in time.
	name  string
	close func(context.Context) error
}

// close closes everything in the reverse order of opening. Each part may take half
// of the time that ctx leaves; one that hangs is left behind and named.
func (i *installation) close(ctx context.Context) error {
	var all error
	for _, c := range slices.Backward(i.closers) {
		all = errors.Join(all, bounded(ctx, c.name, 2, c.close))
	}
	i.closers = nil
	return all
}

func (i *installation) onClose(name string, f func(context.Context) error) {
	i.closers = append(i.closers, closer{name, f})
}

// claimData takes the data directory, or finds out who has it.
func (i *installation) claimData(isServer bool) error {
	if i.config.EventStoreURL.IsSet() && i.config.DatabaseURL.IsSet() {
		return nil
	}
	release, err := lockData(i.config.DataDir)
	if errors.Is(err, errDataInUse) && !isServer {
		i.endpoints, err = readEndpoints(i.config.DataDir)
		return err
	}
	if err != nil {
		return err
	}
	i.ownsData = true
	i.onClose("the data directory", release)
	return nil
}

func (i *installation) openRegistry(context.Context) (err error) {
	i.registry, err = catalog.Registry(es.Plain{})
	return err
}

// openStore connects to the configured EventStoreDB, or to the embedded node:
// the one of a server that runs on the same data already, or else a new one.
func (i *installation) openStore(context.Context) error {
	c := eventstore.Config{URL: i.config.EventStoreURL.Reveal(), Logger: i.logger}
	if c.URL == "" {
		if i.endpoints.StoreSocket == "" {
			if err := i.openNode(); err != nil {
				return err
			}
		}
		c.Socket = i.endpoints.StoreSocket
	}
	store, err := eventstore.Open(c)
	if err != nil {
		return err
	}
	i.store = store
	i.onClose("the event store", func(context.Context) error { store.Close(); return nil })
	return nil
}

func (i *installation) openNode() error {
	if i.verify {
		fmt.Fprintln(i.progress, "Checking the whole event log.")
	}
	node, err := eventnode.Open(eventnode.Config{Dir: nodeDir(i.config), Logger: i.logger, Verify: i.verify})
	if err != nil {
		return fmt.Errorf("embedded event node: %w", err)
	}
	if i.verify {
		fmt.Fprintln(i.progress, "The event log is sound.")
	}
	i.onClose("the embedded event node", node.Close)
	i.endpoints.StoreSocket = node.Address()
	return nil
}

// nodeDir is where the embedded event node keeps the log.
func nodeDir(c config.Config) string { return filepath.Join(c.DataDir, "events") }

// openDatabase connects to the configured Postgres, or to the private one, and
// brings the schema up to date.
func (i *installation) openDatabase(ctx context.Context) error {
	url := i.config.DatabaseURL.Reveal()
	if url == "" {
		if i.endpoints.Database == "" {
			if err := i.openPostgres(ctx); err != nil {
				return err
			}
		}
		url = i.endpoints.Database
	}
	pool, err := postgres.Open(ctx, postgres.Config{URL: url, Logger: i.logger, Tracer: i.config.OTLPEndpoint != ""})
	if err != nil {
		return err
	}
	i.pool = pool
	i.onClose("the database connections", func(context.Context) error { pool.Close(); return nil })
	if i.contacts, err = contacts.New(pool); err != nil {
		return err
	}
	i.guard = &logidentity.Guard{Log: i.store, Pool: pool, Registry: i.registry, Clock: now}
	return postgres.Migrate(ctx, pool)
}

func (i *installation) openPostgres(ctx context.Context) error {
	c := embedded.Config{DataDir: filepath.Join(i.config.DataDir, "postgres"), Logger: i.logger}
	server, err := embedded.Start(ctx, c)
	if _, missing := errors.AsType[*embedded.NotFoundError](err); missing {
		if c.Binaries, err = embedded.Obtain(ctx, i.progress); err == nil {
			server, err = embedded.Start(ctx, c)
		}
	}
	if err != nil {
		return fmt.Errorf("private PostgreSQL: %w", err)
	}
	i.onClose("the private PostgreSQL", server.Stop)
	i.databaseEnded = server.Done()
	i.endpoints.Database = server.ConnString()
	return nil
}

func (i *installation) openRunner(context.Context) (err error) {
	i.runner, err = projections.NewRunner(projections.Config{
		Pool: i.pool, Source: i.store, Registry: i.registry, Projectors: all.Projectors(),
		Categories: catalog.Categories(), Clock: now, Logger: i.logger, Observer: projectionMetrics{i.metrics},
	})
	return err
}

// prepare brings the schema up to date before this process leads. A newer release may
// have migrated the database since this process started: it can go on beside that one,
// see package migrations.
func (i *installation) prepare(ctx context.Context) error {
	err := postgres.Migrate(ctx, i.pool)
	if _, newer := errors.AsType[*postgres.NewerSchemaError](err); newer {
		return nil
	}
	return err
}

// openProcesses makes the engine, and the processes that send it commands.
func (i *installation) openProcesses(context.Context) (err error) {
	models := lookups.Lookups{Pool: i.pool, Log: i.store, Freshness: i.runner}
	i.engine = commands.NewEngine(commands.Config{
		Store: meteredStore{logidentity.Guarded{Store: i.store, Guard: i.guard}, i.metrics, &i.refuses}, Registry: i.registry, Clock: now, Logger: i.logger, Rosters: models, OwnTrial: time.Duration(i.config.TrialDays) * 24 * time.Hour,
		Appointments: models, Duplicates: models, Accounts: i.contacts,
		Outbox: i.outbox(), SelfServiceConversion: i.config.SelfServiceConversion,
	})
	i.guard.Mended = i.engine.Forget
	if i.cards, err = openCards(i.config, i.metrics); err != nil {
		return err
	}
	i.books = processes.Config{Engine: i.engine, Registry: i.registry, Log: i.store, Charts: models, Appointments: models, Processor: collecting.Cards{Processor: i.cards}, Outbox: i.outbox(), Findings: findings{i.logger, i.metrics}}
	work := processes.All(i.books)
	i.processes, err = process.NewRunner(process.Config{
		Source: i.store, Registry: i.registry, Journal: journal.New(i.pool), Processes: work, Clock: now, Logger: i.logger,
	})
	if err == nil {
		i.metrics.WatchProcesses(i.processes.Status)
		i.metrics.WatchProjections(i.runner.Status)
	}
	return err
}

// follow keeps the read models up to date and the processes going until ctx ends: one
// subscription to the log for all of them. They begin anew after the log was found to be
// another one and that is mended.
func (i *installation) follow(ctx context.Context) error {
	return i.guard.Follow(ctx, i.followRightLog)
}

func (i *installation) followRightLog(ctx context.Context) error {
	return follower.Follow(ctx, follower.Config{
		Log: i.store, Registry: i.registry, Categories: catalog.Categories(), Logger: i.logger,
		Leases:  lease.New(i.pool.Config().ConnConfig, lease.Config{}),
		Prepare: i.prepare, Check: i.guard.Check,
		MayWait: projections.MayWait, Loggable: projections.Loggable, Retried: i.runner.Retried,
	}, append(i.runner.Members(), i.processes.Members()...)...)
}
