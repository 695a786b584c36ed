package telemetry

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"praxis/adapters/readiness"
	"praxis/commands/process"
	"praxis/projections"
)

// scrapeTime bounds how long a scrape waits for the stores.
const scrapeTime = 5 * time.Second

// watched is a prometheus.Collector of what is asked for at every scrape.
type watched struct {
	all []*prometheus.Desc
	ask func(context.Context, tell)
}

// tell says the value of one metric.
type tell func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string)

// Describe implements prometheus.Collector.
func (w watched) Describe(to chan<- *prometheus.Desc) {
	for _, d := range w.all {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (w watched) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	w.ask(ctx, func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	})
}

// WatchParts tells what readiness says, which is asked at every scrape: the metrics
// and /readyz cannot disagree.
func (m *Metrics) WatchParts(look func(context.Context) []readiness.Finding) {
	ready := prometheus.NewDesc("praxis_ready", "Whether this server can serve: 1 or 0, as /readyz answers 200 or 503.", nil, nil)
	state := prometheus.NewDesc("praxis_part_state", "1 for the state that a part of this server is in, 0 for the others.", []string{"part", "state"}, nil)
	store := prometheus.NewDesc("praxis_event_store_available", "Whether the event store answers and takes changes: 1 or 0.", nil, nil)
	m.registry.MustRegister(watched{[]*prometheus.Desc{ready, state, store}, func(ctx context.Context, tell tell) {
		found := look(ctx)
		isReady := !slices.ContainsFunc(found, func(f readiness.Finding) bool { return f.State == readiness.Unavailable })
		tell(ready, prometheus.GaugeValue, oneIf(isReady))
		for _, f := range found {
			for _, s := range []readiness.State{readiness.Ready, readiness.Degraded, readiness.Unavailable} {
				tell(state, prometheus.GaugeValue, oneIf(f.State == s), f.Part, string(s))
			}
			if f.Part == readiness.EventStore {
				tell(store, prometheus.GaugeValue, oneIf(f.State == readiness.Ready))
			}
		}
	}})
}

// column is one metric of things of a kind, of which each has a value.
type column[T any] struct {
	name, help string
	kind       prometheus.ValueType
	value      func(T) float64
}

var ofProcess = []column[process.Status]{
	{"praxis_process_parked", "Practices that wait behind something that a process could not deal with.", prometheus.GaugeValue, func(s process.Status) float64 { return float64(s.Parked) }},
	{"praxis_process_lag_seconds", "Age of the oldest event that a process has not dealt with.", prometheus.GaugeValue, func(s process.Status) float64 { return s.Lag.Seconds() }},
	{"praxis_process_timer_overdue_seconds", "How long the first timer of a process has been due.", prometheus.GaugeValue, func(s process.Status) float64 { return s.Overdue.Seconds() }},
	{"praxis_process_timers", "Timers that are set.", prometheus.GaugeValue, func(s process.Status) float64 { return float64(s.Timers) }},
	{"praxis_process_commands_accepted_total", "Commands of a process that were accepted.", prometheus.CounterValue, func(s process.Status) float64 { return float64(s.Accepted) }},
	{"praxis_process_commands_refused_total", "Commands of a process that a rule refused.", prometheus.CounterValue, func(s process.Status) float64 { return float64(s.Refused) }},
	{"praxis_process_timers_fired_total", "Timers of a process that were carried out.", prometheus.CounterValue, func(s process.Status) float64 { return float64(s.Fired) }},
}

var ofProjection = []column[projections.Status]{
	{"praxis_projection_stopped", "Whether a projection was stopped by a failure: 1 or 0.", prometheus.GaugeValue, func(s projections.Status) float64 { return oneIf(s.State == projections.Stopped) }},
	{"praxis_projection_parked", "Streams that wait behind an event that a projection could not apply.", prometheus.GaugeValue, func(s projections.Status) float64 { return float64(s.Parked) }},
	{"praxis_projection_skipped", "Events that a projection left out because an operator decided so.", prometheus.GaugeValue, func(s projections.Status) float64 { return float64(s.Skipped) }},
	{"praxis_projection_lag_seconds", "Age of the oldest event that a projection has not applied yet.", prometheus.GaugeValue, func(s projections.Status) float64 { return s.Lag.Seconds() }},
	{"praxis_projection_lag_events", "Events that a projection has not applied yet, 10,000 for more.", prometheus.GaugeValue, func(s projections.Status) float64 { return float64(s.LagEvents) }},
}

// WatchProcesses tells of the processes, which are asked at every scrape: what they did is
// kept in the database, so it also survives restarts. While the stores are away there is
// nothing to tell, and praxis_processes_readable is 0.
func (m *Metrics) WatchProcesses(ask func(context.Context) ([]process.Status, error)) {
	watch(m, "praxis_processes_readable", "process", ofProcess, func(s process.Status) string { return s.Name }, ask)
}

// WatchProjections tells the same of the read models of this program.
func (m *Metrics) WatchProjections(ask func(context.Context) ([]projections.Status, error)) {
	watch(m, "praxis_projections_readable", "projection", ofProjection, func(s projections.Status) string { return s.Name },
		func(ctx context.Context) ([]projections.Status, error) {
			all, err := ask(ctx)
			return slices.DeleteFunc(all, func(s projections.Status) bool { return s.Version != s.Program }), err
		})
}

// watch registers the metrics of things of a kind, which are asked at every scrape, and one
// that says whether they could be.
func watch[T any](m *Metrics, readable, label string, columns []column[T], name func(T) string, ask func(context.Context) ([]T, error)) {
	descs := []*prometheus.Desc{prometheus.NewDesc(readable, "Whether it could be found out how they are: 1 or 0.", nil, nil)}
	for _, c := range columns {
		descs = append(descs, prometheus.NewDesc(c.name, c.help, []string{label}, nil))
	}
	m.registry.MustRegister(watched{descs, func(ctx context.Context, tell tell) {
		all, err := ask(ctx)
		tell(descs[0], prometheus.GaugeValue, oneIf(err == nil))
		if err != nil {
			return
		}
		for _, one := range all {
			for i, c := range columns {
				tell(descs[1+i], c.kind, c.value(one), name(one))
			}
		}
	}})
}

func oneIf(isSo bool) float64 {
	if isSo {
		return 1
	}
	return 0
}
