package es

import (
	"strings"

	"praxis/domain/fault"
)

// CheckAppend refuses what no store may be asked to keep: a stream name or an
// event type that is empty or begins with '$' (those are the store's own), an
// event without an id (a store would invent one, and a retry would double the
// event), an append of nothing, and whatever CheckLimits refuses. Every store
// calls it before anything is sent. Faults: "append_malformed" and those of
// CheckLimits.
func CheckAppend(stream Stream, events []Proposed) error {
	switch {
	case reserved(string(stream)):
		return errAppend.With("reason", "stream name")
	case len(events) == 0:
		return errAppend.With("reason", "no events")
	}
	for _, e := range events {
		if e.ID.IsZero() {
			return errAppend.With("reason", "event without id")
		}
		if reserved(e.Type) {
			return errAppend.With("reason", "event type")
		}
	}
	return CheckLimits(events)
}

func reserved(name string) bool { return name == "" || strings.HasPrefix(name, "$") }

var errAppend = fault.New(fault.Internal, "append_malformed", "Praxis tried to keep events that no event store takes. Nothing was changed; report the request id.")
