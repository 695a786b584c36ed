// Package follower follows the event log on behalf of its members, the read models
// and the processes: one subscription, and one decoding of each event, per process,
// whatever follows. A member turns events into rows or into effects and keeps its own
// place; the follower hands it every event of its categories, in order, and again what
// the member did not keep. A member that is slow, stopped or in trouble holds back no
// other. Where several processes share a database, each member is led by one of them
// at a time (ADR 27).
package follower

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/retry"
)

// Leases hands out the leadership of groups among the processes that share a
// database.
type Leases interface {
	// Lead waits until this process leads a group and then calls work. The context of
	// work ends when the lead is lost or ctx ends. Lead returns after work did, with
	// the reason.
	Lead(ctx context.Context, group string, work func(context.Context)) error
}

// Config is what a follower needs. Log, Registry, Leases and Categories are required.
type Config struct {
	Log      Log
	Registry *es.Registry
	Leases   Leases
	// Categories are all that is subscribed to: those of the members, and more where a
	// member is to know how far it is past events that it does not consume.
	Categories []es.Category
	// Prepare is called before this process leads a member; nil for nothing.
	Prepare func(ctx context.Context) error
	// MayWait judges whether an error of Prepare or Leases can pass; nil for always.
	MayWait func(error) bool
	// Check is called before every subscription. While it returns an error nothing is
	// handed over. Nil for nothing.
	Check func(ctx context.Context) error
	// Logger gets names, ids and places, never data; nil discards.
	Logger *slog.Logger
	// Loggable makes the text of an error that is safe to log; nil for the error's own.
	Loggable func(error) string
	// Retried is told of a member that is in trouble, by name, and of the subscription
	// with an empty name; nil for nothing.
	Retried func(name string)
	// BatchSize is the largest number of events in one portion; 0 means 500.
	BatchSize int
	// BatchWait is how long a portion may wait for more events while the subscription is
	// catching up; 0 means 50 ms. A caught-up portion never waits.
	BatchWait time.Duration
	// Tick is how often a member without events is handed an empty portion; 0 means 1 s.
	Tick time.Duration
}

// Follow follows the log for the members until ctx ends, and then returns nil. It
// survives every outage of the stores and the loss of leadership. It returns an error
// only where waiting cannot help.
func Follow(ctx context.Context, c Config, members ...Member) error {
	if c.Log == nil || c.Registry == nil || c.Leases == nil || len(c.Categories) == 0 {
		return errors.New("follower: a log, a registry, leases and categories are needed")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Check == nil {
		c.Check = func(context.Context) error { return nil }
	}
	if c.Loggable == nil {
		c.Loggable = error.Error
	}
	if c.MayWait == nil {
		c.MayWait = func(error) bool { return true }
	}
	if c.Retried == nil {
		c.Retried = func(string) {}
	}
	c.BatchSize = cmp.Or(c.BatchSize, 500)
	c.BatchWait = cmp.Or(c.BatchWait, 50*time.Millisecond)
	c.Tick = cmp.Or(c.Tick, time.Second)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h := &hub{config: &c, ctx: ctx}
	ready := newPreparation(c.Prepare)
	said := &retry.Loop{What: "leading what follows the log", Logger: c.Logger}
	defer h.work.Wait()
	var led sync.WaitGroup
	for _, m := range members {
		led.Go(func() {
			if err := lead(ctx, &c, h, ready, said, m); err != nil {
				cancel(err)
			}
		})
	}
	<-ctx.Done()
	led.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// leads is how long this process has to lead before that counts as working.
const leads = time.Second

// lead leads one member, term by term, until ctx ends.
func lead(ctx context.Context, c *Config, h *hub, ready *preparation, said *retry.Loop, m Member) error {
	// Each member has its own pace; what is wrong is the same for all of them, and is said once.
	var leading retry.Loop
	work := &retry.Loop{What: "following the log", Logger: c.Logger, Attrs: []any{"name", m.Name()}}
	for ctx.Err() == nil {
		var ended error
		lost := c.Leases.Lead(ctx, m.Name(), func(ctx context.Context) {
			defer time.AfterFunc(leads, func() { leading.Worked(); said.Worked() }).Stop()
			arrived := h.expect()
			defer arrived()
			if ended = ready.prepare(ctx); ended != nil {
				return
			}
			c.Logger.DebugContext(ctx, "this process leads", "name", m.Name())
			l := &lane{config: c, hub: h, member: m, loop: work, arrived: arrived}
			ended = l.run(ctx)
		})
		err := cmp.Or(ended, lost)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // The end of ctx is how a lead ends well.
		case err == nil, isGivenBack(lost):
			continue
		case errors.Is(err, ErrEndTerm) && c.Prepare != nil:
			ready.lost()
		case errors.Is(err, ErrEndTerm), !errors.Is(err, context.Canceled) && !c.MayWait(err):
			return err
		}
		leading.Failed("")
		said.Failed(c.Loggable(err))
		// The only error is that of ctx, which the loop checks.
		_ = leading.Pause(ctx)
	}
	return nil
}

// isGivenBack reports whether a lead ended because this process led more than its share,
// which is no trouble.
func isGivenBack(lost error) bool {
	f, ok := errors.AsType[*fault.Error](lost)
	return ok && f.Code == "leadership_given_back"
}

// preparation is done once for all members, and again after something was lost.
type preparation struct {
	work func(context.Context) error
	// turn is held by the one who prepares; it holds whether it was done.
	turn chan bool
}

func newPreparation(work func(context.Context) error) *preparation {
	p := &preparation{work: work, turn: make(chan bool, 1)}
	p.turn <- work == nil
	return p
}

// prepare returns once everything is prepared.
func (p *preparation) prepare(ctx context.Context) (err error) {
	select {
	case done := <-p.turn:
		if !done {
			err = p.work(ctx)
		}
		p.turn <- err == nil
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lost says that it has to be done again.
func (p *preparation) lost() {
	<-p.turn
	p.turn <- p.work == nil
}
