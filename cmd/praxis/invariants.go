package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/audit"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
)

// errViolations marks a log in which invariants are broken.
var errViolations = errors.New("the log breaks invariants")

const invariantsHelp = `Read the whole log and report everything in it that must not be.

Every stream is consistent by itself. What spans two of them, such as a chart and
the practice that its primary belongs to, is checked when a command is decided; this
finds what changed in the instant between, and what no command could have written.
A finding names rules, streams, revisions and ids, never people, and says what mends
it. docs/howto/operate.md says what each rule means.

It may run beside a server and changes nothing. It exits with 0 if every invariant
holds and with 8 if one does not.`

func newAuditInvariants(s *settings) *cobra.Command {
	var only string
	var practice id.Group
	c := &cobra.Command{
		Use: "invariants", Short: "Find everything in the log that must not be", Long: invariantsHelp, Args: exactArgs(0),
		Example: "  praxis audit invariants\n  praxis audit invariants --group 018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e --json",
		PreRunE: func(*cobra.Command, []string) (err error) {
			if only != "" {
				practice, err = id.Parse[id.Group](only)
			}
			return err
		},
		RunE: s.with(func(c *cobra.Command, i *installation, _ []string) error {
			m := newMeter(c.ErrOrStderr(), "invariants")
			check := audit.Check{Now: now(), Group: practice, Progress: func(events int, fraction float64) { m.advance(fraction, events) }}
			err := knowsGroup(c.Context(), i, practice)
			if err != nil {
				return err
			}
			if check.Expected, err = i.runner.EventsKnown(c.Context()); err != nil {
				return err
			}
			report, err := audit.Invariants(c.Context(), i.store, i.registry, check)
			if err != nil {
				return err
			}
			m.end()
			return showReport(c.OutOrStdout(), report, s.json)
		}),
	}
	c.Flags().StringVar(&only, "group", "", "look at one practice only, by its id")
	return c
}

// knowsGroup refuses a practice that is not in the log. Fault: "group_not_found".
func knowsGroup(ctx context.Context, i *installation, g id.Group) error {
	if g.IsZero() {
		return nil
	}
	for _, err := range i.store.ReadStream(ctx, group.Stream(g), 0) {
		return err
	}
	return fault.New(fault.NotFound, "group_not_found", "There is no practice %s in this log.", g)
}

// showReport prints what was found, and returns errViolations if that is anything.
func showReport(w io.Writer, r audit.Report, asJSON bool) error {
	var err error
	if asJSON {
		err = printJSON(w, r)
	} else {
		printReport(w, r)
	}
	if err == nil && len(r.Counts) > 0 {
		err = errViolations
	}
	return err
}

func printReport(w io.Writer, r audit.Report) {
	if len(r.Counts) == 0 {
		fmt.Fprintf(w, "Every invariant holds: %d events in %d streams, up to position %s.\n", r.Events, r.Streams, r.Position)
		return
	}
	printTable(w, table.Row{"rule", "group", "stream@revision", "about"}, r.Violations, func(v invariant.Violation) table.Row {
		group := ""
		if !v.Group.IsZero() {
			group = v.Group.String()
		}
		return table.Row{v.Rule, group, strings.Join(places(v), "\n"), strings.Join(things(v), "\n")}
	})
	for _, e := range r.Rules {
		fmt.Fprintf(w, "\n%s: %d\n  %s\n  %s\n", e.Rule, r.Counts[e.Rule], e.Says, e.Mend)
		if left := r.Counts[e.Rule] - invariant.Kept; left > 0 {
			fmt.Fprintf(w, "  %d further findings are not listed.\n", left)
		}
	}
	fmt.Fprintf(w, "\n%d events in %d streams, up to position %s.\n", r.Events, r.Streams, r.Position)
}

func places(v invariant.Violation) []string {
	list := make([]string, len(v.Places))
	for i, p := range v.Places {
		list[i] = fmt.Sprintf("%s@%d", p.Stream, p.Revision)
	}
	return list
}

func things(v invariant.Violation) []string {
	list := make([]string, len(v.Things))
	for i, t := range v.Things {
		list[i] = t.Kind + " " + t.ID
	}
	return list
}
