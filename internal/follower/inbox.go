package follower

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"praxis/domain/es"
)

// The bounds of an inbox: how many batches it holds, and how long it may be full,
// time in which it was filled faster than it was emptied included, before its member
// is left to catch up alone.
const (
	inboxBatches = 8
	inboxStall   = time.Second
)

// errOverrun says that a member fell too far behind its feed and must get what it
// missed from another.
var errOverrun = errors.New("the member fell behind the others")

// inbox holds the events that a feed delivered to one member and that it has not
// taken yet. One goroutine puts, one takes.
type inbox struct {
	wants   []es.Category
	limit   int
	filled  chan struct{}
	drained chan struct{}

	mu    sync.Mutex
	items []*Event
	// last covers everything that was put or noted; nothing up to it is put again.
	last es.Position
	// taken is what last was when everything was taken.
	taken es.Position
	live  bool
	// full is since when the inbox was not empty again after it had been full.
	full   time.Time
	closed bool
}

// newInbox makes the inbox of a member that is at a position.
func newInbox(wants []es.Category, limit int, at es.Position) *inbox {
	return &inbox{wants: wants, limit: limit, last: at, taken: at, filled: make(chan struct{}, 1), drained: make(chan struct{}, 1)}
}

// isFor reports whether the member consumes events of a stream.
func (in *inbox) isFor(s es.Stream) bool { return slices.Contains(in.wants, s.Category()) }

// put adds an event, waiting for room. A member that makes no room in time, or not
// enough of it, loses its inbox, so that a slow member cannot hold up the others.
func (in *inbox) put(ctx context.Context, e *Event) {
	for {
		in.mu.Lock()
		if in.closed || !in.last.Before(e.Recorded.Position) {
			in.mu.Unlock()
			return
		}
		if len(in.items) < in.limit {
			in.items, in.last = append(in.items, e), e.Recorded.Position
			in.mu.Unlock()
			wake(in.filled)
			return
		}
		if in.full.IsZero() {
			in.full = time.Now()
		}
		left := inboxStall - time.Since(in.full)
		in.mu.Unlock()
		if left <= 0 {
			in.close()
			return
		}
		stalled := time.NewTimer(left)
		select {
		case <-in.drained:
		case <-stalled.C:
		case <-ctx.Done():
			stalled.Stop()
			return
		}
		stalled.Stop()
	}
}

// note records that no further event exists up to p.
func (in *inbox) note(p es.Position) {
	in.mu.Lock()
	if in.last.Before(p) {
		in.last = p
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

// take returns a portion of up to size events: as soon as that many are there, or
// any are there and either the subscription is live or the first has waited long
// enough. Where there is no event, it returns a portion without one as soon as a live
// subscription passed over something, and with every tick.
func (in *inbox) take(ctx context.Context, size int, wait time.Duration, ticks <-chan time.Time) (Portion, error) {
	var waited <-chan time.Time
	due, ticked := false, false
	select {
	case <-ticks:
		ticked = true
	default:
	}
	for {
		in.mu.Lock()
		n := min(len(in.items), size)
		switch {
		case in.closed:
			in.mu.Unlock()
			return Portion{}, errOverrun
		case n == size, n > 0 && (in.live || due), n == 0 && (ticked || in.live && in.taken.Before(in.last)):
			p := in.portion(n)
			p.Tick = ticked
			in.mu.Unlock()
			wake(in.drained)
			return p, nil
		}
		in.mu.Unlock()
		if n > 0 && waited == nil {
			t := time.NewTimer(wait)
			defer t.Stop()
			waited = t.C
		}
		select {
		case <-in.filled:
		case <-waited:
			due = true
		case <-ticks:
			ticked = true
		case <-ctx.Done():
			return Portion{}, ctx.Err()
		}
	}
}

// portion takes n events out. The caller holds the lock.
func (in *inbox) portion(n int) Portion {
	p := Portion{Events: in.items[:n:n]}
	in.items = in.items[n:]
	if len(in.items) > 0 {
		p.UpTo = p.Events[n-1].Recorded.Position
		return p
	}
	in.full, in.taken = time.Time{}, in.last
	p.UpTo, p.Live = in.last, in.live
	return p
}

// wake leaves a token in a channel of capacity one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
