package projections

import (
	"context"

	"praxis/domain/es"
)

// Source is the event store as projections need it.
type Source interface {
	// Subscribe yields every event of the given categories that lies after the
	// given position (the zero Position: from the beginning), in order, exactly
	// once, and then goes on with new ones until ctx ends. A feed that breaks
	// ends with a terminal error; subscribing again after the last seen position
	// neither loses nor repeats an event. A position need not be that of an event,
	// see es.Signal. What the store records for itself, such as that a stream was
	// deleted, is no event here.
	Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed
	// ReadAll yields the events of the given categories after a position, up to
	// the end of the log as it is now. The store leaves out the others; passing over
	// many of them takes it time.
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
	// Tail returns the position of the last event of the log, of whatever
	// category, other applications' included; the zero Position for an empty log.
	Tail(ctx context.Context) (es.Position, error)
}
