package commands

import (
	"context"
	"sync"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// How much of what waits for its record goes into one append, and how much may wait.
const (
	commitEvents  = es.MaxAppendSize
	commitBytes   = es.MaxAppendBytes
	commitWaiting = 4096
)

// errNotRecorded answers who was not shown what could not be recorded.
var errNotRecorded = fault.New(fault.Unavailable, "access_not_recorded", "The access could not be recorded, and so nothing is shown. Try again shortly.")

// groupCommit appends what concurrent callers hand it for the same stream with one append:
// whatever arrives while one is under way waits for the next, together. A caller alone
// waits for nothing but its own append.
type groupCommit struct {
	store Store
	mu    sync.Mutex
	lanes map[es.Stream]*commitLane
	// waiting counts what was handed in and is not appended yet.
	waiting int
}

// commitLane is what waits for one stream. It exists for as long as something does.
type commitLane struct{ waiting []commitEntry }

type commitEntry struct {
	events []es.Proposed
	bytes  int
	done   chan<- error
}

// append appends events to the end of a stream, whatever it holds, durably before it
// returns; ctx bounds the waiting, not the append. Fault: "access_not_recorded".
func (g *groupCommit) append(ctx context.Context, stream es.Stream, events ...es.Proposed) error {
	done := make(chan error, 1)
	entry := commitEntry{events: events, done: done}
	for _, e := range events {
		entry.bytes += len(e.Data) + len(e.Metadata)
	}
	g.mu.Lock()
	if g.waiting >= commitWaiting {
		g.mu.Unlock()
		return errNotRecorded
	}
	g.waiting++
	lane, busy := g.lanes[stream]
	if !busy {
		lane = &commitLane{}
		g.lanes[stream] = lane
	}
	lane.waiting = append(lane.waiting, entry)
	g.mu.Unlock()
	if !busy {
		// The one who comes first does not do the others' work: it would wait for theirs.
		go g.run(context.WithoutCancel(ctx), stream, lane)
	}
	select {
	case err := <-done:
		if err != nil {
			return errNotRecorded.Because(err)
		}
		return nil
	case <-ctx.Done():
		return errNotRecorded.Because(context.Cause(ctx))
	}
}

// run appends what waits in a lane until nothing does.
func (g *groupCommit) run(ctx context.Context, stream es.Stream, lane *commitLane) {
	for {
		batch := g.take(stream, lane)
		if batch == nil {
			return
		}
		var events []es.Proposed
		for _, entry := range batch {
			events = append(events, entry.events...)
		}
		err := g.appendNow(ctx, stream, events)
		for _, entry := range batch {
			entry.done <- err
		}
	}
}

func (g *groupCommit) appendNow(ctx context.Context, stream es.Stream, events []es.Proposed) (err error) {
	defer func() {
		if p := recover(); p != nil { // Those who wait are told, whatever happened.
			caught := fault.Recovered(p)
			err = errNotRecorded.Because(caught)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, recordingTime)
	defer cancel()
	_, err = g.store.Append(ctx, stream, es.AnyRevision, events)
	return err
}

// take returns the next batch of a lane; nil, and the lane ends, if nothing waits.
func (g *groupCommit) take(stream es.Stream, lane *commitLane) []commitEntry {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, events, bytes := 0, 0, 0
	for n < len(lane.waiting) {
		events, bytes = events+len(lane.waiting[n].events), bytes+lane.waiting[n].bytes
		if n > 0 && (events > commitEvents || bytes > commitBytes) {
			break
		}
		n++
	}
	batch := lane.waiting[:n:n]
	if lane.waiting = lane.waiting[n:]; n == 0 {
		delete(g.lanes, stream)
		return nil
	}
	g.waiting -= n
	return batch
}
