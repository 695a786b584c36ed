package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

// A place on a care team that holds for a time, such as the cover for a vacation.
func TestTeamWindows(t *testing.T) {
	cover := chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician, Window: august}
	add := func(w careteam.Window) knowing[chart.AddTeamMember] {
		return in(practice(clinician(ben)), chart.AddTeamMember{Member: ben, Role: careteam.Clinician, Window: w})
	}
	change := func(m id.Member, w careteam.Window) chart.ChangeTeamWindow {
		return chart.ChangeTeamWindow{Member: m, Window: w}
	}
	opens := func(at time.Time, history ...chart.Event) bool {
		bens := access.Subject{Kind: access.KindMember, Group: group, Member: ben, Role: access.User, Active: true, Clinician: true}
		return access.Decide(bens, access.RosterView, chart.Aggregate().Fold(history...).Resource(group), at).Allowed
	}
	after := august.Until.Add(time.Hour)

	t.Run("H-4 a vacation cover joins for a time", func(t *testing.T) {
		given(t, created).When(add(august), now).Then(cover)
		zoned := careteam.Window{From: august.From.In(time.FixedZone("", 3600)), Until: august.Until}
		given(t, created).When(add(zoned), now).Then(cover)
		given(t, created).When(add(careteam.Window{From: now}), now).Then(chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician})
	})
	t.Run("access begins and ends exactly with the window, without any event", func(t *testing.T) {
		require.Equal(t, []bool{false, true, true, false}, []bool{
			opens(august.From.Add(-1), created, cover), opens(august.From, created, cover),
			opens(august.Until.Add(-1), created, cover), opens(august.Until, created, cover),
		})
	})
	t.Run("H-6 with another role the place holds as long as before", func(t *testing.T) {
		given(t, created, cover).When(in(practice(clinician(ben)), chart.ChangeTeamRole{Member: ben, Role: careteam.Support}), now).
			Then(chart.TeamRoleChanged{Member: ben, From: careteam.Clinician, To: careteam.Support, Window: august})
		require.False(t, opens(august.Until, created, cover, chart.TeamRoleChanged{Member: ben, From: careteam.Clinician, To: careteam.Support, Window: august}))
	})
	t.Run("H-4 it is made longer, shorter, or for always", func(t *testing.T) {
		for _, w := range []careteam.Window{{From: august.From, Until: after}, {From: august.From, Until: august.From.Add(time.Second)}, {}} {
			given(t, created, cover).When(change(ben, w), now).Then(chart.TeamWindowChanged{Member: ben, Role: careteam.Clinician, From: august, To: w})
		}
		require.True(t, opens(august.Until, created, cover, chart.TeamWindowChanged{Member: ben, From: august, To: careteam.Window{Until: after}}))
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created).When(add(careteam.Window{Until: now}), now).ThenRejected("window_in_past")
		given(t, created).When(add(careteam.Window{From: august.Until, Until: august.From}), now).ThenRejected("window_empty")
		given(t, created).When(add(careteam.Window{From: august.From, Until: august.From}), now).ThenRejected("window_empty")
		given(t, created).When(add(careteam.Window{Until: august.Until.Add(1)}), now).ThenRejected("instant_not_whole_seconds")
		given(t, created, cover).When(change(ben, august), now).ThenRejected("same_window")
		given(t, created, cover).When(change(ben, careteam.Window{Until: now}), now).ThenRejected("window_in_past")
		given(t, created).When(change(ben, august), now).ThenRejected("not_on_team")
		given(t, created).When(change(ana, august), now).ThenRejected("primary_required")
		given(t).When(change(ben, august), now).ThenRejected("chart_not_found")
	})
	over := chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Clinician, Window: august, Reason: "ended"}
	t.Run("a place that is over is taken off the team, and nobody else's", func(t *testing.T) {
		tidy := in(practice(clinician(ben), staff(cho)), chart.TidyTeam{})
		chos := chart.TeamMemberAdded{Member: cho, Role: careteam.Support}
		given(t, created, cover, chos).When(tidy, august.Until).Then(over)
		given(t, created, cover, chos).When(tidy, august.Until.Add(-1)).Then()
		given(t).When(tidy, now).ThenRejected("chart_not_found")
	})
	t.Run("until then it counts as off the team, and can be given again", func(t *testing.T) {
		given(t, created, cover).When(add(careteam.Window{}), after).Then(over, chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician})
		given(t, created, cover).When(change(ben, careteam.Window{}), after).ThenRejected("not_on_team")
		given(t, created, cover).When(in(practice(), chart.RemoveTeamMember{Member: ben}), after).ThenRejected("not_on_team")
		given(t, created, cover).When(in(practice(clinician(ben)), chart.ChangeTeamRole{Member: ben, Role: careteam.Support}), after).ThenRejected("not_on_team")
	})
	t.Run("who becomes the primary is so for always", func(t *testing.T) {
		require.True(t, opens(after, created, cover, chart.PrimaryProfessionalChanged{From: ana, To: ben}))
	})
	t.Run("AMB-14 a member who is back has the place for as long as it was to hold", func(t *testing.T) {
		lost := chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Clinician, Removal: removal, Window: august}
		back := in(practice(clinician(ben)), chart.Relink{Member: ben, Removal: removal})
		given(t, created, cover).When(in(practice(former(clinician(ben))), chart.RemoveTeamMember{Member: ben}), now).
			Then(chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Clinician, Removal: former(clinician(ben)).Removal, Window: august})
		given(t, created, cover, lost).When(back, now).Then(chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician, Window: august, Relinks: removal})
		given(t, created, cover, lost).When(back, after).ThenRejected("place_ended")
	})
	t.Run("AMB-14 and so has the one who stood in for a primary", func(t *testing.T) {
		stoodIn := chart.PrimaryProfessionalChanged{From: ana, To: ben, Removal: removal, ToWas: careteam.Clinician, ToWindow: august}
		target := chart.Target{Group: practice(clinician(ben, downtown)), Removal: removal, To: ben}
		given(t, created, cover).When(estest.Knowing(chart.Rehome{Leaver: ana}, target), now).Then(stoodIn)
		treats := relink(clinician(ben, north))
		given(t, created, cover, stoodIn).When(treats, now).
			Then(chart.PrimaryProfessionalChanged{From: ben, To: ana, FormerBecomes: careteam.Clinician, FormerWindow: august, Relinks: removal})
		given(t, created, cover, stoodIn).When(treats, after).Then(chart.PrimaryProfessionalChanged{From: ben, To: ana, Relinks: removal})
	})
}
