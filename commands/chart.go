package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// practiceOf is what a chart must know of its practice, but for its zone.
func groupOf(w *World) (p chart.Group) {
	p.By, p.First = w.Actor.Member, w.FirstEvent()
	w.Group(func(g group.State) {
		for _, m := range g.Members() {
			left, _ := g.RemovalOf(m.ID)
			p.Members = append(p.Members, chart.Member{
				ID: m.ID, Active: m.Active, Clinician: m.Clinician, Branches: m.Branches, Joined: m.JoinedAt, Removal: left.Removal,
			})
		}
		for _, b := range g.AllBranches() {
			p.Branches = append(p.Branches, chart.Branch{ID: b.ID, Open: !b.Closed})
		}
	})
	return p
}

// inGroup are the facts of most commands on a chart.
func inGroup[C any](_ context.Context, w *World, _ id.Chart, _ C) (chart.Group, error) {
	return groupOf(w), nil
}

// inZone are the facts where dates are judged, too.
func inZone[C any](_ context.Context, w *World, _ id.Chart, _ C) (chart.Group, error) {
	p := groupOf(w)
	var err error
	w.Group(func(g group.State) { p.Zone, err = g.Zone().Load() })
	return p, err
}

// opening is a chart to be, with what its command leaves open filled in.
type opening struct {
	chart.CreateChart
	practice chart.Group
}

// CreateChart opens a chart. Without a named primary the default rule finds one
// (H-5, AMB-16); without a branch the chart belongs to the default branch. Charts that look
// alike are warned of (ADR 42).
var CreateChart = declareFrom(chartSpec[chart.CreateChart, opening]{
	On: onChart, Name: "chart.create", Operation: "createChart", Needs: access.ChartCreate,
	Sample: chart.CreateChart{Patient: chart.Demographics{FamilyName: "New"}, Primary: sampleID[id.Member]("clinician")},
	// The chart does not exist yet: the permission is asked for the one to be.
	Resource: func(g id.Group, c id.Chart, _ chart.CreateChart, f opening, _ chart.State) access.Resource {
		return access.Resource{Group: g, Clinician: f.Primary, Branch: f.Branch, Chart: c}
	},
	Facts: func(ctx context.Context, w *World, t id.Chart, c chart.CreateChart) (opening, error) {
		p, err := inZone(ctx, w, t, c)
		if c.Branch.IsZero() {
			w.Group(func(g group.State) { c.Branch = g.DefaultBranch() })
		}
		if c.PrimaryRule = chart.ByChoice; c.Primary.IsZero() && err == nil {
			c.Primary, c.PrimaryRule, err = p.DefaultPrimary(w.Actor.Member)
		}
		if err == nil {
			p.Alike, err = w.alikeTo(ctx, t, c, p.Zone)
		}
		return opening{c, p}, err
	},
	Decide: func(_ chart.CreateChart, s chart.State, f opening, now time.Time) ([]chart.Event, error) {
		return f.Decide(s, f.practice, now)
	},
	NoPreview: true,
}, func(call Call, c chart.CreateChart) (Call, id.Chart, chart.CreateChart, error) {
	c.Group = call.Group
	return call, c.Chart, c, nil
})

// AssignClinician gives a chart another primary (C-2).
var AssignClinician = declareOn(chartSpec[chart.AssignClinician, chart.Group]{
	On: onChart, Name: "chart.assign_clinician", Operation: "assignClinician", Needs: access.ChartAssignClinician,
	Sample: chart.AssignClinician{Clinician: sampleID[id.Member]("colleague")},
	Facts:  inGroup[chart.AssignClinician], Decide: chart.AssignClinician.Decide,
})

// AssignBranch moves a chart to another branch (C-2).
var AssignBranch = declareOn(chartSpec[chart.AssignBranch, chart.Group]{
	On: onChart, Name: "chart.assign_branch", Operation: "assignBranch", Needs: access.ChartAssignBranch,
	Sample: chart.AssignBranch{Branch: sampleID[id.Branch]("branch")},
	Facts:  inGroup[chart.AssignBranch], Decide: chart.AssignBranch.Decide,
})

