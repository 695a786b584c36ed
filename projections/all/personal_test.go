package all_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/projections"
)

// TestPersonalData: whatever an event says that is personal stands only in columns that the
// tables name as personal, and no explanation tells it unasked.
func TestPersonalData(t *testing.T) {
	const mark, day = "marked", "1907-07-07"
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	p := newPractices(t, func(name string, data []byte) []byte {
		_, personal := registry.Fields(name)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(data, &fields))
		for _, f := range personal {
			switch {
			case f == "birthDate":
				fields[f] = day
			case fields[f] == nil:
			default:
				if _, isText := fields[f].(string); isText {
					fields[f] = mark
				}
			}
		}
		changed, err := json.Marshal(fields)
		require.NoError(t, err)
		return changed
	})
	found := []string{}
	for _, b := range p.tables() {
		var marked []string
		for _, c := range b.written {
			if list(t, p.pool, fmt.Sprintf("select count(*)::text from %s where %s::text like '%%%s%%' or %[2]s::text = '%[4]s'", b.sql(), c, mark, day))[0] != "0" {
				marked = append(marked, c)
				found = append(found, b.String()+"."+c)
			}
		}
		for _, key := range p.keys(b, 100) {
			why, err := p.runner.Why(t.Context(), projections.Question{Table: b.String(), Key: key})
			require.NoError(t, err)
			var personal []string
			for _, v := range why.Row {
				if v.Personal {
					personal = append(personal, v.Column)
				}
			}
			require.Subset(t, personal, marked, "%s: name these columns in the line \"-- personal data:\" of its schema.sql", b)
			said, err := json.Marshal(why)
			require.NoError(t, err)
			require.NotContains(t, string(said), mark)
			require.NotContains(t, string(said), day)
			if len(marked) == 0 || strings.Contains(string(said), `"personal":true`) {
				break
			}
		}
	}
	for _, c := range []string{"roster.chart.family_name", "roster.chart.birth_date", "roster.chart.search", "billing.entry.code", "billing.entry.description"} {
		require.True(t, slices.Contains(found, c), "%s holds what the events say", c)
	}
	for _, b := range p.tables() {
		_, err := p.pool.Exec(t.Context(), "delete from "+b.sql())
		require.NoError(t, err)
	}
	compared, err := p.runner.CompareRows(t.Context(), nil, nil)
	require.NoError(t, err)
	said, err := json.Marshal(compared)
	require.NoError(t, err)
	require.Contains(t, string(said), `"personal":true`)
	require.NotContains(t, string(said), mark)
	require.NotContains(t, string(said), day)
}
