package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"praxis/adapters/logidentity"
	"praxis/projections"
)

const restoreHelp = `Look how the event log and PostgreSQL fit together after either was put back from a
backup, and with --yes make PostgreSQL fit. The log is the truth: nothing in it is
changed, except that one without an identity is given one.

Stop all servers first, except those that say themselves that the log is not the right
one (log_identity in /readyz): they do nothing, and go on by themselves afterwards.
docs/howto/restore.md goes from the backup to the service.`

func newRestore(s *settings) *cobra.Command {
	var yes bool
	c := asking(s, &cobra.Command{
		Use: "restore", Short: "Make PostgreSQL fit a log that was put back", Long: restoreHelp,
		Example: "  praxis restore\n  praxis restore --yes",
	}, func(ctx context.Context, i *installation, _ []string) (restored, error) {
		r := logidentity.Restorer{Guard: i.guard, Models: i.runner}
		for _, p := range i.processes.Processes {
			if p.FromNow {
				r.FromNow = append(r.FromNow, p.Name)
			}
		}
		if yes {
			report, err := r.Mend(ctx)
			return restored{Report: report, Mended: !report.Fits}, err
		}
		report, err := r.Look(ctx)
		if err != nil || !report.Fits {
			return restored{Report: report}, err
		}
		behind, err := i.behind(ctx)
		return restored{Report: report, Behind: behind}, err
	}, printRestored)
	c.Flags().BoolVar(&yes, "yes", false, "do what it takes")
	return c
}

// restored is what was found, and whether it was mended.
type restored struct {
	logidentity.Report
	Mended bool `json:"mended"`
	// Behind are the read models and processes that have not seen all of the log, where it
	// fits: they go on by themselves.
	Behind []string `json:"behind,omitempty"`
}

// behind names the read models and processes for which there are events in the log.
func (i *installation) behind(ctx context.Context) (names []string, err error) {
	models, err := i.runner.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		if m.LagEvents > 0 && (m.State == "" || m.State == projections.Running) {
			names = append(names, m.Name)
		}
	}
	processes, err := i.processes.Status(ctx)
	for _, p := range processes {
		if !p.CaughtUp && !p.LagUnknown {
			names = append(names, p.Name)
		}
	}
	return names, err
}

// sentences say what a code means for both stores.
var sentences = map[string]string{
	"log_differs":        "This is another log than PostgreSQL was filled from.",
	"log_set_back":       "PostgreSQL is ahead of the log: the log was set back to an older copy.",
	"log_event_replaced": "PostgreSQL has read events that are not in the log: it was set back to an older copy, or replaced, and written to since.",
}

func printRestored(w io.Writer, r restored) {
	if r.Fits {
		fmt.Fprintln(w, "Log and PostgreSQL fit together. Nothing has to be mended.")
		if len(r.Behind) > 0 {
			fmt.Fprintf(w, "PostgreSQL is behind the log, and goes on by itself once a server runs: %s.\n", strings.Join(r.Behind, ", "))
		}
		return
	}
	fmt.Fprintln(w, sentences[r.Code])
	for _, group := range []struct {
		what  string
		names []string
	}{
		{"Read models that are filled again from the log", r.Refill},
		{"Processes that begin again and recognise what they did", r.Restart},
		{"What goes on after the last event that it has read", r.GoOn},
	} {
		if len(group.names) > 0 {
			fmt.Fprintf(w, "%s (%d): %s.\n", group.what, len(group.names), strings.Join(group.names, ", "))
		}
	}
	if r.Mended {
		fmt.Fprintln(w, "Done. Start the servers. Those that run go on by themselves.")
	} else {
		fmt.Fprintln(w, "Nothing was changed. Stop all servers; then `praxis restore --yes` does this.")
	}
}
