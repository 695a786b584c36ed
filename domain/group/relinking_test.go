package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
)

// back is somebody whose charts went to Ugo and who came back.
func back(m id.Member) []group.Event {
	return append(leaving(m), group.MemberRemoved{Member: m, ChartsMoved: 2}, group.MemberReinstated{
		Member: m, Role: access.User, Branches: []id.Branch{mainSt}, Removal: someRemoval,
		ManagedBy: []id.Member{mia}, AssistedBy: []id.Member{ada}, ReinstatedBy: oona,
	})
}

// formerOf are charts that a removal took from a member and gave to Ugo.
func formerOf(m id.Member, charts ...id.Chart) []group.ChartFacts {
	facts := chartsOf(ugo, charts...)
	for i := range facts {
		facts[i].Former = careteam.FormerPlaces{{Member: m, Removal: someRemoval, Role: careteam.Primary, To: ugo}}
	}
	return facts
}

var all = access.Reach{Parts: []access.Part{{Within: access.Area{All: true}}}}

func TestRelinkCharts(t *testing.T) {
	two := formerOf(uma, someChart, otherChart)
	started := func(charts ...id.Chart) group.RelinkingStarted {
		return group.RelinkingStarted{Member: uma, Removal: someRemoval, Charts: charts, StartedBy: oona}
	}
	relink := func(facts []group.ChartFacts, charts ...id.Chart) with[group.RelinkCharts, group.RelinkingFacts] {
		return estest.Knowing(group.RelinkCharts{Member: uma, Charts: charts}, group.RelinkingFacts{By: oona, Reach: all, Charts: facts})
	}
	t.Run("AMB-14 a member who is back is given all their charts again, or some", func(t *testing.T) {
		given(t, staffed(back(uma)...)...).When(relink(two), now).Then(started(someChart, otherChart))
		given(t, staffed(back(uma)...)...).When(relink(two, otherChart), now).Then(started(otherChart))
	})
	t.Run("asking again adds what is not on its way", func(t *testing.T) {
		running := staffed(append(back(uma), started(someChart))...)
		given(t, running...).When(relink(two), now).Then(started(otherChart))
		given(t, running...).When(relink(two, someChart), now).ThenNothing()
		done := append(staffed(append(back(uma), started(someChart))...), group.RelinkingCompleted{Member: uma, Removal: someRemoval, Relinked: 1})
		given(t, done...).When(relink(two[1:]), now).Then(started(otherChart))
		given(t, done...).When(relink(nil), now).ThenNothing()
	})
	t.Run("a chart that cannot be given back is not, and not by name", func(t *testing.T) {
		moved := formerOf(uma, someChart, otherChart)
		moved[0].Former[0].MovedOn = true
		given(t, staffed(back(uma)...)...).When(relink(moved), now).Then(started(otherChart))
		f := given(t, staffed(back(uma)...)...).When(relink(moved, someChart, otherChart), now).ThenRejected("charts_not_returnable")
		require.Equal(t, "1", f.Details["charts"])
		given(t, staffed(back(uma)...)...).When(relink(chartsOf(ugo, someChart), someChart), now).ThenRejected("charts_not_returnable")
		earlier := formerOf(uma, someChart)
		earlier[0].Former[0].Removal = id.Derive[id.Event]("an earlier one")
		given(t, staffed(back(uma)...)...).When(relink(earlier), now).ThenNothing()
	})
	t.Run("nobody gives back what they may not assign", func(t *testing.T) {
		c := relink(two)
		c.Facts.Reach = access.Reach{Parts: []access.Part{{Within: access.Area{Clinicians: []id.Member{mia}}}}}
		given(t, staffed(back(uma)...)...).When(c, now).ThenNothing()
	})
	t.Run("only who came back after a removal has charts to be given back", func(t *testing.T) {
		given(t, staffed()...).When(relink(two), now).ThenRejected("no_former_charts")
		given(t, staffed(leaving(uma)...)...).When(relink(two), now).ThenRejected("member_inactive")
		given(t, staffed(append(back(uma), gone(uma))...)...).When(relink(two), now).ThenRejected("member_inactive")
		stranger := relink(two)
		stranger.Command.Member = nobody
		given(t, staffed()...).When(stranger, now).ThenRejected("member_not_found")
	})
	t.Run("a dry run foresees them with whom they were", func(t *testing.T) {
		two[0].Former[0].ToWas = careteam.Support
		later := group.Foreseen(two, []group.Event{started(someChart)})
		require.Equal(t, uma, later[0].Primary)
		require.Equal(t, []access.Place{{Member: ugo}}, later[0].Team)
		require.Equal(t, two[1], later[1])
		require.Equal(t, ugo, two[0].Primary, "what is known now stays what it is")
	})
}

