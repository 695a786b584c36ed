package projtest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
)

// Event is an event of a spec: what happened, in which stream.
type Event struct {
	// Stream is the stream it was recorded in.
	Stream es.Stream
	// Event is one of the registered event structs, by value.
	Event any
	// Meta is its metadata; the schema version is filled in.
	Meta es.Metadata
	// At is when it was recorded; the zero time means a second after the one before.
	At time.Time
}

// On says that an event happened in a stream.
func On(stream es.Stream, event any) Event { return Event{Stream: stream, Event: event} }

// Log is a log of events in memory; it implements projections.Source. Its
// positions and recording times are the same in every run.
type Log struct {
	registry *es.Registry

	mu     sync.Mutex
	events []es.Recorded
	grown  chan struct{}
}

// NewLog returns an empty log whose events are encoded by registry.
func NewLog(registry *es.Registry) *Log {
	return &Log{registry: registry, grown: make(chan struct{})}
}

// Record adds events to the end of the log.
func (l *Log) Record(t testing.TB, events ...Event) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		name, data, meta, err := l.registry.Encode(e.Event, es.Subject{}, e.Meta)
		require.NoError(t, err)
		n := uint64(len(l.events)) + 1
		rec := es.Recorded{
			ID: id.Derive[id.Event](string(e.Stream), name, es.Position{Commit: n, Prepare: n}.String()), Stream: e.Stream,
			Position: es.Position{Commit: n, Prepare: n}, Type: name, Data: data, Metadata: meta, RecordedAt: e.At.UTC(),
		}
		for _, earlier := range l.events {
			if earlier.Stream == e.Stream {
				rec.Revision++
			}
		}
		if e.At.IsZero() {
			rec.RecordedAt = time.Date(2026, 1, 1, 0, 0, int(n), 0, time.UTC)
		}
		l.events = append(l.events, rec)
	}
	close(l.grown)
	l.grown = make(chan struct{})
}

// after returns the events behind a position and a channel that closes when
// there are more.
func (l *Log) after(p es.Position) ([]es.Recorded, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[min(int(p.Commit), len(l.events)):], l.grown
}

// ReadAll yields the events of the categories after a position.
func (l *Log) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		events, _ := l.after(after)
		for _, e := range events {
			if ctx.Err() != nil {
				yield(es.Recorded{}, ctx.Err())
				return
			}
			if slices.Contains(categories, e.Stream.Category()) && !yield(e, nil) {
				return
			}
		}
	}
}

// Subscribe yields the events of the categories after a position, then new ones.
func (l *Log) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for {
			events, grown := l.after(after)
			for _, e := range events {
				after = e.Position
				if slices.Contains(categories, e.Stream.Category()) && !yield(es.Signal{Event: &e}, nil) {
					return
				}
			}
			if !yield(es.Signal{CaughtUp: true}, nil) {
				return
			}
			select {
			case <-grown:
			case <-ctx.Done():
				yield(es.Signal{}, ctx.Err())
				return
			}
		}
	}
}

// Tail returns the position of the last event.
func (l *Log) Tail(context.Context) (es.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := uint64(len(l.events))
	return es.Position{Commit: n, Prepare: n}, nil
}

// categories lists the categories of the events recorded so far.
func (l *Log) categories() []es.Category {
	events, _ := l.after(es.Position{})
	var categories []es.Category
	for _, e := range events {
		if !slices.Contains(categories, e.Stream.Category()) {
			categories = append(categories, e.Stream.Category())
		}
	}
	return categories
}
