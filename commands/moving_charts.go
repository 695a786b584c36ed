package commands

import (
	"context"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// RehomeChart gives a chart of a leaver to whom the plan of their removal names,
// as the plan stands now (AMB-14); a chart that was opened in the instant in which
// they left is found after the removal was completed, and follows its plan, too. It
// is for the processes that move charts. Faults: those of chart.Rehome,
// "process_only".
var RehomeChart = declareOn(chartSpec[chart.Rehome, chart.Target]{
	On: onChart, Name: "chart.rehome", Needs: access.ChartAssignClinician, Actors: ProcessesOnly,
	Facts: func(_ context.Context, w *World, c id.Chart, r chart.Rehome) (t chart.Target, err error) {
		t.Group = groupOf(w)
		w.Group(func(g group.State) {
			left, _ := g.RemovalOf(r.Leaver)
			if t.Removal = left.Removal; left.Removal.IsZero() {
				err = chart.ErrNoPlan
				return
			}
			t.To, t.Custody, _ = left.Plan.TargetOf(c)
		})
		return t, err
	},
	Decide: chart.Rehome.Decide,
})

// RelinkCharts gives a member who is back the charts again that their removal took
// away, as far as the caller may assign them (AMB-14). The charts are given back
// afterwards, and CompleteRelinking ends it. It waits for the roster, because how
// far the caller reaches depends on who has the charts now. Faults: those of
// group.RelinkCharts, "rosters_unavailable".
var RelinkCharts = declare(groupSpec[group.RelinkCharts, group.RelinkingFacts]{
	On: onGroup, Name: "group.relink_charts", Operation: "relinkCharts", Needs: access.ChartAssignClinician,
	Sample: group.RelinkCharts{Member: sampleID[id.Member]("clinician")},
	// The permission is asked for a chart that is offered, because who may assign
	// some charts only may give these back.
	Resource: func(g id.Group, _ id.Group, c group.RelinkCharts, f group.RelinkingFacts, s group.State) access.Resource {
		if offered := c.Offered(s, f); len(offered) > 0 {
			return offered[0].Resource(g)
		}
		return access.Resource{Group: g}
	},
	Facts: func(ctx context.Context, w *World, g id.Group, _ group.RelinkCharts) (f group.RelinkingFacts, err error) {
		f.By, f.Reach = w.Actor.Member, access.ReachOf(w.Actor, access.ChartAssignClinician, w.Now)
		f.Charts, err = w.engine.needCurrentRoster(ctx, g)
		return f, err
	},
	Decide: group.RelinkCharts.Decide,
})

// CompleteRelinking ends a relinking after every chart was tried. It is for the
// process that gives them back. Faults: those of group.CompleteRelinking,
// "process_only".
var CompleteRelinking = declare(groupSpec[group.CompleteRelinking, []group.ChartFacts]{
	On: onGroup, Name: "group.complete_relinking", Needs: access.ChartAssignClinician, Actors: ProcessesOnly,
	Facts: func(ctx context.Context, w *World, g id.Group, _ group.CompleteRelinking) ([]group.ChartFacts, error) {
		return w.engine.needCurrentRoster(ctx, g)
	},
	Decide: group.CompleteRelinking.Decide,
})

// Relinking is what RelinkChart is asked for.
type Relinking struct {
	Returner id.Member `json:"returner"`
}

// returning is a place that a member who is back gets again, in their practice.
type returning struct {
	chart.Relink
	practice chart.Group
}

var errNotRelinking = fault.New(fault.Rejected, "no_relinking_in_progress", "This chart is not on its way back to this member.")

// RelinkChart gives a member who is back the place again that they had on a
// chart's team (AMB-14). It is for the process that gives the charts back. Faults:
// those of chart.Relink, "no_relinking_in_progress", "process_only".
var RelinkChart = declareOn(chartSpec[Relinking, returning]{
	On: onChart, Name: "chart.relink", Needs: access.ChartAssignClinician, Actors: ProcessesOnly,
	Facts: func(_ context.Context, w *World, c id.Chart, r Relinking) (f returning, err error) {
		f.practice = groupOf(w)
		w.Group(func(g group.State) {
			back, _ := g.ReturnOf(r.Returner)
			if !slices.Contains(back.Relinking, c) {
				err = errNotRelinking
			}
			f.Relink = chart.Relink{Member: r.Returner, Removal: back.Removal}
		})
		return f, err
	},
	Decide: func(_ Relinking, s chart.State, f returning, now time.Time) ([]chart.Event, error) {
		return f.Decide(s, f.practice, now)
	},
})

// LeaveClosedBranch moves a chart out of a closed branch, to where that went as of
// now. It is for the process that empties closed branches. Faults: those of
// chart.LeaveClosedBranch, "branch_not_found", "branch_not_closed", "process_only".
var LeaveClosedBranch = declareOn(chartSpec[chart.LeaveClosedBranch, id.Branch]{
	On: onChart, Name: "chart.leave_closed_branch", Needs: access.ChartAssignBranch, Actors: ProcessesOnly,
	Facts: func(_ context.Context, w *World, _ id.Chart, c chart.LeaveClosedBranch) (to id.Branch, err error) {
		w.Group(func(g group.State) { to, err = g.BranchAfter(c.From) })
		return to, err
	},
	Decide: chart.LeaveClosedBranch.Decide,
})

// VacateBranch ends the closing of a branch after every chart has left it. It is
// for the process that moves them, and waits for the roster. Faults: those of
// group.VacateBranch, "process_only".
var VacateBranch = declare(groupSpec[group.VacateBranch, int]{
	On: onGroup, Name: "group.vacate_branch", Needs: access.BranchManage, Actors: ProcessesOnly,
	Facts: func(ctx context.Context, w *World, g id.Group, c group.VacateBranch) (left int, err error) {
		charts, err := w.engine.needCurrentRoster(ctx, g)
		return count(charts, func(f group.ChartFacts) bool { return f.Branch == c.Branch }), err
	},
	Decide: group.VacateBranch.Decide,
})
