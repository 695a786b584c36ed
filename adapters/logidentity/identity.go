package logidentity

import (
	"context"
	"fmt"
	"time"

	"praxis/domain/es"
	"praxis/domain/eventlog"
	"praxis/domain/id"
)

// identity returns the id that the log has, zero where it has none.
func (g *Guard) identity(ctx context.Context) (id.Log, error) {
	for rec, err := range g.Log.ReadStream(ctx, eventlog.Stream, 0) {
		if err != nil {
			return id.Log{}, err
		}
		env, err := g.Registry.Decode(rec)
		if err != nil {
			return id.Log{}, err
		}
		identified, is := env.Event.(eventlog.Identified)
		if !is {
			return id.Log{}, fmt.Errorf("stream %s holds %s", eventlog.Stream, rec.Type)
		}
		return identified.Log, nil
	}
	return id.Log{}, nil
}

// identify gives the log an identity and returns the one it has then: of many who do
// so, one is first.
func (g *Guard) identify(ctx context.Context) (id.Log, error) {
	fresh := eventlog.Identified{Log: id.New[id.Log]()}
	command := id.New[id.Command]()
	at := g.Clock()
	typ, data, metadata, err := g.Registry.Encode(fresh, es.Subject{}, es.Metadata{
		Actor: "system:log", Command: command, CommandName: "log.identify", OccurredAt: at, RecordedAt: at.Truncate(time.Microsecond),
	})
	if err != nil {
		return id.Log{}, err
	}
	event := es.Proposed{ID: id.From[id.Event](command, "identified"), Type: typ, Data: data, Metadata: metadata}
	_, failed := g.Log.Append(ctx, eventlog.Stream, es.At(es.NoStream), []es.Proposed{event})
	log, err := g.identity(ctx)
	if err == nil && log.IsZero() {
		return id.Log{}, failed
	}
	return log, err
}
