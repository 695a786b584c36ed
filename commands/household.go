package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
)

// errNoHousehold answers both for households that do not exist and for those beyond reach.
var errNoHousehold = fault.New(fault.NotFound, "household_not_found", "There is no such household, or you may not open it.")

// householdAsItIs is a household as access to it is decided.
func householdAsItIs(g id.Group, s household.State) access.Resource {
	r, itself := s.Resource(g), access.Resource{}
	if s.Exists() {
		itself = r
	}
	r.OfChart = &itself
	return r
}

// inHousehold are the facts of most commands on a household.
func inHousehold[C any](_ context.Context, w *World, _ id.Household, _ C) (p household.Group, err error) {
	p.Members = groupOf(w).Members
	w.Group(func(g group.State) { p.Zone, err = g.Zone().Load() })
	return p, err
}

// CreateHousehold makes a household. Without a named primary the default rule finds one
// (H-5, AMB-16).
var CreateHousehold = declareFrom(householdSpec[household.CreateHousehold, household.Group]{
	On: onHousehold, Name: "household.create", Operation: "createHousehold", Needs: access.ChartCreate,
	Sample: household.CreateHousehold{Name: "Abbott family", Primary: sampleID[id.Member]("clinician")},
	// The household does not exist yet: the permission is asked for the one to be.
	Resource: func(g id.Group, _ id.Household, c household.CreateHousehold, p household.Group, _ household.State) access.Resource {
		c, _ = c.Completed(p) // What is missing is refused by the facts.
		return access.Resource{Group: g, Clinician: c.Primary}
	},
	Facts: func(ctx context.Context, w *World, h id.Household, c household.CreateHousehold) (household.Group, error) {
		p, err := inHousehold(ctx, w, h, c)
		if p.By = w.Actor.Member; err == nil {
			_, err = c.Completed(p)
		}
		return p, err
	},
	Decide: func(c household.CreateHousehold, s household.State, p household.Group, now time.Time) ([]household.Event, error) {
		c, err := c.Completed(p)
		if err != nil {
			return nil, err
		}
		return c.Decide(s, p, now)
	},
}, func(call Call, c household.CreateHousehold) (Call, id.Household, household.CreateHousehold, error) {
	c.Group = call.Group
	return call, c.Household, c, nil
})

// RenameHousehold says what a household is called.
var RenameHousehold = declareOn(householdSpec[household.RenameHousehold, None]{
	On: onHousehold, Name: "household.rename", Operation: "renameHousehold", Needs: access.TeamAdd,
	Sample: household.RenameHousehold{Name: "Abbott and Ames"}, Decide: alone(household.RenameHousehold.Decide),
})

// AddHouseholdPerson says that somebody belongs to a household. The chart of a patient must
// be one that the actor may open.
var AddHouseholdPerson = declareOn(householdSpec[household.AddPerson, bool]{
	On: onHousehold, Name: "household.add_person", Operation: "addHouseholdPerson", Needs: access.TeamAdd,
	Sample: household.AddPerson{Name: "Beth Abbott", Relation: "Mother"},
	Facts: func(ctx context.Context, w *World, _ id.Household, c household.AddPerson) (bool, error) {
		if c.Chart.IsZero() {
			return true, nil
		}
		seen, _, err := w.reaches(ctx, c.Chart)
		return seen, err
	},
	Decide: household.AddPerson.Decide,
})

// RemoveHouseholdPerson says that somebody does not belong to a household any more.
var RemoveHouseholdPerson = declareOn(householdSpec[household.RemovePerson, None]{
	On: onHousehold, Name: "household.remove_person", Operation: "removeHouseholdPerson", Needs: access.TeamChange,
	Sample: household.RemovePerson{Person: sampleID[id.Person]("person")}, Decide: alone(household.RemovePerson.Decide),
})

// reaches says whether the actor may open a chart, and whether they may put members on its team.
func (w *World) reaches(ctx context.Context, c id.Chart) (seen, adds bool, err error) {
	asked, err := w.engine.chartNamed(ctx, w.Call.Group, c)
	if err != nil {
		return false, false, err
	}
	return access.Sees(w.Actor, *asked.OfChart, w.Now), access.Decide(w.Actor, access.TeamAdd, asked, w.Now).Allowed, nil
}

// LinkChart has a chart belong to a household. The chart decides between two households
// that link it at once, so it joins first; a household that a crash kept from having it is
// passed over.
var LinkChart = declareOn(householdSpec[household.LinkChart, household.ChartFacts]{
	On: onHousehold, Name: "household.link_chart", Operation: "linkChart", Needs: access.TeamAdd,
	Sample: household.LinkChart{Chart: sampleID[id.Chart]("chart"), InheritTeam: true},
	Facts: func(ctx context.Context, w *World, h id.Household, c household.LinkChart) (f household.ChartFacts, err error) {
		if f.Seen, f.Shares, err = w.reaches(ctx, c.Chart); err != nil || !f.Seen {
			return f, err
		}
		var other id.Household
		err = w.engine.charts.view(ctx, chart.Stream(w.Call.Group, c.Chart), func(s chart.State, _ revision) {
			other, f.OptedOut = s.Household(), s.DeclinesTeams()
		})
		if err == nil && other != h && !other.IsZero() {
			f.Elsewhere, err = w.engine.hasChart(ctx, w.Call.Group, other, c.Chart)
		}
		return f, err
	},
	Decide: household.LinkChart.Decide,
	First: func(ctx context.Context, w *World, h id.Household, c household.LinkChart, _ household.ChartFacts, _ []household.Event) error {
		_, err := joinHousehold.Give(ctx, w.engine, w.Call.step("join"), c.Chart, chart.JoinHousehold{Household: h})
		return err
	},
	Around: spreading(func(c household.LinkChart) id.Chart { return c.Chart }),
})

