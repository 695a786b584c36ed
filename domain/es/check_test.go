package es_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func TestCheckAppend(t *testing.T) {
	const stream = es.Stream("chart-7b7ec1c2-6e0b-4c3b-9a59-0f1f3f8a4f11")
	event := es.Proposed{ID: id.Derive[id.Event]("a"), Type: "chart.opened"}
	nameless, idless, system := event, event, event
	nameless.Type, idless.ID, system.Type = "", id.Event{}, "$metadata"
	large := event
	large.Data = make([]byte, es.MaxEventBytes)

	require.NoError(t, es.CheckAppend(stream, []es.Proposed{event, event}))
	for reason, tt := range map[string]struct {
		stream es.Stream
		events []es.Proposed
		code   string
	}{
		"a stream needs a name":             {"", []es.Proposed{event}, "append_malformed"},
		"$ streams are the store's":         {"$all", []es.Proposed{event}, "append_malformed"},
		"nothing is no append":              {stream, nil, "append_malformed"},
		"a store would invent a missing id": {stream, []es.Proposed{event, idless}, "append_malformed"},
		"an event needs a type":             {stream, []es.Proposed{event, nameless}, "append_malformed"},
		"$ types are the store's":           {stream, []es.Proposed{system}, "append_malformed"},
		"limits hold":                       {stream, []es.Proposed{large}, "event_too_large"},
	} {
		t.Run(reason, func(t *testing.T) {
			require.Equal(t, tt.code, fault.From(es.CheckAppend(tt.stream, tt.events)).Code)
		})
	}
}
