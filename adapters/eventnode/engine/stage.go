package engine

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// stage is a batch being written: the transaction plus what it changes in the
// writer's caches once it is durable.
type stage struct {
	engine *Engine
	tx     *bbolt.Tx
	next   uint64
	// created is one instant for the whole batch, in ticks.
	created int64
	heads   map[string]head
	log     *bbolt.Bucket
	index   *bbolt.Bucket
	streams *bbolt.Bucket
}

func newStage(e *Engine, tx *bbolt.Tx) *stage {
	s := &stage{
		engine:  e,
		tx:      tx,
		next:    e.next,
		created: e.clock().UnixNano() / 100,
		heads:   make(map[string]head),
		log:     tx.Bucket([]byte(bucketLog)),
		index:   tx.Bucket([]byte(bucketIndex)),
		streams: tx.Bucket([]byte(bucketStreams)),
	}
	// Positions only grow, so pages that split are never filled up later.
	s.log.FillPercent = 1
	return s
}

// apply checks one append and writes it into the transaction. The outcome
// carries a refusal; the error means that the batch cannot go on.
func (s *stage) apply(a *Append) (outcome, error) {
	current, exists, err := s.head(a.Stream)
	if err != nil {
		return outcome{err: err}, nil //nolint:nilerr // The outcome carries it to the one whose append it is; the batch goes on.
	}
	d, err := s.decide(a, current, exists)
	if err != nil {
		return outcome{err: err}, nil //nolint:nilerr // The outcome carries it to the one whose append it is; the batch goes on.
	}
	if d.duplicate {
		return outcome{result: d.original}, nil
	}
	result, err := s.write(a, current, exists)
	return outcome{result: result}, err
}

// head is the stream's state as this batch sees it.
func (s *stage) head(stream string) (head, bool, error) {
	if h, staged := s.heads[stream]; staged {
		return h, true, nil
	}
	if h, cached := s.engine.heads.get(stream); cached {
		return h, true, nil
	}
	return getHead(s.tx, stream)
}

// write puts the events behind the stream's last one.
func (s *stage) write(a *Append, current head, exists bool) (Result, error) {
	revision := current.revision + 1
	if !exists {
		number, err := s.streams.NextSequence()
		if err != nil {
			return Result{}, fmt.Errorf("number stream: %w", err)
		}
		current.number, revision = number, 0
	}
	for i := range a.Events {
		n := &a.Events[i]
		event := Event{
			Position: s.next, Stream: a.Stream, Revision: revision, ID: n.ID, Type: n.Type,
			IsJSON: n.IsJSON, Created: s.created, Metadata: n.Metadata, Data: n.Data,
		}
		if err := s.log.Put(positionKey(s.next), encodeRecord(&event)); err != nil {
			return Result{}, fmt.Errorf("write record: %w", err)
		}
		key := indexKey(current.number, revision)
		if err := s.index.Put(key, seal(key, positionKey(s.next))); err != nil {
			return Result{}, fmt.Errorf("write index: %w", err)
		}
		// The id is known to later requests of this batch too. If the commit
		// fails the engine takes no more writes, so it cannot be believed wrongly.
		s.engine.ids.put(n.ID, knownID{stream: current.number, revision: revision, position: s.next})
		current.revision = revision
		s.next++
		revision++
	}
	s.heads[a.Stream] = current
	return Result{Revision: int64(current.revision), Position: s.next - 1}, nil
}

// finish writes what changed once per batch.
func (s *stage) finish() error {
	if s.next == s.engine.next {
		return errNothingStaged
	}
	for name, h := range s.heads {
		if err := putHead(s.tx, name, h); err != nil {
			return fmt.Errorf("write stream: %w", err)
		}
	}
	return putNumber(s.tx, keyNext, s.next)
}

// publish makes the durable batch visible to later batches and to readers.
func (s *stage) publish() {
	for name, h := range s.heads {
		s.engine.heads.put(name, h)
	}
	s.engine.next = s.next
	s.engine.head.set(s.next - 1)
}
