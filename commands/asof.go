package commands

import (
	"cmp"
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// AccessQuestion asks who may do something, and through which rule.
type AccessQuestion struct {
	// Member is whom it is about; zero asks about everybody who was a member.
	Member id.Member
	// Capability is what they would do.
	Capability access.Capability
	// Chart is what they would do it to; zero asks about the practice as a whole.
	Chart id.Chart
	// Clinician is whose calendar, or with a chart whose ledger, they would do it in;
	// zero asks about the chart itself. It is for the present only.
	Clinician id.Member
}

// AccessAnswer is the answer for one instant.
type AccessAnswer struct {
	// At is the instant, UTC.
	At time.Time
	// Group and Chart are the revisions that the answer rests on; NoStream where
	// there was nothing yet or no chart was asked about.
	Group, Chart es.Revision
	// Members are the explanations, in the order of joining.
	Members []MemberAccess
}

// MemberAccess explains what one member may do.
type MemberAccess struct {
	Member id.Member `json:"member"`
	access.Explanation
}

var (
	errUnknownCapability = fault.New(fault.Invalid, "unknown_capability", "There is no such permission.")
	errFuture            = fault.New(fault.Invalid, "instant_in_future", "Access can be looked up for the past and the present only.")
	errNotYetFounded     = fault.New(fault.NotFound, "group_not_founded_yet", "The practice did not exist at that time.")
	errNoChartYet        = fault.New(fault.NotFound, "chart_not_found", "There was no such chart at that time.")
)

// AccessAsOf answers who could do something at an instant of the past, and
// through which rule: the practice's and the chart's streams are folded up to
// what was recorded by then, and decided on as it was decided that day. It needs
// audit.history.view for the whole practice. Faults: "permission_denied",
// "unknown_capability", "instant_in_future", "group_not_founded_yet",
// "chart_not_found" if there was no such chart at that time, or the caller is kept from it.
func (e *Engine) AccessAsOf(ctx context.Context, call Call, q AccessQuestion, at time.Time) (AccessAnswer, error) {
	gate := Question{Action: "access.as_of", Capability: access.AuditHistoryView, Target: group.Stream(call.Group)}
	if _, err := e.AdmitTo(ctx, call, gate, access.Resource{Group: call.Group}); err != nil {
		return AccessAnswer{}, err
	}
	switch {
	case !q.Capability.Known():
		return AccessAnswer{}, errUnknownCapability
	case at.After(e.Clock()):
		return AccessAnswer{}, errFuture
	}
	answer := AccessAnswer{At: at.UTC(), Chart: es.NoStream}
	g, rev, err := e.groups.asOf(ctx, group.Stream(call.Group), at)
	if err != nil {
		return AccessAnswer{}, err
	}
	if answer.Group = rev; !g.Exists() {
		return AccessAnswer{}, errNotYetFounded
	}
	resource := access.Resource{Group: call.Group}
	if !q.Chart.IsZero() {
		if kept, err := e.KeptFrom(ctx, call, access.AuditHistoryView, q.Chart); err != nil || kept {
			return AccessAnswer{}, cmp.Or(err, error(errNoChartYet))
		}
		c, rev, err := e.charts.asOf(ctx, chart.Stream(call.Group, q.Chart), at)
		if err != nil {
			return AccessAnswer{}, err
		}
		if answer.Chart = rev; !c.Exists() {
			return AccessAnswer{}, errNoChartYet
		}
		resource = c.Resource(call.Group)
	}
	members := []id.Member{q.Member}
	if q.Member.IsZero() {
		members = nil
		for _, m := range g.Members() {
			members = append(members, m.ID)
		}
	}
	for _, m := range members {
		answer.Members = append(answer.Members, MemberAccess{m, access.Explain(g.SubjectOfMember(m), q.Capability, resource, at)})
	}
	return answer, nil
}

// GroupUpTo lets a query that was admitted look at a practice as its first events made
// it, those that are covered; look keeps no part of the state.
func (e *Engine) GroupUpTo(ctx context.Context, g id.Group, covers func(es.Envelope) bool, look func(group.State)) error {
	past := e.groups.empty()
	err := e.groups.history(ctx, group.Stream(g), 0, covers, past)
	if err == nil {
		look(past.state)
	}
	return err
}

// ExplainAccess says whether a member may do something now, and why, with the same
// function and about the same resource as the command itself. It needs
// permission.view about that member; everybody may ask about themselves. A chart
// that the caller may not open is explained like one that does not exist.
func (e *Engine) ExplainAccess(ctx context.Context, call Call, q AccessQuestion) (MemberAccess, error) {
	gate := Question{Action: "access.explain", Capability: access.PermissionView, Target: group.Stream(call.Group)}
	about := access.Resource{Group: call.Group, Clinician: q.Member, Subject: q.Member}
	asking, err := e.AdmitTo(ctx, call, gate, about)
	if err != nil {
		return MemberAccess{}, err
	}
	if !q.Capability.Known() {
		return MemberAccess{}, errUnknownCapability
	}
	resource := access.Resource{Group: call.Group}
	if !q.Chart.IsZero() {
		named, err := e.chartAsItIs(ctx, call.Group, q.Chart)
		if err != nil {
			return MemberAccess{}, err
		}
		if !access.Sees(asking.Subject, *named, e.Clock()) {
			named = &access.Resource{}
		}
		resource = *named
		resource.Group, resource.Chart, resource.OfChart = call.Group, q.Chart, named
	}
	if !q.Clinician.IsZero() {
		resource = access.Resource{Group: call.Group, Clinician: q.Clinician, Chart: q.Chart, OfChart: resource.OfChart}
	}
	if q.Capability == access.PermissionView && q.Chart.IsZero() {
		resource.Subject = q.Clinician
	}
	return lookUp(ctx, e.groups, group.Stream(call.Group), func(g group.State) MemberAccess {
		return MemberAccess{q.Member, access.Explain(g.SubjectOfMember(q.Member), q.Capability, resource, e.Clock())}
	})
}
