package commands

import (
	"context"
	"strings"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/quarantine"
)

// mostSkipText bounds what is kept of who decided to skip, and why, in characters.
const mostSkipText = 500

var (
	errSkipNeedsReason = fault.New(fault.Invalid, "skip_needs_reason", "Say why the event is left out: the reason is kept in the log and shown beside the rows. It is no place for personal data.")
	errSkipNeedsName   = fault.New(fault.Invalid, "skip_needs_name", "Say who decided that the event is left out: the name is kept in the log.")
	errSkipTooLong     = fault.New(fault.Invalid, "skip_text_too_long", "The reason and the name may have %d characters each.", mostSkipText)
)

// Skip records that an operator has a read model or a process leave out an event or a
// timer that it cannot deal with. Running servers do so, and so does whatever is made
// anew of it. Faults: "skip_needs_reason", "skip_needs_name", "skip_text_too_long".
func (e *Engine) Skip(ctx context.Context, by, reason string, s quarantine.EventSkipped) error {
	by, reason = strings.TrimSpace(by), strings.TrimSpace(reason)
	switch {
	case reason == "":
		return errSkipNeedsReason
	case by == "":
		return errSkipNeedsName
	case len([]rune(by)) > mostSkipText || len([]rune(reason)) > mostSkipText:
		return errSkipTooLong
	}
	typ, data, meta, err := e.config.Registry.Encode(s, es.Subject{}, es.Metadata{
		Actor: "operator:" + by, CommandName: "quarantine.skip", Reason: reason, Purpose: "operations",
		OccurredAt: e.Clock(), RecordedAt: e.recordedNow(),
	})
	if err != nil {
		return err
	}
	_, err = e.config.Store.Append(ctx, quarantine.Stream, es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta}})
	return err
}
