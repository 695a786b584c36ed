package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"praxis/adapters/audit"
	"praxis/adapters/config"
	"praxis/adapters/conformance"
	"praxis/adapters/mail"
	"praxis/cmd/praxis/bench"
	"praxis/cmd/praxis/demo"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/internal/follower"
	"praxis/projections"
	"praxis/projections/quarantine"
)

// A table for people fits a terminal of 120 columns, whatever is in it.
func TestTablesFitTheTerminal(t *testing.T) {
	long := strings.Repeat("something that takes much room ", 12) + "to the end"
	stream := es.Stream("chart-" + id.New[id.Group]().String() + "+" + id.New[id.Chart]().String())
	failure := follower.Failure{Code: "projector_failed", Message: long, Event: "chart.created", Stream: stream, Revision: 123456, At: time.Now()}
	raw, err := json.Marshal(failure)
	require.NoError(t, err)
	position, instant := es.Position{Commit: 1 << 60, Prepare: 1 << 60}, time.Date(2026, 11, 30, 20, 15, 0, 123456789, time.UTC)
	for name, show := range map[string]func(w io.Writer){
		"audit history": func(w io.Writer) {
			printHistory(w, []audit.Entry{{OccurredAt: instant, Actor: "member:" + id.New[id.Member]().String(), What: long, Command: "chart.create", Decision: long, Reason: long}}, false, widest)
		},
		"audit history --data": func(w io.Writer) {
			printHistory(w, []audit.Entry{{OccurredAt: instant, Actor: long, What: long, Reason: long, Data: raw}}, true, widest)
		},
		"audit invariants": func(w io.Writer) {
			_ = showReport(w, audit.Report{Counts: map[invariant.Rule]int{invariant.ChartPrimary: 1}, Violations: []invariant.Violation{{
				Rule: invariant.ChartPrimary, Group: id.New[id.Group](),
				Places: []invariant.Place{{Stream: stream, Revision: 4}}, Things: []invariant.Thing{{Kind: invariant.KindChart, ID: long}},
			}}}, false)
		},
		"bench": func(w io.Writer) {
			printTable(w, table.Row{"what", "p50", "p99", "per second", "ratio", "to", "target", "met"}, []bench.Row{{What: long, Floor: long, Target: long, Met: "no"}}, benchRow)
		},
		"bench --rebuild": func(w io.Writer) {
			printRebuilds(w, []bench.Rebuild{{
				Model: "effective_permissions", Events: 1 << 30, Read: 1e7, Decode: 1e7, Copy: 1e8, Rebuild: 1e7, Log: 1e8, Target: "25,000/s", Met: "yes",
				Praxis: time.Second, Postgres: time.Second, Memory: 1 << 40, Swap: time.Hour,
			}})
		},
		"config check": func(w io.Writer) {
			printSettings(w, []config.Described{{Name: "PRAXIS_SOMETHING", Value: strings.Repeat("x", 300), Doc: long}})
		},
		"demo": func(w io.Writer) {
			printPeople(w, append(demo.People(), demo.Person{Subject: "olivia", Name: long, Description: long}))
		},
		"eventstore check": func(w io.Writer) {
			storeReport{Report: conformance.Report{Rows: []conformance.Row{{Check: long, Failure: long}}}}.print(w, true)
		},
		"mail status": func(w io.Writer) {
			printMails(w, mail.Status{Failures: []mail.Failed{{Code: long, QueuedAt: instant}}})
		},
		"processes status": func(w io.Writer) {
			printProcesses(w, []process.Status{{Name: long, Position: position, NextDue: &instant, Parked: 12345, Skipped: 12345, LagUnknown: true}})
		},
		"processes refusals": func(w io.Writer) {
			printRefusals(w, []process.Refusal{{At: instant, Group: id.New[id.Group](), Name: long, Cause: "timer " + long, Code: "permission_denied"}})
		},
		"projections rebuild --dry-run": func(w io.Writer) { printPlans(w, []projections.Plan{{Name: "effective_permissions", Build: long}}) },
		"projections status": func(w io.Writer) {
			printProjections(w, []projections.Status{{Name: "effective_permissions", Build: "effective_permissions_v1_next", State: projections.Stopped, Position: position, EventsApplied: 123456789, LagEvents: 10_000, LagCapped: true, Lag: time.Hour, Failure: &failure}})
		},
		"quarantine list": func(w io.Writer) {
			printQuarantine(w, []quarantine.Entry{{ID: 1234567, Status: quarantine.Skipped, Subject: "projection effective_permissions", Stream: stream, Failure: raw, Waiting: 123456, ParkedAt: instant, Timer: "quiet", Follower: long}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			show(&out)
			lines := 0
			for line := range strings.Lines(out.String()) {
				if strings.ContainsAny(line, "│┌├└") {
					lines++
					require.LessOrEqual(t, text.StringWidth(strings.TrimSuffix(line, "\n")), widest, line)
				}
			}
			require.Greater(t, lines, 4)
		})
	}
	t.Run("and nothing of it is left out", func(t *testing.T) {
		var out bytes.Buffer
		value := long + " " + strings.Repeat("x", 300)
		printTable(&out, table.Row{"value"}, []string{value}, func(s string) table.Row { return table.Row{s} })
		shown := strings.Join(strings.FieldsFunc(out.String(), func(r rune) bool { return strings.ContainsRune(" \n─│┌┐├┤└┘", r) }), "")
		require.Equal(t, "value"+strings.ReplaceAll(value, " ", ""), shown)
	})
	t.Run("names break between their parts, and positions that have room do not", func(t *testing.T) {
		at := es.Position{Commit: 332812, Prepare: 332812}
		var out bytes.Buffer
		printProjections(&out, []projections.Status{
			{Name: "effective_permissions", Build: "effective_permissions_v1", Version: 1, Program: 1, State: projections.Running, Position: at, EventsApplied: 17771},
			{Name: "effective_permissions", Build: "effective_permissions_v1_next", Version: 1, Program: 1, State: projections.Building, Idle: true, Position: at, Failure: &failure},
		})
		require.Contains(t, out.String(), "332812.332812")
		require.Contains(t, out.String(), "v1 ")
		require.Contains(t, out.String(), "process works")
		require.Regexp(t, `│ effective_ +│ effective_ +│`, out.String())
		require.Regexp(t, `│ permissions +│ permissions_ +│`, out.String())
		require.Equal(t, "effective_\npermissions_v1_\nnext", wrapped("effective_permissions_v1_next", 16))
	})
	t.Run("they are all made in one place", func(t *testing.T) {
		files, err := filepath.Glob("*.go")
		require.NoError(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			if file != "output.go" && file != "tables_test.go" {
				require.NotContains(t, string(source), "table.NewWriter")
			}
		}
	})
}
