package roster_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/projections/roster"
)

func TestOfGroup(t *testing.T) {
	spec, pool := given(t, created(1, "Ada", "Cole", ana, main), created(2, "Bo", "Abbott", ben, river),
		on(1, chart.TeamMemberAdded{Member: ben, Role: careteam.Support}),
		on(2, chart.Archived{Reason: "moved", StatusAtArchive: chart.Active}))
	spec.Then("select count(*) from chart", `{"count":2}`)
	t.Run("AMB-14 every chart counts, archived ones too", func(t *testing.T) {
		facts, err := roster.OfGroup(t.Context(), pool, practice)
		require.NoError(t, err)
		require.Equal(t, []group.ChartFacts{
			{Chart: chartN(1), Primary: ana, Branch: main, Team: []access.Place{{Member: ben}}},
			{Chart: chartN(2), Primary: ben, Branch: river},
		}, facts)
	})
	t.Run("another practice has none of them", func(t *testing.T) {
		facts, err := roster.OfGroup(t.Context(), pool, elsewhere)
		require.NoError(t, err)
		require.Empty(t, facts)
	})
}
