package process

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
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
	// Clock returns the present instant, UTC; timers go by it.
	Clock func() time.Time
	// Logger gets names, ids and places, never data; nil discards.
	Logger *slog.Logger
	// Tick is how often timers and stopped processes are looked at; 0 means 1 s.
	Tick time.Duration
}

// Runner runs processes. Any number of Runners may share a journal: one leads,
// the others stand by.
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

// leads is how long an instance has to lead before that counts as working.
const leads = time.Second

// Run runs the processes while this instance leads, until ctx ends. It survives
// every outage of the stores.
func (r *Runner) Run(ctx context.Context) error {
	loop := &retry.Loop{What: "leading the processes", Logger: r.Logger}
	for ctx.Err() == nil {
		err := r.Journal.Lead(ctx, func(ctx context.Context) {
			defer time.AfterFunc(leads, loop.Worked).Stop()
			r.lead(ctx)
		})
		if ctx.Err() == nil && err != nil {
			loop.Failed(err.Error())
		}
		// The only error is that of ctx, which the loop checks.
		_ = loop.Pause(ctx)
	}
	return nil
}

// lead runs one lane per process until ctx ends, and waits for all of them. A
// process that is stuck holds back no other.
func (r *Runner) lead(ctx context.Context) {
	r.Logger.InfoContext(ctx, "processes: this instance leads")
	var wg sync.WaitGroup
	for _, p := range r.Processes {
		l := &lane{runner: r, process: p, loop: retry.Loop{What: "a process", Logger: r.Logger, Attrs: []any{"process", p.Name}}}
		wg.Go(func() { l.run(ctx) })
	}
	wg.Wait()
}

// Resume lets a stopped process go on at the very event or timer it stopped at.
// Fault: "unknown_process".
func (r *Runner) Resume(ctx context.Context, name string) error {
	if err := r.known(name); err != nil {
		return err
	}
	return r.Journal.Resume(ctx, name)
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
