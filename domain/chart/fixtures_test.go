package chart_test

import (
	"slices"
	"testing"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

var (
	now      = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	group    = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	chartID  = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	downtown = id.MustParse[id.Branch]("00000000-0000-4000-8000-0000000000b1")
	north    = id.MustParse[id.Branch]("00000000-0000-4000-8000-0000000000b2")
	ana      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	cho      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000c")
	parent   = id.MustParse[id.Account]("00000000-0000-4000-8000-0000000000e1")
	aunt     = id.MustParse[id.Contact]("00000000-0000-4000-8000-0000000000d1")
	eventID  = id.MustParse[id.Event]("00000000-0000-4000-8000-0000000000d2")
	family   = id.MustParse[id.Household]("00000000-0000-4000-8000-0000000000a1")
	patient  = chart.Demographics{
		GivenName: "Ada", FamilyName: "Lovelace", BirthDate: civil.MustDate("1985-12-10"),
		Email: "ada@example.org", Phone: "+1 (555) 010-0199",
	}
	created = chart.Created{
		Chart: chartID, Group: group,
		GivenName: "Ada", FamilyName: "Lovelace", BirthDate: civil.MustDate("1985-12-10"),
		Email: "ada@example.org", Phone: "+1 (555) 010-0199",
		Branch: downtown, Primary: ana, PrimaryRule: chart.ByCreator,
	}
	// august is a vacation cover of two weeks.
	august = careteam.Window{From: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 8, 15, 0, 0, 0, 0, time.UTC)}
	// planned is Ben's becoming the primary from October on, as Ana planned it.
	planned  = careteam.PlannedPrimary{To: ben, FormerBecomes: careteam.Clinician, EffectiveAt: time.Date(2026, 10, 1, 4, 0, 0, 0, time.UTC), By: ana}
	archived = chart.Archived{Reason: "moved away", StatusAtArchive: chart.Active}
)

// practice has these members and two branches, both open.
func practice(members ...chart.Member) chart.Group {
	return chart.Group{Members: members, Branches: []chart.Branch{{ID: downtown, Open: true}, {ID: north, Open: true}}}
}

// without is the practice if it did not know a branch.
func without(b id.Branch, p chart.Group) chart.Group {
	p.Branches = slices.DeleteFunc(slices.Clone(p.Branches), func(x chart.Branch) bool { return x.ID == b })
	return p
}

// closed is the practice after a branch was closed.
func closed(b id.Branch, p chart.Group) chart.Group {
	p = without(b, p)
	p.Branches = append(p.Branches, chart.Branch{ID: b})
	return p
}

// clinician is an active clinician who works in these branches.
func clinician(m id.Member, branches ...id.Branch) chart.Member {
	return chart.Member{ID: m, Active: true, Clinician: true, Branches: branches}
}

// staff is an active member who is no clinician and works in these branches.
func staff(m id.Member, branches ...id.Branch) chart.Member {
	return chart.Member{ID: m, Active: true, Branches: branches}
}

// former is the member after their access ended.
func former(m chart.Member) chart.Member {
	m.Active = false
	return m
}

// knowing is a command together with the practice that it is decided for.
type knowing[C estest.FactDecider[chart.Group, chart.State, chart.Event]] = estest.With[C, chart.Group, chart.State, chart.Event]

// in decides a command for a practice.
func in[C estest.FactDecider[chart.Group, chart.State, chart.Event]](p chart.Group, c C) knowing[C] {
	return estest.Knowing(c, p)
}

// create is the command that leads to created, where Ana treats patients downtown.
func create(change ...func(*knowing[chart.CreateChart])) knowing[chart.CreateChart] {
	c := in(practice(clinician(ana, downtown)), chart.CreateChart{
		Chart: chartID, Group: group, Patient: patient, Branch: downtown, Primary: ana, PrimaryRule: chart.ByCreator,
	})
	for _, f := range change {
		f(&c)
	}
	return c
}

func given(t testing.TB, history ...chart.Event) estest.Spec[chart.State, chart.Event] {
	t.Helper()
	return estest.Given(t, chart.Aggregate(), history...)
}
