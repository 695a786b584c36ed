package engine

import (
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// batchRequests and batchBytes bound what one commit holds, so that a flood
	// of appends does not make the first of them wait for all.
	batchRequests = 512
	batchBytes    = 4 << 20
)

// outcome is the writer's answer to one request.
type outcome struct {
	result Result
	err    error
}

// errNothingStaged rolls a batch back that holds only refusals and duplicates.
var errNothingStaged = errors.New("nothing to commit")

// write is the writer goroutine: it ends when the queue is closed and drained.
func (e *Engine) write() {
	defer close(e.stopped)
	retry := time.NewTicker(resumeInterval)
	defer retry.Stop()
	for {
		select {
		case first, open := <-e.queue:
			if !open {
				return
			}
			e.commit(e.drain(first))
		case <-retry.C:
			e.resume()
		}
	}
}

// drain takes what is already queued. It never waits for company: nothing else takes
// from the queue, so what is in it stays there.
func (e *Engine) drain(first *Pending) []*Pending {
	batch, bytes := []*Pending{first}, first.append.size()
	for len(batch) < batchRequests && bytes < batchBytes && len(e.queue) > 0 {
		next := <-e.queue
		batch = append(batch, next)
		bytes += next.append.size()
	}
	return batch
}

// commit stores a batch in one durable transaction and answers its requests.
func (e *Engine) commit(batch []*Pending) {
	if refused := e.refused.Load(); refused != nil {
		for _, r := range batch {
			r.done <- outcome{err: refused}
		}
		return
	}
	outcomes := make([]outcome, len(batch))
	var staged *stage
	err := e.update(func(tx *bbolt.Tx) error {
		staged = newStage(e, tx)
		for i, r := range batch {
			if r.ctx.Err() != nil {
				outcomes[i].err = notProcessed(r.ctx)
				continue
			}
			var err error
			if outcomes[i], err = staged.apply(&r.append); err != nil {
				return err
			}
		}
		return staged.finish()
	})
	switch {
	case err == nil:
		e.head.set(staged.last)
	case !errors.Is(err, errNothingStaged):
		// Whether the batch is on the disk is unknown, and so is everything the
		// writer believes. Acknowledging anything now could be a lie.
		refused := &WritesRefusedError{Cause: err, Resumes: isFull(err)}
		e.refuse(refused)
		for i := range outcomes {
			outcomes[i] = outcome{err: fmt.Errorf("%w: %w", ErrOutcomeUnknown, refused)}
		}
	}
	// The channels have room for it.
	for i, r := range batch {
		r.done <- outcomes[i]
	}
}
