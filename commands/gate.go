package commands

import (
	"context"
	"errors"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
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
	// Look, if set, may copy what the query needs from the group; it must keep no
	// part of the state.
	Look func(group.State)
}

// Admission is the gate's answer to someone who may pass.
type Admission struct {
	Subject access.Subject
	// Reach is everything the subject may see with the capability. Queries turn
	// it into a condition, so that rows beyond it are never read.
	Reach access.Reach
	// Revision is that of the group's stream on which this, and what Look copied, rests.
	Revision es.Revision
}

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
	actor, err := e.subject(ctx, call, false, func(g group.State, _ access.Subject, at es.Revision) {
		a.Revision = at
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
	if actor, err = e.recognisePatient(ctx, call.Group, q.Chart, actor); err != nil {
		return Admission{}, err
	}
	now := e.clock()
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
		return Admission{}, refusal(actor, nil, q.Capability, resource, decision)
	}
	return a, nil
}

// RecordExport records that data leaves Praxis. It must succeed before a single
// byte is handed out.
func (e *Engine) RecordExport(ctx context.Context, call Call, a Admission, d accesslog.DataExported) error {
	d.ExportedBy = a.Subject.Member
	return e.note(ctx, call, accesslog.Stream(call.Group, e.clock()), "accesslog.record_export", a.Subject, access.Decision{Rule: "export"}, d)
}

// recognisePatient turns somebody who is no member, or no longer, into a
// patient when the chart in question is linked to their account.
func (e *Engine) recognisePatient(ctx context.Context, g id.Group, c id.Chart, actor access.Subject) (access.Subject, error) {
	member := actor.Kind == access.KindMember && actor.Active
	if member || c.IsZero() || actor.Account.IsZero() {
		return actor, nil
	}
	err := e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) error {
		if s.MayActFor(actor.Account) {
			actor = access.Subject{Kind: access.KindPatient, Account: actor.Account, Group: g, Active: true, Charts: []id.Chart{c}}
		}
		return nil
	})
	return actor, err
}
