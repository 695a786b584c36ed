package commands

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"praxis/domain/es"
)

// patience bounds how long a command waits for its turn on a stream.
const patience = 10 * time.Second

// turn waits until the commands of this process that came before are done with the
// stream, first come, first served, and returns what ends the turn. Commands on one
// stream would only take each other's revision away otherwise: all but one of those
// that decide at once have decided for nothing. It is no lock: between processes the
// store's expected revision judges, as it does when the cache forgets a stream whose
// turn is taken. Fault: "too_much_contention" after patience.
//
// A command that another one carries out before its own append, such as the claim of
// an account, is always one on another kind of stream, in the one order group, price
// book, claim, so that turns never wait for each other in a circle.
func (r *repository[S, E]) turn(ctx context.Context, stream es.Stream) (release func(), err error) {
	entry, _ := r.cached(stream)
	select {
	case entry.writing <- struct{}{}:
	default:
		ctx, cancel := context.WithTimeoutCause(ctx, patience, errContended)
		defer cancel()
		select {
		case entry.writing <- struct{}{}:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a turn on %s: %w", stream, context.Cause(ctx))
		}
	}
	return func() { <-entry.writing }, nil
}

// conflictRetries is how often a command decides again after another process has
// appended first.
const conflictRetries = 24

// The pause after a conflict is random between nothing and a bound that doubles from
// firstPause to longestPause. It stays near the duration of an append, because a
// process with many commands in its queue would always win against a longer one.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 32 * time.Millisecond
)

// backOff pauses before the attempt that follows so many lost ones.
func backOff(ctx context.Context, lost int) error {
	if lost == 0 {
		return nil
	}
	bound := min(longestPause, firstPause<<min(lost-1, 10))
	timer := time.NewTimer(rand.N(bound)) //nolint:gosec // jitter
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("decide again: %w", context.Cause(ctx))
	}
}
