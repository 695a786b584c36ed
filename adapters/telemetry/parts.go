package telemetry

import (
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"praxis/adapters/readiness"
)

// WatchParts tells what readiness says, which is asked at every scrape: the metrics
// and /readyz cannot disagree.
func (m *Metrics) WatchParts(look func(context.Context) []readiness.Finding) {
	m.registry.MustRegister(parts{
		look:  look,
		ready: prometheus.NewDesc("praxis_ready", "Whether this server can serve: 1 or 0, as /readyz answers 200 or 503.", nil, nil),
		state: prometheus.NewDesc("praxis_part_state", "1 for the state that a part of this server is in, 0 for the others.", []string{"part", "state"}, nil),
		store: prometheus.NewDesc("praxis_event_store_available", "Whether the event store answers and takes changes: 1 or 0.", nil, nil),
	})
}

// parts is a prometheus.Collector.
type parts struct {
	look                func(context.Context) []readiness.Finding
	ready, state, store *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (p parts) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.ready, p.state, p.store} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p parts) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	found := p.look(ctx)
	send := func(d *prometheus.Desc, isSo bool, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, oneIf(isSo), labels...)
	}
	send(p.ready, !slices.ContainsFunc(found, func(f readiness.Finding) bool { return f.State == readiness.Unavailable }))
	for _, f := range found {
		for _, s := range []readiness.State{readiness.Ready, readiness.Degraded, readiness.Unavailable} {
			send(p.state, f.State == s, f.Part, string(s))
		}
		if f.Part == readiness.EventStore {
			send(p.store, f.State == readiness.Ready)
		}
	}
}
