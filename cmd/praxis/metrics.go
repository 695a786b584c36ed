package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"praxis/adapters/telemetry"
	"praxis/commands"
	"praxis/domain/es"
	"praxis/projections"
)

// meteredStore is the event store as commands use it; it reports what it does
// to the metrics and to readiness.
type meteredStore struct {
	commands.Store
	metrics *telemetry.Metrics
	// refuses is whether the store refused the last append.
	refuses *atomic.Bool
}

// Append counts what was kept, and notes whether the store takes changes.
func (m meteredStore) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	done, err := m.Store.Append(ctx, stream, expected, events)
	if errors.Is(err, es.ErrStoreRefusesWrites) {
		m.refuses.Store(true)
	}
	if err == nil {
		m.refuses.Store(false)
		m.metrics.AddAppendedEvents(len(events))
	}
	return done, err
}

// projectionMetrics tells the metrics what the runner does.
type projectionMetrics struct{ *telemetry.Metrics }

// BatchApplied records a transaction of a projection.
func (m projectionMetrics) BatchApplied(projection string, events int, took time.Duration) {
	m.ObserveBatch(projection, events, took)
}

// Retried has no metric: a transient fault shows as lag, which is asked for at every scrape.
func (projectionMetrics) Retried(string) {}

// Parked has no metric of its own: what the quarantine holds is asked for at every scrape.
func (projectionMetrics) Parked(string, projections.Failure) {}

// Stopped has no metric: /readyz and the log tell it, with the reason.
func (projectionMetrics) Stopped(string, projections.Failure) {}

// Swapped has no metric: readers are held for milliseconds, which shows in the times of
// requests.
func (projectionMetrics) Swapped(string, time.Duration) {}
