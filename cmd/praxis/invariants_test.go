package main

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/audit"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invariant"
)

func TestShowReport(t *testing.T) {
	t.Run("a log in which everything holds exits with 0", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, showReport(&out, audit.Report{Events: 3, Streams: 2, Position: "3.3"}, false))
		require.Equal(t, "Every invariant holds: 3 events in 2 streams, up to position 3.3.\n", out.String())
	})
	rules := invariant.Rules()
	why := rules[slices.IndexFunc(rules, func(e invariant.Explanation) bool { return e.Rule == invariant.ChartPrimary })]
	broken := audit.Report{
		Events: 3, Streams: 2, Position: "3.3", Counts: map[invariant.Rule]int{invariant.ChartPrimary: invariant.Kept + 2},
		Violations: []invariant.Violation{{
			Rule: invariant.ChartPrimary, Group: id.Derive[id.Group]("practice"),
			Places: []invariant.Place{{Stream: "chart-G+C", Revision: 4}, {Stream: "group-G", Revision: 7}},
			Things: []invariant.Thing{{Kind: invariant.KindChart, ID: "C"}},
		}},
		Rules: []invariant.Explanation{why},
	}
	t.Run("violations are listed, explained and exit with 8", func(t *testing.T) {
		var out bytes.Buffer
		err := showReport(&out, broken, false)
		require.Equal(t, 8, exitCode(err, fault.From(err)))
		for _, part := range []string{"chart_primary", "chart-G+C@4", "group-G@7", "chart C", why.Says, why.Mend, "2 further findings"} {
			require.Contains(t, out.String(), part)
		}
	})
	t.Run("as JSON, too", func(t *testing.T) {
		var out bytes.Buffer
		err := showReport(&out, broken, true)
		require.ErrorIs(t, err, errViolations)
		require.Contains(t, out.String(), `"rule": "chart_primary"`)
		require.Contains(t, out.String(), `"revision": 4`)
	})
}
