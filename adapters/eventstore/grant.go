package eventstore

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// allMetadata is the stream with the metadata of all events, in which $acl says who
// may read them. Without one, administrators may.
const (
	allMetadata     = es.Stream("$$$all")
	metadataType    = "$metadata"
	administrators  = "$admins"
	accessList      = "$acl"
	accessListReads = "$r"
)

var errMetadata = fault.New(fault.Rejected, "event_store_metadata_unreadable", "The metadata of $all in the event store is not what Praxis knows how to change. Give the right with the server's own tools.")

// GrantRead gives a user of the server the right to read all events, which Praxis
// needs to follow the log, and takes it from no other user. The store must be
// opened as an administrator. already says that nothing had to be changed. Faults:
// those of the store, "event_store_metadata_unreadable"; a *es.WrongRevisionError
// if somebody else changes the metadata at the same moment.
func (s *Store) GrantRead(ctx context.Context, user string) (already bool, err error) {
	at, metadata := es.NoStream, map[string]any{}
	last, err := s.last(ctx, allMetadata)
	if err != nil {
		return false, err
	}
	if last != nil {
		at = last.Revision
		if err := json.Unmarshal(last.Data, &metadata); err != nil {
			return false, errMetadata.Because(err)
		}
	}
	list, ok := metadata[accessList].(map[string]any)
	if _, given := metadata[accessList]; given && !ok {
		return false, errMetadata
	}
	if list == nil {
		list = map[string]any{}
	}
	readers := []string{administrators}
	switch given := list[accessListReads].(type) {
	case nil:
	case string:
		readers = []string{given}
	case []any:
		readers = nil
		for _, r := range given {
			name, ok := r.(string)
			if !ok {
				return false, errMetadata
			}
			readers = append(readers, name)
		}
	default:
		return false, errMetadata
	}
	if slices.Contains(readers, user) {
		return true, nil
	}
	list[accessListReads] = append(readers, user)
	metadata[accessList] = list
	data, err := json.Marshal(metadata)
	if err != nil {
		return false, errMetadata.Because(err)
	}
	event := esdb.EventData{EventID: uuid.New(), EventType: metadataType, ContentType: esdb.ContentTypeJson, Data: data}
	_, err = s.append(ctx, allMetadata, es.At(at), event)
	return false, err
}
