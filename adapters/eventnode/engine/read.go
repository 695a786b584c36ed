package engine

import (
	"encoding/binary"
	"fmt"
	"math"

	"go.etcd.io/bbolt"
)

// pageBytes bounds what one read copies. A single larger event is still read.
const pageBytes = 256 << 10

// seenMost bounds the bytes of the records that one read looks at, so that none holds a
// transaction for long.
const seenMost = 16 * pageBytes

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
	// Last is the position of the last event that a read of the whole log looked at,
	// whether it is among Events or did not pass; 0 for none.
	Last uint64
}

// Passes chooses events by the name of their stream and by their type. It must not keep
// either.
type Passes func(stream, kind []byte) bool

// page collects copies of records inside a transaction.
type page struct {
	stream    string // of all the records, none if they are of any
	limit     uint64
	bytes     []byte
	ends      []int
	positions []uint64
	last      uint64 // looked at
}

// add copies a record; false says that there is no room for it, which there always
// is for the first. That one sizes the page: up to wanted records of about its
// length, so that a long read does not grow its memory step by step and a short one
// does not ask for a whole page.
func (p *page) add(position uint64, record []byte, wanted uint64) bool {
	count := uint64(len(p.positions))
	if count >= p.limit || (count > 0 && len(p.bytes)+len(record) > pageBytes) {
		return false
	}
	if count == 0 {
		count = min(wanted, p.limit, pageBytes/uint64(len(record)+1)+1)
		p.bytes = make([]byte, 0, count*uint64(len(record)))
		p.ends = make([]int, 0, count)
		p.positions = make([]uint64, 0, count)
	}
	p.bytes = append(p.bytes, record...)
	p.ends = append(p.ends, len(p.bytes))
	p.positions = append(p.positions, position)
	return true
}

// decode verifies the copies; it runs after the transaction has ended.
func (p *page) decode() ([]Event, error) {
	text := string(p.bytes)
	events := make([]Event, len(p.positions))
	start := 0
	for i, end := range p.ends {
		event, err := decodeRecord(p.positions[i], p.bytes[start:end:end], text[start:end])
		if err == nil && p.stream != "" && event.Stream != p.stream {
			err = &CorruptionError{Bucket: bucketIndex, Position: event.Position, Problem: "the record belongs to another stream"}
		}
		if err != nil {
			return nil, err
		}
		events[i], start = event, end
	}
	return events, nil
}

// step returns how a read in a direction moves a cursor, and by what the position
// or revision that is expected there differs: one, or minus one.
func (d Direction) step(cursor *bbolt.Cursor) (move func() (key, value []byte), difference uint64) {
	if d == Backwards {
		return cursor.Prev, math.MaxUint64
	}
	return cursor.Next, 1
}

// ReadAll reads at most limit events of the whole log. Forwards it starts with
// the event at from; backwards with the event before from, because a position
// marks the end of its event in that direction.
//
// Errors: *CorruptionError, ErrClosed.
func (e *Engine) ReadAll(direction Direction, from, limit uint64) (Page, error) {
	return e.ReadPassing(direction, from, limit, nil)
}

// ReadPassing is ReadAll of the events that pass; nil lets all of them. It looks at no more
// than limit events, all of which are verified, and copies only those that pass: the page
// may be empty although there are more.
func (e *Engine) ReadPassing(direction Direction, from, limit uint64, passes Passes) (Page, error) {
	collected, more, err := e.collectAll(direction, from, limit, passes)
	if err != nil {
		return Page{}, e.inFile(err)
	}
	events, err := collected.decode()
	return Page{Events: events, More: more, Last: collected.last}, e.inFile(err)
}

