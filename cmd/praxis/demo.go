package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/cmd/praxis/demo"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

const demoHelp = `Start everything, load a believable practice through the API, and keep serving.

Harbor Psychiatry has two branches, an owner, a super admin, two managers, four
more clinicians, one of them in training, two assistants, a subscription on trial,
two hundred charts, a quarter of billing and a calendar per clinician. All of its
people are invented. A second start finds its data; a start after a crash goes on
where loading broke off. praxis token NAME prints a sign-in token for one of the
people.`

// demoFile remembers, in the data directory, the day that the demo counts from
// and, once it is loaded whole, where to look.
const demoFile = "demo.json"

// demoState is what demoFile holds.
type demoState struct {
	Today   time.Time    `json:"today"`
	Loaded  bool         `json:"loaded"`
	Summary demo.Summary `json:"summary"`
	// Founding is the id of the event that founded the practice. A log without it
	// is another log than the demo was loaded into.
	Founding string `json:"founding,omitempty"`
}

func newDemo(s *settings) *cobra.Command {
	var stop, verify bool
	c := &cobra.Command{
		Use: "demo", Short: "A believable practice to look at, from nothing", Long: demoHelp, Args: exactArgs(0),
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, _ []string) error {
			if !cfg.UsesDevelopmentIssuer() {
				return fault.New(fault.Rejected, "demo_needs_development_issuer", "The demo signs its people in through the development issuer. Unset PRAXIS_OIDC_ISSUER, or use praxis serve.")
			}
			if !cfg.IsGiven("PRAXIS_LOG_LEVEL") {
				cfg.LogLevel = slog.LevelWarn // a line for each of thousands of requests would hide what is printed
			}
			ctx, cancel := context.WithCancel(c.Context())
			defer cancel()
			return serve(ctx, cfg, verify, newLogger(cfg, c.ErrOrStderr()), c.ErrOrStderr(), func(ctx context.Context, srv *server) error {
				if err := srv.loadDemo(ctx, c.OutOrStdout()); err != nil {
					return err
				}
				if stop {
					cancel()
				}
				return nil
			})
		}),
	}
	c.Flags().BoolVar(&stop, "stop", false, "stop once the demo is loaded and answers, instead of serving on")
	addVerify(c, &verify)
	return c
}

// loadDemo loads the practice, unless it is there, and prints where to look.
func (s *server) loadDemo(ctx context.Context, out io.Writer) error {
	path := filepath.Join(s.config.DataDir, demoFile)
	state, err := readDemo(path)
	if err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: demo.Workers}
	defer transport.CloseIdleConnections()
	client := &demo.Client{Base: s.url, Token: s.issuer.Token, HTTP: &http.Client{Timeout: time.Minute, Transport: transport}}
	if state.Loaded {
		founding, err := s.founding(ctx, state.Summary.Group)
		if err != nil {
			return err
		}
		if founding == "" || state.Founding != "" && founding != state.Founding {
			fmt.Fprintln(s.progress, "The event log is not the one that the demo was loaded into; loading it again.")
			state = demoState{}
		}
	}
	if !state.Loaded {
		if state.Today.IsZero() {
			state.Today = now().Truncate(24 * time.Hour)
		}
		if err := writeState(path, state); err != nil {
			return err
		}
		m := newMeter(s.progress, "demo")
		m.items = "commands"
		loader := demo.Loader{Client: client, Today: state.Today, Progress: func(done, total int) { m.advance(float64(done)/float64(total), done) }}
		if state.Summary, err = loader.Load(ctx); err != nil {
			return err
		}
		m.end()
		if state.Founding, err = s.founding(ctx, state.Summary.Group); err != nil {
			return err
		}
		state.Loaded = true
		if err := writeState(path, state); err != nil {
			return err
		}
		fmt.Fprintf(s.progress, "Loaded the demo in %s.\n", now().Sub(m.start).Round(100*time.Millisecond))
	}
	return s.showDemo(ctx, client, out, state.Summary)
}

// founding returns the id of the first event of a practice, "" where the log has
// no such practice.
func (s *server) founding(ctx context.Context, practice string) (string, error) {
	g, err := id.Parse[id.Group](practice)
	if err != nil {
		return "", fmt.Errorf("demo state: %w", err)
	}
	for e, err := range s.store.ReadStream(ctx, group.Stream(g), 0) {
		if err != nil {
			return "", err
		}
		return e.ID.String(), nil
	}
	return "", nil
}

func readDemo(path string) (demoState, error) {
	var state demoState
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return state, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &state)
	}
	if err != nil {
		return state, fmt.Errorf("demo state: %w", err)
	}
	return state, nil
}

// showDemo prints where to look, in lines that work in any shell of this machine.
func (s *server) showDemo(ctx context.Context, client *demo.Client, out io.Writer, sum demo.Summary) error {
	tour, err := client.Tour(ctx, sum)
	if err != nil {
		return err
	}
	praxis := s.commandLine()
	fmt.Fprintf(out, "\nHarbor Psychiatry is at %s\n\nThe people to sign in as (%s lists them in a browser):\n", s.url, s.url+s.issuer.Path()+"/")
	printPeople(out, demo.People())
	fmt.Fprintf(out, "\nSign in (tokens hold for twelve hours):\n")
	for _, subject := range demo.SignIns() {
		fmt.Fprintf(out, "  %s=$(%s token %s)\n", subject, praxis, subject)
	}
	for _, stop := range tour {
		fmt.Fprintf(out, "\n%s:\n  %s\n", stop.Title, stop.Curl)
	}
	fmt.Fprintf(out, "\nWho did what when and why to Pat's chart, from the log alone:\n  %s audit history chart-%s+%s\n\n%s\n\nStop with Ctrl-C; the data stays in %s.\n", praxis, sum.Group, sum.Chart, s.whereMailsAre(), s.config.DataDir)
	return nil
}

func printPeople(w io.Writer, people []demo.Person) {
	printTable(w, table.Row{"name", "who", "what they see"}, people, func(p demo.Person) table.Row {
		return table.Row{p.Subject, p.Name, p.Description}
	})
}

// commandLine is how to call this program for this installation, also in a shell
// that does not have the settings that were given to it. The rest is found in the
// data directory.
func (s *server) commandLine() string {
	if s.config.IsGiven("PRAXIS_DATA_DIR") {
		return fmt.Sprintf("PRAXIS_DATA_DIR='%s' %s", s.config.DataDir, os.Args[0])
	}
	return os.Args[0]
}
