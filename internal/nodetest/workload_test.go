package nodetest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"golang.org/x/sync/errgroup"

	"praxis/domain/es"
)

// Categories are the kinds of streams that a workload writes.
var Categories = []es.Category{"chart", "household", "invoice"}

// followed are the filters of a workload's followers. Nothing passes the last
// one, so that its follower moves on by checkpoints alone.
var followed = [][]es.Category{Categories, {"chart"}, {"household", "invoice"}, {"booking"}}

// Workload is writers, followers and a reader at work on one store.
type Workload struct {
	Ledger    *Ledger
	Followers []*Follower

	store   Store
	stop    chan struct{}
	writers errgroup.Group
	others  *errgroup.Group
	// failing ends at the first lie; over is also ended by Finish.
	failing, over context.Context
	fail          context.CancelCauseFunc
	end           context.CancelFunc
}

// StartWorkload starts as many writers as given; every fourth shares its stream
// with the one before it.
func StartWorkload(ctx context.Context, store Store, seed uint64, writers int) *Workload {
	w := &Workload{Ledger: NewLedger(), store: store, stop: make(chan struct{})}
	w.failing, w.fail = context.WithCancelCause(ctx)
	w.over, w.end = context.WithCancel(w.failing)
	w.others = &errgroup.Group{}
	for n := range writers {
		of := n
		if n%4 == 3 {
			of--
		}
		writer := &Writer{
			Store: store, Ledger: w.Ledger, Random: rand.New(rand.NewPCG(seed, uint64(n))),
			Stream: es.Stream(fmt.Sprintf("%s-%d", Categories[of%len(Categories)], of)),
		}
		w.writers.Go(func() error { return w.report(writer.Run(w.failing, w.stop)) })
	}
	for _, categories := range followed {
		follower := NewFollower(store, w.Ledger, categories)
		w.Followers = append(w.Followers, follower)
		w.others.Go(func() error { return w.report(follower.Run(w.over)) })
	}
	random := rand.New(rand.NewPCG(seed, uint64(writers)))
	w.others.Go(func() error { return w.report(w.read(random)) })
	return w
}

// report ends everything at the first error.
func (w *Workload) report(err error) error {
	if err != nil {
		w.fail(err)
	}
	return err
}

// read reads a stream from some revision on, after every few appends.
func (w *Workload) read(random *rand.Rand) error {
	for w.AwaitAppends(w.over, random.IntN(100)) == nil {
		streams := w.Ledger.Streams()
		stream := streams[random.IntN(len(streams))]
		from := es.Revision(random.Int64N(int64(w.Ledger.Acknowledged(stream)) + 1))
		err := ReadStream(w.over, w.store, w.Ledger, stream, from)
		if err != nil && w.over.Err() == nil && !errors.Is(err, es.ErrStoreUnavailable) {
			return err
		}
	}
	return nil // it is over
}

// AwaitAppends waits for n further acknowledged appends, at least one. It fails
// when ctx ends, or with the lie that was found meanwhile.
func (w *Workload) AwaitAppends(ctx context.Context, n int) error {
	before, _ := w.Ledger.Appends()
	for {
		now, moved := w.Ledger.Appends()
		if now > before && now >= before+n {
			return nil
		}
		select {
		case <-moved:
		case <-w.failing.Done():
			return context.Cause(w.failing)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Failing is closed when a lie was found; Finish then returns it.
func (w *Workload) Failing() <-chan struct{} { return w.failing.Done() }

// Finish lets every writer end what it has begun, waits until the followers have
// seen everything, and audits the log. The node must be there for that. It
// returns the first lie.
func (w *Workload) Finish(ctx context.Context) error {
	close(w.stop)
	give := context.AfterFunc(ctx, func() { w.fail(context.Cause(ctx)) })
	defer give()
	err := w.writers.Wait()
	for _, f := range w.Followers {
		if err == nil {
			err = f.AwaitAll(w.failing)
		}
	}
	if err == nil {
		err = Audit(ctx, w.store, w.Ledger, Categories)
	}
	w.end()
	err = errors.Join(err, w.others.Wait())
	if cause := context.Cause(w.failing); cause != nil {
		return cause
	}
	w.fail(nil)
	return err
}
