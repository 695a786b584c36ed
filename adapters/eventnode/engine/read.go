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
	stream    string // of all the records, none if they are of any
	limit     uint64
	bytes     []byte
	ends      []int
	positions []uint64
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
	collected, more, err := e.collectAll(direction, from, limit)
	if err != nil {
		return Page{}, err
	}
	events, err := collected.decode()
	return Page{Events: events, More: more}, e.inFile(err)
}

// collectAll copies what ReadAll returns.
func (e *Engine) collectAll(direction Direction, from, limit uint64) (collected page, more bool, err error) {
	last, _ := e.Head()
	position := max(from, 1)
	remaining := max(last+1, position) - position
	if direction == Backwards {
		position = min(from, last+1) - min(from, 1)
		remaining = position
	}
	collected = page{limit: limit}
	err = e.view(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketLog)).Cursor()
		move, difference := direction.step(cursor)
		key, record := cursor.Seek(positionKey(position))
		for ; remaining > 0; remaining-- {
			if len(key) != 8 || binary.BigEndian.Uint64(key) != position {
				return missingRecord(position)
			}
			if !collected.add(position, record, remaining) {
				break
			}
			position += difference
			key, record = move()
		}
		if direction == Forwards && len(collected.bytes) > pageBytes/2 && record != nil {
			e.fetchAhead(tx, record)
		}
		return nil
	})
	return collected, remaining > 0, err
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
