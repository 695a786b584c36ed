package es

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// Metadata says who caused an event, on whose behalf, why, and as part of what.
// It is kept as one flat JSON object with string values only, so that every
// client of the store can read it. The fields stand in the order of their keys; the
// two with a '$' are the store's own names. Package commands alone
// fills it.
type Metadata struct {
	// Causation is the id of the event or request that directly led here.
	Causation string `json:"$causationId,omitempty"`
	// Correlation ties together everything that one request set in motion.
	Correlation string `json:"$correlationId,omitempty"`
	// Actor is who did it: "member:<id>", "patient:<account>", "system:<process>"…
	Actor string `json:"actor,omitempty"`
	// ActorRole is the role that the actor held at that moment, if any.
	ActorRole string `json:"actorRole,omitempty"`
	// Command is the id of the command that decided the event.
	Command id.Command `json:"commandId,omitzero"`
	// CommandName is the wire name of that command, such as "invoice.record_payment".
	CommandName string `json:"commandName,omitempty"`
	// Decision names the permission rule that allowed it.
	Decision string `json:"decision,omitempty"`
	// Fingerprint is the hash of the command's input; a command id that comes
	// back with another fingerprint is refused.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Group is the tenant.
	Group id.Group `json:"groupId,omitzero"`
	// OccurredAt is the server's clock when the decision was made, UTC.
	OccurredAt time.Time `json:"occurredAt,omitzero"`
	// OnBehalfOf is the person for whom the actor acted, if another.
	OnBehalfOf string `json:"onBehalfOf,omitempty"`
	// Purpose is the purpose of use, such as "treatment" or "payment".
	Purpose string `json:"purpose,omitempty"`
	// Reason is what the actor gave as the reason, where one is asked for.
	Reason string `json:"reason,omitempty"`
	// RecordedAt is the server's clock just before the event was appended, UTC, to the
	// microsecond; all events of one append have the same, save in access logs. Events written before ADR 26
	// have none.
	RecordedAt time.Time `json:"recordedAt,omitzero"`
	// Request is the id of the HTTP request, for finding its trace.
	Request string `json:"requestId,omitempty"`
	// SchemaVersion is the version of the event's JSON form.
	SchemaVersion int `json:"schemaVersion,string"`
}

// Encode returns the stored form; keys are sorted, empty ones are left out.
func (m Metadata) Encode() ([]byte, error) {
	m.OccurredAt, m.RecordedAt = m.OccurredAt.UTC(), m.RecordedAt.UTC()
	return json.Marshal(m)
}

// DecodeMetadata reads the stored form. Unknown keys are ignored: other tools
// may add theirs. A missing or malformed schema version is an error.
func DecodeMetadata(b []byte) (m Metadata, err error) {
	if !m.readPlain(b) {
		m = Metadata{}
		if err := json.Unmarshal(b, &m); err != nil {
			return Metadata{}, errMetadata.Because(err)
		}
	}
	if m.SchemaVersion < 1 {
		return Metadata{}, errMetadata.Because(fmt.Errorf("schemaVersion %d is not positive", m.SchemaVersion))
	}
	return m, nil
}

// readPlain reads what Encode writes, and is false for whatever is for the JSON parser.
func (m *Metadata) readPlain(b []byte) bool {
	return eachPlain(b, func(name, value []byte) bool {
		var text *string
		switch string(name) {
		case "$causationId":
			text = &m.Causation
		case "$correlationId":
			text = &m.Correlation
		case "actor":
			text = &m.Actor
		case "actorRole":
			text = &m.ActorRole
		case "commandId":
			return m.Command.UnmarshalText(value) == nil
		case "commandName":
			text = &m.CommandName
		case "decision":
			text = &m.Decision
		case "fingerprint":
			text = &m.Fingerprint
		case "groupId":
			return m.Group.UnmarshalText(value) == nil
		case "occurredAt":
			return m.OccurredAt.UnmarshalText(value) == nil
		case "onBehalfOf":
			text = &m.OnBehalfOf
		case "purpose":
			text = &m.Purpose
		case "reason":
			text = &m.Reason
		case "recordedAt":
			return m.RecordedAt.UnmarshalText(value) == nil
		case "requestId":
			text = &m.Request
		case "schemaVersion":
			m.SchemaVersion = 0
			if len(value) == 1 && value[0] >= '1' && value[0] <= '9' {
				m.SchemaVersion = int(value[0] - '0')
			}
			return m.SchemaVersion > 0
		default:
			return false
		}
		*text = string(value)
		return true
	})
}

// recordedAt returns the instant of recording in stored metadata, UTC; zero without one.
// Every event that is read passes here, so what Encode writes is not parsed as JSON.
func recordedAt(metadata []byte) (at time.Time) {
	const key = "recordedAt"
	plain := eachPlain(metadata, func(name, value []byte) bool {
		switch {
		case len(name) != len(key) || !bytes.EqualFold(name, []byte(key)):
			return true
		case string(name) != key:
			return false
		}
		return at.UnmarshalText(value) == nil
	})
	if !plain {
		var m struct {
			RecordedAt time.Time `json:"recordedAt"`
		}
		if json.Unmarshal(metadata, &m) != nil {
			return time.Time{}
		}
		at = m.RecordedAt
	}
	return at.UTC()
}

// withRecordedAt adds the instant of recording to stored metadata that is a JSON object;
// any other is unreadable whatever is added, and is returned as it is.
func withRecordedAt(metadata []byte, at time.Time) []byte {
	object := bytes.TrimSpace(metadata)
	if !bytes.HasPrefix(object, []byte("{")) || !json.Valid(object) {
		return metadata
	}
	member := `"recordedAt":"` + at.UTC().Format(time.RFC3339Nano) + `"`
	if body := bytes.TrimSpace(object[1 : len(object)-1]); len(body) > 0 {
		member = "," + member
	}
	return append(append(slices.Clone(object[:len(object)-1]), member...), '}')
}

var errMetadata = fault.New(fault.Internal, "event_metadata_unreadable", "The metadata of a stored event cannot be read.")

// Envelope is a decoded event with everything known about how it came to be.
type Envelope struct {
	Recorded
	Meta Metadata
	// Event is one of the registered event structs, by value.
	Event any
}
