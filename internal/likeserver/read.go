package likeserver

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Read serves reads and subscriptions.
func (m *member) Read(r *streams.ReadReq, out streams.Streams_ReadServer) error {
	ctx, done := m.call(out.Context())
	defer done()
	options := r.GetOptions()
	_, follows := options.GetCountOption().(*streams.ReadReq_Options_Subscription)
	var err error
	switch {
	case options.GetAll() != nil && follows:
		err = m.subscribe(ctx, r, out)
	case options.GetAll() != nil:
		err = m.readAll(ctx, r, out)
	case options.GetStream() != nil:
		err = m.readStream(ctx, r, out)
	default:
		err = status.Error(codes.InvalidArgument, "neither a stream nor $all")
	}
	return ended(ctx, out, err)
}

// translate turns an event of the node into the server's. It returns the node's
// position.
func translate(e *streams.ReadResp_ReadEvent) (n uint64) {
	recorded := e.GetEvent()
	n = recorded.GetCommitPosition()
	at := eventAt(n)
	recorded.CommitPosition, recorded.PreparePosition = at.commit, at.prepare
	e.Position = &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: at.commit}
	name := string(recorded.GetStreamIdentifier().GetStreamName())
	if of, is := strings.CutPrefix(name, keptMeta); is {
		recorded.StreamIdentifier = identifier(metaStream + of)
	}
	if of, is := strings.CutPrefix(name, keptTombstone); is {
		recorded.StreamIdentifier = identifier(of)
		recorded.StreamRevision = math.MaxInt64
	}
	return n
}

// widened is a filter that also lets through the records of tombstones of the
// streams that it lets through.
func widened(options *streams.ReadReq_Options) {
	byStream := options.GetFilter().GetStreamIdentifier()
	for _, p := range byStream.GetPrefix() {
		byStream.Prefix = append(byStream.Prefix, keptTombstone+p)
	}
}

// from reads where a read or subscription of all events begins, as the last event of
// the node before it.
func from(all *streams.ReadReq_Options_AllOptions) (after uint64, isPosition bool) {
	p, is := all.GetAllOption().(*streams.ReadReq_Options_AllOptions_Position)
	if !is {
		return 0, false
	}
	return place{p.Position.GetCommitPosition(), p.Position.GetPreparePosition()}.upTo(), true
}

func nodePosition(n uint64) *streams.ReadReq_Options_AllOptions_Position {
	return &streams.ReadReq_Options_AllOptions_Position{Position: &streams.ReadReq_Options_Position{CommitPosition: n, PreparePosition: n}}
}

// readAll forwards a read of all events. Forwards it begins with the event at its
// position, if there is one.
func (m *member) readAll(ctx context.Context, r *streams.ReadReq, out streams.Streams_ReadServer) error {
	options := r.GetOptions()
	widened(options)
	count := options.GetCount()
	if p, is := options.GetAll().GetAllOption().(*streams.ReadReq_Options_AllOptions_Position); is {
		// Forwards the event at the position is the first, backwards the one before it.
		n, _ := from(options.GetAll())
		if n < math.MaxUint64 && eventAt(n) != (place{p.Position.GetCommitPosition(), p.Position.GetPreparePosition()}) {
			n++
		}
		options.GetAll().AllOption = nodePosition(n)
	}
	if m.sees() < math.MaxUint64 {
		// A member that lags behind passes over what it does not know.
		options.CountOption = &streams.ReadReq_Options_Count{Count: math.MaxUint64}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := m.of.backend.Read(ctx, r)
	if err != nil {
		return err
	}
	for sent := uint64(0); sent < count; {
		message, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e := message.GetEvent(); e != nil {
			if translate(e) > m.sees() {
				if options.GetReadDirection() == streams.ReadReq_Options_Forwards {
					return nil
				}
				continue
			}
			sent++
			m.of.count(func(t *Traffic) { t.Read++ })
		}
		if err := out.Send(message); err != nil {
			return err
		}
	}
	return nil
}

// readStream forwards a read of or subscription to one stream.
func (m *member) readStream(ctx context.Context, r *streams.ReadReq, out streams.Streams_ReadServer) error {
	options := r.GetOptions()
	name := string(options.GetStream().GetStreamIdentifier().GetStreamName())
	at := m.of.known(name, nil)
	first := at.first
	switch {
	case at.tombstoned:
		return deleted(out, name)
	case at.gone:
		return out.Send(notFound(name))
	case at.most > 0:
		last, err := m.of.lastRevision(ctx, name)
		if err != nil {
			return err
		}
		if last >= int64(at.most) {
			first = max(first, uint64(last)-at.most+1)
		}
	}
	options.GetStream().StreamIdentifier = identifier(kept(name))
	backwards := options.GetReadDirection() == streams.ReadReq_Options_Backwards
	if given, is := options.GetStream().GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Revision); is && !backwards {
		given.Revision = max(given.Revision, first)
	} else if !backwards && first > 0 {
		if _, start := options.GetStream().GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Start); start {
			options.GetStream().RevisionOption = &streams.ReadReq_Options_StreamOptions_Revision{Revision: first}
		}
	}
	var trailer metadata.MD
	call, err := m.of.backend.Read(ctx, r, grpc.Trailer(&trailer))
	if err != nil {
		return err
	}
	for sent := 0; ; {
		message, err := call.Recv()
		if errors.Is(err, io.EOF) {
			if sent == 0 && m.sees() < math.MaxUint64 {
				return out.Send(notFound(name))
			}
			return nil
		}
		if err != nil {
			return &refusal{err, trailer}
		}
		if e := message.GetEvent(); e != nil {
			if translate(e) > m.sees() {
				continue
			}
			if e.GetEvent().GetStreamRevision() < first {
				return nil
			}
			sent++
		}
		if message.GetStreamNotFound() != nil {
			message = notFound(name)
			sent++
		}
		if err := out.Send(message); err != nil {
			return err
		}
	}
}

