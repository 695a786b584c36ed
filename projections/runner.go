package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/follower"
	"praxis/internal/retry"
)

// Config is what a Runner needs. Pool, Source, Registry, Categories and Clock
// are required.
type Config struct {
	// Pool is the Postgres that holds the read models and the checkpoints.
	Pool *pgxpool.Pool
	// Source is the event store.
	Source Source
	// Registry decodes the events.
	Registry *es.Registry
	// Projectors are the read models to keep.
	Projectors []Projector
	// Categories are the stream categories that are read, for all projections.
	Categories []es.Category
	// Clock returns the present instant, UTC.
	Clock func() time.Time
	// Leases hands out the leadership; needed by Run alone.
	Leases follower.Leases
	// Prepare brings the schema up to date before this process leads; nil for nothing.
	// It also makes a schema anew that was lost under a running process.
	Prepare func(ctx context.Context) error
	// Check is asked before every subscription whether the log is still the one that the
	// rows were made from. While it returns an error nothing is applied; nil for no check.
	Check func(ctx context.Context) error
	// Logger gets names, ids and positions, never data; nil discards.
	Logger *slog.Logger
	// Observer takes batches and failures; nil discards them.
	Observer Observer
	// BatchSize is the largest number of events in one live transaction; 0 means 500.
	BatchSize int
	// BatchWait is how long a batch may wait for more events while the
	// subscription is still catching up; 0 means 50 ms. A caught-up batch never waits.
	BatchWait time.Duration
	// RebuildBatchSize is the number of events in one transaction of a rebuild;
	// 0 means 5000.
	RebuildBatchSize int
	// RebuildRate is the largest number of events of the log per second that a rebuild
	// reads, so that it leaves something to others; 0 means as many as it can.
	RebuildRate int
	// FillFrom is the number of events in the log from which on read models that hold
	// nothing yet are filled by a rebuild; 0 means 10,000.
	FillFrom int
	// ReadyLag is how old the oldest unseen event may be before Ready complains;
	// 0 means 30 s.
	ReadyLag time.Duration
}

// Runner keeps read models up to date and answers how far they are. Any number
// of Runners, in any number of processes, may share a database: one leads, the
// others stand by. All methods may be called at any time, with or without Run.
type Runner struct {
	Config
	signal broadcast
	// filled remembers whether the read models were ever level with the log.
	filled filled
	// looking shares looks at where the projections are among all who wait.
	looking singleflight.Group
	// resting says that the last look at what is behind was not over in time.
	resting atomic.Bool
	// filling is held while read models are filled for the first time, left names the builds
	// that could not be, and long says that the log is long enough for it.
	filling chan struct{}
	left    sync.Map
	long    atomic.Bool
	// sleep is what a rebuild that is held to a rate does.
	sleep func(context.Context, time.Duration) error
}

// NewRunner checks the configuration and makes a Runner. It does no I/O.
func NewRunner(c Config) (*Runner, error) {
	if c.Pool == nil || c.Source == nil || c.Registry == nil || c.Clock == nil {
		return nil, errors.New("projections: a runner needs a pool, a source, a registry and a clock")
	}
	if len(c.Categories) == 0 {
		return nil, errors.New("projections: a runner needs the categories to read")
	}
	if err := check(c.Projectors); err != nil {
		return nil, fmt.Errorf("projections: %w", err)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = unobserved{}
	}
	c.BatchSize = cmp.Or(c.BatchSize, 500)
	c.BatchWait = cmp.Or(c.BatchWait, 50*time.Millisecond)
	c.RebuildBatchSize = cmp.Or(c.RebuildBatchSize, 5000)
	c.FillFrom = cmp.Or(c.FillFrom, 10_000)
	c.ReadyLag = cmp.Or(c.ReadyLag, 30*time.Second)
	return &Runner{Config: c, filling: make(chan struct{}, 1), sleep: retry.Sleep}, nil
}

// find returns the projector of that name. Fault: "unknown_projection".
func (r *Runner) find(name string) (Projector, error) {
	for _, p := range r.Projectors {
		if p.Name() == name {
			return p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "unknown_projection", "There is no projection of that name. `praxis projections status` lists them.")
}
