package process

import (
	"context"

	"praxis/domain/fault"
)

// Ready returns nil unless a process is stopped. Otherwise the fault
// "processes_stopped" names each with the code of its failure in its details.
func (r *Runner) Ready(ctx context.Context) error {
	names := make([]string, 0, len(r.Processes))
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	entries, err := r.Journal.Entries(ctx, names)
	if err != nil {
		return err
	}
	var unready *fault.Error
	for _, name := range names {
		e := entries[name]
		if e.State != Stopped {
			continue
		}
		if unready == nil {
			unready = fault.New(fault.Unavailable, "processes_stopped", "Some processes were stopped by a failure; see the details. `praxis processes status` says more, and `praxis processes resume` lets them try again.")
		}
		code := "unknown"
		if e.Failure != nil {
			code = e.Failure.Code
		}
		unready = unready.With(name, code)
	}
	if unready == nil {
		return nil
	}
	return unready
}
