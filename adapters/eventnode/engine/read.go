package engine

import (
	"encoding/binary"
	"fmt"
	"math"

	"go.etcd.io/bbolt"
)

// pageBytes bounds what one read copies. A single larger event is still read.
const pageBytes = 256 << 10

// Direction is the order of a read.
type Direction int

const (
	// Forwards reads from old to new.
	Forwards Direction = iota
	// Backwards reads from new to old.
	Backwards
)

// Page is a part of a read, in the order of the read.
type Page struct {
	Events []Event
	// More says that the read can go on after the last event of the page. When
	// it is false the read has reached the end as it was during the call.
	More bool
}

// page collects copies of records inside a transaction.
type page struct {
	bytes     []byte
	ends      []int
	positions []uint64
}

// add copies a record. The first one sizes the page: up to wanted records of
// about its length, so that a long read does not grow its memory step by step
// and a short one does not ask for a whole page.
func (p *page) add(position uint64, record []byte, wanted uint64) {
	if p.bytes == nil {
		count := min(wanted, pageBytes/uint64(len(record)+1)+1)
		p.bytes = make([]byte, 0, count*uint64(len(record)))
		p.ends = make([]int, 0, count)
		p.positions = make([]uint64, 0, count)
	}
	p.bytes = append(p.bytes, record...)
	p.ends = append(p.ends, len(p.bytes))
	p.positions = append(p.positions, position)
}

// hasRoom says whether the record can be added. The first one always can.
func (p *page) hasRoom(limit uint64, record []byte) bool {
	count := uint64(len(p.positions))
	return count < limit && (count == 0 || len(p.bytes)+len(record) <= pageBytes)
}

// decode verifies the copies; it runs after the transaction has ended.
func (p *page) decode(more bool) (Page, error) {
	text := string(p.bytes)
	events := make([]Event, len(p.positions))
	start := 0
	for i, end := range p.ends {
		event, err := decodeRecord(p.positions[i], p.bytes[start:end:end], text[start:end])
		if err != nil {
			return Page{}, err
		}
		events[i] = event
		start = end
	}
	return Page{Events: events, More: more}, nil
}

// ReadAll reads at most limit events of the whole log. Forwards it starts with
// the event at from; backwards with the event before from, because a position
// marks the end of its event in that direction.
//
// Errors: *CorruptionError, ErrClosed.
func (e *Engine) ReadAll(direction Direction, from, limit uint64) (Page, error) {
	last, _ := e.head.get()
	position, remaining := max(from, 1), uint64(0)
	if direction == Backwards {
		position = min(from, last+1) - min(from, 1)
		remaining = position
	} else if position <= last {
		remaining = last - position + 1
	}
	var collected page
	err := e.view(func(tx *bbolt.Tx) error {
		collected = page{}
		cursor := tx.Bucket([]byte(bucketLog)).Cursor()
		key, record := cursor.Seek(positionKey(position))
		for wanted := remaining; wanted > 0; wanted-- {
			if len(key) != 8 || binary.BigEndian.Uint64(key) != position {
				return &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the record is missing"}
			}
			if !collected.hasRoom(limit, record) {
				break
			}
			collected.add(position, record, min(wanted, limit))
			if direction == Backwards {
				position--
				key, record = cursor.Prev()
			} else {
				position++
				key, record = cursor.Next()
			}
		}
		if direction == Forwards && len(collected.bytes) > pageBytes/2 {
			e.fetchAhead(tx, position-1)
		}
		return nil
	})
	if err != nil {
		return Page{}, err
	}
	result, err := collected.decode(uint64(len(collected.positions)) < remaining)
	return result, e.inFile(err)
}

// Latest asks a backward read to start with the last event.
const Latest = math.MaxUint64

// ReadStream reads at most limit events of one stream, starting with the event
// at from. Backwards, a revision beyond the end means the last event; forwards
// it reads nothing.
//
// Errors: ErrStreamNotFound, *CorruptionError, ErrClosed.
func (e *Engine) ReadStream(direction Direction, stream string, from, limit uint64) (Page, error) {
	last, _ := e.head.get()
	var collected page
	more := false
	err := e.view(func(tx *bbolt.Tx) error {
		h, exists, err := visibleHead(tx, stream, last)
		if err != nil {
			return err
		}
		if !exists {
			return ErrStreamNotFound
		}
		collected, more, err = collectStream(tx, h, direction, from, limit)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	result, err := collected.decode(more)
	if err != nil {
		return Page{}, e.inFile(err)
	}
	for i := range result.Events {
		if result.Events[i].Stream != stream {
			return Page{}, e.inFile(&CorruptionError{Bucket: bucketIndex, Position: result.Events[i].Position, Problem: "the record belongs to another stream"})
		}
	}
	return result, nil
}

// LastRevision returns the revision of the stream's last event.
//
// Errors: ErrStreamNotFound, *CorruptionError, ErrClosed.
func (e *Engine) LastRevision(stream string) (uint64, error) {
	last, _ := e.head.get()
	var revision uint64
	err := e.view(func(tx *bbolt.Tx) error {
		h, exists, err := visibleHead(tx, stream, last)
		if err == nil && !exists {
			return ErrStreamNotFound
		}
		revision = h.revision
		return err
	})
	return revision, err
}

// visibleHead is the state of a stream up to the last durable position.
func visibleHead(tx *bbolt.Tx, stream string, last uint64) (head, bool, error) {
	h, exists, err := getHead(tx, stream)
	for err == nil && exists {
		key := indexKey(h.number, h.revision)
		position, indexErr := decodeIndex(key, tx.Bucket([]byte(bucketIndex)).Get(key))
		if indexErr != nil {
			return head{}, false, indexErr
		}
		if position <= last {
			return h, true, nil
		}
		// The transaction is newer than the last published commit.
		if h.revision == 0 {
			return head{}, false, nil
		}
		h.revision--
	}
	return head{}, false, err
}

// collectStream copies a page of one stream.
func collectStream(tx *bbolt.Tx, h head, direction Direction, from, limit uint64) (page, bool, error) {
	var collected page
	remaining, revision := uint64(0), from
	switch {
	case direction == Backwards:
		revision = min(from, h.revision)
		remaining = revision + 1
	case from <= h.revision:
		remaining = h.revision - from + 1
	}
	log := tx.Bucket([]byte(bucketLog))
	cursor := tx.Bucket([]byte(bucketIndex)).Cursor()
	wanted := indexKey(h.number, revision)
	key, sealed := cursor.Seek(wanted)
	for ; remaining > 0; remaining-- {
		if string(key) != string(wanted) {
			return page{}, false, &CorruptionError{Bucket: bucketIndex, Problem: fmt.Sprintf("the entry %x is missing", wanted)}
		}
		position, err := decodeIndex(key, sealed)
		if err != nil {
			return page{}, false, err
		}
		record := log.Get(positionKey(position))
		if record == nil {
			return page{}, false, &CorruptionError{Bucket: bucketLog, Position: position, Problem: "the record is missing"}
		}
		if !collected.hasRoom(limit, record) {
			break
		}
		collected.add(position, record, min(remaining, limit))
		if direction == Backwards {
			revision--
			key, sealed = cursor.Prev()
		} else {
			revision++
			key, sealed = cursor.Next()
		}
		wanted = indexKey(h.number, revision)
	}
	return collected, remaining > 0, nil
}
