package projections

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// pace holds a rebuild to a number of events per second.
type pace struct {
	limit *rate.Limiter
	clock func() time.Time
	sleep func(context.Context, time.Duration) error
}

// newPace makes a pace of at most perSecond events, unbounded for 0. What may come at once
// is a tenth of a second's.
func newPace(perSecond int, clock func() time.Time, sleep func(context.Context, time.Duration) error) pace {
	p := pace{clock: clock, sleep: sleep, limit: rate.NewLimiter(rate.Inf, 0)}
	if perSecond > 0 {
		p.limit = rate.NewLimiter(rate.Limit(perSecond), max(1, perSecond/10))
	}
	return p
}

// wait returns when the next event may be handed over.
func (p pace) wait(ctx context.Context) error {
	if p.limit.Limit() == rate.Inf {
		return nil
	}
	now := p.clock()
	if delay := p.limit.ReserveN(now, 1).DelayFrom(now); delay > 0 {
		return p.sleep(ctx, delay)
	}
	return nil
}
