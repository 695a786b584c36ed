package eventstore

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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

// systemType begins the types of the events that a server records for itself.
// One of them can lie in a stream of Praxis and so pass a filter by stream:
// streamDeleted, which says that somebody deleted the stream for good.
const (
	systemType    = "$"
	streamDeleted = "$streamDeleted"
	streamChanged = "$metadata"
	// metadataOf begins the name of the stream in which the metadata of another lies.
	metadataOf = "$$"
)

// selection says which events a subscription to all events delivers.
type selection struct {
	filter *esdb.SubscriptionFilter
	// system lets through what the server records for itself.
	system bool
}

func ofCategories(categories []es.Category) selection {
	prefixes := make([]string, len(categories))
	for i, c := range categories {
		prefixes[i] = string(c) + "-"
	}
	return selection{filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: prefixes}}
}

// tampering is what a server records when somebody deletes or truncates a stream.
var tampering = selection{filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{streamDeleted, streamChanged}}, system: true}

// Subscribe implements projections.Source. The server filters by category; when
// the feed breaks, subscribing again is the caller's decision.
func (s *Store) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return s.follow(ctx, endless, ofCategories(categories), after)
}

// follow is one subscription to a selection of all events after a position.
func (s *Store) follow(ctx context.Context, e extent, sel selection, after es.Position) es.Feed {
	options := esdb.SubscribeToAllOptions{
		From:               allPosition(after),
		MaxSearchWindow:    searchWindow,
		CheckpointInterval: checkpointInterval,
		Filter:             sel.filter,
	}
	feed := read(ctx, s.sup, e, func(ctx context.Context, c *esdb.Client) (receiver[es.Signal], error) {
		sub, err := c.SubscribeToAll(ctx, options)
		if err != nil {
			return receiver[es.Signal]{}, err
		}
		return receiver[es.Signal]{
			next: func() (es.Signal, error) { return nextSignal(sub, sel) },
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

func nextSignal(sub *esdb.Subscription, sel selection) (es.Signal, error) {
	for {
		switch m := sub.Recv(); {
		case m.EventAppeared != nil:
			e := recorded(m.EventAppeared.OriginalEvent())
			if strings.HasPrefix(e.Type, systemType) && !sel.system {
				return es.Signal{Checkpoint: &e.Position}, nil
			}
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

// tooSlow reports whether the server ended a subscription because its reader took
// the events more slowly than the server keeps them: 23.10 does that to readers
// that have caught up, and asks to subscribe again.
func tooSlow(err error) bool { return status.Code(err) == codes.Aborted }

// notEOF drops the io.EOF with which a server ends a subscription gracefully:
// to the reader that is a loss like any other, never a clean end.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
