package commands

import (
	"context"
	"sync"
	"time"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/es"
	"praxis/domain/id"
)

// Viewing is one request to see records: what the gate let pass, for the access log. The
// caller of a query hands it in with its Call; the first gate that is passed fills it in.
type Viewing struct {
	// Chart, if set, is the one chart that is asked for.
	Chart id.Chart
	// Admitted reports that a gate was passed; the rest says by whom and how.
	Admitted   bool
	Subject    access.Subject
	Capability access.Capability
	// Decision is what allowed it. OfChart reports that it was about Chart itself, as it
	// is: then it is known to be seen. Otherwise it is the first of the grounds that make
	// up the reach, and what is shown is what lies within.
	Decision access.Decision
	OfChart  bool
}

// lookAtChart begins to read the chart that is asked for, beside the gate's own reading.
// The result is nil if there is none, or if it cannot be read: whether it is seen is then
// known when it is.
func (e *Engine) lookAtChart(ctx context.Context, call Call) (chartAsked func() *access.Resource) {
	if call.Viewing == nil || call.Viewing.Chart.IsZero() {
		return func() *access.Resource { return nil }
	}
	read := make(chan *access.Resource, 1)
	go func() {
		found, err := e.chartAsItIs(ctx, call.Group, call.Viewing.Chart)
		if err != nil {
			found = nil
		}
		read <- found
	}()
	return func() *access.Resource { return <-read }
}

// admitted notes that a gate was passed. resource is what the gate was asked about and
// decision what it said of it; chart is the chart that is asked for, as it is.
func (v *Viewing) admitted(e *Engine, actor access.Subject, c access.Capability, resource, chart *access.Resource, decision access.Decision) {
	if v == nil || v.Admitted {
		return
	}
	v.Admitted, v.Subject, v.Capability, v.Decision = true, actor, c, decision
	now := e.Clock()
	switch {
	case resource != nil:
		v.OfChart = !v.Chart.IsZero() && resource.Chart == v.Chart
	case chart != nil && !chart.Chart.IsZero():
		if d := access.Decide(actor, c, *chart, now); d.Allowed {
			v.Decision, v.OfChart = d, true
		}
	}
	if !v.Decision.Allowed {
		for _, g := range access.GroundsOf(actor, c, now) {
			if g.Allow {
				v.Decision = access.Decision{Allowed: true, Rule: g.Rule, Event: g.Event, Grantor: g.Grantor}
				break
			}
		}
	}
}

// RecordView records that records are about to be shown, durably before it returns: without
// it nothing may be. Concurrent calls share appends. Who is seen for the first time
// since they signed in is recorded as signed in before. Fault: "access_not_recorded", also
// if no gate was passed.
func (e *Engine) RecordView(ctx context.Context, call Call, v Viewing, viewed accesslog.RecordsViewed) error {
	if !v.Admitted {
		return errNotRecorded
	}
	viewed.Capability = v.Capability
	events := make([]es.Proposed, 0, 2)
	first, isFirst := e.signIns.first(call, v.Subject)
	if isFirst {
		signedIn, err := e.fact(call, "accesslog.record_sign_in", v.Subject, access.Decision{Rule: access.RuleSignedIn}, first)
		if err != nil {
			return err
		}
		events = append(events, signedIn)
	}
	fact, err := e.fact(call, "accesslog.record_view", v.Subject, v.Decision, accesslog.NewRecordsViewed(viewed))
	if err != nil {
		return err
	}
	if err = e.commits.append(ctx, accesslog.Stream(call.Group, e.Clock()), append(events, fact)...); err != nil && isFirst {
		e.signIns.forget(call)
	}
	return err
}

// signIn is one sign-in of a person of a practice.
type signIn struct {
	account id.Account
	group   id.Group
	at      time.Time
}

// signIns are those that this process recorded last; it bounds how many one person causes.
type signIns struct {
	mu   sync.Mutex
	seen map[signIn]struct{}
}

// signInsKept bounds the memory for sign-ins. When there are more, all are forgotten, and
// recorded once more at most.
const signInsKept = 100_000

// first reports whether a person of the practice is seen for the first time since they
// signed in.
func (s *signIns) first(call Call, actor access.Subject) (accesslog.SignedIn, bool) {
	if call.Account.IsZero() || actor.Kind != access.KindMember && actor.Kind != access.KindPatient {
		return accesslog.SignedIn{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.seen[signInOf(call)]; known {
		return accesslog.SignedIn{}, false
	}
	if len(s.seen) >= signInsKept {
		clear(s.seen)
	}
	s.seen[signInOf(call)] = struct{}{}
	return accesslog.SignedIn{AuthenticatedAt: call.AuthenticatedAt.UTC()}, true
}

// forget takes back that a sign-in was recorded.
func (s *signIns) forget(call Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, signInOf(call))
}

func signInOf(call Call) signIn { return signIn{call.Account, call.Group, call.AuthenticatedAt.UTC()} }
