package eventnode

import (
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"praxis/adapters/eventnode/engine"
)

// confirm answers a subscription before its first event.
func (r *reader) confirm() error {
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()},
	}})
}

// Fields that newer servers put into CaughtUp and Checkpoint, and that the
// generated messages do not have: a timestamp in both, and where the subscriber
// stands, as a stream's revision or as a position.
const (
	caughtUpTimestamp   = 1
	caughtUpRevision    = 2
	caughtUpPosition    = 3
	checkpointTimestamp = 3

	positionCommit  = 1 // ReadResp.Position.commit_position
	positionPrepare = 2 // ReadResp.Position.prepare_position
)

// caughtUpAt tells a subscriber of $all that it has seen everything there was, up
// to a position, 0 for none.
func (r *reader) caughtUpAt(position uint64) error {
	var where []byte
	if position > 0 {
		at := appendNumber(appendNumber(nil, positionCommit, position), positionPrepare, position)
		where = append(appendHeader(nil, caughtUpPosition, len(at)), at...)
	}
	return r.caughtUp(where)
}

// caughtUpBefore tells a subscriber of a stream that it has seen everything before
// a revision.
func (r *reader) caughtUpBefore(next uint64) error {
	if next == 0 {
		return r.caughtUp(nil)
	}
	return r.caughtUp(appendNumber(nil, caughtUpRevision, next-1))
}

func (r *reader) caughtUp(where []byte) error {
	message := &streams.ReadResp_CaughtUp{}
	message.ProtoReflect().SetUnknown(append(r.timestamp(caughtUpTimestamp), where...))
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: message}})
}

// timestamp encodes the present instant as a field.
func (r *reader) timestamp(field protowire.Number) []byte {
	// A timestamp always has an encoding.
	now, _ := proto.Marshal(timestamppb.New(r.service.clock()))
	return append(appendHeader(nil, field, len(now)), now...)
}

// checkpoint tells a filtering client from where it can resume.
func (r *reader) checkpoint(position uint64) error {
	message := &streams.ReadResp_Checkpoint{CommitPosition: position, PreparePosition: position}
	message.ProtoReflect().SetUnknown(r.timestamp(checkpointTimestamp))
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: message}})
}

// await waits until the log moves on.
func (r *reader) await(moved <-chan struct{}) error {
	select {
	case <-moved:
		return nil
	case <-r.call.Context().Done():
		return r.call.Context().Err()
	case <-r.service.stopping:
		return shuttingDown()
	}
}

// subscribeAll follows $all: everything after the given position, then
// caughtUp, then what is added. It reads pages from the log all the time and
// keeps no buffer of its own, so a slow subscriber does not slow down others.
func (r *reader) subscribeAll(options *streams.ReadReq_Options_AllOptions) error {
	head, _ := r.service.engine.Head()
	next, err := allSubscriptionStart(options, head)
	if err != nil {
		return err
	}
	if err := r.confirm(); err != nil {
		return err
	}
	progress := checkpoints{reader: r}
	live := false
	for {
		_, moved := r.service.engine.Head()
		page, err := r.service.engine.ReadAll(engine.Forwards, next, pageEvents)
		if err != nil {
			return err
		}
		for i := range page.Events {
			event := &page.Events[i]
			if r.filter.matches(event) {
				if err := r.send(event); err != nil {
					return err
				}
			}
			if err := progress.considered(event.Position); err != nil {
				return err
			}
			next = event.Position + 1
		}
		if page.More {
			if err := r.interrupted(); err != nil {
				return err
			}
			continue
		}
		if !live {
			live = true
			if err := errors.Join(progress.flush(), r.caughtUpAt(next-1)); err != nil {
				return err
			}
		}
		if err := r.await(moved); err != nil {
			return err
		}
	}
}

// allSubscriptionStart is the first position a subscription considers: the one
// after what the client has already seen.
func allSubscriptionStart(options *streams.ReadReq_Options_AllOptions, head uint64) (uint64, error) {
	switch option := options.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		commit, prepare := option.Position.GetCommitPosition(), option.Position.GetPreparePosition()
		if prepare < commit || commit == math.MaxUint64 {
			// The pair lies before the event at commit, which is still to come.
			return commit, checkPosition(option.Position)
		}
		return commit + 1, checkPosition(option.Position)
	case *streams.ReadReq_Options_AllOptions_Start:
		return 1, nil
	case *streams.ReadReq_Options_AllOptions_End:
		return head + 1, nil
	default:
		return 0, invalidArgument("the subscription to $all does not say where it starts")
	}
}

// checkpoints decides when a filtered subscription is sent its position.
// Every position it sends has been considered, so resuming after it neither
// misses nor repeats a matching event, wherever the client restarts.
type checkpoints struct {
	reader *reader
	count  uint64
	last   uint64 // last considered
	sent   uint64 // last sent
}

// considered counts an event, matching or not.
func (c *checkpoints) considered(position uint64) error {
	if c.reader.filter == nil {
		return nil
	}
	c.last = position
	if c.count++; c.count < c.reader.filter.interval {
		return nil
	}
	return c.flush()
}

// flush sends the current position unless it was sent before.
func (c *checkpoints) flush() error {
	c.count = 0
	if c.last == c.sent {
		return nil
	}
	c.sent = c.last
	return c.reader.checkpoint(c.last)
}

// subscribeStream follows one stream, which need not exist yet.
func (r *reader) subscribeStream(options *streams.ReadReq_Options_StreamOptions) error {
	stream := string(options.GetStreamIdentifier().GetStreamName())
	if stream == "" {
		return invalidArgument("the stream name is empty")
	}
	if err := checkProjectionStream(stream); err != nil {
		return err
	}
	next, err := r.streamSubscriptionStart(stream, options)
	if err != nil {
		return err
	}
	if err := r.confirm(); err != nil {
		return err
	}
	live := false
	for {
		_, moved := r.service.engine.Head()
		page, err := r.service.engine.ReadStream(engine.Forwards, stream, next, pageEvents)
		if err != nil && !errors.Is(err, engine.ErrStreamNotFound) {
			return err
		}
		for i := range page.Events {
			if err := r.send(&page.Events[i]); err != nil {
				return err
			}
			next = page.Events[i].Revision + 1
		}
		if page.More {
			if err := r.interrupted(); err != nil {
				return err
			}
			continue
		}
		if !live {
			live = true
			if err := r.caughtUpBefore(next); err != nil {
				return err
			}
		}
		if err := r.await(moved); err != nil {
			return err
		}
	}
}

// streamSubscriptionStart is the first revision a subscription sends.
func (r *reader) streamSubscriptionStart(stream string, options *streams.ReadReq_Options_StreamOptions) (uint64, error) {
	switch option := options.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if option.Revision == math.MaxUint64 {
			return option.Revision, nil
		}
		return option.Revision + 1, nil
	case *streams.ReadReq_Options_StreamOptions_Start:
		return 0, nil
	case *streams.ReadReq_Options_StreamOptions_End:
		last, err := r.service.engine.LastRevision(stream)
		if errors.Is(err, engine.ErrStreamNotFound) {
			return 0, nil
		}
		return last + 1, err
	default:
		return 0, invalidArgument("the subscription does not say where it starts")
	}
}
