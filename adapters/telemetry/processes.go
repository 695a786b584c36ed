package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ProcessStatus is where one process of Praxis is.
type ProcessStatus struct {
	Name    string
	Stopped bool
	// Lag is the age of the oldest event that it has not seen, and Overdue how long
	// its first timer has been due; 0 where there is none.
	Lag, Overdue time.Duration
	// Timers is how many are set.
	Timers int64
	// Accepted, Refused and Fired count what it did since it first ran.
	Accepted, Refused, Fired int64
}

// scrapeTime bounds how long a scrape waits for the stores.
const scrapeTime = 5 * time.Second

// WatchProcesses tells of the processes, who are asked at every scrape: what they
// did is kept in the database, so it also survives restarts. While the stores are
// away there is nothing to tell, and praxis_processes_readable is 0.
func (m *Metrics) WatchProcesses(ask func(context.Context) ([]ProcessStatus, error)) {
	m.registry.MustRegister(processes{
		ask:      ask,
		readable: prometheus.NewDesc("praxis_processes_readable", "Whether it could be found out where the processes are: 1 or 0.", nil, nil),
		stopped:  ofProcess("praxis_process_stopped", "Whether a process was stopped by a failure: 1 or 0."),
		lag:      ofProcess("praxis_process_lag_seconds", "Age of the oldest event that a process has not dealt with."),
		overdue:  ofProcess("praxis_process_timer_overdue_seconds", "How long the first timer of a process has been due."),
		timers:   ofProcess("praxis_process_timers", "Timers that are set."),
		accepted: ofProcess("praxis_process_commands_accepted_total", "Commands of a process that were accepted."),
		refused:  ofProcess("praxis_process_commands_refused_total", "Commands of a process that a rule refused."),
		fired:    ofProcess("praxis_process_timers_fired_total", "Timers of a process that were carried out."),
	})
}

func ofProcess(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"process"}, nil)
}

// processes is a prometheus.Collector.
type processes struct {
	ask                                                               func(context.Context) ([]ProcessStatus, error)
	readable, stopped, lag, overdue, timers, accepted, refused, fired *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (p processes) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.readable, p.stopped, p.lag, p.overdue, p.timers, p.accepted, p.refused, p.fired} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (p processes) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	all, err := p.ask(ctx)
	to <- prometheus.MustNewConstMetric(p.readable, prometheus.GaugeValue, oneIf(err == nil))
	if err != nil {
		return
	}
	for _, s := range all {
		send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64) {
			to <- prometheus.MustNewConstMetric(d, kind, value, s.Name)
		}
		send(p.stopped, prometheus.GaugeValue, oneIf(s.Stopped))
		send(p.lag, prometheus.GaugeValue, s.Lag.Seconds())
		send(p.overdue, prometheus.GaugeValue, s.Overdue.Seconds())
		send(p.timers, prometheus.GaugeValue, float64(s.Timers))
		send(p.accepted, prometheus.CounterValue, float64(s.Accepted))
		send(p.refused, prometheus.CounterValue, float64(s.Refused))
		send(p.fired, prometheus.CounterValue, float64(s.Fired))
	}
}

func oneIf(isSo bool) float64 {
	if isSo {
		return 1
	}
	return 0
}
