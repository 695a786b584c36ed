package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/projections"
	"praxis/projections/all"
)

const whyHelp = `Tell which events made a row of a read model what it is, and what each of them changed
in it. TABLE is a read model and its table, or the table alone where only one read model
has it; a name that is not there lists all. KEY is the row's primary key: its values in
the order of the columns, or column=value, of which some are enough if no other row
has them. What may identify a patient is left out,
unless --data asks for it.

The log is read once and folded in memory, the events of the row's practice alone;
nothing is written, and it may run beside a server. A row that is no longer there can be
asked for, too. If its key does not say whose it was, add group_id=..., or the events of
every practice are folded.

If the row is not what these events make of it, that is said: somebody changed it by
hand, or a defect did. praxis projections verify --rows finds all such rows, and praxis
projections rebuild makes them right.`

func newWhy(s *settings) *cobra.Command {
	var withData bool
	c := &cobra.Command{
		Use: "why TABLE KEY...", Short: "Tell which events made a row of a read model what it is", Long: whyHelp,
		Example: "  praxis why roster.chart 118f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3f\n  praxis why billing.ledger chart_id=118f... clinician_id=218f... group_id=018f... --json",
		Args:    asUsage(namesTable),
		RunE: s.with(func(c *cobra.Command, i *installation, args []string) error {
			m := newMeter(i.progress, args[0])
			why, err := i.runner.Why(c.Context(), projections.Question{Table: args[0], Key: args[1:], WithData: withData, Progress: s.showing(m)})
			if err != nil {
				return err
			}
			m.end()
			return answer(s, c, why, printWhy)
		}),
	}
	c.Flags().BoolVar(&withData, "data", false, "print personal data, too")
	return c
}

// namesTable lists the tables where none is named.
func namesTable(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	var tables []string
	for _, p := range all.Projectors() {
		for _, name := range p.Tables() {
			tables = append(tables, p.Name()+"."+name)
		}
	}
	return fmt.Errorf("name a table and the key of a row. These tables are there: %s", strings.Join(tables, ", "))
}

// showing shows progress to people.
func (s *settings) showing(m *meter) func(projections.Progress) {
	return func(p projections.Progress) {
		if !s.json {
			m.show(p.Fraction, p.EventsDone, p.Rate, p.ETA)
		}
	}
}

func printWhy(w io.Writer, why projections.Explanation) {
	heading := fmt.Sprintf("%s, %s, as of position %s:", why.Table, strings.Join(keyLines(why.Key), " "), why.Position)
	fmt.Fprintln(w, wrapped(heading, widest))
	if why.Row == nil {
		fmt.Fprintln(w, "The row is not there.")
	} else {
		printTable(w, table.Row{"column", "value"}, why.Row, func(v projections.Value) table.Row { return table.Row{v.Column, shown(v.Value, v.Personal)} })
	}
	printTable(w, table.Row{"recorded at (UTC)", "event", "changes"}, why.Events, func(e projections.Touch) table.Row {
		changes := []string{e.Did}
		for _, c := range e.Changes {
			changes = append(changes, changed(c))
		}
		return table.Row{
			e.RecordedAt.Format("2006-01-02 15:04:05") + "\nat position\n" + parted.Replace(e.Position.String()) + "\n",
			fmt.Sprintf("%s\nby %s\n%s@%d\n", e.Type, e.Actor, parted.Replace(strings.Replace(string(e.Stream), "-", "-\n", 1)), e.Revision), strings.Join(changes, "\n") + "\n",
		}
	})
	if len(why.Differs) > 0 {
		fmt.Fprintf(w, "The row is NOT what these events make of it: %s. A rebuild makes it right: praxis projections rebuild %s\n",
			strings.Join(why.Differs, ", "), strings.Split(why.Table, ".")[0])
	}
}

// parted is a position, or the name of a stream, on several lines.
var parted = strings.NewReplacer("+", "+\n", ".", ".\n")

// changed is what became of a column, from what and to what.
func changed(c projections.Change) string {
	switch {
	case c.Personal && c.From == nil && c.To == nil:
		return c.Column + " (personal data)"
	case c.From == nil:
		return c.Column + " = " + shown(c.To, false)
	}
	return fmt.Sprintf("%s: %s → %s", c.Column, shown(c.From, false), shown(c.To, false))
}

// shown is a value for people.
func shown(v any, personal bool) string {
	switch v := v.(type) {
	case nil:
		if personal {
			return "(personal data)"
		}
		return "null"
	case string:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(text)
}
