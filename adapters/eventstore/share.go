package eventstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"praxis/domain/es"
)

// The bounds of shared subscriptions: how long one waits for the readers that are
// expected, how many signals a reader may leave untaken, how long one that takes none may
// hold up the others, how many events a reader lets pass that it has seen, and after how
// many events of the others it is sent its position.
const (
	gatherTime   = time.Second
	sharedAhead  = 4_096
	sharedStall  = 2 * time.Second
	sharedBehind = 10_000
	sharedQuiet  = 1_000
)

// Shared is a store whose subscriptions share: those that begin at about the same
// time are one at the server, which begins at the least of their positions and
// passes over what belongs to other applications once for all of them. A server
// that starts follows the log for its read models and for each of its processes.
type Shared struct {
	*Store
	// Readers is how many are expected: as soon as so many have subscribed, none
	// waits for another. It is set before the first.
	Readers int

	mu     sync.Mutex
	groups []*sharing
}

// Share returns the store with shared subscriptions.
func Share(s *Store) *Shared { return &Shared{Store: s, Readers: 1} }

// sharing is one subscription of several readers. The lock of Shared guards it.
type sharing struct {
	of  *Shared
	end context.CancelFunc
	// forming says that it has not begun yet. isNew is one that begins at the very
	// beginning; it takes in no other readers, because getting to them can take long.
	forming, isNew bool
	// all closes when everybody who is expected is there.
	all        chan struct{}
	categories []es.Category
	at         es.Position
	live       bool
	readers    []*sharer
}

// sharer is one reader of a shared subscription.
type sharer struct {
	group      *sharing
	categories []es.Category
	after      es.Position
	signals    chan es.Signal
	// over closes when nothing more comes; err says why and is set before.
	over chan struct{}
	err  error
	// passed counts the events that came before the reader's position, quiet those of
	// the others since the reader was last sent anything.
	passed, quiet int
}

// The reasons why a reader is sent away from the others; it subscribes again where it is.
var (
	errLeftBehind = es.ErrStoreUnavailable.Because(errors.New("the reader takes events more slowly than the others"))
	errFarApart   = es.ErrStoreUnavailable.Because(errors.New("the reader is far ahead of the others"))
)

// Subscribe implements projections.Source, as the store itself does.
func (s *Shared) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		r := s.join(categories, after)
		defer r.group.remove(r, nil)
		for {
			signal, err := r.next(ctx)
			if !yield(signal, err) || err != nil {
				return
			}
		}
	}
}

// next waits for the next signal. What came before the end is taken before it.
func (r *sharer) next(ctx context.Context) (es.Signal, error) {
	select {
	case signal := <-r.signals:
		return signal, nil
	case <-ctx.Done():
		return es.Signal{}, readError(ctx, ctx.Err())
	case <-r.over:
	}
	select {
	case signal := <-r.signals:
		return signal, nil
	default:
		return es.Signal{}, r.err
	}
}

// join finds a subscription for a reader, or begins one.
func (s *Shared) join(categories []es.Category, after es.Position) *sharer {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &sharer{categories: categories, after: after, signals: make(chan es.Signal, sharedAhead), over: make(chan struct{})}
	defer s.count()
	for _, g := range s.groups {
		if g.take(r) {
			return r
		}
	}
	g := &sharing{of: s, forming: true, isNew: after == es.Position{}, at: after, all: make(chan struct{})}
	var ctx context.Context
	ctx, g.end = context.WithCancel(context.Background())
	s.groups = append(s.groups, g)
	g.take(r)
	go g.run(ctx)
	return r
}

// count lets what waits begin once everybody is there. The caller holds the lock.
func (s *Shared) count() {
	n := 0
	for _, g := range s.groups {
		n += len(g.readers)
	}
	if n < s.Readers {
		return
	}
	for _, g := range s.groups {
		if g.forming {
			g.forming = false
			close(g.all)
		}
	}
}

