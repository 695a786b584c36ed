package process

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/quarantine"
	"praxis/internal/follower"
)

// Config is what a Runner needs. Source, Registry, Journal and Clock are
// required.
type Config struct {
	Source    Source
	Registry  *es.Registry
	Journal   Journal
	Processes []Process
	// Check is asked before every subscription whether the log is still the one that the
	// processes dealt with. While it returns an error nothing is done; nil for no check.
	Check func(ctx context.Context) error
	// Leases hands out the leadership; needed by Run alone.
	Leases follower.Leases
	// Clock returns the present instant, UTC; timers go by it.
	Clock func() time.Time
	// Logger gets names, ids and places, never data; nil discards.
	Logger *slog.Logger
	// Tick is how often timers are looked at; 0 means 1 s.
	Tick time.Duration
}

// Runner runs processes. Any number of Runners may share a journal: each process is led
// by one of them, and the others stand by.
type Runner struct{ Config }

// NewRunner checks the configuration and makes a Runner. It does no I/O.
func NewRunner(c Config) (*Runner, error) {
	if c.Source == nil || c.Registry == nil || c.Journal == nil || c.Clock == nil {
		return nil, errors.New("processes: a runner needs a source, a registry, a journal and a clock")
	}
	if err := check(c.Processes); err != nil {
		return nil, err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Tick = cmp.Or(c.Tick, time.Second)
	return &Runner{Config: c}, nil
}

// Members returns the processes as what follows the log: each keeps its checkpoint, its
// timers and what was refused in the journal.
func (r *Runner) Members() []follower.Member {
	members := make([]follower.Member, 0, len(r.Processes))
	for _, p := range r.Processes {
		members = append(members, &lane{runner: r, process: p})
	}
	return members
}

// Run follows the log for the processes alone, until ctx ends. It needs Config.Leases.
// It survives every outage of the stores. A process that is stuck holds back no other.
func (r *Runner) Run(ctx context.Context) error {
	categories := []es.Category{quarantine.Category}
	for _, p := range r.Processes {
		categories = append(categories, p.Categories...)
	}
	slices.Sort(categories)
	return follower.Follow(ctx, follower.Config{
		Log: r.Source, Registry: r.Registry, Leases: r.Leases, Categories: slices.Compact(categories),
		Logger: r.Logger, Tick: r.Tick, Check: r.Check,
	}, r.Members()...)
}

// Refusals returns the latest commands of a process that a rule refused, the
// last first. Fault: "unknown_process".
func (r *Runner) Refusals(ctx context.Context, name string) ([]Refusal, error) {
	if err := r.known(name); err != nil {
		return nil, err
	}
	const most = 100
	return r.Journal.Refusals(ctx, name, most)
}

func (r *Runner) known(name string) error {
	if slices.ContainsFunc(r.Processes, func(p Process) bool { return p.Name == name }) {
		return nil
	}
	return fault.New(fault.NotFound, "unknown_process", "There is no process of that name. `praxis processes status` lists them.")
}
