package eventnode

import (
	"errors"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"praxis/adapters/eventnode/engine"
)

// subscribe follows $all or one stream, which need not exist yet: everything from
// the start on, then caughtUp, then what is added. It reads pages from the log all
// the time and keeps no buffer of its own, so a slow subscriber does not slow down
// others.
func (r *reader) subscribe(next uint64) error {
	err := r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()},
	}})
	if err != nil {
		return err
	}
	progress := checkpoints{reader: r}
	live := false
	for {
		_, moved := r.service.engine.Head()
		page, err := r.passing(next)
		if err != nil && !errors.Is(err, engine.ErrStreamNotFound) {
			return err
		}
		for i := range page.Events {
			event := &page.Events[i]
			// What lies before it did not pass.
			if err := progress.passed(next, event.Position); err != nil {
				return err
			}
			if err := r.call.SendMsg(r.encoder.frame(event)); err != nil {
				return err
			}
			if err := progress.considered(event.Position); err != nil {
				return err
			}
			next = r.behind(event)
		}
		if r.filter != nil && page.Last > 0 {
			if err := progress.passed(next, page.Last+1); err != nil {
				return err
			}
			next = page.Last + 1
		}
		if page.More {
			if err := r.interrupted(); err != nil {
				return err
			}
			continue
		}
		if !live {
			live = true
			if err := errors.Join(progress.flush(), r.caughtUp(next)); err != nil {
				return err
			}
		}
		if err := r.await(moved); err != nil {
			return err
		}
	}
}

// passing reads a page of what the subscription delivers.
func (r *reader) passing(from uint64) (engine.Page, error) {
	if r.filter == nil {
		return r.page(from, pageEvents)
	}
	return r.service.engine.ReadPassing(r.direction, from, pageEvents, r.filter.chooses())
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

// caughtUp tells a subscriber that it has seen everything there was before a
// position or a revision, if that is anything.
func (r *reader) caughtUp(next uint64) error {
	fields := r.timestamp(caughtUpTimestamp)
	switch {
	case r.stream != "" && next > 0:
		fields = appendNumber(fields, caughtUpRevision, next-1)
	case r.stream == "" && next > 1:
		at := appendNumber(appendNumber(nil, positionCommit, next-1), positionPrepare, next-1)
		fields = appendBytes(fields, caughtUpPosition, at)
	}
	message := &streams.ReadResp_CaughtUp{}
	message.ProtoReflect().SetUnknown(fields)
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: message}})
}

// timestamp encodes the present instant as a field.
func (r *reader) timestamp(field protowire.Number) []byte {
	// A timestamp always has an encoding.
	now, _ := proto.Marshal(timestamppb.New(r.service.config.Clock()))
	return appendBytes(nil, field, now)
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

// passed counts the events from one position up to another, none of which matches.
func (c *checkpoints) passed(from, to uint64) error {
	if c.reader.filter == nil {
		return nil
	}
	for position := from; position < to; position++ {
		if err := c.considered(position); err != nil {
			return err
		}
	}
	return nil
}

// flush sends the current position unless it was sent before: a filtering client
// can resume from it.
func (c *checkpoints) flush() error {
	c.count = 0
	if c.last == c.sent {
		return nil
	}
	c.sent = c.last
	message := &streams.ReadResp_Checkpoint{CommitPosition: c.last, PreparePosition: c.last}
	message.ProtoReflect().SetUnknown(c.reader.timestamp(checkpointTimestamp))
	return c.reader.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: message}})
}
