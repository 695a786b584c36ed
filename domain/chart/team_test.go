package chart_test

import (
	"testing"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
)

func TestCareTeam(t *testing.T) {
	add := func(m id.Member, r careteam.Role) knowing[chart.AddTeamMember] {
		return in(practice(clinician(m)), chart.AddTeamMember{Member: m, Role: r})
	}
	change := func(m id.Member, r careteam.Role) knowing[chart.ChangeTeamRole] {
		return in(practice(clinician(m)), chart.ChangeTeamRole{Member: m, Role: r})
	}
	remove := func(m id.Member) knowing[chart.RemoveTeamMember] {
		return in(practice(clinician(m)), chart.RemoveTeamMember{Member: m})
	}
	benTreats := chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician}

	t.Run("H-4 someone joins in a role, on archived charts too", func(t *testing.T) {
		given(t, created).When(add(ben, careteam.Clinician), now).Then(benTreats)
		given(t, created, archived).When(add(ben, careteam.Clinician), now).Then(benTreats)
	})
	t.Run("support staff need not be clinicians", func(t *testing.T) {
		c := in(practice(staff(cho)), chart.AddTeamMember{Member: cho, Role: careteam.Support})
		given(t, created).When(c, now).Then(chart.TeamMemberAdded{Member: cho, Role: careteam.Support})
	})
	t.Run("refusals to add", func(t *testing.T) {
		given(t).When(add(ben, careteam.Clinician), now).ThenRejected("chart_not_found")
		given(t, created).When(add(ana, careteam.Clinician), now).ThenRejected("already_on_team")
		given(t, created).When(add(ben, careteam.Primary), now).ThenRejected("second_primary")
		given(t, created).When(add(ben, "wizard"), now).ThenRejected("role_unknown")
		given(t, created).When(in(practice(former(staff(ben))), add(ben, careteam.Clinician).Command), now).ThenRejected("member_inactive")
		given(t, created).When(in(practice(staff(ben)), add(ben, careteam.Clinician).Command), now).ThenRejected("not_active_clinician")
	})
	t.Run("H-6 a role is changed directly", func(t *testing.T) {
		given(t, created, benTreats).When(change(ben, careteam.Support), now).
			Then(chart.TeamRoleChanged{Member: ben, From: careteam.Clinician, To: careteam.Support})
		given(t, created, benTreats).When(change(ben, careteam.Clinician), now).ThenRejected("same_role")
		given(t, created).When(change(ben, careteam.Support), now).ThenRejected("not_on_team")
		given(t, created).When(change(ana, careteam.Support), now).ThenRejected("primary_required")
		given(t).When(change(ben, careteam.Support), now).ThenRejected("chart_not_found")
		given(t, created, chart.TeamMemberAdded{Member: cho, Role: careteam.Support}).
			When(in(practice(staff(cho)), change(cho, careteam.Clinician).Command), now).ThenRejected("not_active_clinician")
	})
	t.Run("H-4 someone leaves", func(t *testing.T) {
		given(t, created, benTreats).When(remove(ben), now).
			Then(chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Clinician})
		given(t, created).When(remove(ben), now).ThenRejected("not_on_team")
		given(t).When(remove(ben), now).ThenRejected("chart_not_found")
	})
	t.Run("H-2 the only primary cannot be removed", func(t *testing.T) {
		given(t, created).When(remove(ana), now).ThenRejected("primary_required")
	})
}
