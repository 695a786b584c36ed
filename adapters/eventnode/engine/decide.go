package engine

import (
	"github.com/google/uuid"
)

// knownID is where an event id was last written. The ids are kept in memory,
// bounded, and only for appends that expect no particular revision: such
// appends are idempotent as far as the node remembers, as on a real server.
type knownID struct {
	stream   uint64
	revision uint64
	position uint64
}

// decision is the verdict on an append that is not refused.
type decision struct {
	// duplicate says that the events are already stored, at original.
	duplicate bool
	original  Result
}

// decide compares what the writer expects with what the stream holds. Only ids
// are compared, never types or data. A refusal is a
// *WrongExpectedRevisionError; a *CorruptionError can come from the index.
func (s *stage) decide(a *Append, current head, exists bool) (decision, error) {
	last := int64(-1)
	if exists {
		last = int64(current.revision)
	}
	wrong := &WrongExpectedRevisionError{Stream: a.Stream, Expected: a.Expected, Current: last}
	if a.Expected == StreamExists && !exists {
		return decision{}, wrong
	}
	loose := a.Expected == Any || a.Expected == StreamExists
	switch {
	case len(a.Events) == 0:
		if !loose && int64(a.Expected) != last {
			return decision{}, wrong
		}
		return decision{duplicate: true, original: Result{Revision: last}}, nil
	case loose:
		return s.decideByKnownIDs(a, current, exists, wrong)
	case int64(a.Expected) == last:
		return decision{}, nil
	case int64(a.Expected) < last:
		return s.decideByStoredIDs(a, current, wrong)
	default:
		return decision{}, wrong
	}
}

// decideByKnownIDs serves Any and StreamExists: the first id decides whether
// this is a retry, and a retry must then be known completely.
func (s *stage) decideByKnownIDs(a *Append, current head, exists bool, wrong error) (decision, error) {
	var original knownID
	for i := range a.Events {
		known, found := s.engine.ids.get(a.Events[i].ID)
		if !found || !exists || known.stream != current.number {
			if i == 0 {
				return decision{}, nil
			}
			return decision{}, wrong
		}
		original = known
	}
	return decision{duplicate: true, original: Result{Revision: int64(original.revision), Position: original.position}}, nil
}

// decideByStoredIDs serves a revision the stream has already passed: it is a
// retry only if exactly these ids follow that revision, read from the file.
func (s *stage) decideByStoredIDs(a *Append, current head, wrong error) (decision, error) {
	revision := uint64(a.Expected + 1)
	if uint64(len(a.Events)) > current.revision-revision+1 {
		return decision{}, wrong
	}
	var position uint64
	for i := range a.Events {
		id, at, err := s.storedID(current.number, revision+uint64(i))
		if err != nil {
			return decision{}, err
		}
		if id != a.Events[i].ID {
			return decision{}, wrong
		}
		position = at
	}
	last := revision + uint64(len(a.Events)) - 1
	return decision{duplicate: true, original: Result{Revision: int64(last), Position: position}}, nil
}

// storedID reads the id and position of one event of a stream.
func (s *stage) storedID(stream, revision uint64) (uuid.UUID, uint64, error) {
	key := indexKey(stream, revision)
	position, err := decodeIndex(key, s.index.Get(key))
	if err != nil {
		return uuid.Nil, 0, err
	}
	record := s.log.Get(positionKey(position))
	event, err := decodeRecord(position, record, string(record))
	if err != nil {
		return uuid.Nil, 0, err
	}
	return event.ID, position, nil
}
