package projections

import (
	"context"
	"errors"
	"sync"

	"praxis/domain/es"
)

// feeder reads the one subscription and hands each event, decoded once, to
// every projection that has joined. Projections that are behind its position
// read what they miss from the store by themselves and join afterwards, so a
// new or resumed projection never holds back the others.
type feeder struct {
	runner *Runner

	mu       sync.Mutex
	position es.Position
	live     bool
	members  map[*inbox]struct{}
}

func newFeeder(r *Runner, from es.Position) *feeder {
	return &feeder{runner: r, position: from, members: map[*inbox]struct{}{}}
}

// errFeedEnded is a feed that ended without an error and without being asked to.
var errFeedEnded = errors.New("the subscription ended")

// run keeps the subscription up until ctx ends.
func (f *feeder) run(ctx context.Context) {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		before := f.at()
		err := f.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if before.Before(f.at()) {
			attempt = 1
		}
		f.runner.Logger.WarnContext(ctx, "subscription broke; subscribing again", "after", f.at().String(), "error", err)
		f.runner.Observer.Retried("")
		if pause(ctx, attempt) != nil {
			return
		}
	}
}

// follow delivers one subscription until it breaks.
func (f *feeder) follow(ctx context.Context) error {
	f.setLive(false)
	for signal, err := range f.runner.Source.Subscribe(ctx, f.runner.Categories, f.at()) {
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
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errFeedEnded
}

// deliver hands one event to the members of this moment. Whoever joins later
// has learnt a position that covers the event.
func (f *feeder) deliver(ctx context.Context, rec es.Recorded) {
	f.mu.Lock()
	if !f.position.Before(rec.Position) {
		f.mu.Unlock()
		return
	}
	f.position = rec.Position
	members := make([]*inbox, 0, len(f.members))
	for in := range f.members {
		members = append(members, in)
	}
	f.mu.Unlock()
	if len(members) == 0 {
		return
	}
	it := f.runner.decode(rec)
	for _, in := range members {
		in.put(ctx, it)
	}
}

// advance passes on that no event exists up to p.
func (f *feeder) advance(p es.Position) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.position.Before(p) {
		return
	}
	f.position = p
	for in := range f.members {
		in.note(p)
	}
}

// setLive passes on whether everything recorded so far was delivered.
func (f *feeder) setLive(live bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live = live
	for in := range f.members {
		in.setLive(live)
	}
}

// at returns the position up to which everything was handed out.
func (f *feeder) at() es.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.position
}

// join returns an inbox that gets every event after the returned position.
func (f *feeder) join() (*inbox, es.Position) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := newInbox(inboxBatches * f.runner.BatchSize)
	in.live = f.live
	f.members[in] = struct{}{}
	return in, f.position
}

// leave gives an inbox back.
func (f *feeder) leave(in *inbox) {
	f.mu.Lock()
	delete(f.members, in)
	f.mu.Unlock()
	in.close()
}
