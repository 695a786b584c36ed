package telemetry

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"praxis/domain/fault"
)

// Metrics counts and times what Praxis does; the API tells it as to its observer. It is
// safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests  *prometheus.HistogramVec
	commands  *prometheus.HistogramVec
	refusals  *prometheus.CounterVec
	events    prometheus.Counter
	batches   *prometheus.HistogramVec
	projected *prometheus.CounterVec
	cards     *prometheus.CounterVec
	messages  *prometheus.CounterVec
	mails     *prometheus.GaugeVec
	mailAge   prometheus.Gauge

	violations violations

	routes, commandNames, codes, projections, cardLabels names
}

// NewMetrics returns metrics with a registry of their own, which also tells
// about the Go runtime and the process.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests = m.histogram("praxis_http_request_duration_seconds", "Time to answer an HTTP request, by route pattern.", "route", "method", "status")
	m.commands = m.histogram("praxis_command_duration_seconds", "Time to execute a command, by its outcome: accepted, or the kind of refusal.", "command", "outcome")
	m.refusals = m.counter("praxis_refusals_total", "Requests refused, by kind and stable code.", "kind", "code")
	m.events = m.counter("praxis_events_appended_total", "Events appended to the log.").WithLabelValues()
	m.batches = m.histogram("praxis_projection_batch_duration_seconds", "Time to apply and commit one batch of events.", "projection")
	m.projected = m.counter("praxis_projection_events_total", "Events applied by a projection.", "projection")
	m.cards = m.counter("praxis_card_requests_total", "Requests to the card processor, by what was asked and the outcome.", "request", "outcome")
	m.messages = m.counter("praxis_card_messages_total", "Messages of the card processor (webhooks), by kind and by result.", "kind", "result")
	m.mails = m.gauge("praxis_mails", "Mails in the outbox, by state.", "state")
	m.mailAge = m.gauge("praxis_mail_oldest_seconds", "How long the oldest mail has been waiting to be sent; 0 without any.").WithLabelValues()
	m.violations = violations{
		gauge:  m.gauge("praxis_invariant_violations", "Violations of invariants that the daily sweep found and could not mend, by rule, in the practices looked at since the start.", "rule"),
		latest: map[string]map[string]int{},
	}
	return m
}

// histogram spans from below a cached read to the request timeout.
func (m *Metrics) histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return promauto.With(m.registry).NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help,
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, labels)
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	return promauto.With(m.registry).NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return promauto.With(m.registry).NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
}

// Handler serves the metrics in the format the scraper asks for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Request records an answered HTTP request. The route is the pattern
// that matched, such as "/v1/groups/{group}", and empty when none did; a path
// given by mistake is recorded as no route at all.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(m.routes.label(route), methodLabel(method), statusLabel(status)).Observe(took.Seconds())
}

// Command records an executed command by its wire name and its outcome:
// "accepted" where err is nil, else the error's kind.
func (m *Metrics) Command(command string, err error, took time.Duration) {
	outcome := "accepted"
	if err != nil {
		outcome = fault.KindOf(err).String()
	}
	m.commands.WithLabelValues(m.commandNames.label(command), outcome).Observe(took.Seconds())
}

// Refused records that a request was answered with this error.
func (m *Metrics) Refused(err error) {
	if refusal := fault.From(err); refusal != nil {
		m.refusals.WithLabelValues(refusal.Kind.String(), m.codes.label(refusal.Code)).Inc()
	}
}

// AddAppendedEvents records that n events, at least 0, were appended to the log.
func (m *Metrics) AddAppendedEvents(n int) { m.events.Add(float64(max(n, 0))) }

// ObserveBatch records that a projection committed a batch of events, at least 0.
func (m *Metrics) ObserveBatch(projection string, events int, took time.Duration) {
	name := m.projections.label(projection)
	m.batches.WithLabelValues(name).Observe(took.Seconds())
	m.projected.WithLabelValues(name).Add(float64(max(events, 0)))
}

// SetOutbox records how many mails wait to be let go, wait to be sent, and were
// given up, and how long the oldest of those to be sent has been waiting.
func (m *Metrics) SetOutbox(held, queued, failed int64, oldest time.Duration) {
	m.mails.WithLabelValues("held").Set(float64(held))
	m.mails.WithLabelValues("queued").Set(float64(queued))
	m.mails.WithLabelValues("failed").Set(float64(failed))
	m.mailAge.Set(oldest.Seconds())
}
