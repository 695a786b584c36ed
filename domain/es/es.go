// Package es is the kernel of event sourcing in Praxis: stream names,
// positions, recorded events, envelopes with their metadata, and the registry
// that turns bytes into typed events and back. It knows no store, no clock and
// no context; it imports the standard library, google/uuid through id, and
// fault.
package es

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// Stream is a stream name of the form {category}-{groupId} or
// {category}-{groupId}+{entity}, so that one prefix selects one practice and
// one category selects one kind.
type Stream string

// Category is the kind of a stream. It never contains a '-', because the first
// '-' of a stream name ends its category.
type Category string

// StreamOf names the stream of an entity inside a group; without an entity it
// names the group-wide stream of that category.
func StreamOf(c Category, group id.Group, entity ...string) Stream {
	name := string(c) + "-" + group.String()
	if len(entity) > 0 {
		name += "+" + strings.Join(entity, ".")
	}
	return Stream(name)
}

// Category returns the part before the first '-'.
func (s Stream) Category() Category {
	c, _, _ := strings.Cut(string(s), "-")
	return Category(c)
}

// Group returns the group that the stream belongs to; ok is false for streams
// that belong to none, such as a membership claim.
func (s Stream) Group() (g id.Group, ok bool) {
	_, rest, _ := strings.Cut(string(s), "-")
	tenant, _, _ := strings.Cut(rest, "+")
	g, err := id.Parse[id.Group](tenant)
	return g, err == nil && s.Category() != "membershipClaim"
}

// Entity returns what follows the group: empty for a group-wide stream.
func (s Stream) Entity() string {
	_, rest, _ := strings.Cut(string(s), "-")
	_, entity, _ := strings.Cut(rest, "+")
	return entity
}

// Revision numbers the events of one stream from 0. NoStream stands before the first.
type Revision int64

// NoStream is the revision of a stream without events.
const NoStream Revision = -1

// Expected says which state of a stream an append requires.
type Expected int64

// AnyRevision appends whatever the stream holds. Only streams without rules of
// their own (the access log) use it; every decision appends at an exact revision.
const AnyRevision Expected = -2

// At expects the stream to end exactly at r (NoStream: to be empty).
func At(r Revision) Expected { return Expected(r) }

// Position is a place in the order of all events ($all). The store assigns it;
// only positions that the store gave may be used.
type Position struct {
	Commit, Prepare uint64
}

// Before reports whether p lies before o in the order of all events.
func (p Position) Before(o Position) bool {
	return p.Commit < o.Commit || p.Commit == o.Commit && p.Prepare < o.Prepare
}

// String returns the token form "commit.prepare" that HTTP hands out and takes back.
func (p Position) String() string { return fmt.Sprintf("%d.%d", p.Commit, p.Prepare) }

// MarshalText writes the token form, so that a position is one string wherever it is
// printed.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the token form. Fault: "malformed_position".
func (p *Position) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePosition(string(text))
	return err
}

// ParsePosition reads the token form. Fault: "malformed_position".
func ParsePosition(s string) (Position, error) {
	c, q, _ := strings.Cut(s, ".")
	commit, errCommit := strconv.ParseUint(c, 10, 63)
	prepare, errPrepare := strconv.ParseUint(q, 10, 63)
	if errCommit != nil || errPrepare != nil {
		return Position{}, fault.New(fault.Invalid, "malformed_position", "A position must be a token that Praxis returned, two numbers joined by a dot.")
	}
	return Position{Commit: commit, Prepare: prepare}, nil
}

// Proposed is an event on its way into a stream.
type Proposed struct {
	ID       id.Event
	Type     string
	Data     []byte
	Metadata []byte
}

// Recorded is an event as the store keeps it: bytes, not yet decoded.
type Recorded struct {
	ID       id.Event
	Stream   Stream
	Revision Revision
	Position Position
	Type     string
	Data     []byte
	Metadata []byte
	// RecordedAt is the instant of recording, UTC: what the event's metadata says of it,
	// which is the same in every copy of the log (ADR 26). Of events from before it stood
	// there it is StampedAt. Stamp fills both.
	RecordedAt time.Time
	// StampedAt is when this store took the event, by its own clock, UTC. It bears witness
	// only: of a log that was copied it is the day of the copy, and nothing is decided by it.
	StampedAt time.Time
}

// Stamp says when the store took the event, and with it when the event was recorded.
// Every store calls it on what it hands out.
func (r *Recorded) Stamp(at time.Time) {
	r.StampedAt = at.UTC()
	if r.RecordedAt = recordedAt(r.Metadata); r.RecordedAt.IsZero() {
		r.RecordedAt = r.StampedAt
	}
}

// Copy returns the event as it is appended to another log: byte for byte, but that the
// instant of recording is added to the metadata of an event from before it stood there.
func (r *Recorded) Copy() Proposed {
	p := Proposed{ID: r.ID, Type: r.Type, Data: r.Data, Metadata: r.Metadata}
	if recordedAt(r.Metadata).IsZero() {
		p.Metadata = withRecordedAt(r.Metadata, r.RecordedAt)
	}
	return p
}

