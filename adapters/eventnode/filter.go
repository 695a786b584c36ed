package eventnode

import (
	"slices"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"praxis/adapters/eventnode/engine"
)

// countWindow is the search window of a filter that names none.
const countWindow = 32

// filter chooses events of $all. A nil filter lets everything through.
type filter struct {
	byType bool
	passes func(subject string) bool
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
	f.passes = func(subject string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(subject, prefix) })
	}
	if text != "" {
		expression, err := newPattern(text)
		if err != nil {
			return nil, err
		}
		f.passes = expression.matches
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

// matches says whether the event passes.
func (f *filter) matches(e *engine.Event) bool {
	if f == nil {
		return true
	}
	if f.byType {
		return f.passes(e.Type)
	}
	return f.passes(e.Stream)
}
