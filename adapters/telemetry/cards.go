package telemetry

import "praxis/domain/fault"

// CountCardRequest records the result of asking the card processor for a "charge"
// or a "refund": its outcome, or where there is none the code of the error.
func (m *Metrics) CountCardRequest(request, outcome string, err error) {
	if err != nil {
		outcome = fault.From(err).Code
	}
	m.cards.WithLabelValues(m.cardLabels.label(request), m.cardLabels.label(outcome)).Inc()
}

// CountCardMessage records a message of the card processor: its kind, and what came
// of it.
func (m *Metrics) CountCardMessage(kind, result string) {
	m.messages.WithLabelValues(m.cardLabels.label(kind), m.cardLabels.label(result)).Inc()
}
