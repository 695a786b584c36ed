package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
)

func TestPrintWhy(t *testing.T) {
	g, chart, clinician := id.Derive[id.Group]("g"), id.Derive[id.Chart]("c"), id.Derive[id.Member]("m")
	why := projections.Explanation{
		Table: "billing.ledger", Build: "billing_v1", Position: es.Position{Commit: 123456789012345, Prepare: 123456789012345},
		Key: []projections.Value{{Column: "chart_id", Value: chart.String()}, {Column: "day", Value: "2026-04-10"}},
		Row: []projections.Value{{Column: "chart_id", Value: chart.String()}, {Column: "payer", Personal: true}, {Column: "team", Value: []any{clinician.String()}}, {Column: "note"}},
		Events: []projections.Touch{{
			Position: es.Position{Commit: 123456789012344, Prepare: 123456789012344}, RecordedAt: time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC),
			Stream: es.StreamOf("invoice", g, chart.String(), clinician.String()), Revision: 12, Type: "invoice.charge_recorded", Actor: "member:" + clinician.String(), Did: "changed",
			Changes: []projections.Change{
				{Column: "primary_id", From: clinician.String(), To: chart.String()}, {Column: "payer", Personal: true}, {Column: "revision", To: 12}, {Column: "gone", From: "here"},
			},
		}},
		Differs: []string{"charged"},
	}
	show := func() string {
		var out bytes.Buffer
		printWhy(&out, why)
		return out.String()
	}
	said := show()
	for _, line := range strings.Split(said, "\n") {
		if strings.ContainsAny(line, "│─") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 120, line)
		}
	}
	heading, _, _ := strings.Cut(said, "┌")
	require.Equal(t, "billing.ledger, chart_id="+chart.String()+" day=2026-04-10, as of position 123456789012345.123456789012345:",
		strings.TrimSpace(strings.ReplaceAll(heading, "\n", " ")))
	for _, line := range strings.Split(heading, "\n") {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 120, line)
	}
	for _, part := range []string{
		"2026-04-10 15:00:00", "invoice.charge_recorded", "by", "member:" + clinician.String(), clinician.String() + "@12", "payer (personal data)", "revision = 12", "gone: here → null",
		"NOT what these events make of it: charged. A rebuild makes it right: praxis projections rebuild billing\n",
	} {
		require.Contains(t, said, part)
	}
	require.Regexp(t, `payer +│ \(personal data\)`, said)
	require.Regexp(t, `note +│ null`, said)

	why.Row, why.Differs = nil, nil
	require.Contains(t, show(), "The row is not there.")
	require.NotContains(t, show(), "NOT")
}
