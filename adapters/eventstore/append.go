package eventstore

import (
	"context"
	"encoding/json"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"praxis/domain/es"
)

// Append implements commands.Store.
func (s *Store) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if err := es.CheckAppend(stream, events); err != nil {
		return es.Appended{}, err
	}
	data := make([]esdb.EventData, len(events))
	for i, e := range events {
		data[i] = eventData(e)
	}
	result, err := s.append(ctx, stream, expected, data...)
	if err != nil {
		return es.Appended{}, err
	}
	done := es.Appended{
		Revision: es.Revision(result.NextExpectedVersion),
		Position: es.Position{Commit: result.CommitPosition, Prepare: result.PreparePosition},
	}
	if done.Position == (es.Position{}) {
		return s.locate(ctx, stream, done.Revision)
	}
	return done, nil
}

// append takes what no command writes as well.
func (s *Store) append(ctx context.Context, stream es.Stream, expected es.Expected, events ...esdb.EventData) (*esdb.WriteResult, error) {
	options := esdb.AppendToStreamOptions{ExpectedRevision: expectedRevision(expected), Deadline: &s.sup.conn.patience}
	result, err := call(ctx, s.sup, func(ctx context.Context, c *esdb.Client) (*esdb.WriteResult, error) {
		return c.AppendToStream(ctx, string(stream), options, events...)
	})
	if err != nil {
		return nil, appendError(stream, expected, err)
	}
	return result, nil
}

// locate finds the position of an event that a server kept earlier and leaves
// out of its answer to a repeated append.
func (s *Store) locate(ctx context.Context, stream es.Stream, at es.Revision) (es.Appended, error) {
	for e, err := range s.ReadStream(ctx, stream, at) {
		if err != nil {
			return es.Appended{}, es.ErrOutcomeUnknown.Because(err)
		}
		return es.Appended{Revision: e.Revision, Position: e.Position}, nil
	}
	return es.Appended{}, es.ErrOutcomeUnknown
}

func expectedRevision(expected es.Expected) esdb.ExpectedRevision {
	switch expected {
	case es.AnyRevision:
		return esdb.Any{}
	case es.At(es.NoStream):
		return esdb.NoStream{}
	}
	return esdb.Revision(uint64(expected))
}

func eventData(e es.Proposed) esdb.EventData {
	d := esdb.EventData{EventID: e.ID.UUID(), EventType: e.Type, ContentType: esdb.ContentTypeBinary, Data: e.Data, Metadata: e.Metadata}
	if json.Valid(e.Data) {
		d.ContentType = esdb.ContentTypeJson
	}
	return d
}
