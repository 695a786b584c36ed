package engine

import (
	"context"
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

// request is an append on its way through the writer.
type request struct {
	ctx    context.Context // the request's own, looked at when its turn comes
	append Append
	done   chan outcome
}

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

// drain takes what is already queued; it never waits for company.
func (e *Engine) drain(first *request) []*request {
	batch := []*request{first}
	bytes := first.append.size()
	for len(batch) < batchRequests && bytes < batchBytes {
		select {
		case next, open := <-e.queue:
			if !open {
				return batch
			}
			batch = append(batch, next)
			bytes += next.append.size()
		default:
			return batch
		}
	}
	return batch
}

// commit stores a batch in one durable transaction and answers its requests.
func (e *Engine) commit(batch []*request) {
	outcomes := make([]outcome, len(batch))
	if refused := e.refused.Load(); refused != nil {
		for i := range outcomes {
			outcomes[i].err = refused
		}
		answer(batch, outcomes)
		return
	}
	var staged *stage
	err := e.update(func(tx *bbolt.Tx) error {
		staged = newStage(e, tx)
		for i, r := range batch {
			if r.ctx.Err() != nil {
				outcomes[i].err = fmt.Errorf("%w: %w", ErrNotProcessed, context.Cause(r.ctx))
				continue
			}
			var err error
			if outcomes[i], err = staged.apply(&r.append); err != nil {
				return err
			}
			outcomes[i].err = e.inFile(outcomes[i].err)
		}
		return staged.finish()
	})
	switch {
	case err == nil:
		staged.publish()
	case !errors.Is(err, errNothingStaged):
		// Whether the batch is on the disk is unknown, and so is everything the
		// caches believe. Acknowledging anything now could be a lie.
		refused := &WritesRefusedError{Cause: err, Resumes: isFull(err)}
		e.refuse(refused)
		for i := range outcomes {
			outcomes[i] = outcome{err: fmt.Errorf("%w: %w", ErrOutcomeUnknown, refused)}
		}
	}
	answer(batch, outcomes)
}

// answer hands every request its outcome; the channels have room for it.
func answer(batch []*request, outcomes []outcome) {
	for i, r := range batch {
		r.done <- outcomes[i]
	}
}

// size is what the append counts towards the limits.
func (a *Append) size() int {
	size := 0
	for i := range a.Events {
		size += a.Events[i].Size()
	}
	return size
}
