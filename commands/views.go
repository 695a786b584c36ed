package commands

import (
	"context"
	"maps"
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
	// byGlass are the charts that the reader sees because they broke their glass.
	byGlass map[id.Chart]access.Decision
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
	v.byGlass = access.ByGlass(actor, c, now)
	switch {
	case resource != nil:
		v.OfChart = !v.Chart.IsZero() && resource.Chart == v.Chart
	case chart != nil && !chart.Chart.IsZero():
		if d := access.Decide(actor, c, *chart, now); d.Allowed {
			v.Decision, v.OfChart = d, true
		}
	}
	if !v.Decision.Allowed {
		v.Decision = v.ground(now)
	}
}

// ground is the first of the grounds that make up the reach.
func (v *Viewing) ground(now time.Time) access.Decision {
	for _, g := range access.GroundsOf(v.Subject, v.Capability, now) {
		if g.Allow {
			return access.Decision{Allowed: true, Rule: g.Rule, Event: g.Event, Grantor: g.Grantor}
		}
	}
	return v.Decision
}

// shown is some of what was shown, and what allowed it.
type shown struct {
	accesslog.RecordsViewed
	by access.Decision
}

// apart takes what was shown apart by what allowed it: a chart whose glass the reader broke
// was seen by that, whatever else was.
func (v *Viewing) apart(viewed accesslog.RecordsViewed, now time.Time) (parts []shown) {
	rest := shown{viewed, v.Decision}
	byGlass := maps.Clone(v.byGlass)
	if v.OfChart && v.Decision.Rule == access.RuleBreakGlass {
		if byGlass == nil {
			byGlass = map[id.Chart]access.Decision{}
		}
		byGlass[v.Chart], rest.by = v.Decision, v.ground(now)
	}
	if len(byGlass) == 0 {
		return []shown{rest}
	}
	rest.Charts = nil
	for _, c := range viewed.Charts {
		by, broken := byGlass[c]
		switch {
		case broken && by.Rule == "": // It is there already.
		case broken:
			part := shown{viewed, by}
			part.Charts = []id.Chart{c}
			parts = append(parts, part)
			byGlass[c] = access.Decision{}
		case !c.IsZero():
			rest.Charts = append(rest.Charts, c)
		}
	}
	if len(rest.Charts) > 0 || len(parts) == 0 {
		parts = append(parts, rest)
	}
	return parts
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
	for _, part := range v.apart(viewed, e.Clock()) {
		fact, err := e.fact(call, "accesslog.record_view", v.Subject, part.by, accesslog.NewRecordsViewed(part.RecordsViewed))
		if err != nil {
			return err
		}
		events = append(events, fact)
	}
	err := e.commits.append(ctx, accesslog.Stream(call.Group, e.Clock()), events...)
	if err != nil && isFirst {
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
