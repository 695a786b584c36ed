package process

import (
	"context"
	"fmt"
	"strings"

	"praxis/domain/fault"
)

// Ready returns nil unless a process is stopped or lets a practice wait. Otherwise the
// fault "processes_stopped" names each that is stopped with the code of its failure, in
// its message and in its details; where none is, "events_quarantined" names those that let
// practices wait.
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
		return quarantined(names, entries)
	}
	stopped := fault.New(fault.Unavailable, "processes_stopped", "%s `praxis processes status` says more, and `praxis processes resume NAME` lets one try again.", strings.Join(told, " "))
	stopped.Details = reasons
	return stopped
}

// quarantined names the processes that let practices wait; nil if none does.
func quarantined(names []string, entries map[string]Status) error {
	details := map[string]string{}
	var told []string
	for _, name := range names {
		switch n := entries[name].Parked; n {
		case 0:
			continue
		case 1:
			details[name] = "1 practice waits"
			told = append(told, fmt.Sprintf("The process %s lets 1 practice wait behind what it cannot deal with; everything else goes on.", name))
		default:
			details[name] = fmt.Sprintf("%d practices wait", n)
			told = append(told, fmt.Sprintf("The process %s lets %d practices wait behind what it cannot deal with; everything else goes on.", name, n))
		}
	}
	if len(told) == 0 {
		return nil
	}
	waits := fault.New(fault.Unavailable, "events_quarantined", "%s `praxis quarantine list` says more.", strings.Join(told, " "))
	waits.Details = details
	return waits
}
