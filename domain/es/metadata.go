package es

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// Metadata says who caused an event, on whose behalf, why, and as part of what.
// It is kept as one flat JSON object with string values only, so that every
// client of the store can read it. commands.Execute is the only place that
// fills it.
type Metadata struct {
	// Actor is who did it: "member:<id>", "patient:<account>", "system:<process>"…
	Actor string
	// ActorRole is the role that the actor held at that moment, if any.
	ActorRole string
	// OnBehalfOf is the person for whom the actor acted, if another.
	OnBehalfOf string
	// Group is the tenant.
	Group id.Group
	// Command is the id of the command that decided the event.
	Command id.Command
	// CommandName is the wire name of that command, such as "invoice.record_payment".
	CommandName string
	// Fingerprint is the hash of the command's input; a command id that comes
	// back with another fingerprint is refused.
	Fingerprint string
	// Correlation ties together everything that one request set in motion.
	Correlation string
	// Causation is the id of the event or request that directly led here.
	Causation string
	// Request is the id of the HTTP request, for finding its trace.
	Request string
	// Purpose is the purpose of use, such as "treatment" or "payment".
	Purpose string
	// Reason is what the actor gave as the reason, where one is asked for.
	Reason string
	// Decision names the permission rule that allowed it.
	Decision string
	// OccurredAt is the server's clock when the decision was made, UTC.
	OccurredAt time.Time
	// SchemaVersion is the version of the event's JSON form.
	SchemaVersion int
}

// The keys of the stored form. The two with a '$' are the store's own names.
const (
	keyCorrelation = "$correlationId"
	keyCausation   = "$causationId"
)

// fields pairs every plain string key with its place, for both directions.
func (m *Metadata) fields() map[string]*string {
	return map[string]*string{
		"actor": &m.Actor, "actorRole": &m.ActorRole, "onBehalfOf": &m.OnBehalfOf,
		"commandName": &m.CommandName, "fingerprint": &m.Fingerprint,
		keyCorrelation: &m.Correlation, keyCausation: &m.Causation, "requestId": &m.Request,
		"purpose": &m.Purpose, "reason": &m.Reason, "decision": &m.Decision,
	}
}

// Encode returns the stored form; keys are sorted, empty ones are left out.
func (m Metadata) Encode() ([]byte, error) {
	flat := map[string]string{"schemaVersion": strconv.Itoa(m.SchemaVersion)}
	for k, v := range m.fields() {
		if *v != "" {
			flat[k] = *v
		}
	}
	if !m.Group.IsZero() {
		flat["groupId"] = m.Group.String()
	}
	if !m.Command.IsZero() {
		flat["commandId"] = m.Command.String()
	}
	if !m.OccurredAt.IsZero() {
		flat["occurredAt"] = m.OccurredAt.UTC().Format(time.RFC3339Nano)
	}
	return json.Marshal(flat)
}

// DecodeMetadata reads the stored form. Unknown keys are ignored: other tools
// may add theirs. A missing or malformed schema version is an error.
func DecodeMetadata(b []byte) (Metadata, error) {
	var flat map[string]string
	if err := json.Unmarshal(b, &flat); err != nil {
		return Metadata{}, errMetadata.Because(err)
	}
	var m Metadata
	for k, v := range m.fields() {
		*v = flat[k]
	}
	var err error
	if m.SchemaVersion, err = strconv.Atoi(flat["schemaVersion"]); err != nil {
		return Metadata{}, errMetadata.Because(fmt.Errorf("schemaVersion: %w", err))
	}
	if m.SchemaVersion < 1 {
		return Metadata{}, errMetadata.Because(fmt.Errorf("schemaVersion %d is not positive", m.SchemaVersion))
	}
	if s := flat["groupId"]; s != "" {
		if err := m.Group.UnmarshalText([]byte(s)); err != nil {
			return Metadata{}, errMetadata.Because(fmt.Errorf("groupId: %w", err))
		}
	}
	if s := flat["commandId"]; s != "" {
		if err := m.Command.UnmarshalText([]byte(s)); err != nil {
			return Metadata{}, errMetadata.Because(fmt.Errorf("commandId: %w", err))
		}
	}
	if s := flat["occurredAt"]; s != "" {
		if m.OccurredAt, err = time.Parse(time.RFC3339Nano, s); err != nil {
			return Metadata{}, errMetadata.Because(fmt.Errorf("occurredAt: %w", err))
		}
	}
	return m, nil
}

var errMetadata = fault.New(fault.Internal, "event_metadata_unreadable", "The metadata of a stored event cannot be read.")

// Envelope is a decoded event with everything known about how it came to be.
type Envelope struct {
	Recorded
	Meta Metadata
	// Event is one of the registered event structs, by value.
	Event any
}
