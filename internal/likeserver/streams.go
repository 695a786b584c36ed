package likeserver

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// stream is what a server knows of a stream beside its events.
type stream struct {
	tombstoned bool
	// first is the revision before which reads see nothing ($tb); most, if not 0, is
	// how many events they see ($maxCount). gone means that nothing is left and the
	// stream counts as not there.
	first uint64
	most  uint64
	gone  bool
}

// Foreign writes n small events of another application, in its own streams.
func (s *Server) Foreign(ctx context.Context, n int) error {
	for n > 0 {
		few := min(n, 500)
		n -= few
		events := make([]*streams.AppendReq_ProposedMessage, few)
		for i := range events {
			events[i] = proposed("other.happened", `{"n":1}`)
		}
		if _, err := s.write(ctx, "other-1", events...); err != nil {
			return err
		}
	}
	return nil
}

// TombstoneStream deletes a stream for good, as an operator's tools do.
func (s *Server) TombstoneStream(ctx context.Context, name string) error {
	_, err := s.tombstone(ctx, name)
	return err
}

func (s *Server) tombstone(ctx context.Context, name string) (place, error) {
	n, err := s.write(ctx, keptTombstone+name, proposed(typeDeleted, `{}`))
	if err == nil {
		s.known(name, func(at *stream) { at.tombstoned = true })
	}
	return eventAt(n), err
}

// DeleteStream deletes a stream until somebody appends to it again.
func (s *Server) DeleteStream(ctx context.Context, name string) error {
	_, err := s.delete(ctx, name)
	return err
}

func (s *Server) delete(ctx context.Context, name string) (place, error) {
	n, err := s.write(ctx, metaStream+name, proposed(typeMetadata, `{"$tb":9223372036854775807}`))
	if err == nil {
		s.known(name, func(at *stream) { at.gone, at.first, at.most = true, math.MaxInt64, 0 })
	}
	return eventAt(n), err
}

// TruncateStream makes reads of a stream begin at a revision.
func (s *Server) TruncateStream(ctx context.Context, name string, before uint64) error {
	data := fmt.Sprintf(`{"$tb":%d}`, before)
	_, err := s.write(ctx, metaStream+name, proposed(typeMetadata, data))
	if err == nil {
		s.set(name, []byte(data))
	}
	return err
}

// own writes events that no client asked for: triples of stream, type and
// data.
func (s *Server) own(ctx context.Context, triples ...string) error {
	for i := 0; i < len(triples); i += 3 {
		if _, err := s.write(ctx, triples[i], proposed(triples[i+1], triples[i+2])); err != nil {
			return err
		}
	}
	return nil
}

// noise goes before or follows most appends: n is which append it is.
func (s *Server) noise(ctx context.Context, n int) error {
	switch {
	case s.config.Quiet:
		return nil
	case n%3 == 0:
		return s.own(ctx, "$stats-0.0.0.0:2113", "$statsCollected", `{}`)
	case n%3 == 1:
		return s.own(ctx, "other-2", "other.happened", `{"n":1}`)
	}
	return nil
}

// next numbers the appends.
func (s *Server) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appends++
	return s.appends
}

func identifier(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}

func proposed(kind, data string) *streams.AppendReq_ProposedMessage {
	return &streams.AppendReq_ProposedMessage{
		Id:       &shared.UUID{Value: &shared.UUID_String_{String_: uuid.NewString()}},
		Metadata: map[string]string{"type": kind, "content-type": "application/json"},
		Data:     []byte(data),
	}
}

// write appends to a stream of the node, whatever it holds, and returns the
// node's position of the last event.
func (s *Server) write(ctx context.Context, name string, events ...*streams.AppendReq_ProposedMessage) (uint64, error) {
	call, err := s.backend.Append(ctx)
	if err != nil {
		return 0, err
	}
	options := &streams.AppendReq_Options{
		StreamIdentifier:       identifier(kept(name)),
		ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}
	if err := call.Send(&streams.AppendReq{Content: &streams.AppendReq_Options_{Options: options}}); err != nil {
		return 0, err
	}
	for _, e := range events {
		if err := call.Send(&streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: e}}); err != nil {
			return 0, err
		}
	}
	done, err := call.CloseAndRecv()
	return done.GetSuccess().GetPosition().GetCommitPosition(), err
}

// head is the node's position of the last event.
func (s *Server) head(ctx context.Context) (uint64, error) {
	last, err := s.last(ctx, &streams.ReadReq_Options{StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
		AllOption: &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}},
	}}})
	return last.GetEvent().GetEvent().GetCommitPosition(), err
}

// lastRevision is that of the last event that the node keeps of a stream; -1
// without any.
func (s *Server) lastRevision(ctx context.Context, name string) (int64, error) {
	last, err := s.last(ctx, &streams.ReadReq_Options{StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
		StreamIdentifier: identifier(kept(name)),
		RevisionOption:   &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}},
	}}})
	if err != nil {
		return 0, err
	}
	if last.GetStreamNotFound() != nil {
		return -1, nil
	}
	return int64(last.GetEvent().GetEvent().GetStreamRevision()), nil
}

// last reads the last event of the node, of all or of one stream.
func (s *Server) last(ctx context.Context, of *streams.ReadReq_Options) (*streams.ReadResp, error) {
	of.ReadDirection = streams.ReadReq_Options_Backwards
	of.CountOption = &streams.ReadReq_Options_Count{Count: 1}
	of.FilterOption = &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}}
	of.UuidOption = &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}}
	call, err := s.backend.Read(ctx, &streams.ReadReq{Options: of})
	if err != nil {
		return nil, err
	}
	return call.Recv()
}

// known returns what the server knows of a stream; change, if set, changes it.
func (s *Server) known(name string, change func(*stream)) stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.streams[name]
	if change != nil {
		if !ok {
			at = &stream{}
			s.streams[name] = at
		}
		change(at)
	}
	if at == nil {
		return stream{}
	}
	return *at
}

// set applies metadata as clients write it, which replaces what was set before.
func (s *Server) set(name string, data []byte) {
	var given struct {
		TruncateBefore uint64 `json:"$tb"`
		MaxCount       uint64 `json:"$maxCount"`
	}
	// What is no JSON is no metadata.
	_ = json.Unmarshal(data, &given)
	s.known(name, func(at *stream) { at.first, at.most, at.gone = given.TruncateBefore, given.MaxCount, false })
}
