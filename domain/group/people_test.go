package group_test

import (
	"testing"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
)

// The cast of the specs.
var (
	now      = time.Date(2025, 6, 1, 15, 0, 0, 0, time.UTC)
	practice = id.Derive[id.Group]("practice")
	oona     = id.Derive[id.Member]("oona, the owner, a clinician")
	sam      = id.Derive[id.Member]("sam, a super admin")
	sue      = id.Derive[id.Member]("sue, another super admin")
	mia      = id.Derive[id.Member]("mia, a manager")
	uma      = id.Derive[id.Member]("uma, a clinician")
	ugo      = id.Derive[id.Member]("ugo, another clinician")
	ada      = id.Derive[id.Member]("ada, an assistant")
	nobody   = id.Derive[id.Member]("nobody")
	mainSt   = id.Derive[id.Branch]("main street")
	harbour  = id.Derive[id.Branch]("harbour")
	someRule = id.Derive[id.Event]("some rule")
	letter   = id.Derive[id.Invitation]("letter")
)

func account(m id.Member) id.Account { return id.Derive[id.Account](m.String()) }

func invitationOf(m id.Member) id.Invitation { return id.Derive[id.Invitation](m.String()) }

func founding() []group.Event {
	return []group.Event{
		group.GroupCreated{
			Group: practice, Name: "Elm Practice", Owner: oona, Account: account(oona), Clinician: true,
			BillingZone: "America/New_York", Currency: "USD", PeriodAnchor: civil.MustDate("2025-01-02"),
			CreatedAt: time.Date(2025, 1, 2, 12, 0, 0, 0, time.UTC),
		},
		group.DefaultBranchCreated{Branch: mainSt, Name: "Main Street"},
	}
}

// joins is the story of somebody who was invited by the owner and accepted on the
// given day of January.
func joins(m id.Member, role access.Role, clinician bool, day int, clinicians ...id.Member) []group.Event {
	at := time.Date(2025, 1, day, 9, 0, 0, 0, time.UTC)
	return []group.Event{
		group.MemberInvited{
			Invitation: invitationOf(m), EmailHash: "hash of " + m.String(), Role: role, Clinician: clinician,
			Branches: []id.Branch{mainSt}, Clinicians: clinicians, InvitedBy: oona, ExpiresAt: at.AddDate(0, 0, 7),
		},
		group.MemberJoined{
			Invitation: invitationOf(m), Member: m, Account: account(m), Role: role, Clinician: clinician,
			Branches: []id.Branch{mainSt}, Clinicians: clinicians, JoinedAt: at,
		},
	}
}

// staffed is a practice with everybody in it.
func staffed(more ...group.Event) []group.Event {
	events := founding()
	events = append(events, joins(uma, access.User, true, 3)...)
	events = append(events, joins(ugo, access.User, true, 4)...)
	events = append(events, joins(sam, access.SuperAdmin, false, 5)...)
	events = append(events, joins(sue, access.SuperAdmin, false, 6)...)
	events = append(events, joins(mia, access.Manager, true, 7, uma)...)
	events = append(events, joins(ada, access.Assistant, false, 8, uma)...)
	events = append(events, group.BranchCreated{Branch: harbour, Name: "Harbour"})
	return append(events, more...)
}

// granted lets a member have a capability for the whole group, by the owner's will.
func granted(m id.Member, c access.Capability) group.PermissionGranted {
	return group.PermissionGranted{
		Rule: id.Derive[id.Event](m.String(), string(c)), Member: m, Capability: c, Scope: access.ScopeGroup, GrantedBy: oona,
	}
}

func given(t testing.TB, history ...group.Event) estest.Spec[group.State, group.Event] {
	return estest.Given(t, group.Aggregate(), history...)
}

func fold(history ...group.Event) group.State { return group.Aggregate().Fold(history...) }

func ptr[T any](v T) *T { return &v }
