package commands

import (
	"context"
	"fmt"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// previewGroup says who would gain and lose what by events of a group, and what
// they would cost. Cached states cannot be tried out, because folding changes them
// in place: the history is folded anew, which dry runs alone pay for.
func previewGroup(ctx context.Context, w *World, g id.Group, at es.Revision, events []group.Event) (Preview, error) {
	e := w.engine
	charts, _, err := e.roster(ctx, g)
	if err != nil {
		return Preview{}, err
	}
	aggregate := group.Aggregate()
	before, after := aggregate.New(), aggregate.New()
	err = replay(ctx, e.groups, group.Stream(g), func(env es.Envelope, event group.Event) bool {
		if env.Revision > at {
			return false
		}
		aggregate.Evolve(&before, event)
		aggregate.Evolve(&after, event)
		return true
	})
	if err != nil {
		return Preview{}, err
	}
	for _, event := range events {
		aggregate.Evolve(&after, event)
	}
	was, is := group.View{State: before, Charts: charts}, group.View{State: after, Charts: group.Foreseen(charts, events)}
	preview := Preview{Effects: group.Diff(was, is, w.Now)}
	if !access.Decide(w.Actor, access.SubscriptionView, access.Resource{Group: g}, w.Now).Allowed {
		return preview, nil
	}
	preview.Cost, err = e.cost(ctx, g, before, after)
	return preview, err
}

// cost compares what a practice pays before and after a change; nil if it pays
// nothing at all.
func (e *Engine) cost(ctx context.Context, g id.Group, before, after group.State) (*group.Cost, error) {
	prices, err := e.pricesFor(ctx, g)
	if err != nil {
		return nil, err
	}
	cost, ok, err := group.CostOf(before, after, prices.book)
	if err != nil || !ok {
		return nil, err
	}
	return &cost, nil
}

// previewChart says who would gain and lose what by events of one chart.
func previewChart(ctx context.Context, w *World, c id.Chart, at es.Revision, events []chart.Event) (preview Preview, err error) {
	before := chart.Aggregate().New()
	err = replay(ctx, w.engine.charts, chart.Stream(w.Call.Group, c), func(env es.Envelope, event chart.Event) bool {
		if env.Revision > at {
			return false
		}
		chart.Evolve(&before, event)
		return true
	})
	if err != nil {
		return preview, err
	}
	after := before
	for _, event := range events {
		chart.Evolve(&after, event)
	}
	w.Group(func(g group.State) {
		preview.Effects = group.Diff(group.View{State: g, Charts: factsOf(before)}, group.View{State: g, Charts: factsOf(after)}, w.Now)
	})
	return preview, nil
}

// factsOf returns what access to a chart depends on; nothing before it exists.
func factsOf(s chart.State) []group.ChartFacts {
	if !s.Exists() {
		return nil
	}
	return []group.ChartFacts{{Chart: s.Chart, Primary: s.Primary(), Branch: s.Branch, Team: s.Team().OtherMembers(), Former: s.Former()}}
}

// replay reads a stream from its beginning and hands every event to f, until
// there are no more or f has seen enough.
func replay[S, E any](ctx context.Context, r *repository[S, E], stream es.Stream, f func(es.Envelope, E) (more bool)) error {
	for rec, err := range r.store.ReadStream(ctx, stream, 0) {
		if err != nil {
			return fmt.Errorf("replay %s: %w", stream, err)
		}
		env, err := r.registry.Decode(rec)
		if err != nil {
			return fmt.Errorf("replay %s: %w", stream, err)
		}
		event, ok := env.Event.(E)
		if !ok {
			return fmt.Errorf("stream %s holds a foreign event %s at revision %d", stream, env.Type, env.Revision)
		}
		if !f(env, event) {
			return nil
		}
	}
	return nil
}