// collectAll copies what ReadPassing returns.
func (e *Engine) collectAll(direction Direction, from, limit uint64, passes Passes) (collected page, more bool, err error) {
	last, _ := e.Head()
	position := max(from, 1)
	remaining := max(last+1, position) - position
	if direction == Backwards {
		position = min(from, last+1) - min(from, 1)
		remaining = position
	}
	collected = page{limit: limit}
	var seen uint64
	var seenBytes int
	err = e.view(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketLog)).Cursor()
		move, difference := direction.step(cursor)
		key, record := cursor.Seek(positionKey(position))
		for ; remaining > 0; remaining-- {
			if len(key) != 8 || binary.BigEndian.Uint64(key) != position {
				return missingRecord(position)
			}
			if seen == limit || seenBytes > seenMost {
				break
			}
			isWanted, err := isPassing(passes, position, record)
			if err != nil {
				return err
			}
			if isWanted && !collected.add(position, record, remaining) {
				break
			}
			seen, seenBytes, collected.last = seen+1, seenBytes+len(record), position
			position += difference
			key, record = move()
		}
		if direction == Forwards && seenBytes > pageBytes/2 && record != nil {
			e.fetchAhead(tx, record)
		}
		return nil
	})
	return collected, remaining > 0, err
}

// isPassing reports whether a record passes. What does not is verified as well, so that a
// damaged one is never passed over.
func isPassing(passes Passes, position uint64, record []byte) (bool, error) {
	if passes == nil {
		return true, nil
	}
	l, err := splitRecord(position, record)
	return err == nil && passes(record[recordHeader:l.kind], record[l.kind:l.metadata]), err
}

// Latest asks a backward read to start with the last event.
const Latest = math.MaxUint64

// ReadStream reads at most limit events of one stream, starting with the event
// at from. Backwards, a revision beyond the end means the last event; forwards
// it reads nothing.
//
// Errors: ErrStreamNotFound, *CorruptionError, ErrClosed.
func (e *Engine) ReadStream(direction Direction, stream string, from, limit uint64) (Page, error) {
	collected := page{stream: stream, limit: limit}
	more := false
	err := e.viewStream(stream, func(tx *bbolt.Tx, h head) (err error) {
		more, err = collected.collect(tx, h, direction, from)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	events, err := collected.decode()
	return Page{Events: events, More: more}, e.inFile(err)
}

// LastRevision returns the revision of the stream's last event.
//
// Errors: ErrStreamNotFound, *CorruptionError, ErrClosed.
func (e *Engine) LastRevision(stream string) (uint64, error) {
	var last uint64
	err := e.viewStream(stream, func(_ *bbolt.Tx, h head) error {
		last = h.count - 1
		return nil
	})
	return last, err
}

// viewStream runs a read transaction with the state of a stream up to the last
// durable position.
func (e *Engine) viewStream(stream string, read func(tx *bbolt.Tx, h head) error) error {
	last, _ := e.Head()
	return e.view(func(tx *bbolt.Tx) error {
		h, err := getHead(tx, stream)
		for ; err == nil && h.count > 0; h.count-- {
			var position uint64
			if position, err = getIndex(tx, h.number, h.count-1); err == nil && position <= last {
				return read(tx, h)
			}
			// The transaction is newer than the last published commit.
		}
		if err != nil {
			return err
		}
		return ErrStreamNotFound
	})
}

// collect copies records of one stream and says whether there are more.
func (p *page) collect(tx *bbolt.Tx, h head, direction Direction, from uint64) (more bool, err error) {
	revision := from
	remaining := max(h.count, from) - from
	if direction == Backwards {
		revision = min(from, h.count-1)
		remaining = revision + 1
	}
	cursor := tx.Bucket([]byte(bucketIndex)).Cursor()
	move, difference := direction.step(cursor)
	wanted := indexKey(h.number, revision)
	key, sealed := cursor.Seek(wanted)
	for ; remaining > 0; remaining-- {
		if string(key) != string(wanted) {
			return false, &CorruptionError{Bucket: bucketIndex, Problem: fmt.Sprintf("the entry %x is missing", wanted)}
		}
		position, err := decodeIndex(key, sealed)
		if err != nil {
			return false, err
		}
		record, err := getRecord(tx, position)
		if err != nil {
			return false, err
		}
		if !p.add(position, record, remaining) {
			return true, nil
		}
		revision += difference
		wanted = indexKey(h.number, revision)
		key, sealed = move()
	}
	return false, nil
}
