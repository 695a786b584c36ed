package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"praxis/adapters/config"
	"praxis/domain/fault"
)

// parent is a command that has subcommands, and tells about them by itself.
func parent(use, short, long string, subcommands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Long: long, Args: knownCommand, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(subcommands...)
	return c
}

// asking completes a command that asks the installation for something and shows the
// answer. It takes the arguments that its Use names.
func asking[T any](s *settings, c *cobra.Command, ask func(context.Context, *installation, []string) (T, error), show func(io.Writer, T)) *cobra.Command {
	c.Args = exactArgs(len(strings.Fields(c.Use)) - 1)
	c.RunE = s.with(func(c *cobra.Command, i *installation, args []string) error {
		told, err := ask(c.Context(), i, args)
		if err != nil {
			return err
		}
		return answer(s, c, told, show)
	})
	return c
}

// answer prints what a command was asked for: as JSON for programs, or as show does
// for people.
func answer[T any](s *settings, c *cobra.Command, told T, show func(io.Writer, T)) error {
	if s.json {
		return printJSON(c.OutOrStdout(), told)
	}
	w := bufio.NewWriter(c.OutOrStdout())
	show(w, told)
	return w.Flush()
}

// configured is what a command does with the configuration.
func (s *settings) configured(do func(c *cobra.Command, cfg config.Config, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		cfg, err := config.Load(s.environ)
		if err != nil {
			return err
		}
		return do(c, cfg, args)
	}
}

// with is what a tool does with the installation, which it opens beside a running
// server if there is one, and closes again.
func (s *settings) with(do func(c *cobra.Command, i *installation, args []string) error) func(*cobra.Command, []string) error {
	return s.configured(func(c *cobra.Command, cfg config.Config, args []string) error {
		if err := hasData(cfg); err != nil {
			return err
		}
		return opened(c, cfg, opening{}, func(i *installation) error { return do(c, i, args) })
	})
}

// opened opens the installation for a command, and closes it again.
func opened(c *cobra.Command, cfg config.Config, how opening, f func(*installation) error) (err error) {
	i, err := open(c.Context(), cfg, newLogger(cfg, io.Discard), how, c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(cfg.ShutdownTimeout, i.close)) }()
	return f(i)
}

// hasData refuses to look into a data directory that no server has ever written to: an
// empty log would look like one in which all is well. Fault: "no_data".
func hasData(c config.Config) error {
	if c.EventStoreURL.IsSet() {
		return nil
	}
	if _, err := os.Stat(nodeDir(c)); errors.Is(err, fs.ErrNotExist) {
		return errNoData(c)
	}
	return nil
}

func errNoData(c config.Config) error {
	return fault.New(fault.NotFound, "no_data", "There is no data of Praxis in %s. Name its directory with PRAXIS_DATA_DIR, or start praxis serve there first.", c.DataDir)
}

// widest is how many columns a table for people takes at most, whatever is in it.
const widest = 120

// printTable prints a table with a row for each thing.
func printTable[T any](w io.Writer, header table.Row, things []T, row func(T) table.Row) {
	rows := make([]table.Row, 0, len(things))
	for _, thing := range things {
		rows = append(rows, row(thing))
	}
	printRows(w, widest, header, rows)
}

// printRows prints a table that takes so many columns at most; 0 for as many as it needs.
func printRows(w io.Writer, most int, header table.Row, rows []table.Row) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(header)
	t.AppendRows(rows)
	if most > 0 {
		t.SetColumnConfigs(fitting(most, append(rows, header)))
	}
	t.Render()
}

// fitting wraps the widest columns, all of them at the same width, so that the table is not
// wider than most.
func fitting(most int, rows []table.Row) (columns []table.ColumnConfig) {
	const border, least = 3, 5
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, most = append(widths, 0), most-border
			}
			widths[i] = max(widths[i], text.LongestLineLen(fmt.Sprint(cell)))
		}
	}
	// Words stay whole as long as the rest keeps so much room, then the parts of names do.
	for _, whole := range []struct {
		split func(string) []string
		least int
	}{{strings.Fields, 12}, {parts, 10}, {func(string) []string { return nil }, least}} {
		floors := make([]int, len(widths))
		for _, row := range rows {
			for i, cell := range row {
				for _, word := range whole.split(fmt.Sprint(cell)) {
					floors[i] = max(floors[i], text.StringWidth(word))
				}
			}
		}
		for limit := slices.Max(append(widths, whole.least)); limit >= whole.least; limit-- {
			total := 1
			columns = columns[:0]
			for i, width := range widths {
				fits := min(width, max(limit, floors[i]))
				total += fits
				columns = append(columns, table.ColumnConfig{Number: i + 1, WidthMax: fits, WidthMaxEnforcer: wrapped})
			}
			if total <= most {
				return columns
			}
		}
	}
	return columns
}

// partEnds is where a name or a position may go on in the next line.
var partEnds = regexp.MustCompile(`[^\s_.+-]*[_.+-]+|[^\s_.+-]+`)

// parts are those of the names in a text.
func parts(s string) []string { return partEnds.FindAllString(s, -1) }

// wrapped wraps each line of a cell; lines stay apart.
func wrapped(cell string, width int) string {
	lines := strings.Split(cell, "\n")
	for i := range lines {
		words := strings.Split(lines[i], " ")
		for n, word := range words {
			words[n] = broken(word, width)
		}
		lines[i] = padding.ReplaceAllString(text.WrapSoft(strings.Join(words, " "), width), "")
	}
	return strings.Join(lines, "\n")
}

// padding is what WrapSoft fills up lines with.
var padding = regexp.MustCompile(`(?m) +$`)

// broken breaks a word that is too long between its parts.
func broken(word string, width int) string {
	if text.StringWidth(word) <= width {
		return word
	}
	var b strings.Builder
	line := 0
	for _, part := range parts(word) {
		if long := text.StringWidth(part); line > 0 && line+long > width {
			b.WriteString("\n" + part)
			line = long
		} else {
			b.WriteString(part)
			line += long
		}
	}
	return b.String()
}

// printJSON writes one indented JSON value for programs.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// isTerminal reports whether a person watches w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth is how many columns the terminal behind w has, 0 if there is none.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}
