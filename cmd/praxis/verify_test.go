package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections"
)

func TestShowVerified(t *testing.T) {
	show := func(asJSON bool, found ...projections.Verification) (string, error) {
		var out bytes.Buffer
		c := &cobra.Command{}
		c.SetOut(&out)
		err := showVerified(&settings{json: asJSON}, c, found)
		return out.String(), err
	}
	at := es.Position{Commit: 20, Prepare: 20}
	whole := projections.Verification{
		Name: "roster", Build: "roster_v4", State: projections.Running, Position: at, Proven: true, EventsApplied: 17, Parked: 1, Waiting: 3, Skipped: 2,
		Differences: []projections.Difference{},
	}
	differs := whole
	differs.Proven = false
	stream := es.StreamOf("invoice", id.Derive[id.Group]("practice"), id.Derive[id.Chart]("chart").String())
	differs.Differences = []projections.Difference{
		{UpTo: es.Position{Commit: 9, Prepare: 9}, EventsInLog: 9, EventsApplied: 8, Events: []projections.Misapplied{{
			Wrong: projections.Missing, Position: es.Position{Commit: 7, Prepare: 7}, Stream: stream, Revision: 4,
			Type: "chart.opened", RecordedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		}}},
		{After: es.Position{Commit: 9, Prepare: 9}, UpTo: at, EventsInLog: 9, EventsApplied: 12},
	}

	t.Run("what is proven exits with 0, and says what the quarantine has", func(t *testing.T) {
		said, err := show(false, whole)
		require.NoError(t, err)
		for _, part := range []string{"roster", "20", "17", "exactly the log", "3 wait, 2 left out"} {
			require.Contains(t, said, part)
		}
		require.NotContains(t, said, "rebuild")
	})
	t.Run("what differs is named, with what mends it, and exits with 8", func(t *testing.T) {
		said, err := show(false, whole, differs)
		require.Equal(t, 8, exitCode(err, fault.From(err)))
		for _, part := range []string{
			"the log has 9 events for it, and 8 are applied", "missing      7", string(stream) + "@4", "chart.opened, recorded 2026-01-02T03:04:05Z",
			"more than two, or not in the log", "praxis projections rebuild roster\n",
		} {
			require.Contains(t, said, part)
		}
		for line := range strings.Lines(said) {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 121, line)
		}
	})
	t.Run("what cannot be proven is no difference, and exits with 8, too", func(t *testing.T) {
		unkept, none, low := whole, projections.Verification{Name: "billing"}, whole
		unkept.Proven, unkept.EventsUnkept = false, 5
		low.Proven, low.EventsUnkept = false, -5
		for says, v := range map[string]projections.Verification{"of 5 events it was not kept which": unkept, "no rows yet": none, "too low by 5": low} {
			said, err := show(false, v)
			require.ErrorIs(t, err, errUnproven)
			require.Contains(t, said, says)
		}
	})
	t.Run("as JSON, too", func(t *testing.T) {
		said, err := show(true, differs)
		require.ErrorIs(t, err, errUnproven)
		require.Contains(t, said, `"wrong": "missing"`)
		require.Contains(t, said, `"proven": false`)
	})
}
