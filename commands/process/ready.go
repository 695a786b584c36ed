package process

import (
	"context"
	"fmt"
	"strings"

	"praxis/domain/fault"
)

// Ready returns nil unless a process is stopped. Otherwise the fault
// "processes_stopped" names each with the code of its failure, in its message and
// in its details.
func (r *Runner) Ready(ctx context.Context) error {
	names := make([]string, 0, len(r.Processes))
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	entries, err := r.Journal.Entries(ctx, names)
	if err != nil {
		return err
	}
	reasons := map[string]string{}
	var told []string
	for _, name := range names {
		e := entries[name]
		if e.State != Stopped {
			continue
		}
		code := "unknown"
		if e.Failure != nil {
			code = e.Failure.Code
		}
		reasons[name] = code
		told = append(told, fmt.Sprintf("The process %s was stopped by a failure (%s).", name, code))
	}
	if len(told) == 0 {
		return nil
	}
	stopped := fault.New(fault.Unavailable, "processes_stopped", "%s `praxis processes status` says more, and `praxis processes resume NAME` lets one try again.", strings.Join(told, " "))
	stopped.Details = reasons
	return stopped
}
