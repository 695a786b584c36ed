package eventstore

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// opener begins a client read.
type opener[T any] func(context.Context, *esdb.Client) (receiver[T], error)

// receiver is a client read that has begun. next returns io.EOF at a clean end
// and at nothing else.
type receiver[T any] struct {
	next func() (T, error)
	stop func()
}

// flow is a client read under way: a goroutine receives ahead of the reader, so
// that a receive that never returns cannot hold the reader.
type flow[T any] struct {
	opened chan struct{}
	items  chan T
	// err is how it ended, nil for the clean end; valid once items is closed.
	err error
}

// ahead is how many items are received before they are asked for.
const ahead = 256

// errDone is the clean end of a read between a flow and its reader. It is not
// io.EOF, because the client also fails with errors that wrap io.EOF.
var errDone = errors.New("the read is complete")

// errSilent says that the server sent nothing for longer than the connection's patience.
var errSilent = errors.New("the event store sends nothing")

// extent says whether a read may wait for its next item for ever.
type extent bool

const (
	finite  extent = false
	endless extent = true
)

// read yields the items of one client read, then nothing more at a clean end or
// one terminal error otherwise.
func read[T any](ctx context.Context, s *supervisor, e extent, open opener[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var nothing T
		sess, err := s.acquire(ctx)
		if err != nil {
			yield(nothing, err)
			return
		}
		inner, cancel := s.untilClosed(ctx)
		defer cancel()
		f := begin(inner, s, sess, open)
		for {
			item, err := f.receive(inner, s.conn.patience, e)
			if errors.Is(err, errDone) {
				return
			}
			if err != nil {
				if lost(err) {
					s.lose(sess)
				}
				yield(nothing, readError(ctx, err))
				return
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

func begin[T any](ctx context.Context, s *supervisor, sess *session, open opener[T]) *flow[T] {
	f := &flow[T]{opened: make(chan struct{}), items: make(chan T, ahead)}
	s.run(sess, func() error {
		r, err := open(ctx, sess.client)
		if errors.Is(err, io.EOF) {
			return errLost
		}
		if err != nil {
			return err
		}
		defer r.stop()
		close(f.opened)
		for {
			item, err := r.next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			select {
			case f.items <- item:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}, func(err error) {
		f.err = err
		close(f.items)
	})
	return f
}

// receive returns the next item, or errDone after the last. An endless read waits
// with limited patience only until it has begun.
func (f *flow[T]) receive(ctx context.Context, patience time.Duration, e extent) (item T, err error) {
	if err := ctx.Err(); err != nil {
		return item, err
	}
	select {
	case item, more := <-f.items:
		return item, f.ended(more)
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	silence, opened := timer.C, f.opened
	if e == finite {
		opened = nil
	}
	for {
		select {
		case item, more := <-f.items:
			return item, f.ended(more)
		case <-ctx.Done():
			return item, ctx.Err()
		case <-opened:
			silence, opened = nil, nil
		case <-silence:
			return item, errSilent
		}
	}
}

func (f *flow[T]) ended(more bool) error {
	switch {
	case more:
		return nil
	case f.err != nil:
		return f.err
	}
	return errDone
}
