package engine

// knownID is where an event id was last written. The ids are kept in memory,
// bounded, and only for appends that expect no particular revision: such
// appends are idempotent as far as the node remembers, as on a real server.
type knownID struct {
	stream   uint64
	revision uint64
	position uint64
}

// decide compares what the writer expects with what the stream holds. It returns
// where the events are if they are already stored, nil if they are to be written.
// Only ids are compared, never types or data. A refusal is a
// *WrongExpectedRevisionError; a *CorruptionError can come from the index.
func (s *stage) decide(a *Append, stream head) (original *Result, err error) {
	last := stream.last()
	wrong := &WrongExpectedRevisionError{Stream: a.Stream, Expected: a.Expected, Current: last}
	loose := a.Expected == Any || a.Expected == StreamExists
	switch {
	case a.Expected == StreamExists && last < 0, len(a.Events) == 0 && !loose && int64(a.Expected) != last:
		return nil, wrong
	case len(a.Events) == 0:
		return &Result{Revision: last}, nil
	case loose:
		return s.findKnown(a, stream, wrong)
	case int64(a.Expected) == last:
		return nil, nil
	case int64(a.Expected) < last:
		return s.findStored(a, stream, wrong)
	default:
		return nil, wrong
	}
}

// findKnown serves Any and StreamExists: the first id decides whether this is a
// retry, and a retry must then be known completely.
func (s *stage) findKnown(a *Append, stream head, wrong error) (original *Result, err error) {
	for i := range a.Events {
		known, found := s.engine.ids.Get(a.Events[i].ID)
		isHere := found && known.stream == stream.number
		switch {
		case !isHere && i == 0:
			return nil, nil
		case !isHere:
			return nil, wrong
		}
		original = &Result{Revision: int64(known.revision), Position: known.position}
	}
	return original, nil
}

// findStored serves a revision the stream has already passed: it is a retry only
// if exactly these ids follow that revision, read from the file.
func (s *stage) findStored(a *Append, stream head, wrong error) (original *Result, err error) {
	first := uint64(a.Expected + 1)
	if uint64(len(a.Events)) > stream.count-first {
		return nil, wrong
	}
	for i := range a.Events {
		position, err := getIndex(s.tx, stream.number, first+uint64(i))
		if err != nil {
			return nil, err
		}
		event, err := getEvent(s.tx, position)
		if err != nil {
			return nil, err
		}
		if event.ID != a.Events[i].ID {
			return nil, wrong
		}
		original = &Result{Revision: int64(event.Revision), Position: position}
	}
	return original, nil
}
