package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"praxis/adapters/postgres"
)

// with opens the installation for a tool, beside a running server if there is
// one, and closes it again.
func (s *settings) with(c *cobra.Command, f func(*installation) error) (err error) {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	i, err := open(c.Context(), cfg, newLogger(cfg, io.Discard), opening{}, c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(cfg.ShutdownTimeout, i.close)) }()
	return f(i)
}

func readSchema(ctx context.Context, i *installation) (postgres.Status, error) {
	return postgres.ReadStatus(ctx, i.pool)
}

// newTable makes a table for people.
func newTable(w io.Writer, header ...string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	row := make(table.Row, len(header))
	for i, h := range header {
		row[i] = h
	}
	t.AppendHeader(row)
	return t
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
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
