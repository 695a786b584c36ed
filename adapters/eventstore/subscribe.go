package eventstore

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"praxis/domain/es"
)

// A checkpoint comes at most once in window × interval events of other
// categories. The client's default, once in 32, would send more checkpoints than
// events.
const (
	searchWindow       = 512
	checkpointInterval = 4
)

// errEnded says that the server ended a subscription, which has no end.
var errEnded = errors.New("the event store ended the subscription")

// Subscribe implements projections.Source. The server filters by category; when
// the feed breaks, subscribing again is the caller's decision.
func (s *Store) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	prefixes := make([]string, len(categories))
	for i, c := range categories {
		prefixes[i] = string(c) + "-"
	}
	options := esdb.SubscribeToAllOptions{
		From:               allPosition(after),
		MaxSearchWindow:    searchWindow,
		CheckpointInterval: checkpointInterval,
		Filter:             &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: prefixes},
	}
	feed := read(ctx, s.sup, endless, func(ctx context.Context, c *esdb.Client) (receiver[es.Signal], error) {
		sub, err := c.SubscribeToAll(ctx, options)
		if err != nil {
			return receiver[es.Signal]{}, err
		}
		return receiver[es.Signal]{
			next: func() (es.Signal, error) { return nextSignal(sub) },
			stop: func() { _ = sub.Close() },
		}, nil
	})
	return func(yield func(es.Signal, error) bool) {
		at := after
		for signal, err := range feed {
			if err == nil && !advance(&at, signal) {
				continue
			}
			if !yield(signal, err) {
				return
			}
		}
	}
}

// advance moves at along and reports whether the signal says anything new. The
// subscription begins after its position on every server known; should one
// repeat what was seen, it is dropped here.
func advance(at *es.Position, signal es.Signal) bool {
	var next es.Position
	switch {
	case signal.Event != nil:
		next = signal.Event.Position
	case signal.Checkpoint != nil:
		next = *signal.Checkpoint
	default:
		return true
	}
	if !at.Before(next) {
		return false
	}
	*at = next
	return true
}

func nextSignal(sub *esdb.Subscription) (es.Signal, error) {
	for {
		switch m := sub.Recv(); {
		case m.EventAppeared != nil:
			e := recorded(m.EventAppeared.OriginalEvent())
			return es.Signal{Event: &e}, nil
		case m.CheckPointReached != nil:
			return es.Signal{Checkpoint: &es.Position{Commit: m.CheckPointReached.Commit, Prepare: m.CheckPointReached.Prepare}}, nil
		case m.CaughtUp != nil:
			return es.Signal{CaughtUp: true}, nil
		case m.SubscriptionDropped != nil:
			return es.Signal{}, errors.Join(errEnded, notEOF(m.SubscriptionDropped.Error))
		}
		// What remains is FellBehind, which changes nothing for the reader.
	}
}

// notEOF drops the io.EOF with which a server ends a subscription gracefully:
// to the reader that is a loss like any other, never a clean end.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