// Mark names one event of the log twice: by its place and by what it is. A log in which
// another event is at that place, or none, is not the one that the mark was made in.
type Mark struct {
	Position Position
	ID       id.Event
}

// IsZero reports whether the mark names no event.
func (m Mark) IsZero() bool { return m.ID.IsZero() }

// Mark returns the mark of the event.
func (r Recorded) Mark() Mark { return Mark{Position: r.Position, ID: r.ID} }

// Appended says where an append ended up.
type Appended struct {
	// Revision is that of the last event appended.
	Revision Revision
	// Position is that of the last event appended.
	Position Position
}

// Events is a sequence of recorded events that ends either cleanly or with one
// terminal error in its second value. A broken read can therefore never be
// taken for the end of a stream.
type Events = iter.Seq2[Recorded, error]

// The limits of one append. The store could take more; small events keep
// replays fast and one oversize event can never wedge a projection.
const (
	MaxEventBytes  = 64 << 10
	MaxAppendBytes = 512 << 10
	MaxAppendSize  = 100
)

// CheckLimits refuses appends beyond the limits with fault "event_too_large" or
// "append_too_large". Every store calls it before anything is sent.
func CheckLimits(events []Proposed) error {
	total := 0
	for _, e := range events {
		size := len(e.Data) + len(e.Metadata) + len(e.Type)
		if size > MaxEventBytes {
			return fault.New(fault.TooLarge, "event_too_large", "One event would take %d bytes; at most %d are kept. Shorten the text that was sent.", size, MaxEventBytes)
		}
		total += size
	}
	if len(events) > MaxAppendSize || total > MaxAppendBytes {
		return fault.New(fault.TooLarge, "append_too_large", "One command would append %d events of %d bytes; at most %d events of %d bytes are kept. Split it into several commands.", len(events), total, MaxAppendSize, MaxAppendBytes)
	}
	return nil
}

// WrongRevisionError says that a stream was not where an append expected it.
type WrongRevisionError struct {
	Stream   Stream
	Expected Expected
	Actual   Revision
}

// Error names the stream and both revisions.
func (e *WrongRevisionError) Error() string {
	return fmt.Sprintf("stream %s is at revision %d, expected %d", e.Stream, e.Actual, e.Expected)
}

// Is matches any WrongRevisionError, whatever its fields.
func (e *WrongRevisionError) Is(target error) bool {
	var t *WrongRevisionError
	return errors.As(target, &t)
}

// ErrStoreUnavailable says that the event store cannot be reached at the moment.
var ErrStoreUnavailable = fault.New(fault.Unavailable, "event_store_unavailable", "The event store cannot be reached at the moment. Nothing was changed; try again shortly.")

// ErrStreamTruncated says that a stream in the store begins later than it did: events
// of it were cut off with the server's own tools, by a truncation, a count or an age in
// the metadata of the stream. Praxis never does that, and decides nothing on a history
// that is not whole.
var ErrStreamTruncated = fault.New(fault.Internal, "stream_truncated", "The beginning of a stream of events is missing in the event store, where its metadata cuts it off. Praxis does nothing with it; take $tb, $maxCount and $maxAge out of the stream's metadata, or restore the event store from a backup.")

// TruncatedError is ErrStreamTruncated with the place where the stream begins now.
type TruncatedError struct {
	Stream Stream
	// First is the first revision that can be read; NoStream if none can.
	First Revision
}

// Error names the stream for logs.
func (e *TruncatedError) Error() string {
	return fmt.Sprintf("%s begins at revision %d: %v", e.Stream, e.First, ErrStreamTruncated)
}

// Unwrap returns ErrStreamTruncated.
func (e *TruncatedError) Unwrap() error { return ErrStreamTruncated }

// Is matches any TruncatedError.
func (e *TruncatedError) Is(target error) bool {
	_, is := target.(*TruncatedError)
	return is
}

// Damage is a stream that the store does not show whole any more, because somebody
// deleted it or cut off its beginning with the server's own tools.
type Damage struct {
	Stream Stream
	// Deleted means that nothing of it can be read; otherwise First is the first
	// revision that can, NoStream if none can.
	Deleted bool
	First   Revision
}

// ErrStoreRefusesWrites says that the event store answers reads and takes no
// writes, as one does whose disk is full. Nothing was written. It takes writes
// again once an operator has seen to the cause; until then repeating is in vain.
var ErrStoreRefusesWrites = fault.New(fault.Unavailable, "store_refuses_writes", "The event store does not take any changes at the moment, for example because its disk is full. Nothing was changed, and what is there can still be read. The operator has to see to it; repeat the request afterwards.")

// ErrOutcomeUnknown says that an append was sent and its answer was lost. A
// retry with the same event ids at the same revision finds out and cannot
// double anything.
var ErrOutcomeUnknown = fault.New(fault.Unavailable, "outcome_unknown", "The event store did not answer in time, so it is not known whether the change was kept. Repeat the request with the same Idempotency-Key to find out.")
