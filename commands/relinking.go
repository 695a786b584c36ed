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

// RelinkCharts gives a member who is back the charts again that their removal took
// away, as far as the caller may assign them (AMB-14). The charts are given back
// afterwards, and CompleteRelinking ends it. It waits for the roster, because how
// far the caller reaches depends on who has the charts now. Faults: those of
// group.RelinkCharts, "rosters_unavailable".
func (e *Engine) RelinkCharts(ctx context.Context, call Call, c group.RelinkCharts) (Receipt, error) {
	u := e.groupCase(call, "group.relink_charts", access.ChartAssignClinician, c)
	u.gather = func(ctx context.Context) (err error) { c.Facts, err = e.needCurrentRoster(ctx, call.Group); return err }
	u = by(u, func(m id.Member) groupCommand { c.By = m; return c })
	acting := u.facts
	u.facts = func(g group.State, actor access.Subject) error {
		c.Reach = access.ReachOf(actor, access.ChartAssignClinician, e.clock())
		return acting(g, actor)
	}
	// The permission is asked for a chart that is offered, because who may assign
	// some charts only may give these back.
	u.resource = func(g group.State) access.Resource {
		if offered := c.Offered(g); len(offered) > 0 {
			return offered[0].Resource(call.Group)
		}
		return access.Resource{Group: call.Group}
	}
	return execute(ctx, e, call, u)
}

// CompleteRelinking ends a relinking after every chart was tried. It is for the
// process that gives them back. Faults: those of group.CompleteRelinking,
// "process_only".
func (e *Engine) CompleteRelinking(ctx context.Context, call Call, c group.CompleteRelinking) (Receipt, error) {
	u := e.groupCase(call, "group.complete_relinking", access.ChartAssignClinician, c)
	u.gather = func(ctx context.Context) (err error) { c.Facts, err = e.needCurrentRoster(ctx, call.Group); return err }
	u.facts = func(_ group.State, actor access.Subject) error { return processOnly(actor) }
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// relink is what RelinkChart is asked for.
type relink struct {
	Returner id.Member `json:"returner"`
}

var errNotRelinking = fault.New(fault.Rejected, "no_relinking_in_progress", "This chart is not on its way back to this member.")

// RelinkChart gives a member who is back the place again that they had on a
// chart's team (AMB-14). It is for the process that gives the charts back. Faults:
// those of chart.Relink, "no_relinking_in_progress", "process_only".
func (e *Engine) RelinkChart(ctx context.Context, call Call, c id.Chart, returner id.Member) (Receipt, error) {
	u := e.chartCase(call, c, "chart.relink", access.ChartAssignClinician, relink{returner})
	var members staff
	var again chart.Relink
	u.facts = func(g group.State, actor access.Subject) error {
		if err := processOnly(actor); err != nil {
			return err
		}
		back, _ := g.ReturnOf(returner)
		if !slices.Contains(back.Relinking, c) {
			return errNotRelinking
		}
		members = g.Members()
		m := members.find(returner)
		again = chart.Relink{Member: returner, Removal: back.Removal, MemberIsActive: m.Active, MemberIsClinician: m.Clinician}
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) {
		interim := members.find(s.Primary())
		again.MemberIsInBranch = members.worksIn(returner, s.Branch)
		again.FormerIsActive, again.FormerIsClinician = interim.Active, interim.Clinician
		return again.Decide(s, now)
	}
	return execute(ctx, e, call, u)
}

// processOnly refuses everybody but the processes of Praxis.
func processOnly(actor access.Subject) error {
	if actor.Kind != access.KindSystem {
		return errProcessOnly
	}
	return nil
}
