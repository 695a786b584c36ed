package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// rehome is what RehomeChart is asked for. Who gets the chart is not part of it:
// the plan may be replaced between two attempts, and a chart moves once.
type rehome struct {
	Leaver id.Member `json:"leaver"`
}

var errNoPlan = fault.New(fault.Rejected, "no_removal_in_progress", "No removal of this member says who takes this chart.")

// RehomeChart gives a chart of a leaver to whom the plan of their removal names,
// as the plan stands now (AMB-14); a chart that was opened in the instant in which
// they left is found after the removal was completed, and follows its plan, too. A
// chart that has another primary by now is left alone. It is for the processes that
// move charts. Faults: those of
// chart.AssignClinician and chart.PlaceInCustody, "no_removal_in_progress",
// "process_only".
func (e *Engine) RehomeChart(ctx context.Context, call Call, c id.Chart, leaver id.Member) (Receipt, error) {
	u := e.chartCase(call, c, "chart.rehome", access.ChartAssignClinician, rehome{leaver})
	var members staff
	var keep chart.PlaceInCustody
	var removal group.Removal
	u.facts = func(g group.State, actor access.Subject) error {
		if actor.Kind != access.KindSystem {
			return errProcessOnly
		}
		r, _ := g.RemovalOf(leaver)
		if r.Removal.IsZero() {
			return errNoPlan
		}
		removal, members = r, g.Members()
		_, keep.ActiveClinicianExists = g.FirstClinician()
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) {
		if s.Exists() && s.Primary() != leaver {
			return nil, nil
		}
		to, custody, named := removal.Plan.TargetOf(c)
		switch {
		case !named:
			return nil, errNoPlan
		case custody:
			keep.Custodian, keep.CustodianIsActive, keep.Removal = to, members.find(to).Active, removal.Removal
			return keep.Decide(s, now)
		}
		return chart.AssignClinician{
			Clinician: to, Removal: removal.Removal, ClinicianIsActive: members.treats(to), ClinicianIsInBranch: members.worksIn(to, s.Branch),
		}.Decide(s, now)
	}
	return execute(ctx, e, call, u)
}
