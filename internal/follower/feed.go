package follower

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"praxis/domain/es"
	"praxis/internal/retry"
)

// hub hands the events of the log to the members, read and decoded once for all
// that share a feed. The first feed is the main one: members that keep up are its
// members. One that is too far behind it gets its events from another feed, which
// ends when it has reached the main one and handed its members over. So a new,
// resumed or slow member holds back no other.
type hub struct {
	config *Config
	// ctx is that of every feed.
	ctx  context.Context //nolint:containedctx // The feeds are shared by members that come and go; they live as long as the hub.
	work sync.WaitGroup

	// mu guards everything below, that of the feeds included.
	mu    sync.Mutex
	feeds []*feed
	// arriving counts the members that this process leads and that are about to join, and
	// arrived is closed when there is none any more.
	arriving int
	arrived  chan struct{}
}

// expect says that a member is about to join. The function that it returns says, once or
// more often, that it did or will not.
func (h *hub) expect() (done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.arriving++; h.arriving == 1 {
		h.arrived = make(chan struct{})
	}
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.arriving--; h.arriving == 0 {
			close(h.arrived)
		}
	})
}

// gather waits for the members that are about to join.
func (h *hub) gather(ctx context.Context) error {
	if err := retry.Sleep(ctx, gathering); err != nil {
		return err
	}
	h.mu.Lock()
	arrived := h.arrived
	h.mu.Unlock()
	most := time.NewTimer(mostGathering)
	defer most.Stop()
	select {
	case <-arrived:
	case <-most.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// feed is one subscription and the members that get its events.
type feed struct {
	hub *hub
	end context.CancelFunc

	// begun says that it began; before that, members with earlier positions may join.
	begun bool
	// position is where everything was handed out up to.
	position es.Position
	live     bool
	members  map[*inbox]struct{}
}

const (
	// gathering is how long a new feed waits for members that join at the same time, as
	// they do at the start, so that one pass over the log serves them all; and at most how
	// long for those of which this process has just begun to lead.
	gathering     = 10 * time.Millisecond
	mostGathering = time.Second
	// nearby is how far apart, by commit position, members may be and still share a new
	// feed. A position is a place in the bytes of a server's log.
	nearby = 4 << 20
)

// errFeedEnded is a feed that ended without an error and without being asked to.
var errFeedEnded = errors.New("the subscription ended")

// join returns an inbox that gets every event of some categories after a position:
// from the furthest feed that has not passed it yet, or else from a new one.
func (h *hub) join(wants []es.Category, after es.Position) *inbox {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feedFor(after)
	if f == nil {
		f = &feed{hub: h, position: after, members: map[*inbox]struct{}{}}
		h.feeds = append(h.feeds, f)
		h.start(f)
	}
	if after.Before(f.position) {
		f.position = after
	}
	in := newInbox(wants, inboxBatches*h.config.BatchSize, after)
	in.live = f.live
	f.members[in] = struct{}{}
	return in
}

// feedFor returns the feed that a member at a position joins; nil if there is none.
// The caller holds the lock.
func (h *hub) feedFor(after es.Position) *feed {
	var best *feed
	for _, f := range h.feeds {
		fits := !after.Before(f.position) || !f.begun && f.position.Commit-after.Commit < nearby
		if fits && (best == nil || best.position.Before(f.position)) {
			best = f
		}
	}
	return best
}

// start runs a feed. The caller holds the lock.
func (h *hub) start(f *feed) {
	ctx, end := context.WithCancel(h.ctx)
	f.end = end
	h.work.Go(func() {
		defer end()
		if h.gather(ctx) == nil {
			f.run(ctx)
		}
	})
}

// leave gives an inbox back. A feed ends with its last member.
func (h *hub) leave(in *inbox) {
	h.mu.Lock()
	for _, f := range h.feeds {
		if _, member := f.members[in]; !member {
			continue
		}
		delete(f.members, in)
		if len(f.members) == 0 {
			h.remove(f)
		}
		break
	}
	h.mu.Unlock()
	in.close()
}

// remove ends a feed. The caller holds the lock.
func (h *hub) remove(f *feed) {
	h.feeds = slices.DeleteFunc(h.feeds, func(other *feed) bool { return other == f })
	f.end()
}

// run keeps the subscription up until ctx ends.
func (f *feed) run(ctx context.Context) {
	c := f.hub.config
	loop := retry.Loop{What: "the subscription to the event log", Logger: c.Logger}
	for ctx.Err() == nil {
		err := f.follow(ctx, loop.Worked)
		if ctx.Err() != nil {
			return
		}
		loop.Failed(err.Error())
		c.Retried("")
		// The only error is that of ctx, which the loop checks.
		_ = loop.Pause(ctx)
	}
}

// follow delivers one subscription until it breaks; worked is called for every
// signal.
func (f *feed) follow(ctx context.Context, worked func()) error {
	f.setLive(false)
	c := f.hub.config
	if err := c.Check(ctx); err != nil {
		return err
	}
	for signal, err := range c.Log.Subscribe(ctx, c.Categories, f.begin()) {
		switch {
		case err != nil:
			return err
		case signal.Event != nil:
			f.deliver(ctx, *signal.Event)
		case signal.Checkpoint != nil:
			f.advance(*signal.Checkpoint)
		case signal.CaughtUp:
			f.setLive(true)
		}
		worked()
		f.merge()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errFeedEnded
}

// begin returns the position up to which everything was handed out. From now on no
// member with an earlier one joins.
func (f *feed) begin() es.Position {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	f.begun = true
	return f.position
}

// deliver hands one event to those of the members of this moment that consume it. A
// member that joins later has learnt a position that covers the event.
func (f *feed) deliver(ctx context.Context, rec es.Recorded) {
	f.hub.mu.Lock()
	if !f.position.Before(rec.Position) {
		f.hub.mu.Unlock()
		return
	}
	f.position = rec.Position
	var consumers []*inbox
	for in := range f.members {
		if in.isFor(rec.Stream) {
			consumers = append(consumers, in)
		} else {
			in.note(rec.Position)
		}
	}
	f.hub.mu.Unlock()
	if len(consumers) == 0 {
		return
	}
	e := Decode(f.hub.config.Registry, rec)
	for _, in := range consumers {
		in.put(ctx, e)
	}
}

// advance passes on that no event exists up to p.
func (f *feed) advance(p es.Position) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	if !f.position.Before(p) {
		return
	}
	f.position = p
	for in := range f.members {
		in.note(p)
	}
}

// merge hands the members over to the main feed once it is not ahead any more. An
// inbox drops what it gets twice.
func (f *feed) merge() {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	if len(f.hub.feeds) == 0 {
		return
	}
	main := f.hub.feeds[0]
	if f == main || !main.begun || f.position.Before(main.position) {
		return
	}
	for in := range f.members {
		in.setLive(main.live)
	}
	maps.Copy(main.members, f.members)
	f.members = nil
	f.hub.remove(f)
}

// setLive passes on whether everything recorded so far was delivered.
func (f *feed) setLive(live bool) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	f.live = live
	for in := range f.members {
		in.setLive(live)
	}
}
