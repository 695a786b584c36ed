package chart_test

import (
	"testing"
	"time"

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
	archived = chart.Archived{Reason: "moved away", StatusAtArchive: chart.Active}
)

// create is the command that leads to created.
func create(change ...func(*chart.CreateChart)) chart.CreateChart {
	c := chart.CreateChart{
		Chart: chartID, Group: group, Patient: patient, Branch: downtown, Primary: ana, PrimaryRule: chart.ByCreator,
		PrimaryIsActiveClinician: true, PrimaryIsInBranch: true, BranchIsKnown: true, BranchIsOpen: true,
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func given(t testing.TB, history ...chart.Event) estest.Spec[chart.State, chart.Event] {
	t.Helper()
	return estest.Given(t, chart.Aggregate(), history...)
}
