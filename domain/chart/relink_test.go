package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

var (
	removal = id.MustParse[id.Event]("00000000-0000-4000-8000-0000000000d1")
	rehomed = chart.PrimaryProfessionalChanged{From: ana, To: ben, Removal: removal, ToWas: careteam.Support}
)

// relink asks for Ana's place to be given back to her. She treats patients downtown
// and the others treat elsewhere, but for those who are listed.
func relink(but ...chart.Member) knowing[chart.Relink] {
	return in(practice(append(but, clinician(ana, downtown), clinician(ben, north), clinician(cho, north))...), chart.Relink{Member: ana, Removal: removal})
}

func TestRelink(t *testing.T) {
	bens := chart.TeamMemberAdded{Member: ben, Role: careteam.Support}
	t.Run("AMB-14 a removal notes what the new primary was before", func(t *testing.T) {
		rehome := chart.Rehome{Leaver: ana}
		treats := chart.Target{Group: practice(clinician(ben, downtown)), Removal: removal, To: ben}
		given(t, created, bens).When(estest.Knowing(rehome, treats), now).
			Then(rehomed)
		keeps := chart.Target{Group: practice(staff(ben)), Removal: removal, To: ben, Custody: true}
		given(t, created, bens).When(estest.Knowing(rehome, keeps), now).
			Then(chart.PlacedInCustody{From: ana, Custodian: ben, Removal: removal, CustodianWas: careteam.Support})
	})
	t.Run("AMB-14 the returner is the primary again and the interim one what they were", func(t *testing.T) {
		back := chart.PrimaryProfessionalChanged{From: ben, To: ana, FormerBecomes: careteam.Support, Relinks: removal}
		given(t, created, bens, rehomed).When(relink(), now).Then(back)
		given(t, created, bens, rehomed, archived).When(relink(), now).Then(back)
		given(t, created, chart.PlacedInCustody{From: ana, Custodian: cho, Removal: removal}).When(relink(), now).
			Then(chart.PrimaryProfessionalChanged{From: cho, To: ana, Relinks: removal})
	})
	t.Run("an interim primary who left the practice leaves the team", func(t *testing.T) {
		given(t, created, bens, rehomed).When(relink(former(clinician(ben))), now).
			Then(chart.PrimaryProfessionalChanged{From: ben, To: ana, Relinks: removal})
	})
	t.Run("AMB-14 a former place on the team comes back with its role", func(t *testing.T) {
		history := []chart.Event{created, bens, chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Support, Removal: removal}}
		bensAgain := chart.Relink{Member: ben, Removal: removal}
		given(t, history...).When(in(practice(staff(ben)), bensAgain), now).Then(chart.TeamMemberAdded{Member: ben, Role: careteam.Support, Relinks: removal})
		given(t, history...).When(in(practice(former(staff(ben))), bensAgain), now).ThenRejected("member_inactive")
	})
	t.Run("what was moved on since stays", func(t *testing.T) {
		moved := []chart.Event{created, rehomed, chart.PrimaryProfessionalChanged{From: ben, To: cho}}
		given(t, moved...).When(relink(), now).ThenRejected("chart_moved_on")
		given(t, append(moved, chart.PrimaryProfessionalChanged{From: cho, To: ben})...).When(relink(), now).ThenRejected("chart_moved_on")
	})
	t.Run("what another removal took, or nobody, or what is back, is left alone", func(t *testing.T) {
		another := relink()
		another.Command.Removal = id.New[id.Event]()
		given(t, created, rehomed).When(another, now).ThenNothing()
		given(t, created, chart.PrimaryProfessionalChanged{From: ana, To: ben}).When(relink(), now).ThenNothing()
		given(t, created, rehomed, chart.PrimaryProfessionalChanged{From: ben, To: ana, Relinks: removal}).When(relink(), now).ThenNothing()
		given(t, created, rehomed, chart.TeamMemberAdded{Member: ana, Role: careteam.Support}).When(relink(), now).ThenNothing()
	})
	t.Run("the rules of assigning hold", func(t *testing.T) {
		given(t, created, rehomed).When(relink(clinician(ana, north)), now).ThenRejected("clinician_not_in_branch")
		given(t, created, rehomed).When(relink(staff(ana, downtown)), now).ThenRejected("not_active_clinician")
		given(t).When(relink(), now).ThenRejected("chart_not_found")
	})
	t.Run("leaving is told apart from being taken off the team", func(t *testing.T) {
		leaver := former(clinician(ben))
		leaver.Removal = removal
		given(t, created, bens).When(in(practice(leaver), chart.RemoveTeamMember{Member: ben}), now).
			Then(chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Support, Removal: removal})
		given(t, created, bens).When(in(practice(clinician(ben)), chart.RemoveTeamMember{Member: ben}), now).ThenState(func(t testing.TB, s chart.State) { require.Empty(t, s.Former()) })
	})
}
