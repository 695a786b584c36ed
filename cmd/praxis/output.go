package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"praxis/adapters/config"
	"praxis/adapters/postgres"
	"praxis/domain/fault"
)

// with opens the installation for a tool, beside a running server if there is
// one, and closes it again.
func (s *settings) with(c *cobra.Command, f func(*installation) error) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if err := hasData(cfg); err != nil {
		return err
	}
	return opened(c, cfg, f)
}

// withNew is with for what also prepares a directory in which there is no data yet.
func (s *settings) withNew(c *cobra.Command, f func(*installation) error) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	return opened(c, cfg, f)
}

func opened(c *cobra.Command, cfg config.Config, f func(*installation) error) (err error) {
	i, err := open(c.Context(), cfg, newLogger(cfg, io.Discard), opening{}, c.ErrOrStderr())
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
		return fault.New(fault.NotFound, "no_data", "There is no data of Praxis in %s. Name its directory with PRAXIS_DATA_DIR, or start praxis serve there first.", c.DataDir)
	}
	return nil
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
