package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// previewGroup says who would gain and lose what by events of a group, and what
// they would cost.
func previewGroup(ctx context.Context, w *World, g id.Group, at es.Revision, events []group.Event) (preview Preview, err error) {
	e := w.engine
	charts, err := e.roster(ctx, g)
	if err != nil {
		return preview, err
	}
	before, after, err := e.groups.tryOut(ctx, group.Stream(g), at, events)
	if err != nil {
		return preview, err
	}
	was, is := group.View{State: before, Charts: charts}, group.View{State: after, Charts: group.Foreseen(charts, events)}
	preview.Effects = group.Diff(was, is, w.Now)
	if access.Decide(w.Actor, access.SubscriptionView, access.Resource{Group: g}, w.Now).Allowed {
		preview.Cost, err = e.cost(ctx, g, before, after)
	}
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
	before, after, err := w.engine.charts.tryOut(ctx, chart.Stream(w.Call.Group, c), at, events)
	if err != nil {
		return preview, err
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
	return []group.ChartFacts{{Chart: s.Chart, Primary: s.Primary(), Branch: s.Branch, Team: s.Team().Places(), Guard: s.Guard(), Former: s.Former()}}
}
