package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/projections"
)

// errUnproven marks read models of which it is not proven that they hold what the log has.
var errUnproven = errors.New("not every read model is proven to hold exactly the events of the log")

// errRowsDiffer marks read models of which only the events are proven.
var errRowsDiffer = errors.New("every read model applied exactly the events of the log, and there are rows that differ from what these make")

const verifyHelp = `Prove that read models hold exactly the events of the log, each once. Every read
model keeps how many events it applied and a sum of their hashes, in the transaction
that writes its rows. This reads the log once, for all that are named, and compares.

What differs is narrowed down to a stretch of about 10,000 events; one or two events
that are missing or were applied twice are named. Events that wait in the quarantine,
or were left out on somebody's decision, are told and are no difference. The sums find
accidents, not forgery, and say which events were applied, not what became of the rows.

--rows makes the rows once more, too, in tables of their own that are removed afterwards,
and compares every row that is read with them, column for column, as of one position of
the log. It says of each row that differs what it should be, and which event last had a
part in it; praxis why explains the row. It takes the time and the space of a rebuild.

Each is compared up to the place in the log that it has reached; how far behind it is,
is told. It may run beside a server and changes nothing that is read. Without names it
looks at every read model. It exits with 0 if all is proven and with 8 if not.`

func newVerify(s *settings) *cobra.Command {
	var all, rows bool
	c := &cobra.Command{
		Use: "verify [NAME... | --all]", Short: "Prove that read models hold exactly the events of the log", Long: verifyHelp,
		Example: "  praxis projections verify\n  praxis projections verify roster --json\n  praxis projections verify roster --rows",
		Args: asUsage(func(_ *cobra.Command, args []string) error {
			if all && len(args) > 0 {
				return errors.New("name the read models, or give --all")
			}
			return nil
		}),
		RunE: s.with(func(c *cobra.Command, i *installation, names []string) error {
			m := newMeter(i.progress, "verify")
			found, err := i.runner.Verify(c.Context(), names, s.showing(m))
			if err != nil {
				return err
			}
			if !s.json {
				m.end()
			}
			if !rows {
				return showVerified(s, c, found)
			}
			var compared []projections.Comparison
			_, err = s.replacing(c.Context(), i, i.named(names), func(progress func(projections.Progress)) (err error) {
				compared, err = i.runner.CompareRows(c.Context(), names, progress)
				return err
			})
			if err != nil {
				return err
			}
			return showCompared(s, c, found, compared)
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "look at every read model, as without names")
	c.Flags().BoolVar(&rows, "rows", false, "compare every row with one that is made anew")
	return c
}

// showVerified prints what was found, and returns errUnproven unless all is proven.
func showVerified(s *settings, c *cobra.Command, found []projections.Verification) error {
	if err := answer(s, c, found, func(w io.Writer, found []projections.Verification) { printVerified(w, found, nil) }); err != nil {
		return err
	}
	for _, v := range found {
		if !v.Proven {
			return errUnproven
		}
	}
	return nil
}

// printVerified shows what was found of events, and of rows where they were compared.
func printVerified(w io.Writer, found []projections.Verification, compared []projections.Comparison) {
	header := table.Row{"projection", "position", "events", "verdict", "in the quarantine"}
	var mend []string
	printTable(w, header, found, func(v projections.Verification) table.Row {
		if !v.Proven && v.State != "" {
			mend = append(mend, v.Name)
		}
		return table.Row{v.Name, v.Position, v.EventsApplied, verdict(v, differing(compared, v.Name)), aside(v)}
	})
	for _, v := range found {
		for _, d := range v.Differences {
			printDifference(w, v.Name, d)
		}
	}
	if len(mend) > 0 {
		fmt.Fprintf(w, "\nThis makes the rows anew: praxis projections rebuild %s\n", strings.Join(mend, " "))
	}
}

// differing is how many rows of a read model differ, as far as they were compared.
func differing(compared []projections.Comparison, name string) (rows int64) {
	for _, c := range compared {
		if c.Name == name {
			rows += c.Differ
		}
	}
	return rows
}

// verdict says in a few words what was found; rows is how many differ.
func verdict(v projections.Verification, rows int64) string {
	switch {
	case rows > 0 && v.Proven:
		return fmt.Sprintf("the events; rows that differ: %d", rows)
	case rows > 0:
		return fmt.Sprintf("%s; rows that differ: %d", verdict(v, 0), rows)
	case v.Proven && v.LagEvents > 0:
		return fmt.Sprintf("exactly the log up to there, and behind by %s", lag(v.LagEvents, v.LagCapped, false))
	case v.Proven:
		return "exactly the log"
	case v.State == "":
		return "no rows yet"
	case v.EventsUnkept > 0:
		return fmt.Sprintf("unknown: of %d events it was not kept which\nthey are, as before this release; rebuild it", v.EventsUnkept)
	case v.EventsUnkept < 0:
		return fmt.Sprintf("its count of events is too low by %d", -v.EventsUnkept)
	case len(v.Differences) == 0:
		return "holds nothing of the log yet: it is being filled, or stands still"
	}
	return "differs"
}

// aside says what is not in the rows for a reason that is on record.
func aside(v projections.Verification) string {
	var parts []string
	if v.Waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d wait", v.Waiting))
	}
	if v.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d left out", v.Skipped))
	}
	return strings.Join(parts, ", ")
}

func printDifference(w io.Writer, name string, d projections.Difference) {
	fmt.Fprintf(w, "\n%s: after %s up to %s the log has %d events for it, and %d are applied.\n", name, d.After, d.UpTo, d.EventsInLog, d.EventsApplied)
	for _, e := range d.Events {
		fmt.Fprintf(w, "  %-11s  %s  %s@%d\n%15s%s, recorded %s\n", e.Wrong, e.Position, e.Stream, e.Revision, "", e.Type, e.RecordedAt.Format(time.RFC3339))
	}
	if len(d.Events) == 0 {
		fmt.Fprintln(w, "  Which they are cannot be told: they are more than two, or not in the log.")
	}
}
