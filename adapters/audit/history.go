// Package audit reads the log as an auditor does: who did what when and why,
// from the events alone, never from a read model. It may import the domain.
package audit

import (
	"context"
	"encoding/json"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// Log is the event store as an auditor reads it.
type Log interface {
	// ReadStream yields the events of a stream from a revision to its end.
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
}

// Entry is one event with everything known about how it came to be.
type Entry struct {
	Revision int64  `json:"revision"`
	Position string `json:"position"`
	// OccurredAt is when the decision was made, RecordedAt when it was recorded; both UTC.
	OccurredAt time.Time `json:"occurredAt"`
	RecordedAt time.Time `json:"recordedAt"`
	Event      string    `json:"event"`
	// Actor is who did it, Role what they were at that moment.
	Actor      string `json:"actor"`
	Role       string `json:"role,omitempty"`
	OnBehalfOf string `json:"onBehalfOf,omitempty"`
	// Command is what they asked for; CommandID ties the events of one command together.
	Command   string `json:"command"`
	CommandID string `json:"commandId"`
	// Decision is the permission rule that allowed it.
	Decision string `json:"decision"`
	// What says in a sentence what was changed, without what identifies a patient.
	What string `json:"what"`
	// Reason is why: the event's own reason, else the one given beside the command.
	Reason  string `json:"reason,omitempty"`
	Purpose string `json:"purpose,omitempty"`
	Request string `json:"requestId,omitempty"`
	// Data is what the event says; it may be personal and is left out unless asked for.
	Data json.RawMessage `json:"data,omitempty"`
}

// ErrNoStream says that there is no such stream, or none for who asks.
var ErrNoStream = fault.New(fault.NotFound, "stream_not_found", "The log has no stream of that name. Streams are named {category}-{group}+{entity}, such as chart-G+C.")

// History returns the entries of one stream from a revision on, oldest first. Faults:
// "stream_not_found", "event_unreadable", and those of the store, such as
// "stream_truncated" (es.TruncatedError) where the store does not show the revision.
func History(ctx context.Context, log Log, registry *es.Registry, stream es.Stream, from es.Revision, withData bool) ([]Entry, error) {
	return upTo(ctx, log, registry, stream, from, 0, withData)
}

// Page is History without data for at most limit entries. next is the revision that
// the page after it begins with, 0 after the last. Faults: those of History.
func Page(ctx context.Context, log Log, registry *es.Registry, stream es.Stream, from es.Revision, limit int) (entries []Entry, next es.Revision, err error) {
	entries, err = upTo(ctx, log, registry, stream, from, limit+1, false)
	if len(entries) > limit {
		next, entries = es.Revision(entries[limit].Revision), entries[:limit]
	}
	return entries, next, err
}

// upTo reads at most limit entries, all for 0.
func upTo(ctx context.Context, log Log, registry *es.Registry, stream es.Stream, from es.Revision, limit int, withData bool) ([]Entry, error) {
	var entries []Entry
	for rec, err := range log.ReadStream(ctx, stream, from) {
		if err != nil {
			return nil, err
		}
		env, err := registry.Decode(rec)
		if err != nil {
			return nil, err
		}
		entry := entryOf(env)
		entry.What, entry.Reason = sentence(registry, env), reasonOf(env)
		if withData {
			entry.Data = rec.Data
		}
		if entries = append(entries, entry); len(entries) == limit {
			break
		}
	}
	if len(entries) == 0 {
		return nil, ErrNoStream
	}
	return entries, nil
}

func entryOf(e es.Envelope) Entry {
	m := e.Meta
	return Entry{
		Revision: int64(e.Revision), Position: e.Position.String(), OccurredAt: m.OccurredAt, RecordedAt: e.RecordedAt,
		Event: e.Type, Actor: m.Actor, Role: m.ActorRole, OnBehalfOf: m.OnBehalfOf, Command: m.CommandName,
		CommandID: m.Command.String(), Decision: m.Decision, Purpose: m.Purpose, Request: m.Request,
	}
}
