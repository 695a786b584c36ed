package eventnode

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"praxis/adapters/eventnode/engine"
)

const (
	// maxOpenBatches bounds the appends of one call whose last chunk is missing.
	maxOpenBatches = 64
	// maxPendingAnswers bounds the appends of one call that wait for a commit.
	maxPendingAnswers = 256
)

// BatchAppend serves many appends over one call. Each is collected by its
// correlation id until its final chunk; refusals go to their id and leave the
// call open, unless what is asked for is not supported and nothing else is
// unfinished. Appends are processed in the order in which they were finished.
func (s *streamsService) BatchAppend(call streams.Streams_BatchAppendServer) error {
	b := &batchCall{
		service: s,
		call:    call,
		open:    make(map[uuid.UUID]*batch),
		answers: make(chan *batch, maxPendingAnswers),
	}
	var responder errgroup.Group
	responder.Go(b.respond)
	err := b.receive()
	close(b.answers)
	return s.fail(call, errors.Join(err, responder.Wait()))
}

// batchCall is the state of one BatchAppend call.
type batchCall struct {
	service *streamsService
	call    streams.Streams_BatchAppendServer
	open    map[uuid.UUID]*batch
	answers chan *batch
}

// batch is one append of a BatchAppend call.
type batch struct {
	incoming
	id      *shared.UUID
	options *streams.BatchAppendReq_Options
	ctx     context.Context // carries the append's own deadline
	cancel  context.CancelFunc
	pending *engine.Pending
}

// receive collects chunks until the client has no more.
func (b *batchCall) receive() error {
	defer func() {
		for _, unfinished := range b.open {
			unfinished.cancel()
		}
	}()
	for {
		chunk, err := b.call.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		id, err := parseUUID(chunk.GetCorrelationId())
		if err != nil {
			return invalidArgument("a chunk has no valid correlation id")
		}
		current := b.open[id]
		if current == nil {
			if chunk.GetOptions() == nil {
				continue
			}
			current = b.begin(chunk)
			b.open[id] = current
			if len(b.open) > maxOpenBatches {
				current.refuse(invalidArgument("too many appends are unfinished; send their final chunks first"))
			}
		}
		if current.ctx.Err() != nil {
			current.refuse(engine.ErrNotProcessed)
		}
		for _, m := range chunk.GetProposedMessages() {
			current.add(m)
		}
		if current.err == nil && chunk.GetIsFinal() {
			current.pending, current.err = b.service.engine.Start(current.ctx, current.append)
		}
		if current.pending == nil && current.err == nil {
			continue
		}
		delete(b.open, id)
		if len(b.open) == 0 && status.Code(translate(current.err)) == codes.Unimplemented {
			// Clients know no detail for what the node does not support, and drop the
			// code of an answer whose detail they do not know; that of a call reaches
			// them. What came before is answered, and nothing later is begun.
			current.cancel()
			return current.err
		}
		b.answers <- current
	}
}

// begin opens an append with its first chunk; its time runs from here.
func (b *batchCall) begin(chunk *streams.BatchAppendReq) *batch {
	options := chunk.GetOptions()
	timeout := b.service.config.WriteTimeout
	switch deadline := options.GetDeadlineOption().(type) {
	case *streams.BatchAppendReq_Options_Deadline:
		timeout = min(timeout, deadline.Deadline.AsDuration())
	case *streams.BatchAppendReq_Options_Deadline_21_10_0:
		timeout = min(timeout, time.Until(deadline.Deadline_21_10_0.AsTime()))
	}
	started := &batch{id: chunk.GetCorrelationId(), options: options}
	started.ctx, started.cancel = context.WithTimeout(b.call.Context(), timeout)
	started.begin(options.GetStreamIdentifier(), options.GetExpectedStreamPosition())
	return started
}

// respond answers in order until the channel is closed. It goes on taking
// answers when the client is gone, so that receive never waits for it.
func (b *batchCall) respond() error {
	var failed error
	for answered := range b.answers {
		var result engine.Result
		if answered.err == nil {
			result, answered.err = answered.pending.Wait(answered.ctx)
		}
		answered.cancel()
		if failed == nil {
			failed = b.call.Send(batchResponse(answered, result))
		}
	}
	return failed
}