// take takes a reader in if nothing that it must see has gone by.
func (g *sharing) take(r *sharer) bool {
	fits := func(c es.Category) bool { return slices.Contains(g.categories, c) }
	switch {
	case g.forming && g.isNew == (r.after == es.Position{}):
		if r.after.Before(g.at) {
			g.at = r.after
		}
		for _, c := range r.categories {
			if !fits(c) {
				g.categories = append(g.categories, c)
			}
		}
	case g.forming, r.after.Before(g.at), slices.ContainsFunc(r.categories, func(c es.Category) bool { return !fits(c) }):
		return false
	}
	r.group = g
	g.readers = append(g.readers, r)
	if g.live {
		r.signals <- es.Signal{CaughtUp: true}
	}
	return true
}

// remove takes a reader out and says why, if it did not leave by itself. The last one
// ends the subscription.
func (g *sharing) remove(r *sharer, why error) {
	g.of.mu.Lock()
	defer g.of.mu.Unlock()
	g.readers = slices.DeleteFunc(g.readers, func(other *sharer) bool { return other == r })
	r.finish(why)
	if len(g.readers) == 0 {
		g.of.drop(g)
	}
}

// finish lets nothing more come to a reader. The caller holds the lock.
func (r *sharer) finish(why error) {
	select {
	case <-r.over:
	default:
		r.err = why
		close(r.over)
	}
}

// drop ends a subscription. The caller holds the lock.
func (s *Shared) drop(g *sharing) {
	s.groups = slices.DeleteFunc(s.groups, func(other *sharing) bool { return other == g })
	g.end()
}

// run waits for readers, then follows the log for them until that breaks or the
// last of them has left.
func (g *sharing) run(ctx context.Context) {
	gather := time.NewTimer(gatherTime)
	defer gather.Stop()
	select {
	case <-gather.C:
	case <-g.all:
	case <-ctx.Done():
	}
	g.of.mu.Lock()
	g.forming = false
	categories, after := g.categories, g.at
	g.of.mu.Unlock()
	var why error
	for signal, err := range g.of.Store.Subscribe(ctx, categories, after) {
		if why = err; err != nil {
			break
		}
		at, readers := g.reached(signal)
		for _, r := range readers {
			if signal.CaughtUp {
				r.tell(at)
			}
			g.pass(ctx, r, signal)
		}
	}
	g.of.mu.Lock()
	defer g.of.mu.Unlock()
	for _, r := range g.readers {
		r.finish(why)
	}
	g.of.drop(g)
}

// reached notes how far the subscription is, and returns that and the readers of this
// moment. Who joins later is already there.
func (g *sharing) reached(signal es.Signal) (es.Position, []*sharer) {
	g.of.mu.Lock()
	defer g.of.mu.Unlock()
	advance(&g.at, signal)
	g.live = g.live || signal.CaughtUp
	return g.at, slices.Clone(g.readers)
}

// tell lets a reader know that everything up to a position has gone by. Otherwise one
// whose events are rare would stay far behind the others, and the next start of all of
// them would begin there, or take a second pass over the log. It only helps a reader
// that has nothing else to take.
func (r *sharer) tell(at es.Position) {
	r.quiet = 0
	if !r.after.Before(at) {
		return
	}
	select {
	case r.signals <- es.Signal{Checkpoint: &at}:
	default:
	}
}

// pass hands a signal to a reader whom it concerns.
func (g *sharing) pass(ctx context.Context, r *sharer, signal es.Signal) {
	switch {
	case signal.Checkpoint != nil:
		r.tell(*signal.Checkpoint)
		return
	case signal.Event != nil && !r.after.Before(signal.Event.Position):
		if r.passed++; r.passed > sharedBehind {
			g.remove(r, errFarApart)
		}
		return
	case signal.Event != nil && !slices.Contains(r.categories, signal.Event.Stream.Category()):
		if r.quiet++; r.quiet == sharedQuiet {
			r.tell(signal.Event.Position)
		}
		return
	}
	select {
	case r.signals <- signal:
		return
	default:
	}
	var stalled <-chan time.Time
	if g.shared() {
		t := time.NewTimer(sharedStall)
		defer t.Stop()
		stalled = t.C
	}
	select {
	case r.signals <- signal:
	case <-stalled:
		g.remove(r, errLeftBehind)
	case <-r.over:
	case <-ctx.Done():
	}
}

func (g *sharing) shared() bool {
	g.of.mu.Lock()
	defer g.of.mu.Unlock()
	return len(g.readers) > 1
}
