package projections

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"praxis/domain/es"
	"praxis/internal/retry"
)

// hub hands the events of the log to the projections, decoded once for all that
// share a feed. The first feed is the main one: projections that keep up are its
// members. One that is too far behind it gets its events from another feed,
// which ends when it has reached the main one and handed its members over. So a
// new, resumed or stuck projection holds back no other.
type hub struct {
	runner *Runner
	work   sync.WaitGroup

	// mu guards everything below, that of the feeds included.
	mu    sync.Mutex
	feeds []*feed
}

// feed is one subscription and the projections that get its events.
type feed struct {
	hub *hub
	end context.CancelFunc

	// position is where everything was handed out up to.
	position es.Position
	live     bool
	members  map[*inbox]struct{}
}

// errFeedEnded is a feed that ended without an error and without being asked to.
var errFeedEnded = errors.New("the subscription ended")

// newHub makes the feeds that begin at some positions, the main one first. They
// stand still until begin is called, so that a projection that joins before
// misses no event.
func newHub(r *Runner, starts []es.Position) *hub {
	h := &hub{runner: r}
	for _, at := range starts {
		h.add(at)
	}
	return h
}

func (h *hub) add(after es.Position) *feed {
	f := &feed{hub: h, end: func() {}, position: after, members: map[*inbox]struct{}{}}
	h.feeds = append(h.feeds, f)
	return f
}

// begin lets the feeds run until ctx ends.
func (h *hub) begin(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.feeds {
		h.start(ctx, f)
	}
}

// start runs a feed. The caller holds the lock.
func (h *hub) start(ctx context.Context, f *feed) {
	ctx, f.end = context.WithCancel(ctx)
	h.work.Go(func() { f.run(ctx) })
}

// join returns an inbox that gets every event after a position: from the
// furthest feed that has not passed it yet, or else from a new one.
func (h *hub) join(ctx context.Context, after es.Position) *inbox {
	h.mu.Lock()
	defer h.mu.Unlock()
	in, joined := h.enter(after)
	if !joined {
		h.start(ctx, h.add(after))
		in, _ = h.enter(after)
	}
	return in
}

// enter joins the furthest feed that has not passed a position yet, if there is
// one. The caller holds the lock, or is the only one who knows the hub.
func (h *hub) enter(after es.Position) (in *inbox, joined bool) {
	var best *feed
	for _, f := range h.feeds {
		if !after.Before(f.position) && (best == nil || best.position.Before(f.position)) {
			best = f
		}
	}
	if best == nil {
		return nil, false
	}
	in = newInbox(inboxBatches*h.runner.BatchSize, after)
	in.live = best.live
	best.members[in] = struct{}{}
	return in, true
}

// leave gives an inbox back. A feed other than the main one ends with its last
// member.
func (h *hub) leave(in *inbox) {
	h.mu.Lock()
	for i, f := range h.feeds {
		if _, member := f.members[in]; !member {
			continue
		}
		delete(f.members, in)
		if i > 0 && len(f.members) == 0 {
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
	defer f.end()
	loop := retry.Loop{What: "the subscription of the read models", Logger: f.hub.runner.Logger}
	for ctx.Err() == nil {
		err := f.follow(ctx, loop.Worked)
		if ctx.Err() != nil {
			return
		}
		loop.Failed(err.Error())
		f.hub.runner.Observer.Retried("")
		if loop.Pause(ctx) != nil {
			return
		}
	}
}

// follow delivers one subscription until it breaks; worked is called for every
// signal.
func (f *feed) follow(ctx context.Context, worked func()) error {
	f.setLive(false)
	if check := f.hub.runner.Check; check != nil {
		if err := check(ctx); err != nil {
			return err
		}
	}
	for signal, err := range f.hub.runner.Source.Subscribe(ctx, f.hub.runner.Categories, f.at()) {
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

// deliver hands one event to the members of this moment. A projection that
// joins later has learnt a position that covers the event.
func (f *feed) deliver(ctx context.Context, rec es.Recorded) {
	f.hub.mu.Lock()
	if !f.position.Before(rec.Position) {
		f.hub.mu.Unlock()
		return
	}
	f.position = rec.Position
	members := slices.Collect(maps.Keys(f.members))
	f.hub.mu.Unlock()
	if len(members) == 0 {
		return
	}
	it := f.hub.runner.decode(rec)
	for _, in := range members {
		in.put(ctx, it)
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

// merge hands the members over to the main feed once it is not ahead any more.
// An inbox drops what it gets twice.
func (f *feed) merge() {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	main := f.hub.feeds[0]
	if f == main || f.position.Before(main.position) {
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

// at returns the position up to which everything was handed out.
func (f *feed) at() es.Position {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	return f.position
}