// UnlinkChart has a chart not belong to a household any more.
var UnlinkChart = declareOn(householdSpec[household.UnlinkChart, None]{
	On: onHousehold, Name: "household.unlink_chart", Operation: "unlinkChart", Needs: access.TeamChange,
	Sample: household.UnlinkChart{Chart: sampleID[id.Chart]("linked chart")}, Decide: alone(household.UnlinkChart.Decide),
	Around: spreading(func(c household.UnlinkChart) id.Chart { return c.Chart }),
})

// DissolveHousehold ends a household.
var DissolveHousehold = declareOn(householdSpec[household.Dissolve, None]{
	On: onHousehold, Name: "household.dissolve", Operation: "dissolveHousehold", Needs: access.TeamReassignPrimary,
	Decide: alone(household.Dissolve.Decide), Around: spreading[household.Dissolve](nil),
})

// AddHouseholdTeamMember gives a member access to a household (H-4).
var AddHouseholdTeamMember = declareOn(householdSpec[household.AddTeamMember, household.Group]{
	On: onHousehold, Name: "household.add_team_member", Operation: "addHouseholdTeamMember", Needs: access.TeamAdd,
	Sample: household.AddTeamMember{Member: sampleID[id.Member]("colleague"), Role: careteam.Clinician},
	Facts:  inHousehold[household.AddTeamMember], Decide: household.AddTeamMember.Decide, Around: spreading[household.AddTeamMember](nil),
})

// ChangeHouseholdTeamRole gives a member of a household's team another role, in place (H-6).
var ChangeHouseholdTeamRole = declareOn(householdSpec[household.ChangeTeamRole, household.Group]{
	On: onHousehold, Name: "household.change_team_role", Operation: "changeHouseholdTeamRole", Needs: access.TeamChange,
	Sample: household.ChangeTeamRole{Member: sampleID[id.Member]("member"), Role: careteam.Support},
	Facts:  inHousehold[household.ChangeTeamRole], Decide: household.ChangeTeamRole.Decide, Around: spreading[household.ChangeTeamRole](nil),
})

// ChangeHouseholdTeamWindow has a place on a household's team hold for another time.
var ChangeHouseholdTeamWindow = declareOn(householdSpec[household.ChangeTeamWindow, None]{
	On: onHousehold, Name: "household.change_team_window", Operation: "changeHouseholdTeamWindow", Needs: access.TeamChange,
	Sample: household.ChangeTeamWindow{Member: sampleID[id.Member]("member"), Window: untilAugust},
	Decide: alone(household.ChangeTeamWindow.Decide), Around: spreading[household.ChangeTeamWindow](nil),
})

// RemoveHouseholdTeamMember ends a member's access to a household, and to the charts that
// inherit its team.
var RemoveHouseholdTeamMember = declareOn(householdSpec[household.RemoveTeamMember, household.Group]{
	On: onHousehold, Name: "household.remove_team_member", Operation: "removeHouseholdTeamMember", Needs: access.TeamChange,
	Sample: household.RemoveTeamMember{Member: sampleID[id.Member]("member")},
	Facts:  inHousehold[household.RemoveTeamMember], Decide: household.RemoveTeamMember.Decide, Around: spreading[household.RemoveTeamMember](nil),
})

// ReassignHousehold makes another clinician the primary of a household (H-2, H-7).
var ReassignHousehold = declareOn(householdSpec[household.ReassignPrimary, household.Group]{
	On: onHousehold, Name: "household.reassign_primary", Operation: "reassignHousehold", Needs: access.TeamReassignPrimary,
	Sample: household.ReassignPrimary{Clinician: sampleID[id.Member]("colleague"), FormerBecomes: careteam.Clinician},
	Facts:  inHousehold[household.ReassignPrimary], Decide: household.ReassignPrimary.Decide, Around: spreading[household.ReassignPrimary](nil),
})

// SetSecondaryProfessional says which clinician of the team stands in for the primary.
var SetSecondaryProfessional = declareOn(householdSpec[household.SetSecondary, household.Group]{
	On: onHousehold, Name: "household.set_secondary", Operation: "setSecondaryProfessional", Needs: access.TeamChange,
	Sample: household.SetSecondary{Member: sampleID[id.Member]("member")},
	Facts:  inHousehold[household.SetSecondary], Decide: household.SetSecondary.Decide,
})

// ClearSecondaryProfessional says that no clinician stands in for the primary.
var ClearSecondaryProfessional = declareOn(householdSpec[household.ClearSecondary, None]{
	On: onHousehold, Name: "household.clear_secondary", Operation: "clearSecondaryProfessional", Needs: access.TeamChange,
	Decide: alone(household.ClearSecondary.Decide),
})

// RehomeHousehold takes a member off a household who left the practice. It is for the
// process that does so. Faults: those of household.Rehome, "process_only".
var RehomeHousehold = declareOn(householdSpec[household.Rehome, household.Leaving]{
	On: onHousehold, Name: "household.rehome", Needs: access.TeamReassignPrimary, Actors: ProcessesOnly,
	Facts: func(ctx context.Context, w *World, h id.Household, c household.Rehome) (l household.Leaving, err error) {
		l.Group, err = inHousehold(ctx, w, h, c)
		w.Group(func(g group.State) {
			left, _ := g.RemovalOf(c.Leaver)
			l.Removal, l.To = left.Removal, left.Plan.Default
		})
		return l, err
	},
	Decide: household.Rehome.Decide, Around: spreading[household.Rehome](nil),
})
