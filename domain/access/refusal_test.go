package access_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
)

func TestFoundP7_ARefusalFitsTheRuleThatDecided(t *testing.T) {
	far := access.Resource{Group: practice, Clinician: other}
	say := func(s access.Subject, c access.Capability, r access.Resource) string {
		d := access.Decide(s, c, r, now)
		require.False(t, d.Allowed, "%s %s", s.Role, c)
		text := access.Refusal(s, c, &r, d, now)
		require.True(t, strings.HasPrefix(text, fmt.Sprintf("You may not do this here: the permission %q ", c)), text)
		_, rest, _ := strings.Cut(text, `" `)
		return rest
	}
	denied := func(role access.Role, c access.Capability) access.Subject {
		s := member(role)
		s.Overrides = []access.Rule{set(c, false, access.ScopeGroup)}
		return s
	}
	roleDenied := func(role access.Role, c access.Capability) access.Subject {
		s := member(role)
		s.RoleRules = []access.Rule{set(c, false, access.ScopeGroup)}
		return s
	}
	lay := func(role access.Role) access.Subject { s := member(role); s.Clinician = false; return s }
	gone := member(access.User)
	gone.Active = false
	patient := access.Subject{Kind: access.KindPatient, Account: member(access.User).Account, Group: practice}
	limited := patientWith(access.AppointmentViewOwn)
	for _, c := range []struct {
		who        access.Subject
		capability access.Capability
		resource   access.Resource
		want       string
	}{
		{member(access.Owner), access.RosterView, access.Resource{Group: elsewhere}, "does not reach another practice."},
		{gone, access.RosterView, far, "ended with your membership. Only the practice can take you back."},

		{member(access.User), access.SubscriptionView, far, "can never be had by a user. Nobody can grant it."},
		{member(access.SuperAdmin), access.OwnershipTransfer, far, "is the owner's alone. It cannot be delegated."},
		{member(access.Manager), access.GroupClose, far, "is the owner's alone. It cannot be delegated."},
		{member(access.Owner), access.PriceBookPublish, far, "is for the operators of the installation. No practice can grant it."},
		{member(access.Owner), access.AppointmentBookOwn, far, "is for patients and their own charts. Nobody can grant it."},
		{patient, access.RosterView, far, "is for the staff. Patients can never have it, and nobody can grant it."},

		{denied(access.User, access.RosterView), access.RosterView, far, "was denied to you. The owner can take that back, and so can who holds it and may set permissions."},
		{denied(access.User, access.RosterView), access.ChartCreate, far, "was denied to you. The owner can take that back, and so can who holds it and may set permissions."},
		{denied(access.Owner, access.RosterView), access.RosterView, far, "was denied to you. As the owner you can take that back yourself."},
		{roleDenied(access.User, access.RosterView), access.RosterView, far, "was denied to every user. The owner can take that back, and so can who holds it and may set permissions."},

		{member(access.User), access.RosterView, far, "is yours for what is your own, your care teams' or about you only, and this is something else. The owner can grant it, and so can who holds it and may set permissions."},
		{member(access.User), access.ChartArchive, far, "is not one that your role has by itself. Only the owner can grant it."},
		{member(access.Owner), access.ChartCreate, far, "is not one that your role has by itself. As the owner you can grant it to yourself."},
		{member(access.Owner), access.ChartClinicalWrite, far, "is yours for what is your own, your care teams' or about you only, and this is something else. Nobody can grant more."},
		{lay(access.Owner), access.ChartClinicalWrite, far, "is for clinicians and their own patients only. Nobody can grant it."},
		{member(access.Assistant), access.RosterView, far, "is not one that your role has by itself. It can be granted for the clinicians you assist, not for this."},
		{member(access.Manager), access.ChartArchive, far, "is not one that your role has by itself. It can be granted for the clinicians you manage and yourself, not for this."},

		{limited, access.AppointmentBookOwn, access.Resource{Group: practice, Chart: myChart}, "is not among those that your account has for this chart. The practice can add it."},
		{patient, access.AppointmentBookOwn, far, "is for the patient's own chart, and your account is not linked to this one. The practice can link it."},
		{access.Subject{Kind: access.KindOperator}, access.RosterView, far, "belongs to practices. Operators run the installation and can never have it."},
		{access.Subject{Kind: access.KindStranger}, access.RosterView, far, "is for members of the practice."},
		{member("root"), access.RosterView, far, "does not exist."},
	} {
		require.Equal(t, c.want, say(c.who, c.capability, c.resource), "%s %s", c.who.Role, c.capability)
	}
}

