package projections

import (
	"context"
	"errors"
	"sync"
	"time"

	"praxis/domain/es"
)

// The bounds of an inbox: how many batches it holds, and how long a full one
// may hold up the subscription before its projection is left to catch up alone.
const (
	inboxBatches = 8
	inboxStall   = time.Second
)

// errOverrun says that a projection fell too far behind its feed and must get
// what it missed from another.
var errOverrun = errors.New("the projection fell behind the others")

// idleWait is how long a projection that is catching up rests between two steps
// over stretches without events: each is a transaction, and a crash only costs
// passing over the stretch again.
const idleWait = time.Second

// inbox holds the events that a feed delivered to one projection and that it has
// not taken yet. One goroutine puts, one takes.
type inbox struct {
	// from is where it began.
	from    es.Position
	limit   int
	filled  chan struct{}
	drained chan struct{}

	mu    sync.Mutex
	items []*item
	// last covers everything that was put or noted; nothing up to it is taken again.
	last   es.Position
	idle   es.Position
	live   bool
	closed bool
}

// newInbox makes the inbox of a projection that is at a position.
func newInbox(limit int, at es.Position) *inbox {
	return &inbox{from: at, limit: limit, last: at, filled: make(chan struct{}, 1), drained: make(chan struct{}, 1)}
}

// put adds an event, waiting for room. A projection that makes no room in time
// loses its inbox, so that one stuck projection cannot hold up the others.
func (in *inbox) put(ctx context.Context, it *item) {
	var stalled <-chan time.Time
	for {
		in.mu.Lock()
		if in.closed || !in.last.Before(it.recorded.Position) {
			in.mu.Unlock()
			return
		}
		if len(in.items) < in.limit {
			in.items, in.last = append(in.items, it), it.recorded.Position
			in.mu.Unlock()
			wake(in.filled)
			return
		}
		in.mu.Unlock()
		if stalled == nil {
			t := time.NewTimer(inboxStall)
			defer t.Stop()
			stalled = t.C
		}
		select {
		case <-in.drained:
		case <-stalled:
			in.close()
		case <-ctx.Done():
			return
		}
	}
}

// note records that no further event exists up to p.
func (in *inbox) note(p es.Position) {
	in.mu.Lock()
	if in.last.Before(p) {
		in.idle, in.last = p, p
	}
	in.mu.Unlock()
	wake(in.filled)
}

// setLive says whether everything recorded so far was delivered.
func (in *inbox) setLive(live bool) {
	in.mu.Lock()
	in.live = live
	in.mu.Unlock()
	wake(in.filled)
}

// close makes the inbox useless to both sides.
func (in *inbox) close() {
	in.mu.Lock()
	in.closed, in.items = true, nil
	in.mu.Unlock()
	wake(in.filled)
	wake(in.drained)
}

// take returns up to size events as soon as that many are there, or any are
// there and either the subscription is live or the first has waited long
// enough. Without events it returns an idle position, once one was noted and the
// subscription is live or the projection has rested.
func (in *inbox) take(ctx context.Context, size int, wait time.Duration) ([]*item, es.Position, error) {
	var waited, rested <-chan time.Time
	due, idle := false, false
	for {
		in.mu.Lock()
		n := min(len(in.items), size)
		switch {
		case in.closed:
			in.mu.Unlock()
			return nil, es.Position{}, errOverrun
		case n == size, n > 0 && (in.live || due):
			taken := in.items[:n:n]
			in.items = in.items[n:]
			in.mu.Unlock()
			wake(in.drained)
			return taken, es.Position{}, nil
		case n == 0 && (in.idle != es.Position{}) && (in.live || idle):
			at := in.idle
			in.idle = es.Position{}
			in.mu.Unlock()
			return nil, at, nil
		}
		noted := in.idle != es.Position{}
		in.mu.Unlock()
		if noted && rested == nil {
			t := time.NewTimer(idleWait)
			defer t.Stop()
			rested = t.C
		}
		if n > 0 && waited == nil {
			t := time.NewTimer(wait)
			defer t.Stop()
			waited = t.C
		}
		select {
		case <-in.filled:
		case <-waited:
			due = true
		case <-rested:
			idle = true
		case <-ctx.Done():
			return nil, es.Position{}, ctx.Err()
		}
	}
}

// wake leaves a token in a channel of capacity one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
