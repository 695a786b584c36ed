package conformance

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"runtime"

	"github.com/google/uuid"

	"praxis/domain/es"
	"praxis/domain/fault"
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

// tail is the end of the log. Reading from where it is before a check writes spares the
// check what others have kept; on an empty store that is the very beginning.
func (t *trial) tail() es.Position {
	at, err := t.Tail(t.ctx)
	t.noError(err)
	return at
}

// append must succeed.
func (t *trial) append(stream es.Stream, expected es.Expected, events []es.Proposed, about ...any) es.Appended {
	done, err := t.Append(t.ctx, stream, expected, events)
	t.noError(err, about...)
	return done
}

// appended keeps n new events at the end of a stream that is at expected.
func (t *trial) appended(stream es.Stream, expected es.Revision, n int) []es.Proposed {
	events := proposals(n)
	t.append(stream, es.At(expected), events)
	return events
}

// fill brings a new stream to n events.
func (t *trial) fill(stream es.Stream, n int) {
	for at := 0; at < n; at += es.MaxAppendSize {
		t.appended(stream, es.Revision(at-1), min(es.MaxAppendSize, n-at))
	}
}

// refused is an append that must fail with a code.
func (t *trial) refused(stream es.Stream, events []es.Proposed, code string) {
	_, err := t.Append(t.ctx, stream, es.At(es.NoStream), events)
	if err == nil {
		t.fail(nil, "succeeded, but has to fail")
	}
	equal(t, code, fault.From(err).Code)
}

// wrongRevision is an append that must fail because the stream is at another revision.
func (t *trial) wrongRevision(stream es.Stream, expected es.Revision, events []es.Proposed, actual es.Revision, about ...any) {
	_, err := t.Append(t.ctx, stream, es.At(expected), events)
	equal(t, &es.WrongRevisionError{Stream: stream, Expected: es.At(expected), Actual: actual}, t.isWrongRevision(err, about...), about...)
}

func (t *trial) isWrongRevision(err error, about ...any) *es.WrongRevisionError {
	wrong, is := errors.AsType[*es.WrongRevisionError](err)
	if !is {
		t.fail(about, "ended with %q, but has to end with a %T", short(err), wrong)
	}
	return wrong
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

func (t *trial) read(stream es.Stream, from es.Revision) []es.Recorded {
	all, err := collect(t.ReadStream(t.ctx, stream, from))
	t.noError(err)
	return all
}

func (t *trial) readAll(after es.Position, categories ...es.Category) []es.Recorded {
	all, err := collect(t.ReadAll(t.ctx, categories, after))
	t.noError(err)
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

// follow subscribes until enough says so; the feed must not end before.
func (t *trial) follow(categories []es.Category, after es.Position, enough func(d delivery, caughtUp bool) bool) delivery {
	d, err := t.followIn(t.ctx, categories, after, enough)
	t.noError(err)
	return d
}

// followIn subscribes until enough says so or the feed ends. A server may drop a
// subscriber that it finds too slow; where the subscription had got on, it is resumed,
// as Praxis resumes it.
func (t *trial) followIn(ctx context.Context, categories []es.Category, after es.Position, enough func(d delivery, caughtUp bool) bool) (delivery, error) {
	var d delivery
	for at := after; ; t.outcome.Dropped++ {
		began := at
		err := d.take(t.Subscribe(ctx, categories, at), &at, enough)
		if !errors.Is(err, es.ErrStoreUnavailable) || ctx.Err() != nil || !began.Before(at) {
			return d, err
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

// fail ends the check with what was seen, after what the check says about it.
func (t *trial) fail(about []any, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(about) > 0 {
		text = fmt.Sprintf(fmt.Sprint(about[0]), about[1:]...) + ": " + text
	}
	t.outcome.Failure = text
	runtime.Goexit()
}

func (t *trial) noError(err error, about ...any) {
	switch cause := errors.Unwrap(err); {
	case err == nil:
	case cause != nil:
		// A safe message leaves out its cause.
		t.fail(about, "failed with %q, because %q", err, short(cause))
	default:
		t.fail(about, "failed with %q", err)
	}
}

func (t *trial) errorIs(err, target error, about ...any) {
	if !errors.Is(err, target) {
		t.fail(about, "ended with %q, but has to end with %q", short(err), target)
	}
}

func (t *trial) holds(holds bool, about ...any) {
	if !holds {
		t.fail(about, "does not hold")
	}
}

func equal[V any](t *trial, want, got V, about ...any) {
	if !reflect.DeepEqual(want, got) {
		t.fail(about, "is %s, but has to be %s", short(got), short(want))
	}
}

func hasLen[E any](t *trial, all []E, n int, about ...any) {
	if len(all) != n {
		t.fail(about, "there are %d, but have to be %d", len(all), n)
	}
}

// short is a value as far as a failure shows it.
func short(v any) string {
	const shown = 200
	text := fmt.Sprintf("%v", v)
	if len(text) > shown {
		return text[:shown] + "…"
	}
	return text
}
