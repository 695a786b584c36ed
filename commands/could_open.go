package commands

import (
	"context"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Could is one way in which a member could open a chart for a while.
type Could struct {
	Opening
	// From is when it began to let them in within the time that was asked about, and Until
	// when it no longer did; nil where it still did at its end. UTC.
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until,omitempty"`
}

// same reports whether two openings are the same member let in by the same rule.
func (o Opening) same(p Opening) bool {
	events := o.Event == p.Event || o.Event != nil && p.Event != nil && *o.Event == *p.Event
	return o.Member == p.Member && o.Rule == p.Rule && o.Clinical == p.Clinical && events
}

// CouldOpen answers who could open a chart in a time of the past, from one instant up to but
// not including another, by which rule and from when until when: the practice's and the
// chart's streams are folded event by event, and decided on at every instant at which
// anything changed. It needs audit.history.view for the whole practice. Faults:
// "permission_denied", "instant_in_future", "chart_not_found" if there was no such chart in
// all that time, or the caller is kept from it.
func (e *Engine) CouldOpen(ctx context.Context, call Call, c id.Chart, from, until time.Time) ([]Could, error) {
	gate := Question{Action: "access.could_open", Capability: access.AuditHistoryView, Target: chart.Stream(call.Group, c)}
	asking, err := e.AdmitTo(ctx, call, gate, access.Resource{Group: call.Group})
	if err != nil {
		return nil, err
	}
	now := e.Clock().UTC()
	named, err := e.chartAsItIs(ctx, call.Group, c)
	switch {
	case err != nil:
		return nil, err
	case named.Chart.IsZero() || access.KeptFrom(asking.Subject, access.AuditHistoryView, *named, now):
		return nil, errNoChartYet
	case from.After(now):
		return nil, errFuture
	}
	if until.After(now) {
		until = now.Add(time.Nanosecond) // What holds now is part of it.
	}
	practice, later, err := pastOf(ctx, e, e.groups, group.Stream(call.Group), from, until)
	if err != nil {
		return nil, err
	}
	asked, changes, err := pastOf(ctx, e, e.charts, chart.Stream(call.Group, c), from, until)
	if err != nil {
		return nil, err
	}
	instants := []time.Time{from.UTC()}
	for _, env := range slices.Concat(later, changes) {
		instants = append(instants, env.RecordedAt.UTC())
	}
	var found, open []Could
	existed := false
	for len(instants) > 0 {
		at := slices.MinFunc(instants, time.Time.Compare)
		instants = slices.DeleteFunc(instants, func(i time.Time) bool { return !i.After(at) })
		if later, err = upTo(e.groups, practice, later, at); err == nil {
			changes, err = upTo(e.charts, asked, changes, at)
		}
		if err != nil {
			return nil, err
		}
		if !asked.state.Exists() {
			continue
		}
		existed = true
		resource := asked.state.Resource(call.Group)
		instants = append(instants, turnsOf(practice.state, resource, at, until)...)
		var still []Could
		letsIn := openingsOf(practice.state, resource, at)
		for _, was := range open {
			if i := slices.IndexFunc(letsIn, was.same); i >= 0 {
				still, letsIn = append(still, was), slices.Delete(letsIn, i, i+1)
				continue
			}
			was.Until = &at
			found = append(found, was)
		}
		for _, o := range letsIn {
			still = append(still, Could{Opening: o, From: at})
		}
		open = still
	}
	if !existed {
		return nil, errNoChartYet
	}
	found = append(found, open...)
	slices.SortStableFunc(found, func(a, b Could) int { return a.From.Compare(b.From) })
	return found, nil
}

// pastOf is a stream as it was at an instant, and its events from then up to another.
func pastOf[S, E any](ctx context.Context, e *Engine, r *repository[S, E], stream es.Stream, from, until time.Time) (*folded[S], []es.Envelope, error) {
	past := r.empty()
	if err := r.history(ctx, stream, 0, func(env es.Envelope) bool { return !env.RecordedAt.After(from) }, past); err != nil {
		return nil, nil, err
	}
	var later []es.Envelope
	for events, err := range decoded(e.config.Registry, e.config.Store.ReadStream(ctx, stream, past.revision+1)) {
		if err != nil {
			return nil, nil, err
		}
		for _, env := range events {
			if !env.RecordedAt.Before(until) {
				return past, later, nil
			}
			later = append(later, env)
		}
	}
	return past, later, nil
}

// upTo folds the events that were recorded up to an instant, and returns the others.
func upTo[S, E any](r *repository[S, E], past *folded[S], later []es.Envelope, at time.Time) ([]es.Envelope, error) {
	n := 0
	for n < len(later) && !later[n].RecordedAt.After(at) {
		n++
	}
	return later[n:], r.absorb(past, later[:n])
}

// turnsOf are the instants after one and before another at which, by itself, a rule or a
// place on the team begins or ends, or something ends that is set on the chart.
func turnsOf(g group.State, c access.Resource, after, before time.Time) []time.Time {
	var all []time.Time
	for _, m := range g.Members() {
		subject := g.SubjectOfMember(m.ID)
		all = append(all, access.Turns(access.RosterView, after, subject)...)
		all = append(all, access.Turns(access.ChartClinicalView, after, subject)...)
	}
	for _, p := range c.Team {
		all = append(all, p.From, p.Until)
	}
	all = append(all, c.Guard.Ends()...)
	return slices.DeleteFunc(all, func(i time.Time) bool { return !i.After(after) || !i.Before(before) })
}
