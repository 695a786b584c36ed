package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/projections"
)

// verified is what was found of a read model, with its rows if they were compared.
type verified struct {
	projections.Verification
	Rows *projections.Comparison `json:"rows,omitempty"`
}

// showCompared prints what was found of events and rows, and returns errUnproven unless all
// is proven, and errRowsDiffer if it is and rows differ.
func showCompared(s *settings, c *cobra.Command, found []projections.Verification, compared []projections.Comparison) error {
	all := make([]verified, 0, len(found))
	proven, same := true, true
	for _, v := range found {
		of := verified{Verification: v}
		if n := slices.IndexFunc(compared, func(c projections.Comparison) bool { return c.Name == v.Name }); n >= 0 {
			of.Rows = &compared[n]
		}
		proven, same = proven && v.Proven && of.Rows != nil, same && (of.Rows == nil || of.Rows.Differ == 0)
		all = append(all, of)
	}
	err := answer(s, c, all, func(w io.Writer, _ []verified) {
		printVerified(w, found, compared)
		fmt.Fprintln(w)
		printCompared(w, compared)
		if wrong := wrongRows(compared); len(wrong) > 0 {
			fmt.Fprintf(w, "\nThis makes the rows anew: praxis projections rebuild %s\n", strings.Join(wrong, " "))
		}
	})
	switch {
	case err != nil:
		return err
	case !proven:
		return errUnproven
	case !same:
		return errRowsDiffer
	}
	return nil
}

// wrongRows names the read models with rows that differ.
func wrongRows(compared []projections.Comparison) (names []string) {
	for _, c := range compared {
		if c.Differ > 0 {
			names = append(names, c.Name)
		}
	}
	return names
}

func printCompared(w io.Writer, compared []projections.Comparison) {
	printTable(w, table.Row{"projection", "position", "rows", "differ", "in the quarantine"}, compared, func(c projections.Comparison) table.Row {
		return table.Row{c.Name, c.Position, c.Rows, c.Differ, missing(c.Parked, 0)}
	})
	for _, c := range compared {
		for _, d := range c.Differences {
			printRowDifference(w, c.Name, d)
		}
		if more := c.Differ - int64(len(c.Differences)); more > 0 {
			fmt.Fprintf(w, "%s: %d more rows differ.\n", c.Name, more)
		}
	}
}

// printReplaced says how the rows that a rebuild replaced compare with the new ones.
func printReplaced(w io.Writer, compared []projections.Comparison) {
	var rows, differ int64
	for _, c := range compared {
		rows, differ = rows+c.Rows, differ+c.Differ
	}
	if differ == 0 {
		fmt.Fprintf(w, "%d rows were compared with those that they replace, and none differs.\n", rows)
		return
	}
	fmt.Fprintf(w, "%d rows were compared with those that they replace, and %d differed; they are right now.\n", rows, differ)
	printCompared(w, compared)
}

func printRowDifference(w io.Writer, model string, d projections.RowDifference) {
	fmt.Fprintf(w, "\n%s.%s %s\n", model, d.Table, strings.Join(keyLines(d.Key), "\n  "))
	switch d.Is {
	case projections.RowMissing:
		fmt.Fprintln(w, "  is missing.")
	case projections.RowTooMany:
		fmt.Fprintln(w, "  should not be there.")
	default:
		fmt.Fprintln(w, "  differs:")
		for _, c := range d.Columns {
			if c.Personal {
				fmt.Fprintf(w, "    %s differs (personal data)\n", c.Column)
				continue
			}
			fmt.Fprintf(w, "    %s is %s and should be %s\n", c.Column, shown(c.Read, false), shown(c.Rebuilt, false))
		}
	}
	if e := d.Event; e != nil {
		fmt.Fprintf(w, "  last %s by %s at %s\n    %s@%d\n", e.Did, e.Type, e.Position, e.Stream, e.Revision)
	} else {
		fmt.Fprintln(w, "  No event ever made it.")
	}
}

// keyLines are the columns of a key.
func keyLines(key []projections.Value) []string {
	lines := make([]string, 0, len(key))
	for _, v := range key {
		lines = append(lines, v.Column+"="+shown(v.Value, false))
	}
	return lines
}
