package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestForeseen(t *testing.T) {
	now := roster()
	t.Run("AMB-14 a leaver's charts are with those who take them, who stand on a team no more", func(t *testing.T) {
		later := group.Foreseen(now, []group.Event{
			gone(oona),
			group.MemberRemovalStarted{Member: oona, Plan: group.Rehoming{Default: uma}},
		})
		require.Equal(t, group.ChartFacts{Chart: now[3].Chart, Primary: uma, Branch: harbour, Team: []access.Place{{Member: ada}}}, later[3])
		require.Equal(t, now[:3], later[:3])
		require.Equal(t, oona, now[3].Primary, "what is known now stays what it is")
	})
	t.Run("a new plan goes for what the old one left", func(t *testing.T) {
		later := group.Foreseen(now, []group.Event{group.MemberRemovalReplanned{
			Member: uma, Plan: group.Rehoming{Charts: []group.Reassignment{{Chart: someChart, To: ugo}}},
		}})
		require.Equal(t, []id.Member{ugo, uma}, []id.Member{later[0].Primary, later[1].Primary}, "nobody was named for the second")
	})
	t.Run("C-5 a closed branch's charts are where it says", func(t *testing.T) {
		later := group.Foreseen(now, []group.Event{group.BranchClosed{Branch: harbour, MovedTo: mainSt}})
		require.Equal(t, mainSt, later[3].Branch)
		require.Equal(t, now, group.Foreseen(now, []group.Event{group.BranchClosed{Branch: id.Derive[id.Branch]("empty")}}))
	})
}
