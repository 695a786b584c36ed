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
	r, err := newReader(s, options, call)
	if err != nil {
		return err
	}
	from, err := r.start(options)
	if err != nil {
		return err
	}
	if r.subscribes {
		return r.subscribe(from)
	}
	return r.read(from, options.GetCount())
}

// reader is one read or subscription in progress.
type reader struct {
	service    *streamsService
	call       streams.Streams_ReadServer
	subscribes bool
	direction  engine.Direction
	stream     string // none for $all
	filter     *filter
	encoder    eventEncoder
}

// newReader reads what all kinds of reads have in common.
func newReader(s *streamsService, options *streams.ReadReq_Options, call streams.Streams_ReadServer) (*reader, error) {
	backwards := options.GetReadDirection() == streams.ReadReq_Options_Backwards
	r := &reader{
		service: s, call: call, subscribes: options.GetSubscription() != nil,
		encoder: eventEncoder{idAsText: options.GetUuidOption().GetString_() != nil},
	}
	if backwards {
		r.direction = engine.Backwards
	}
	switch {
	case options.GetUuidOption().GetContent() == nil:
		return nil, invalidArgument("the read does not say how it wants ids")
	case options.GetStreamOption() == nil:
		return nil, invalidArgument("the read names neither a stream nor $all")
	case options.GetFilterOption() == nil:
		return nil, invalidArgument("the read does not say whether it is filtered")
	case options.GetCountOption() == nil:
		return nil, invalidArgument("the read says neither how many events it wants nor that it subscribes")
	case options.GetFilter() != nil && options.GetAll() == nil:
		return nil, invalidArgument("only reads of $all can be filtered")
	case r.subscribes && backwards:
		return nil, invalidArgument("a subscription cannot go backwards")
	case options.GetFilter() != nil:
		var err error
		r.filter, err = newFilter(options.GetFilter())
		return r, err
	}
	return r, nil
}

// start is the position or revision that a read or a subscription starts at.
func (r *reader) start(options *streams.ReadReq_Options) (uint64, error) {
	if options.GetAll() != nil {
		return r.allStart(options.GetAll())
	}
	r.stream = string(options.GetStream().GetStreamIdentifier().GetStreamName())
	if r.stream == "" {
		return 0, invalidArgument("the stream name is empty")
	}
	if err := checkProjectionStream(r.stream); err != nil {
		return 0, err
	}
	return r.streamStart(options.GetStream())
}

// allStart is where the engine starts in $all: reads are inclusive forwards and
// exclusive backwards, subscriptions start after what the client has already seen.
func (r *reader) allStart(options *streams.ReadReq_Options_AllOptions) (uint64, error) {
	switch option := options.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		commit, prepare := option.Position.GetCommitPosition(), option.Position.GetPreparePosition()
		switch {
		case commit < prepare:
			return 0, invalidArgument("the commit position must not be less than the prepare position")
		case r.subscribes && commit == prepare && commit < math.MaxUint64:
			return commit + 1, nil
		}
		// Events of this node have equal positions, so (commit, prepare) with a
		// smaller prepare lies right before the event at commit: reads then start as
		// they do from the pair of equal positions, and for a subscription the event
		// is still to come.
		return commit, nil
	case *streams.ReadReq_Options_AllOptions_Start:
		return 1, nil
	case *streams.ReadReq_Options_AllOptions_End:
		if r.subscribes {
			head, _ := r.service.engine.Head()
			return head + 1, nil
		}
		return math.MaxUint64, nil
	default:
		return 0, r.noStart("$all")
	}
}

// streamStart is where the engine starts in a stream: reads include the revision
// they name, subscriptions start after it.
func (r *reader) streamStart(options *streams.ReadReq_Options_StreamOptions) (uint64, error) {
	switch option := options.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if r.subscribes && option.Revision < math.MaxUint64 {
			return option.Revision + 1, nil
		}
		return option.Revision, nil
	case *streams.ReadReq_Options_StreamOptions_Start:
		return 0, nil
	case *streams.ReadReq_Options_StreamOptions_End:
		switch {
		case r.direction == engine.Backwards:
			return engine.Latest, nil
		case !r.subscribes:
			return 0, refusal(codes.Unknown, "a stream cannot be read forwards from its end")
		}
		last, err := r.service.engine.LastRevision(r.stream)
		if errors.Is(err, engine.ErrStreamNotFound) {
			return 0, nil
		}
		return last + 1, err
	default:
		return 0, r.noStart("a stream")
	}
}

func (r *reader) noStart(source string) error {
	if r.subscribes {
		return invalidArgument("the subscription to " + source + " does not say where it starts")
	}
	return invalidArgument("the read of " + source + " does not say where it starts")
}

// page reads at most limit events of what the reader is for.
func (r *reader) page(from, limit uint64) (engine.Page, error) {
	if r.stream == "" {
		return r.service.engine.ReadAll(r.direction, from, limit)
	}
	return r.service.engine.ReadStream(r.direction, r.stream, from, limit)
}

// behind is where the next page starts when an event was the last one of a page.
func (r *reader) behind(e *engine.Event) uint64 {
	switch {
	case r.stream == "" && r.direction == engine.Backwards:
		return e.Position
	case r.stream == "":
		return e.Position + 1
	case r.direction == engine.Backwards:
		return e.Revision - 1
	default:
		return e.Revision + 1
	}
}

// send sends an event that passes the filter, and reports whether it does. It waits
// while the client is not ready for more; no lock and no transaction is held meanwhile.
func (r *reader) send(e *engine.Event) (passes bool, err error) {
	if !r.filter.matches(e) {
		return false, nil
	}
	return true, r.call.SendMsg(r.encoder.frame(e))
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

// read sends up to count events.
func (r *reader) read(from, count uint64) error {
	for count > 0 {
		limit := uint64(pageEvents)
		if r.filter == nil {
			limit = min(limit, count)
		}
		page, err := r.page(from, limit)
		if errors.Is(err, engine.ErrStreamNotFound) {
			return r.call.Send(streamNotFound(r.stream))
		}
		if err != nil {
			return err
		}
		for i := range page.Events {
			passes, err := r.send(&page.Events[i])
			if err != nil {
				return err
			}
			if !passes {
				continue
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
		from = r.behind(&page.Events[len(page.Events)-1])
	}
	return nil
}

// streamNotFound is the answer, not an error, for a stream without events.
func streamNotFound(stream string) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
	}}}
}
