package conformance

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"praxis/domain/es"
	"praxis/domain/id"
)

// Prefix begins the name of every stream that a check writes to, so that they
// can be distinguished from a practice's own: a store cannot take events back.
const Prefix = "praxisCheck"

// newCategory returns a category that no other check has used, because the
// store may be a server that many runs share.
func newCategory() es.Category {
	u := uuid.New()
	return es.Category(Prefix + hex.EncodeToString(u[:]))
}

// origin is the end of the log before the check writes to it. Reading from here
// on spares a check what others have kept; on an empty store it is the very
// beginning.
func origin(ctx context.Context, t T, s Store) es.Position {
	t.Helper()
	at, err := s.Tail(ctx)
	noError(t, err)
	return at
}

func newStream() es.Stream { return streamOf(newCategory()) }

func streamOf(c es.Category, entity ...string) es.Stream {
	return es.StreamOf(c, id.New[id.Group](), entity...)
}

// proposals returns n new events that tell themselves apart.
func proposals(n int) []es.Proposed {
	events := make([]es.Proposed, n)
	for i := range events {
		events[i] = es.Proposed{
			ID: id.New[id.Event](), Type: "check.happened",
			Data:     fmt.Appendf(nil, `{"n":%d}`, i),
			Metadata: []byte(`{"schemaVersion":"1"}`),
		}
	}
	return events
}

func idsOf(events []es.Proposed) []id.Event {
	ids := make([]id.Event, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	return ids
}

func recordedIDs(events []es.Recorded) []id.Event {
	ids := make([]id.Event, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	return ids
}

// appended keeps n new events at the end of a stream that is at expected.
func appended(ctx context.Context, t T, s Store, stream es.Stream, expected es.Revision, n int) []es.Proposed {
	t.Helper()
	events := proposals(n)
	_, err := s.Append(ctx, stream, es.At(expected), events)
	noError(t, err)
	return events
}

// collect reads to the end and returns what came and the terminal error.
func collect(events es.Events) (all []es.Recorded, err error) {
	for e, err := range events {
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
	return all, nil
}

func readStream(ctx context.Context, t T, s Store, stream es.Stream, from es.Revision) []es.Recorded {
	t.Helper()
	all, err := collect(s.ReadStream(ctx, stream, from))
	noError(t, err)
	return all
}

func readAll(ctx context.Context, t T, s Store, after es.Position, categories ...es.Category) []es.Recorded {
	t.Helper()
	all, err := collect(s.ReadAll(ctx, categories, after))
	noError(t, err)
	return all
}

// delivery is what one subscription handed over.
type delivery struct {
	events      []es.Recorded
	checkpoints []checkpoint
}

// checkpoint is a position that a subscription vouched for after it had
// delivered so many events.
type checkpoint struct {
	at   es.Position
	seen int
}

// follow subscribes until enough says so or the feed ends. A server may drop a
// subscriber that it finds too slow; where the subscription had got on, it is resumed,
// as Praxis resumes it.
func follow(ctx context.Context, s Store, categories []es.Category, after es.Position, enough func(d delivery, caughtUp bool) bool) (delivery, error) {
	var d delivery
	for at := after; ; {
		began := at
		err := d.take(s.Subscribe(ctx, categories, at), &at, enough)
		if !errors.Is(err, es.ErrStoreUnavailable) || ctx.Err() != nil || !began.Before(at) {
			return d, err
		}
		if counts, is := s.(interface{ resumed() }); is {
			counts.resumed()
		}
	}
}

// take keeps what a feed delivers until enough says so, and moves at along.
func (d *delivery) take(feed es.Feed, at *es.Position, enough func(d delivery, caughtUp bool) bool) error {
	for signal, err := range feed {
		if err != nil {
			return err
		}
		if signal.Event != nil {
			d.events, *at = append(d.events, *signal.Event), signal.Event.Position
		}
		if signal.Checkpoint != nil {
			d.checkpoints, *at = append(d.checkpoints, checkpoint{at: *signal.Checkpoint, seen: len(d.events)}), *signal.Checkpoint
		}
		if enough(*d, signal.CaughtUp) {
			break
		}
	}
	return nil
}

func untilCaughtUp(_ delivery, caughtUp bool) bool { return caughtUp }

func untilEvents(n int) func(delivery, bool) bool {
	return func(d delivery, _ bool) bool { return len(d.events) >= n }
}