// ChangeChartStatus makes a chart active or inactive (C-4).
var ChangeChartStatus = declareOn(chartSpec[chart.ChangeStatus, None]{
	On: onChart, Name: "chart.change_status", Operation: "changeChartStatus", Needs: access.ChartStatusChange,
	Sample: chart.ChangeStatus{To: chart.Inactive},
	Decide: alone(chart.ChangeStatus.Decide),
})

// ArchiveChart makes a chart read-only (C-4).
//
// Of the appointments that lie ahead it knows what was recorded when it looked. A
// booking that passes it in the same instant is found by ReconsiderArchive.
var ArchiveChart = declareOn(chartSpec[chart.Archive, []chart.Ahead]{
	On: onChart, Name: "chart.archive", Operation: "archiveChart", Needs: access.ChartArchive,
	Sample: chart.Archive{Reason: "Moved away"},
	Facts: func(ctx context.Context, w *World, c id.Chart, a chart.Archive) ([]chart.Ahead, error) {
		if a.Force {
			return nil, nil // It would change nothing.
		}
		return w.ahead(ctx, c)
	},
	Decide: chart.Archive.Decide,
})

// ReconsiderArchive brings a chart back that was archived in the instant in which an
// appointment was booked for it. It is for the process that looks again. Faults:
// "process_only", "read_model_behind".
var ReconsiderArchive = declareOn(chartSpec[chart.ReconsiderArchive, []chart.Ahead]{
	On: onChart, Name: "chart.reconsider_archive", Needs: access.ChartArchive, Actors: ProcessesOnly,
	Facts: func(ctx context.Context, w *World, c id.Chart, _ chart.ReconsiderArchive) ([]chart.Ahead, error) {
		return w.ahead(ctx, c)
	},
	Decide: chart.ReconsiderArchive.Decide,
})

// ahead are the live appointments of a chart that are not over, with every clinician and
// as of now; none where nothing can look them up.
func (w *World) ahead(ctx context.Context, c id.Chart) (ahead []chart.Ahead, err error) {
	if w.engine.config.Appointments == nil {
		return nil, nil
	}
	held, _, err := w.engine.config.Appointments.Upcoming(ctx, w.Call.Group, UpcomingQuery{Chart: c, From: w.Now, Current: true})
	for _, h := range held {
		ahead = append(ahead, chart.Ahead{Appointment: h.Appointment, Start: h.Start})
	}
	return ahead, err
}

// UnarchiveChart brings a chart back with its prior status (AMB-17).
var UnarchiveChart = declareOn(chartSpec[chart.Unarchive, None]{
	On: onChart, Name: "chart.unarchive", Operation: "unarchiveChart", Needs: access.ChartArchive,
	Decide: alone(chart.Unarchive.Decide),
})

// UpdateDemographics replaces what is known about the patient.
var UpdateDemographics = declareOn(chartSpec[chart.UpdateDemographics, chart.Group]{
	On: onChart, Name: "chart.update_demographics", Operation: "updateDemographics", Needs: access.ChartClinicalWrite,
	Sample: chart.UpdateDemographics{Patient: chart.Demographics{FamilyName: "Ames"}},
	Facts:  inZone[chart.UpdateDemographics], Decide: chart.UpdateDemographics.Decide,
})

// PlaceInCustody gives a chart to a member who keeps it, where no clinician is
// left (AMB-14).
var PlaceInCustody = declareOn(chartSpec[chart.PlaceInCustody, chart.Group]{
	On: onChart, Name: "chart.place_in_custody", Operation: "placeInCustody", Needs: access.ChartAssignClinician,
	Sample: chart.PlaceInCustody{Custodian: sampleID[id.Member]("administrator")},
	Facts:  inGroup[chart.PlaceInCustody], Decide: chart.PlaceInCustody.Decide,
})

// AddTeamMember puts a member on the chart's care team (H-4).
var AddTeamMember = declareOn(chartSpec[chart.AddTeamMember, chart.Group]{
	On: onChart, Name: "chart.add_team_member", Operation: "addTeamMember", Needs: access.TeamAdd,
	Sample: chart.AddTeamMember{Member: sampleID[id.Member]("colleague"), Role: careteam.Clinician},
	Facts:  inGroup[chart.AddTeamMember], Decide: chart.AddTeamMember.Decide,
})

