package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"praxis/domain/es"
	"praxis/projections"
)

func newProjections(s *settings) *cobra.Command {
	return parent("projections", "Look after the read models",
		"Look after the read models in Postgres. They are made from the log alone and can\nbe rebuilt at any time, beside a running server.",
		asking(s, &cobra.Command{Use: "status", Short: "Show how far every read model is"},
			func(ctx context.Context, i *installation, _ []string) ([]projections.Status, error) {
				i.warn(ctx, "The read models follow nothing", i.runner.Members())
				return i.runner.Status(ctx)
			},
			printProjections),
		newRebuild(s),
		newVerify(s),
		asking(s, &cobra.Command{
			Use: "rollback NAME", Short: "Undo the last rebuild of a read model",
			Long:    "Give a read model the rows back that it had before its last rebuild, once they hold\nwhat was recorded since. Those that it has now are kept, so that a second rollback\nundoes the first. The next rebuild, or praxis projections drop, removes what is kept.",
			Example: "  praxis projections rollback roster",
		}, func(ctx context.Context, i *installation, args []string) (rebuilt, error) {
			return s.replacing(ctx, i, args, func(progress func(projections.Progress)) error { return i.runner.Rollback(ctx, args[0], progress) })
		}, func(w io.Writer, done rebuilt) {
			fmt.Fprintf(w, "%s has its former rows again.\n", done.Projections[0])
		}),
		&cobra.Command{
			Use: "drop BUILD", Short: "Remove rows that no program reads any more", Args: exactArgs(1),
			Long:    "Remove a build of a read model that this program does not read, such as that of an\nearlier version once its last server is gone, or what a rebuild kept for a rollback.\npraxis projections status lists them. A server that still follows it makes it anew\nfrom the log.",
			Example: "  praxis projections drop roster_v3",
			RunE: s.with(func(c *cobra.Command, i *installation, args []string) error {
				return said(c, i.runner.Drop(c.Context(), args[0]), args[0]+" is gone.")
			}),
		},
		&cobra.Command{
			Use: "resume NAME", Short: "Let a stopped read model try again", Args: exactArgs(1), Long: resumeHelp,
			RunE: s.with(func(c *cobra.Command, i *installation, args []string) error {
				return said(c, i.runner.Resume(c.Context(), args[0]), args[0]+" tries its next event again.")
			}),
		},
	)
}

// missing says what is in the quarantine, where nothing else is wrong.
func missing(parked, skipped int) string {
	if parked+skipped == 0 {
		return ""
	}
	return fmt.Sprintf("%d parked, %d left out: praxis quarantine list", parked, skipped)
}

func printProjections(w io.Writer, all []projections.Status) {
	header := table.Row{"projection", "build", "state", "position", "events", "lag", "oldest unseen", "failure"}
	printTable(w, header, all, func(p projections.Status) table.Row {
		failure := missing(p.Parked, p.Skipped)
		if p.Failure != nil {
			failure = p.Failure.String()
		}
		return table.Row{p.Name, shortBuild(p), state(p), p.Position, p.EventsApplied, lag(p.LagEvents, p.LagCapped, p.LagUnknown), unseen(p.Lag, p.LagUnknown), failure}
	})
}

// shortBuild is a build, less the name where it is that of the rows that are read.
func shortBuild(p projections.Status) string {
	if p.Build == p.Own() {
		return fmt.Sprintf("v%d", p.Version)
	}
	return p.Build
}

func state(p projections.Status) string {
	if p.Idle {
		return string(p.State) + " (no process works on it)"
	}
	return string(p.State)
}

func lag(events int, isCapped, isUnknown bool) string {
	switch {
	case isUnknown:
		return "unknown"
	case isCapped:
		return fmt.Sprintf("%d or more", events)
	}
	return fmt.Sprint(events)
}

// unseen says how old the oldest event is that was not seen.
func unseen(age time.Duration, unknown bool) string {
	if unknown {
		return "unknown"
	}
	return age.Round(time.Millisecond).String()
}

const resumeHelp = `Let a stopped read model try its next event again, once what stopped it is mended. It
never skips an event. An event that cannot be applied stops no read model: its stream
waits (praxis quarantine list). A read model stops in front of an event where
PostgreSQL refuses whatever is written (sqlstate_…: a permission or a column is
missing). It also stops where its tables have another shape than this release makes
(projection_shape_differs): then praxis projections rebuild NAME is what helps.`

const rebuildHelp = `Make the rows of read models anew from the log, beside those that are read, which
are kept up to date meanwhile: readers notice nothing. One pass over the log serves
all that are named. Then the new rows take the place of the others at once, and
those are kept for praxis projections rollback until the next rebuild. That takes
the space of both. Killed, it goes on where it was when started again. Nothing else
happens: projectors only write rows. --max-rate leaves something of the machine to a
server beside it: it counts events of the log, each once. The progress counts events
applied, for each read model that takes them.

--verify compares every row that is replaced with the new one, column for column, as of
one position of the log, and says what differs and which event last had a part in each.
The new rows take their place all the same: that mends what differs.`

