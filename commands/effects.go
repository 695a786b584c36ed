package commands

import (
	"context"
	"fmt"
	"time"

	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// groupEffects says who would gain and lose what by events of a group. Cached
// states cannot be tried out, because folding changes them in place: the history
// is folded anew, which dry runs alone pay for.
func (e *Engine) groupEffects(call Call) func(context.Context, es.Revision, []group.Event, time.Time) ([]group.Change, error) {
	return func(ctx context.Context, at es.Revision, events []group.Event, now time.Time) ([]group.Change, error) {
		charts, _, err := e.roster(ctx, call.Group)
		if err != nil {
			return nil, err
		}
		aggregate := group.Aggregate()
		before, after := aggregate.New(), aggregate.New()
		err = replay(ctx, e.groups, group.Stream(call.Group), func(env es.Envelope, event group.Event) bool {
			if env.Revision > at {
				return false
			}
			aggregate.Evolve(&before, event)
			aggregate.Evolve(&after, event)
			return true
		})
		if err != nil {
			return nil, err
		}
		for _, event := range events {
			aggregate.Evolve(&after, event)
		}
		return group.Diff(group.View{State: before, Charts: charts}, group.View{State: after, Charts: group.Foreseen(charts, events)}, now), nil
	}
}

// chartEffects says who would gain and lose what by events of one chart.
func (e *Engine) chartEffects(call Call, c id.Chart) func(context.Context, es.Revision, []chart.Event, time.Time) ([]group.Change, error) {
	return func(ctx context.Context, at es.Revision, events []chart.Event, now time.Time) ([]group.Change, error) {
		before := chart.Aggregate().New()
		err := replay(ctx, e.charts, chart.Stream(call.Group, c), func(env es.Envelope, event chart.Event) bool {
			if env.Revision > at {
				return false
			}
			chart.Evolve(&before, event)
			return true
		})
		if err != nil {
			return nil, err
		}
		after := before
		for _, event := range events {
			chart.Evolve(&after, event)
		}
		var changes []group.Change
		err = e.groups.view(ctx, group.Stream(call.Group), func(g group.State, _ es.Revision) error {
			changes = group.Diff(group.View{State: g, Charts: factsOf(before)}, group.View{State: g, Charts: factsOf(after)}, now)
			return nil
		})
		return changes, err
	}
}

// factsOf returns what access to a chart depends on; nothing before it exists.
func factsOf(s chart.State) []group.ChartFacts {
	if !s.Exists() {
		return nil
	}
	return []group.ChartFacts{{Chart: s.Chart, Primary: s.Primary(), Branch: s.Branch, Team: s.Team().OtherMembers()}}
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