// ChangeTeamRole gives a member of the chart's care team another role, in place (H-6).
var ChangeTeamRole = declareOn(chartSpec[chart.ChangeTeamRole, chart.Group]{
	On: onChart, Name: "chart.change_team_role", Operation: "changeTeamRole", Needs: access.TeamChange,
	Sample: chart.ChangeTeamRole{Member: sampleID[id.Member]("member"), Role: careteam.Support},
	Facts:  inGroup[chart.ChangeTeamRole], Decide: chart.ChangeTeamRole.Decide,
})

// untilAugust is the window in samples.
var untilAugust = careteam.Window{Until: time.Date(2099, time.August, 15, 0, 0, 0, 0, time.UTC)}

// ChangeTeamWindow has a place on the chart's care team hold for another time.
var ChangeTeamWindow = declareOn(chartSpec[chart.ChangeTeamWindow, None]{
	On: onChart, Name: "chart.change_team_window", Operation: "changeTeamWindow", Needs: access.TeamChange,
	Sample: chart.ChangeTeamWindow{Member: sampleID[id.Member]("member"), Window: untilAugust},
	Decide: alone(chart.ChangeTeamWindow.Decide),
})

// TidyTeam takes the members off a chart's care team whose place is over. It is for the
// process that keeps teams tidy. Faults: those of chart.TidyTeam, "process_only".
var TidyTeam = declareOn(chartSpec[chart.TidyTeam, chart.Group]{
	On: onChart, Name: "chart.tidy_team", Needs: access.TeamChange, Actors: ProcessesOnly,
	Facts: inGroup[chart.TidyTeam], Decide: chart.TidyTeam.Decide,
})

// CancelPlannedPrimary has the primary of a chart not change as it was planned.
var CancelPlannedPrimary = declareOn(chartSpec[chart.CancelPlannedPrimary, None]{
	On: onChart, Name: "chart.cancel_planned_primary", Operation: "cancelPlannedPrimary", Needs: access.ChartAssignClinician,
	Decide: alone(chart.CancelPlannedPrimary.Decide),
})

// CarryOutPlannedPrimary makes a planned change of the primary, or has it lapse. It is for
// the process that does so at its instant. Faults: those of chart.CarryOutPlannedPrimary,
// "process_only".
var CarryOutPlannedPrimary = declareOn(chartSpec[chart.CarryOutPlannedPrimary, chart.Group]{
	On: onChart, Name: "chart.carry_out_planned_primary", Needs: access.ChartAssignClinician, Actors: ProcessesOnly,
	Facts: inGroup[chart.CarryOutPlannedPrimary], Decide: chart.CarryOutPlannedPrimary.Decide,
})

// RemoveTeamMember takes a member off the chart's care team.
var RemoveTeamMember = declareOn(chartSpec[chart.RemoveTeamMember, chart.Group]{
	On: onChart, Name: "chart.remove_team_member", Operation: "removeTeamMember", Needs: access.TeamChange,
	Sample: chart.RemoveTeamMember{Member: sampleID[id.Member]("member")},
	Facts:  inGroup[chart.RemoveTeamMember], Decide: chart.RemoveTeamMember.Decide,
})

// asItIs is a chart as access to it is decided; the zero Resource where there is none.
func asItIs(g id.Group, s chart.State) *access.Resource {
	if !s.Exists() {
		return &access.Resource{}
	}
	r := s.Resource(g)
	return &r
}

// chartAsItIs reads a chart to its tail: who may open it can have changed just now.
func (e *Engine) chartAsItIs(ctx context.Context, g id.Group, c id.Chart) (*access.Resource, error) {
	return lookUp(ctx, e.charts, chart.Stream(g, c), func(s chart.State) *access.Resource { return asItIs(g, s) })
}

// chartNamed is chartAsItIs as the gate is asked about that very chart.
func (e *Engine) chartNamed(ctx context.Context, g id.Group, c id.Chart) (access.Resource, error) {
	itself, err := e.chartAsItIs(ctx, g, c)
	if err != nil {
		return access.Resource{}, err
	}
	asked := *itself
	asked.Group, asked.Chart, asked.OfChart = g, c, itself
	return asked, nil
}
