package follower

import (
	"context"
	"errors"
	"time"

	"praxis/domain/es"
	"praxis/internal/retry"
)

// recheck is how often a member that must not go on is asked whether it may again.
const recheck = 250 * time.Millisecond

// lane keeps one member going while this process leads it. It trusts the member, not
// itself, for where that is.
type lane struct {
	config *Config
	hub    *hub
	member Member
	// loop is the trouble that the member has with the stores.
	loop *retry.Loop
	// at covers everything that the member was handed and took.
	at es.Position
	// arrived tells the hub that the member joined, or that it does not for now.
	arrived func()
}

// run follows the log for the member until ctx ends or the term has to.
func (l *lane) run(ctx context.Context) error {
	defer l.arrived()
	for ctx.Err() == nil {
		err := l.follow(ctx)
		l.arrived()
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, ErrEndTerm):
			return err
		case errors.Is(err, ErrNotNow):
			l.loop.Worked()
			// The only error is that of ctx, which the loop checks.
			_ = retry.Sleep(ctx, recheck)
		case errors.Is(err, errOverrun), errors.Is(err, errSetBack):
			l.config.Logger.DebugContext(ctx, "goes on with a subscription of its own", "name", l.member.Name(), "reason", err.Error())
		default:
			l.failed(ctx, err)
		}
	}
	return ctx.Err()
}

// failed notes a trouble and waits before the next attempt.
func (l *lane) failed(ctx context.Context, err error) {
	l.loop.Failed(l.config.Loggable(err))
	l.config.Retried(l.member.Name())
	// The only error is that of ctx, which every caller checks next.
	_ = l.loop.Pause(ctx)
}

// follow hands the member everything after its place, first what is there and then
// what comes.
func (l *lane) follow(ctx context.Context) error {
	var err error
	if l.at, err = l.member.Load(ctx); err != nil {
		return err
	}
	in := l.hub.join(l.member.Categories(), l.at)
	l.arrived()
	defer l.hub.leave(in)
	ticks := time.NewTicker(l.config.Tick)
	defer ticks.Stop()
	for {
		p, err := in.take(ctx, l.config.BatchSize, l.config.BatchWait, ticks.C)
		if err != nil {
			return err
		}
		if err := l.hand(ctx, p); err != nil {
			return err
		}
	}
}

// errSetBack says that a member is before what it was handed: it was set back, or had
// not kept all of it.
var errSetBack = errors.New("the member is before what it was handed")

// hand hands over one portion, as often as it takes. An error means that the member
// has to be asked anew where it is.
func (l *lane) hand(ctx context.Context, p Portion) error {
	for {
		err := l.member.Take(ctx, p)
		switch {
		case err == nil:
			l.at = p.UpTo
			l.loop.Worked()
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrNotNow), errors.Is(err, ErrEndTerm):
			return err
		}
		l.failed(ctx, err)
		at, err := l.reload(ctx)
		if err != nil {
			return err
		}
		if at.Before(l.at) {
			return errSetBack
		}
		for len(p.Events) > 0 && !at.Before(p.Events[0].Recorded.Position) {
			p.Events = p.Events[1:]
		}
	}
}

// reload asks the member where it is until it answers.
func (l *lane) reload(ctx context.Context) (es.Position, error) {
	for {
		at, err := l.member.Load(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrNotNow) || errors.Is(err, ErrEndTerm) {
			return at, err
		}
		l.failed(ctx, err)
		if ctx.Err() != nil {
			return at, ctx.Err()
		}
	}
}
