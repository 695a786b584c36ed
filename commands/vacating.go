package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// LeaveClosedBranch moves a chart out of a closed branch, to where that went as of
// now. It is for the process that empties closed branches. Faults: those of
// chart.LeaveClosedBranch, "branch_not_found", "branch_not_closed", "process_only".
func (e *Engine) LeaveClosedBranch(ctx context.Context, call Call, c id.Chart, from id.Branch) (Receipt, error) {
	leave := chart.LeaveClosedBranch{From: from}
	u := e.chartCase(call, c, "chart.leave_closed_branch", access.ChartAssignBranch, leave)
	u.facts = func(g group.State, actor access.Subject) (err error) {
		if actor.Kind != access.KindSystem {
			return errProcessOnly
		}
		leave.To, err = g.BranchAfter(from)
		return err
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return leave.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// VacateBranch ends the closing of a branch after every chart has left it. It is
// for the process that moves them, and waits for the roster. Faults: those of
// group.VacateBranch, "process_only".
func (e *Engine) VacateBranch(ctx context.Context, call Call, c group.VacateBranch) (Receipt, error) {
	u := e.groupCase(call, "group.vacate_branch", access.BranchManage, c)
	u.gather = func(ctx context.Context) error {
		charts, err := e.needCurrentRoster(ctx, call.Group)
		c.ChartsLeft = count(charts, func(f group.ChartFacts) bool { return f.Branch == c.Branch })
		return err
	}
	u.facts = func(_ group.State, actor access.Subject) error {
		if actor.Kind != access.KindSystem {
			return errProcessOnly
		}
		return nil
	}
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}