func notFound(name string) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
		StreamIdentifier: identifier(name),
	}}}
}

// subscription is one subscription to all events. It goes around between catching
// up and being live as often as its reader is too slow.
type subscription struct {
	member *member
	req    *streams.ReadReq
	out    streams.Streams_ReadServer
	// at is the last event of the node that the reader has dealt with.
	at        uint64
	confirmed bool
	// tooSlow says that the live reader is too slow; the server's lock guards it.
	tooSlow func()
}

// errSlow is what 23.10 says to a live subscriber that is too slow.
var errSlow = status.Error(codes.Aborted, "Operation timed out: Consumer too slow to handle event while live. Client resubscription required.")

func (m *member) subscribe(ctx context.Context, r *streams.ReadReq, out streams.Streams_ReadServer) error {
	m.of.count(func(t *Traffic) { t.Subscriptions++ })
	widened(r.GetOptions())
	sub := &subscription{member: m, req: r, out: out}
	if after, given := from(r.GetOptions().GetAll()); given {
		sub.at = after
	} else if _, end := r.GetOptions().GetAll().GetAllOption().(*streams.ReadReq_Options_AllOptions_End); end {
		head, err := m.of.head(ctx)
		if err != nil {
			return err
		}
		sub.at = head
	}
	for {
		err := sub.round(ctx)
		if !errors.Is(err, errSlow) {
			return err
		}
		m.of.count(func(t *Traffic) { t.Dropped++ })
		if m.of.config.Flavour == V23 {
			return err
		}
	}
}

// round catches up and then stays live until the reader is too slow, which is errSlow.
func (s *subscription) round(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.req.GetOptions().GetAll().AllOption = nodePosition(s.at)
	if s.at == 0 {
		s.req.GetOptions().GetAll().AllOption = &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}}
	}
	call, err := s.member.of.backend.Read(ctx, s.req)
	if err != nil {
		return err
	}
	for {
		message, err := call.Recv()
		if err != nil {
			return err
		}
		if message.GetCaughtUp() != nil {
			if err := s.out.Send(message); err != nil {
				return err
			}
			return s.stayLive(ctx, cancel, call)
		}
		if err := s.catchUp(ctx, message); err != nil {
			return err
		}
	}
}

// catchUp passes on one message before the reader is live.
func (s *subscription) catchUp(ctx context.Context, message *streams.ReadResp) error {
	server := s.member.of
	passed := func(n uint64) error {
		if n <= s.at {
			return nil
		}
		server.count(func(t *Traffic) { t.Considered += int64(n - s.at) })
		err := server.pass(ctx, n-s.at)
		s.at = n
		return err
	}
	switch content := message.GetContent().(type) {
	case *streams.ReadResp_Confirmation:
		if s.confirmed {
			return nil
		}
		s.confirmed = true
	case *streams.ReadResp_Event:
		if err := passed(translate(content.Event)); err != nil {
			return err
		}
		server.count(func(t *Traffic) { t.Delivered++ })
	case *streams.ReadResp_Checkpoint_:
		n := content.Checkpoint.GetCommitPosition()
		if err := passed(n); err != nil {
			return err
		}
		at := behind(n)
		content.Checkpoint.CommitPosition, content.Checkpoint.PreparePosition = at.commit, at.prepare
	}
	return s.out.Send(message)
}

// stayLive passes on what comes. The node waits for its readers; a server keeps a
// few events for them and no more. end ends the call.
func (s *subscription) stayLive(ctx context.Context, end context.CancelFunc, call streams.Streams_ReadClient) error {
	server := s.member.of
	slow := make(chan struct{})
	tooSlow := sync.OnceFunc(func() { close(slow) })
	server.mu.Lock()
	s.tooSlow = tooSlow
	server.live[s] = struct{}{}
	server.mu.Unlock()
	defer func() {
		server.mu.Lock()
		delete(server.live, s)
		server.mu.Unlock()
	}()
	kept, over := make(chan *streams.ReadResp, server.config.LiveBuffer), make(chan error, 1)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer end()
	reading.Go(func() {
		for {
			message, err := call.Recv()
			if err != nil {
				over <- err
				return
			}
			select {
			case kept <- message:
			default:
				tooSlow()
				return
			}
		}
	})
	for {
		select {
		case <-slow:
			return errSlow
		default:
		}
		select {
		case <-slow:
			return errSlow
		case err := <-over:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		case message := <-kept:
			if err := s.sendLive(message); err != nil {
				return err
			}
		}
	}
}

// sendLive passes on one message to a live reader.
func (s *subscription) sendLive(message *streams.ReadResp) error {
	switch content := message.GetContent().(type) {
	case *streams.ReadResp_Event:
		s.at = translate(content.Event)
		s.member.of.count(func(t *Traffic) { t.Delivered++ })
	case *streams.ReadResp_Checkpoint_:
		s.at = content.Checkpoint.GetCommitPosition()
		at := eventAt(s.at)
		content.Checkpoint.CommitPosition, content.Checkpoint.PreparePosition = at.commit, at.prepare
	}
	return s.out.Send(message)
}
