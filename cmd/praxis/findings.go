package main

import (
	"context"
	"log/slog"

	"praxis/adapters/telemetry"
	"praxis/domain/id"
	"praxis/domain/invariant"
)

// findings tells the log and the metrics what the daily sweep found.
type findings struct {
	logger  *slog.Logger
	metrics *telemetry.Metrics
}

// Found tells everything that the last look at a practice found.
func (f findings) Found(ctx context.Context, g id.Group, found []invariant.Violation) {
	counts := map[string]int{}
	for _, e := range invariant.Rules() {
		if e.Sweep {
			counts[string(e.Rule)] = 0
		}
	}
	for _, v := range found {
		counts[string(v.Rule)]++
		f.logger.WarnContext(ctx, "an invariant is broken; praxis audit invariants says what mends it",
			"rule", string(v.Rule), "group", g.String(), "places", places(v), "about", things(v))
	}
	f.metrics.SetViolations(g.String(), counts)
}
