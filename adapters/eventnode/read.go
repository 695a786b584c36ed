package eventnode

import (
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"

	"praxis/adapters/eventnode/engine"
)

// pageEvents bounds the events of one engine read; bytes bound it as well.
const pageEvents = 4096

// Read serves reads and subscriptions of a stream or of $all.
func (s *streamsService) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	return s.fail(call, s.read(request.GetOptions(), call))
}

func (s *streamsService) read(options *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	reader, err := newReader(s, options, call)
	if err != nil {
		return err
	}
	switch count := options.GetCountOption().(type) {
	case *streams.ReadReq_Options_Count:
		if options.GetAll() != nil {
			return reader.readAll(options.GetAll(), count.Count)
		}
		return reader.readStream(options.GetStream(), count.Count)
	case *streams.ReadReq_Options_Subscription:
		if reader.direction == engine.Backwards {
			return invalidArgument("a subscription cannot go backwards")
		}
		if options.GetAll() != nil {
			return reader.subscribeAll(options.GetAll())
		}
		return reader.subscribeStream(options.GetStream())
	default:
		return invalidArgument("the read says neither how many events it wants nor that it subscribes")
	}
}

// reader is one read or subscription in progress.
type reader struct {
	service   *streamsService
	call      streams.Streams_ReadServer
	direction engine.Direction
	filter    *filter
	idAsText  bool
}

// newReader reads what all kinds of reads have in common.
func newReader(s *streamsService, options *streams.ReadReq_Options, call streams.Streams_ReadServer) (*reader, error) {
	r := &reader{service: s, call: call}
	if options.GetReadDirection() == streams.ReadReq_Options_Backwards {
		r.direction = engine.Backwards
	}
	switch options.GetUuidOption().GetContent().(type) {
	case *streams.ReadReq_Options_UUIDOption_Structured:
	case *streams.ReadReq_Options_UUIDOption_String_:
		r.idAsText = true
	default:
		return nil, invalidArgument("the read does not say how it wants ids")
	}
	if options.GetStreamOption() == nil {
		return nil, invalidArgument("the read names neither a stream nor $all")
	}
	switch filtered := options.GetFilterOption().(type) {
	case *streams.ReadReq_Options_NoFilter:
	case *streams.ReadReq_Options_Filter:
		if options.GetAll() == nil {
			return nil, invalidArgument("only reads of $all can be filtered")
		}
		var err error
		if r.filter, err = newFilter(filtered.Filter); err != nil {
			return nil, err
		}
	default:
		return nil, invalidArgument("the read does not say whether it is filtered")
	}
	return r, nil
}

// send sends one event. It waits while the client is not ready for more; no
// lock and no transaction is held meanwhile.
func (r *reader) send(e *engine.Event) error {
	return r.call.SendMsg(eventFrame(e, r.idAsText))
}

// interrupted is looked at between pages: a read that finds nothing to send
// would otherwise not notice that its client has gone.
func (r *reader) interrupted() error {
	select {
	case <-r.service.stopping:
		return shuttingDown()
	default:
		return r.call.Context().Err()
	}
}

// readAll sends up to count events of $all.
func (r *reader) readAll(options *streams.ReadReq_Options_AllOptions, count uint64) error {
	from, err := allReadStart(options)
	if err != nil {
		return err
	}
	for count > 0 {
		limit := uint64(pageEvents)
		if r.filter == nil {
			limit = min(limit, count)
		}
		page, err := r.service.engine.ReadAll(r.direction, from, limit)
		if err != nil {
			return err
		}
		for i := range page.Events {
			if !r.filter.matches(&page.Events[i]) {
				continue
			}
			if err := r.send(&page.Events[i]); err != nil {
				return err
			}
			if count--; count == 0 {
				return nil
			}
		}
		if !page.More {
			return nil
		}
		if err := r.interrupted(); err != nil {
			return err
		}
		from = page.Events[len(page.Events)-1].Position
		if r.direction == engine.Forwards {
			from++
		}
	}
	return nil
}

// allReadStart is where the engine starts a read of $all: inclusive forwards,
// exclusive backwards.
func allReadStart(options *streams.ReadReq_Options_AllOptions) (uint64, error) {
	switch option := options.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		// Events of this node have equal positions, so (commit, prepare) with a
		// smaller prepare lies right before the event at commit: both reads then
		// start as they do from the pair of equal positions.
		return option.Position.GetCommitPosition(), checkPosition(option.Position)
	case *streams.ReadReq_Options_AllOptions_Start:
		return 0, nil
	case *streams.ReadReq_Options_AllOptions_End:
		return math.MaxUint64, nil
	default:
		return 0, invalidArgument("the read of $all does not say where it starts")
	}
}

// checkPosition refuses positions no log can have.
func checkPosition(position *streams.ReadReq_Options_Position) error {
	if position.GetCommitPosition() < position.GetPreparePosition() {
		return invalidArgument("the commit position must not be less than the prepare position")
	}
	return nil
}

// readStream sends up to count events of one stream.
func (r *reader) readStream(options *streams.ReadReq_Options_StreamOptions, count uint64) error {
	stream := string(options.GetStreamIdentifier().GetStreamName())
	if stream == "" {
		return invalidArgument("the stream name is empty")
	}
	if err := checkProjectionStream(stream); err != nil {
		return err
	}
	from, err := r.streamReadStart(options)
	if err != nil {
		return err
	}
	for count > 0 {
		page, err := r.service.engine.ReadStream(r.direction, stream, from, min(pageEvents, count))
		if errors.Is(err, engine.ErrStreamNotFound) {
			return r.call.Send(streamNotFound(stream))
		}
		if err != nil {
			return err
		}
		for i := range page.Events {
			if err := r.send(&page.Events[i]); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
		if err := r.interrupted(); err != nil {
			return err
		}
		count -= uint64(len(page.Events))
		from = page.Events[len(page.Events)-1].Revision
		if r.direction == engine.Forwards {
			from++
		} else {
			from--
		}
	}
	return nil
}

// streamReadStart is the first revision of a read; both directions include it.
func (r *reader) streamReadStart(options *streams.ReadReq_Options_StreamOptions) (uint64, error) {
	switch option := options.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		return option.Revision, nil
	case *streams.ReadReq_Options_StreamOptions_Start:
		return 0, nil
	case *streams.ReadReq_Options_StreamOptions_End:
		if r.direction == engine.Forwards {
			return 0, &statusError{code: codes.Unknown, message: "a stream cannot be read forwards from its end"}
		}
		return engine.Latest, nil
	default:
		return 0, invalidArgument("the read of a stream does not say where it starts")
	}
}

// streamNotFound is the answer, not an error, for a stream without events.
func streamNotFound(stream string) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
	}}}
}
