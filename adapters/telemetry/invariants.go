package telemetry

import (
	"maps"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// violations is what the last look at every practice found.
type violations struct {
	mu     sync.Mutex
	gauge  *prometheus.GaugeVec
	latest map[string]map[string]int
	rules  names
}

// SetViolations records what a look at a practice found, by rule. Every rule that
// was looked at is given, with 0 where it holds; the practice's id only tells its
// findings from those of others and is no label.
func (m *Metrics) SetViolations(practice string, found map[string]int) {
	v := &m.violations
	v.mu.Lock()
	defer v.mu.Unlock()
	before := v.latest[practice]
	v.latest[practice] = maps.Clone(found)
	for rule, n := range found {
		v.gauge.WithLabelValues(v.rules.label(rule)).Add(float64(n - before[rule]))
	}
}
