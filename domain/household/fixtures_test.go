package household_test

import (
	"testing"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es/estest"
	"praxis/domain/household"
	"praxis/domain/id"
)

var (
	// now is a Friday.
	now      = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	group    = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	family   = id.MustParse[id.Household]("00000000-0000-4000-8000-0000000000a1")
	ada      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	bob      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	ana      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	cho      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000c")
	aunt     = id.MustParse[id.Person]("00000000-0000-4000-8000-0000000000d1")
	document = id.MustParse[id.Document]("00000000-0000-4000-8000-0000000000d0")
	account  = id.MustParse[id.Account]("00000000-0000-4000-8000-0000000000e1")
	removal  = id.Derive[id.Event]("removal")
	august   = careteam.Window{From: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC)}
	deadline = time.Date(2026, 4, 18, 0, 0, 0, 0, time.UTC)
	created  = household.Created{Household: family, Group: group, Name: "Lovelace family", Primary: ana, PrimaryRule: careteam.ByCreator}
	offered  = household.TransferOffered{To: "Lovelace's other practice", ExpiresAt: deadline}
	withBen  = household.TeamMemberAdded{Member: ben, Role: careteam.Clinician}
)

// everybody works here: Ana and Ben treat, Cho does not.
func everybody() household.Group {
	return household.Group{Members: careteam.Members{
		{ID: ana, Active: true, Clinician: true, Joined: now.AddDate(0, -3, 0)},
		{ID: ben, Active: true, Clinician: true, Joined: now.AddDate(0, -2, 0)},
		{ID: cho, Active: true, Joined: now.AddDate(0, -4, 0)},
	}}
}

// without is the practice after the access of a member ended.
func without(m id.Member) household.Group {
	p := everybody()
	for i := range p.Members {
		if p.Members[i].ID == m {
			p.Members[i].Active, p.Members[i].Removal = false, removal
		}
	}
	return p
}

type knowing[C estest.FactDecider[household.Group, household.State, household.Event]] = estest.With[C, household.Group, household.State, household.Event]

func in[C estest.FactDecider[household.Group, household.State, household.Event]](p household.Group, c C) knowing[C] {
	return estest.Knowing(c, p)
}

func given(t testing.TB, history ...household.Event) estest.Spec[household.State, household.Event] {
	t.Helper()
	return estest.Given(t, household.Aggregate(), history...)
}
