package eventstore

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// call makes one client call that answers once. It returns when ctx ends, when
// the connection's patience does, or when the store is closed, whatever the
// client does. An error that is es.ErrStoreUnavailable means that nothing was sent.
func call[T any](ctx context.Context, s *supervisor, f func(context.Context, *esdb.Client) (T, error)) (T, error) {
	var nothing T
	sess, err := s.acquire(ctx)
	if err != nil {
		return nothing, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.conn.patience)
	defer cancel()
	ctx, cancel = s.untilClosed(ctx)
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	var value T
	s.run(sess, func() (err error) {
		value, err = f(ctx, sess.client)
		return err
	}, func(err error) { answers <- answer{value, err} })
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		return nothing, ctx.Err()
	}
}

// untilClosed returns a context that ends with ctx and with the store.
func (s *supervisor) untilClosed(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.over, cancel)
	return ctx, func() { stop(); cancel() }
}
