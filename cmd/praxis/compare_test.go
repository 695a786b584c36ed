package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections"
)

func TestShowCompared(t *testing.T) {
	at := es.Position{Commit: 20, Prepare: 20}
	found := []projections.Verification{{Name: "roster", State: projections.Running, Position: at, Proven: true, EventsApplied: 17, Differences: []projections.Difference{}}}
	show := func(asJSON bool, c projections.Comparison) (string, int) {
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		if err := showCompared(&settings{json: asJSON}, cmd, found, []projections.Comparison{c}); err != nil {
			require.Equal(t, found[0].Proven, errors.Is(err, errRowsDiffer), "the error names what differs")
			return out.String(), exitCode(err, fault.From(err))
		}
		return out.String(), 0
	}
	right := projections.Comparison{Name: "roster", Build: "roster_v4", Position: at, Rows: 200, Differences: []projections.RowDifference{}}
	chart := id.Derive[id.Chart]("chart").String()
	key := []projections.Value{{Column: "chart_id", Value: chart}, {Column: "member_id", Value: id.Derive[id.Member]("member").String()}}
	event := &projections.Touch{Position: es.Position{Commit: 9, Prepare: 9}, Stream: es.StreamOf("chart", id.Derive[id.Group]("g"), chart), Revision: 4, Type: "chart.status_changed", Did: "changed"}
	wrong := right
	wrong.Differ = 25
	wrong.Differences = []projections.RowDifference{
		{Table: "chart", Key: key, Is: projections.RowDifferent, Event: event, Columns: []projections.Deviation{
			{Column: "status", Read: "active", Rebuilt: "inactive"}, {Column: "phone", Personal: true},
		}},
		{Table: "chart", Key: key, Is: projections.RowMissing, Event: event},
		{Table: "chart", Key: key, Is: projections.RowTooMany},
	}

	t.Run("rows that are right", func(t *testing.T) {
		said, code := show(false, right)
		require.Zero(t, code)
		require.Contains(t, said, "200")
		require.NotContains(t, said, "rebuild")
		require.Contains(t, said, "exactly the log")
	})
	t.Run("rows that differ, with the event, and exit code 8", func(t *testing.T) {
		said, code := show(false, wrong)
		require.Equal(t, 8, code)
		require.NotContains(t, said, "exactly the log")
		require.Contains(t, said, "the events; rows that differ: 25")
		for _, part := range []string{
			"roster.chart chart_id=" + chart, "status is active and should be inactive", "phone differs (personal data)",
			"last changed by chart.status_changed at 9.9", string(event.Stream) + "@4", "  is missing.", "  should not be there.", "No event ever made it.",
			"22 more rows differ", "praxis projections rebuild roster\n",
		} {
			require.Contains(t, said, part)
		}
		for line := range strings.Lines(said) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 120, line)
		}
	})
	t.Run("events that differ count although the rows do not", func(t *testing.T) {
		found[0].Proven = false
		_, code := show(false, right)
		require.Equal(t, 8, code)
		found[0].Proven = true
	})
	t.Run("as JSON", func(t *testing.T) {
		said, code := show(true, wrong)
		require.Equal(t, 8, code)
		require.Contains(t, said, `"proven": true`)
		require.Contains(t, said, `"differ": 25`)
		require.Contains(t, said, `"is": "too_many"`)
	})
	t.Run("what a rebuild replaced", func(t *testing.T) {
		var out bytes.Buffer
		printReplaced(&out, []projections.Comparison{right, right})
		require.Equal(t, "400 rows were compared with those that they replace, and none differs.\n", out.String())
		out.Reset()
		printReplaced(&out, []projections.Comparison{right, wrong})
		require.Contains(t, out.String(), "400 rows were compared with those that they replace, and 25 differed; they are right now.\n")
		require.Contains(t, out.String(), "status is active and should be inactive")
	})
}
