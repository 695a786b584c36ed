package access_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/id"
)

func TestPatientsReachTheirOwnChartsOnly(t *testing.T) {
	patient := patientWith(access.PatientCapabilities()...)
	own := access.Resource{Group: practice, Clinician: other, Chart: myChart}
	for _, c := range capabilities() {
		d := access.Decide(patient, c, own, now)
		if c == access.SlotsView || slices.Contains(access.PatientCapabilities(), c) {
			require.Equal(t, access.Decision{Allowed: true, Rule: access.RulePatient}, d)
			require.Equal(t, access.Decision{Rule: access.RuleDefaultDeny}, access.Decide(patient, c, access.Resource{Group: practice, Clinician: other, Chart: farChart}, now))
			require.Equal(t, access.Decision{Rule: access.RuleDefaultDeny}, access.Decide(patient, c, access.Resource{Group: practice}, now))
			require.Equal(t, access.Decision{Rule: access.RuleTenancy}, access.Decide(patient, c, access.Resource{Group: elsewhere, Chart: myChart}, now))
		} else {
			require.Equal(t, access.Decision{Rule: access.RuleGuardrail}, d, c)
		}
	}
}

func TestOperatorsRunTheInstallationAndSeeNoPatientData(t *testing.T) {
	operator := access.Subject{Kind: access.KindOperator}
	for _, c := range capabilities() {
		for _, r := range relations() {
			require.Equal(t, c == access.ProjectionsManage || c == access.PriceBookPublish || c == access.GroupConvert, access.Decide(operator, c, r.resource, now).Allowed, c)
		}
	}
	require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleOperator}, access.Decide(operator, access.ProjectionsManage, access.Resource{}, now))
}

func TestTheSystemDoesWhatItsProcessesName(t *testing.T) {
	system := access.Subject{Kind: access.KindSystem}
	for _, c := range capabilities() {
		require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleSystem}, access.Decide(system, c, access.Resource{Group: practice}, now))
	}
	system.Group = practice
	require.Equal(t, access.Decision{Rule: access.RuleTenancy}, access.Decide(system, access.RosterView, access.Resource{Group: elsewhere}, now),
		"a process at work for one group touches no other")
}

func TestStrangersReachNothing(t *testing.T) {
	for _, kind := range []access.Kind{access.KindStranger, "", "root"} {
		for _, c := range capabilities() {
			stranger := member(access.Owner)
			stranger.Kind = kind
			require.Equal(t, access.Decision{Rule: access.RuleDefaultDeny}, access.Decide(stranger, c, access.Resource{Group: practice}, now))
			require.True(t, access.ReachOf(stranger, c, now).Empty())
		}
	}
}

func TestEveryAccountMayFoundAGroupAndAnswerAnInvitation(t *testing.T) {
	for _, c := range []access.Capability{access.GroupFound, access.InvitationAnswer} {
		for _, kind := range []access.Kind{access.KindStranger, access.KindMember, access.KindPatient} {
			s := access.Subject{Kind: kind, Account: id.Derive[id.Account]("somebody")}
			require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleSignedIn}, access.Decide(s, c, access.Resource{Group: practice}, now))
			s.Account = id.Account{}
			require.False(t, access.Decide(s, c, access.Resource{Group: practice}, now).Allowed, "nobody is signed in")
		}
		require.False(t, c.Known(), "no role adds to it or takes it away")
	}
}

func TestGrantable(t *testing.T) {
	cell := func(r access.Role, c access.Capability) access.Cell {
		cell, ok := access.CellOf(r, c)
		require.True(t, ok)
		return cell
	}
	require.False(t, cell(access.User, access.RosterExport).Grantable(access.SuperAdmin, access.ScopeGroup), "– is the owner's to grant")
	require.True(t, cell(access.User, access.RosterExport).Grantable(access.Owner, access.ScopeGroup))
	require.True(t, cell(access.Manager, access.ChartArchive).Grantable(access.SuperAdmin, access.ScopeOwn), "own lies within managed")
	require.False(t, cell(access.Manager, access.ChartArchive).Grantable(access.Owner, access.ScopeGroup), "D·M ends at the managed clinicians")
	require.False(t, cell(access.Manager, access.ChartArchive).Grantable(access.Owner, access.ScopeBranches))
	require.False(t, cell(access.SuperAdmin, access.OwnershipTransfer).Grantable(access.Owner, access.ScopeGroup), "AMB-11")
	require.False(t, cell(access.SuperAdmin, access.GroupInfoEdit).Grantable(access.Owner, "galaxy"))
}
