package eventnode

import "praxis/adapters/eventnode/engine"

// Translate gives tests what a client is told about an error.
func Translate(err error) error { return translate(err) }

// MatchPattern gives tests the regular expressions of filters.
func MatchPattern(expression, subject string) (bool, error) {
	p, err := newPattern(expression)
	if err != nil {
		return false, err
	}
	return p.matches(subject), nil
}

// EventFrame gives tests the hand-written encoding of an event.
func EventFrame(e *engine.Event, idAsText bool) []byte {
	encoder := eventEncoder{idAsText: idAsText}
	return encoder.frame(e)
}