func newRebuild(s *settings) *cobra.Command {
	var all, dryRun, verify bool
	var maxRate int
	c := &cobra.Command{
		Use: "rebuild NAME... | --all", Short: "Make the rows of read models anew from the log", Long: rebuildHelp,
		Example: "  praxis projections rebuild roster\n  praxis projections rebuild --all --dry-run\n  praxis projections rebuild billing --verify",
		Args: asUsage(func(_ *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("name the read models, or give --all")
			}
			if maxRate < 0 {
				return errors.New("--max-rate is a number of events per second, or 0 for as many as possible")
			}
			return nil
		}),
		RunE: s.with(func(c *cobra.Command, i *installation, names []string) error {
			ctx := c.Context()
			if dryRun {
				plans, err := i.runner.Plan(ctx, names)
				if err != nil {
					return err
				}
				return answer(s, c, plans, printPlans)
			}
			i.runner.RebuildRate = maxRate
			collectLess()
			var compared []projections.Comparison
			done, err := s.replacing(ctx, i, i.named(names), func(progress func(projections.Progress)) (err error) {
				if verify {
					compared, err = i.runner.RebuildAndCompare(ctx, names, progress)
					return err
				}
				return i.runner.Rebuild(ctx, names, progress)
			})
			if err != nil {
				return err
			}
			done.Compared = compared
			return answer(s, c, done, func(w io.Writer, done rebuilt) {
				verb := "is"
				if len(done.Projections) > 1 {
					verb = "are"
				}
				fmt.Fprintf(w, "%s %s rebuilt from the log, up to position %s. Events applied by this run, for each read model: %d.\n", strings.Join(done.Projections, ", "), verb, done.Position, done.Events)
				if verify {
					printReplaced(w, done.Compared)
				}
			})
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "rebuild every read model")
	c.Flags().IntVar(&maxRate, "max-rate", 0, "read at most this many events of the log per second, so that a server beside it stays quick; 0 for as many as possible")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be done, and change nothing")
	c.Flags().BoolVar(&verify, "verify", false, "compare every row that is replaced with the new one")
	return c
}

// collectLess trades memory for time in a process that does nothing but rebuild: nearly all
// that it allocates is garbage soon, and what it keeps is little. From 320 MB on it collects
// as often as it must. GOGC and GOMEMLIMIT come first.
func collectLess() {
	if os.Getenv("GOGC")+os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(300)
		debug.SetMemoryLimit(320 << 20)
	}
}

// named lists read models by name; none stands for all.
func (i *installation) named(names []string) []string {
	if len(names) > 0 {
		return names
	}
	for _, p := range i.runner.Projectors {
		names = append(names, p.Name())
	}
	return names
}

// rebuilt is what a rebuild or a rollback did.
type rebuilt struct {
	Projections []string `json:"projections"`
	// Events is how many events this run applied, for each read model.
	Events int `json:"events"`
	// Position covers every event in the rows that are read now; that of the furthest behind,
	// if they are those of several read models.
	Position string `json:"position"`
	// Compared says how the rows that were replaced compare with the new ones, if that was
	// asked for.
	Compared []projections.Comparison `json:"compared,omitempty"`
}

// replacing shows how far a rebuild or a rollback is, and says what came of it.
func (s *settings) replacing(ctx context.Context, i *installation, names []string, work func(func(projections.Progress)) error) (rebuilt, error) {
	what := strings.Join(names, ", ")
	if len(names) > 2 {
		what = fmt.Sprintf("%d read models", len(names))
	}
	m := newMeter(i.progress, what)
	m.items = "events applied"
	events := 0
	waiting := ""
	err := work(func(p projections.Progress) {
		if p.Waiting != "" {
			if p.Waiting != waiting {
				fmt.Fprintf(i.progress, "It waits, and goes on by itself; ended, the next call goes on where it is. %s\n", p.Waiting)
			}
			waiting = p.Waiting
			return
		}
		events, waiting = p.EventsDone, ""
		if !s.json {
			m.show(p.Fraction, p.EventsDone, p.Rate, p.ETA)
		}
	})
	m.end()
	if err != nil {
		return rebuilt{}, err
	}
	statuses, err := i.runner.Status(ctx)
	return rebuilt{Projections: names, Events: events, Position: least(statuses, names).String()}, err
}

// least is the position of the named read model that is furthest behind, as it is read now.
func least(statuses []projections.Status, names []string) (at es.Position) {
	found := false
	for _, p := range statuses {
		if slices.Contains(names, p.Name) && p.Build == p.Own() && (!found || p.Position.Before(at)) {
			at, found = p.Position, true
		}
	}
	return at
}

func printPlans(w io.Writer, plans []projections.Plan) {
	header := table.Row{"projection", "build", "events known", "done already", "size in MB", "freed in MB"}
	printTable(w, header, plans, func(p projections.Plan) table.Row {
		return table.Row{p.Name, p.Build, p.Events, p.EventsDone, megabytes(p.Bytes), megabytes(p.Freed)}
	})
	fmt.Fprintln(w, "The log is read once for all of them. Nothing was changed.")
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/1e6) }
