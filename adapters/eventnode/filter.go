package eventnode

import (
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"praxis/adapters/eventnode/engine"
)

// countWindow is the search window of a filter that names none.
const countWindow = 32

// filter chooses events of $all. A nil filter lets everything through.
type filter struct {
	byType bool
	passes func(subject []byte) bool
	// interval is after how many considered events a checkpoint is sent.
	interval uint64
}

// newFilter reads the filter of a request.
func newFilter(options *streams.ReadReq_Options_FilterOptions) (*filter, error) {
	f := &filter{}
	var expression *streams.ReadReq_Options_FilterOptions_Expression
	switch by := options.GetFilter().(type) {
	case *streams.ReadReq_Options_FilterOptions_StreamIdentifier:
		expression = by.StreamIdentifier
	case *streams.ReadReq_Options_FilterOptions_EventType:
		f.byType, expression = true, by.EventType
	default:
		return nil, invalidArgument("the filter does not say whether it is for stream names or event types")
	}
	text, prefixes := expression.GetRegex(), expression.GetPrefix()
	if (text == "") == (len(prefixes) == 0) {
		return nil, invalidArgument("the filter needs either a regular expression or prefixes")
	}
	f.passes = func(subject []byte) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool {
			return len(subject) >= len(prefix) && string(subject[:len(prefix)]) == prefix
		})
	}
	if text != "" {
		expression, err := newPattern(text)
		if err != nil {
			return nil, err
		}
		f.passes = func(subject []byte) bool { return expression.matches(string(subject)) }
	}
	window := uint64(countWindow)
	if limited, ok := options.GetWindow().(*streams.ReadReq_Options_FilterOptions_Max); ok {
		window = uint64(limited.Max)
	}
	f.interval = window * uint64(options.GetCheckpointIntervalMultiplier())
	if f.interval == 0 {
		return nil, invalidArgument("the filter's window and checkpoint interval must be at least 1")
	}
	return f, nil
}

// chooses is how the engine asks it; nil for no filter.
func (f *filter) chooses() engine.Passes {
	switch {
	case f == nil:
		return nil
	case f.byType:
		return func(_, kind []byte) bool { return f.passes(kind) }
	}
	return func(stream, _ []byte) bool { return f.passes(stream) }
}

// matches says whether the event passes.
func (f *filter) matches(e *engine.Event) bool {
	passes := f.chooses()
	return passes == nil || passes([]byte(e.Stream), []byte(e.Type))
}
