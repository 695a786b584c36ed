package commands

import (
	"context"
	"errors"
	"slices"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Question is what a query asks of the gate.
type Question struct {
	// Action names the query, such as "roster.list", in the record of a refusal.
	Action string
	// Capability is the permission that the query needs.
	Capability access.Capability
	// Target names what is read: a read model or a stream.
	Target es.Stream
	// Chart, if set, is the chart on whose behalf a patient asks.
	Chart id.Chart
	// Clinicians are those whose things are asked for; each must be within reach, as a
	// whole. Faults: "member_not_found".
	Clinicians []id.Member
	// Filter is what else narrows the answer.
	Filter Filter
	// Look, if set, may copy what the query needs from the group; it must keep no
	// part of the state.
	Look func(group.State)
}

// Filter is what a query names to narrow its answer down. What is not within reach
// as a whole may still hold something that is: only an answer with nothing in it must
// not be taken for the fact that there is nothing.
type Filter struct {
	Clinicians []id.Member
	Branches   []id.Branch
	Chart      id.Chart
}

// Admission is the gate's answer to someone who may pass.
type Admission struct {
	Subject access.Subject
	// Reach is everything the subject may see with the capability. Queries turn
	// it into a condition, so that rows beyond it are never read.
	Reach access.Reach
	// Revision is that of the group's stream on which this, and what Look copied, rests.
	Revision es.Revision
	// beyond is why something of the filter is not within reach, and refuse keeps
	// the record of it.
	beyond error
	refuse func(context.Context)
}

// IfNothing is what to answer when nothing was found: nil where that is a fact, and
// otherwise the same fault for what does not exist and for what is beyond reach.
// Faults: "member_not_found", "branch_not_found", "chart_not_found".
func (a Admission) IfNothing(ctx context.Context) error {
	if a.beyond != nil {
		a.refuse(ctx)
	}
	return a.beyond
}

var (
	errNoClinician = fault.New(fault.NotFound, "member_not_found", "There is no such clinician, or you may not see what is theirs.")
	errNoBranch    = fault.New(fault.NotFound, "branch_not_found", "There is no such branch, or you may not see what belongs to it.")
)

// Admit decides whether the caller may ask at all, and how far the answer may
// reach. It reads the group's stream to its tail, like every command, and
// records a refusal. Faults: "permission_denied", "group_not_found".
func (e *Engine) Admit(ctx context.Context, call Call, q Question) (Admission, error) {
	return e.admit(ctx, call, q, nil)
}

// AdmitTo is Admit for one resource: beyond having some reach, the caller must
// reach this very thing.
func (e *Engine) AdmitTo(ctx context.Context, call Call, q Question, resource access.Resource) (Admission, error) {
	return e.admit(ctx, call, q, &resource)
}

func (e *Engine) admit(ctx context.Context, call Call, q Question, resource *access.Resource) (Admission, error) {
	var a Admission
	known, filterKnown, branchesKnown := true, true, true
	chartAsked := e.lookAtChart(ctx, call)
	actor, _, err := e.subject(ctx, call, false, q.Chart, func(g group.State, at es.Revision) {
		a.Revision = at
		known, filterKnown = areMembers(g, q.Clinicians), areMembers(g, q.Filter.Clinicians)
		for _, b := range q.Filter.Branches {
			_, exists := g.Branch(b)
			branchesKnown = branchesKnown && exists
		}
		if q.Look != nil {
			q.Look(g)
		}
	})
	if err != nil {
		if errors.Is(err, errUnknownGroup) {
			e.recordOutsider(ctx, call, q.Action)
		}
		return Admission{}, err
	}
	if err = e.guarded(ctx, &actor, call.Group, q.Capability); err != nil {
		return Admission{}, err
	}
	now := e.Clock()
	a.Subject, a.Reach = actor, access.ReachOf(actor, q.Capability, now)
	asked := access.Resource{Group: call.Group}
	if resource != nil {
		asked = *resource
	}
	decision := access.Decide(actor, q.Capability, asked, now)
	allowed := !a.Reach.Empty()
	if resource != nil {
		allowed = decision.Allowed
	}
	if !allowed {
		e.recordRefusal(ctx, call, q.Action, q.Capability, q.Target, actor, decision)
		return Admission{}, refusal(actor, nil, q.Capability, resource, decision, now)
	}
	first := decision
	decision = access.Decision{Rule: access.RuleDefaultDeny}
	a.refuse = func(ctx context.Context) {
		if !a.Reach.Everything() { // Then there is nothing that could be beyond it.
			e.recordRefusal(ctx, call, q.Action, q.Capability, q.Target, actor, decision)
		}
	}
	if !known || !reachesAll(a.Reach, call.Group, q.Clinicians) {
		a.refuse(ctx)
		return Admission{}, errNoClinician
	}
	switch {
	case !filterKnown || !reachesAll(a.Reach, call.Group, q.Filter.Clinicians):
		a.beyond = errNoClinician
	case !branchesKnown || slices.ContainsFunc(q.Filter.Branches, func(b id.Branch) bool {
		return !a.Reach.Contains(access.Resource{Group: call.Group, Branch: b})
	}):
		a.beyond = errNoBranch
	case !q.Filter.Chart.IsZero():
		named, err := e.chartAsItIs(ctx, call.Group, q.Filter.Chart)
		if err != nil {
			return Admission{}, err
		}
		// The practice's things of a chart are those of its primary and of others.
		things := access.Resource{Group: call.Group, Clinician: named.Clinician, Chart: q.Filter.Chart, OfChart: named}
		if decision = access.Decide(actor, q.Capability, things, now); !decision.Allowed {
			a.beyond = refusal(actor, nil, q.Capability, &things, decision, now)
		}
	}
	call.Viewing.admitted(e, actor, q.Capability, resource, chartAsked(), first)
	return a, nil
}

// KeptFrom reports whether what is set on a chart keeps the caller of a query that was
// admitted from what is theirs of it, such as an appointment. The chart is read to its tail.
func (e *Engine) KeptFrom(ctx context.Context, call Call, capability access.Capability, c id.Chart) (bool, error) {
	actor, _, err := e.subject(ctx, call, false, id.Chart{}, func(group.State, es.Revision) {})
	if err != nil {
		return false, err
	}
	named, err := e.chartAsItIs(ctx, call.Group, c)
	if err != nil {
		return false, err
	}
	return access.KeptFrom(actor, capability, *named, e.Clock()), nil
}

// areMembers reports whether all are or were members of the practice.
func areMembers(g group.State, members []id.Member) bool {
	return !slices.ContainsFunc(members, func(m id.Member) bool { _, joined := g.Member(m); return !joined })
}

// reachesAll reports whether everything of each of the clinicians is within reach.
func reachesAll(r access.Reach, g id.Group, clinicians []id.Member) bool {
	return !slices.ContainsFunc(clinicians, func(m id.Member) bool { return !r.Contains(access.Resource{Group: g, Clinician: m}) })
}

// RecordExport records that data leaves Praxis. It must succeed before a single
// byte is handed out.
func (e *Engine) RecordExport(ctx context.Context, call Call, a Admission, d accesslog.DataExported) error {
	d.ExportedBy = a.Subject.Member
	return e.note(ctx, call, accesslog.Stream(call.Group, e.Clock()), "accesslog.record_export", a.Subject, access.Decision{Rule: "export"}, d)
}

// recognisePatient turns somebody who is no member, or no longer, into a
// patient when the chart in question is linked to their account, and the link still holds.
func (e *Engine) recognisePatient(ctx context.Context, g id.Group, c id.Chart, actor access.Subject) (access.Subject, error) {
	member := actor.Kind == access.KindMember && actor.Active
	if member || c.IsZero() || actor.Account.IsZero() {
		return actor, nil
	}
	err := e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) {
		if link, holds := s.LinkOf(actor.Account, e.Clock()); holds {
			actor = access.Subject{Kind: access.KindPatient, Account: actor.Account, Group: g, Active: true, Links: []access.Link{link}}
		}
	})
	return actor, err
}
