package engine

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// stage is a batch being written.
type stage struct {
	engine *Engine
	tx     *bbolt.Tx
	// last is the position of the last event, those of the batch included.
	last uint64
	// created is one instant for the whole batch, in ticks.
	created int64
}

func newStage(e *Engine, tx *bbolt.Tx) *stage {
	last, _ := e.Head()
	// Positions only grow, so pages that split are never filled up later.
	tx.Bucket([]byte(bucketLog)).FillPercent = 1
	return &stage{engine: e, tx: tx, last: last, created: e.clock().UnixNano() / 100}
}

// apply checks one append and writes it into the transaction. The outcome
// carries a refusal; the error means that the batch cannot go on.
func (s *stage) apply(a *Append) (outcome, error) {
	stream, err := getHead(s.tx, a.Stream)
	var original *Result
	if err == nil {
		original, err = s.decide(a, stream)
	}
	switch {
	case err != nil:
		return outcome{err: s.engine.inFile(err)}, nil
	case original != nil:
		return outcome{result: *original}, nil
	}
	result, err := s.write(a, stream)
	return outcome{result: result}, err
}

// write puts the events behind the stream's last one.
func (s *stage) write(a *Append, stream head) (Result, error) {
	log, index := s.tx.Bucket([]byte(bucketLog)), s.tx.Bucket([]byte(bucketIndex))
	if stream.count == 0 {
		var err error
		if stream.number, err = s.tx.Bucket([]byte(bucketStreams)).NextSequence(); err != nil {
			return Result{}, fmt.Errorf("number stream: %w", err)
		}
	}
	for i := range a.Events {
		n := &a.Events[i]
		s.last++
		event := Event{NewEvent: *n, Position: s.last, Stream: a.Stream, Revision: stream.count, Created: s.created}
		if err := log.Put(positionKey(s.last), encodeRecord(&event)); err != nil {
			return Result{}, fmt.Errorf("write record: %w", err)
		}
		key := indexKey(stream.number, event.Revision)
		if err := index.Put(key, seal(key, positionKey(s.last))); err != nil {
			return Result{}, fmt.Errorf("write index: %w", err)
		}
		// The id is known to later requests of this batch too. If the commit
		// fails the engine takes no more writes, so it cannot be believed wrongly.
		s.engine.ids.Add(n.ID, knownID{stream: stream.number, revision: event.Revision, position: s.last})
		stream.count++
	}
	if err := putHead(s.tx, a.Stream, stream); err != nil {
		return Result{}, fmt.Errorf("write stream: %w", err)
	}
	return Result{Revision: stream.last(), Position: s.last}, nil
}

// finish writes what changes once per batch.
func (s *stage) finish() error {
	if last, _ := s.engine.Head(); s.last == last {
		return errNothingStaged
	}
	return putNumber(s.tx, keyNext, s.last+1)
}
