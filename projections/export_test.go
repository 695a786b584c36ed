package projections

import "context"

// LeadAnyway runs the live projections without holding the lock of the leader,
// as a process would that was deposed and has not noticed.
func (r *Runner) LeadAnyway(ctx context.Context) error {
	return r.lead(ctx, func(ctx context.Context, _ func(string)) error {
		<-ctx.Done()
		return nil
	})
}

// Transient tells tests how an error is classified.
func Transient(err error) bool { return transient(err) }