func TestFoundP7_ARefusalOfEverythingSaysWhatCouldBeGranted(t *testing.T) {
	assistant := member(access.Assistant)
	d := access.Decide(assistant, access.RosterView, access.Resource{Group: practice}, now)
	require.Equal(t, `You may not do this here: the permission "roster.view" is not one that your role has by itself. The owner can grant it, and so can who holds it and may set permissions.`,
		access.Refusal(assistant, access.RosterView, nil, d, now))
}

func TestFoundP7_WhatCannotBeDelegatedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		by, to     access.Role
		capability access.Capability
		scope      access.Scope
		want       string
	}{
		{access.Owner, access.User, access.SubscriptionView, access.ScopeGroup, `The permission "subscription.view" can never be had by a user. Nobody can give it to them.`},
		{access.Owner, access.SuperAdmin, access.ChartClinicalWrite, access.ScopeGroup, `A super_admin has the permission "chart.clinical.write" by their role, as far as it goes. Nobody can give them more of it.`},
		{access.SuperAdmin, access.User, access.ChartArchive, access.ScopeGroup, `The permission "chart.archive" is given to a user by the owner only.`},
		{access.Owner, access.Manager, access.ChartArchive, access.ScopeGroup, `A manager can have the permission "chart.archive" for the clinicians they manage and themselves at most. Give it in that scope (managed), or in a narrower one.`},
	} {
		cell, _ := access.CellOf(c.to, c.capability)
		require.False(t, cell.Grantable(c.by, c.scope))
		require.Equal(t, c.want, access.Undelegable(c.by, c.to, c.capability, c.scope))
	}
}

// Every role × capability × relation: a sentence that says that somebody can grant
// it is true, one that says that nobody can is, too, and the owner is never sent to
// the owner.
func TestFoundP7_WhatARefusalAdvisesIsTrue(t *testing.T) {
	for _, role := range access.Roles() {
		for _, c := range capabilities() {
			for _, r := range relations() {
				s := member(role)
				d := access.Decide(s, c, r.resource, now)
				if d.Allowed {
					continue
				}
				text := access.Refusal(s, c, &r.resource, d, now)
				name := fmt.Sprintf("%s %s %s: %s", role, c, r.name, text)
				s.Overrides = []access.Rule{set(c, true, access.ScopeGroup)}
				cell, _ := access.CellOf(role, c)
				helps := access.Decide(s, c, r.resource, now).Allowed
				somebody := strings.Contains(text, "The owner can grant it") || strings.Contains(text, "Only the owner can grant it") || strings.Contains(text, "you can grant it to yourself")
				require.Equal(t, helps, somebody, name)
				require.Equal(t, !helps, strings.Contains(text, "No practice can grant") || strings.Contains(text, "Nobody can grant") ||
					strings.Contains(text, "cannot be delegated") || strings.Contains(text, "not for this"), name)
				if helps {
					require.Equal(t, cell.Grant == access.ByOwner && role != access.Owner, strings.Contains(text, "Only the owner"), name)
				}
				if role == access.Owner {
					require.NotContains(t, text, "The owner", name)
					require.NotContains(t, text, "Only the owner", name)
				}
			}
		}
	}
}