func TestCompleteRelinking(t *testing.T) {
	complete := func(relinked int, charts ...group.ChartFacts) command {
		return estest.Knowing(group.CompleteRelinking{Member: uma, Relinked: relinked}, charts)
	}
	running := staffed(append(back(uma), group.RelinkingStarted{Member: uma, Removal: someRemoval, Charts: []id.Chart{someChart, otherChart}, StartedBy: oona})...)
	t.Run("AMB-14 the end names what stayed where it is", func(t *testing.T) {
		left := formerOf(uma, otherChart)
		left[0].Former[0].MovedOn = true
		given(t, running...).When(complete(1, left...), now).
			Then(group.RelinkingCompleted{Member: uma, Removal: someRemoval, Relinked: 1, Left: []id.Chart{otherChart}})
	})
	t.Run("while a chart can be given back it is not over", func(t *testing.T) {
		f := given(t, running...).When(complete(1, formerOf(uma, otherChart)...), now).ThenRejected("charts_remain")
		require.Equal(t, "1", f.Details["charts"])
	})
	t.Run("twice changes nothing, without a return it is refused", func(t *testing.T) {
		given(t, staffed(back(uma)...)...).When(complete(0), now).ThenNothing()
		given(t, append(running, gone(uma))...).When(complete(0), now).ThenRejected("no_relinking_in_progress")
	})
}

func TestReturner(t *testing.T) {
	primary := careteam.FormerPlace{Member: uma, Removal: someRemoval, Role: careteam.Primary, To: ugo}
	standing := func(p careteam.FormerPlace, b id.Branch, history ...group.Event) group.Standing {
		r, known := fold(staffed(append(back(uma), history...)...)...).Returner(uma)
		require.True(t, known)
		return r.Standing(p, b)
	}
	t.Run("AMB-14 whether a place can be given back", func(t *testing.T) {
		require.Equal(t, group.Returnable, standing(primary, mainSt))
		require.Equal(t, group.OutsideBranches, standing(primary, harbour))
		require.Equal(t, group.InClosedBranch, standing(primary, harbour, group.BranchCreated{Branch: harbour, Name: "H"}, group.BranchClosed{Branch: harbour, MovedTo: mainSt}))
		require.Equal(t, group.NotTreating, standing(primary, mainSt, group.ClinicalWorkEnded{Member: uma}))
		require.Equal(t, group.NotBack, standing(primary, mainSt, gone(uma)))
		moved := primary
		moved.MovedOn = true
		require.Equal(t, group.MovedOn, standing(moved, mainSt))
		helped := careteam.FormerPlace{Member: uma, Removal: someRemoval, Role: careteam.Support}
		require.Equal(t, group.Returnable, standing(helped, harbour, group.ClinicalWorkEnded{Member: uma}), "whoever helps need not treat")
	})
	t.Run("AMB-14 those who managed and assisted them are offered until they do again", func(t *testing.T) {
		r, _ := fold(staffed(back(uma)...)...).Returner(uma)
		require.Equal(t, []any{someRemoval, []id.Member{mia}, []id.Member{ada}}, []any{r.Removal, r.ManagedBy, r.AssistedBy})
		r, _ = fold(staffed(append(back(uma), group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{uma}}, gone(ada))...)...).Returner(uma)
		require.Empty(t, r.ManagedBy)
		require.Empty(t, r.AssistedBy)
	})
	t.Run("nobody returns who never was here", func(t *testing.T) {
		_, known := fold(staffed()...).Returner(nobody)
		require.False(t, known)
	})
}
