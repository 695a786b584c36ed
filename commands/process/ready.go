package process

import (
	"context"
	"fmt"
	"strings"

	"praxis/domain/fault"
)

// Ready returns nil unless a process lets a practice wait: then the fault
// "events_quarantined" names each that does, in its message and in its details.
func (r *Runner) Ready(ctx context.Context) error {
	names := make([]string, 0, len(r.Processes))
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	entries, err := r.Journal.Entries(ctx, names)
	if err != nil {
		return err
	}
	return quarantined(names, entries)
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
