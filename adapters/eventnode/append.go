package eventnode

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"praxis/adapters/eventnode/engine"
)

// maxDiscardedBytes bounds what is read of an append that is already refused.
const maxDiscardedBytes = 64 << 20

// Append receives one atomic append and answers after it is durable. A wrong
// expected revision is an answer, not an error status.
func (s *streamsService) Append(call streams.Streams_AppendServer) error {
	request, err := receiveAppend(call)
	if err != nil {
		return s.fail(call, err)
	}
	ctx, cancel := context.WithTimeout(call.Context(), s.config.WriteTimeout)
	defer cancel()
	result, err := s.engine.Append(ctx, request)
	if wrong, isWrong := errors.AsType[*engine.WrongExpectedRevisionError](err); isWrong {
		return call.SendAndClose(wrongExpectedResponse(wrong))
	}
	if err != nil {
		return s.fail(call, err)
	}
	return call.SendAndClose(successResponse(result))
}

// receiveAppend collects the options and events of the call. A refusal is held
// back until the client has sent everything: the official client reports an
// error that arrives while it is sending as "EOF", without its text.
func receiveAppend(call streams.Streams_AppendServer) (engine.Append, error) {
	var received incoming
	hasOptions := false
	for received.size <= maxDiscardedBytes {
		message, err := call.Recv()
		switch {
		case errors.Is(err, io.EOF) && received.err == nil && !hasOptions:
			return engine.Append{}, invalidArgument("the append has no options")
		case errors.Is(err, io.EOF):
			return received.append, received.err
		case err != nil:
			return engine.Append{}, err
		}
		switch content := message.GetContent().(type) {
		case *streams.AppendReq_Options_:
			hasOptions = true
			received.begin(content.Options.GetStreamIdentifier(), content.Options.GetExpectedStreamRevision())
		case *streams.AppendReq_ProposedMessage_:
			received.add(content.ProposedMessage)
		}
	}
	return engine.Append{}, received.err
}

// incoming is an append of either call, as far as it has arrived.
type incoming struct {
	append engine.Append
	size   int
	err    error // why it is refused; what arrives later is discarded
}

// begin reads the stream and the expectation of an append.
func (a *incoming) begin(stream *shared.StreamIdentifier, expected any) {
	a.append.Stream = string(stream.GetStreamName())
	a.refuse(checkStreamName(a.append.Stream))
	var err error
	a.append.Expected, err = expectation(expected)
	a.refuse(err)
}

// proposedMessage is an event on the wire of either call.
type proposedMessage interface {
	GetId() *shared.UUID
	GetMetadata() map[string]string
	GetCustomMetadata() []byte
	GetData() []byte
}

// add takes an event.
func (a *incoming) add(m proposedMessage) {
	event, err := newEvent(m)
	if a.size += event.Size(); err == nil && a.size > engine.MaxAppendBytes {
		err = &engine.TooLargeError{Size: a.size, Limit: engine.MaxAppendBytes}
	}
	a.refuse(err)
	if a.err == nil {
		a.append.Events = append(a.append.Events, event)
	}
}

// refuse keeps the first reason for a refusal, and no events any more.
func (a *incoming) refuse(err error) {
	if a.err == nil && err != nil {
		a.err, a.append.Events = err, nil
	}
}

// expectation reads what an append of either call expects. No stream can reach the
// upper half of the range of revisions, so all of it means the same.
func expectation(expected any) (engine.Expected, error) {
	switch expected := expected.(type) {
	case *streams.AppendReq_Options_Revision:
		return engine.Expected(min(expected.Revision, math.MaxInt64)), nil
	case *streams.BatchAppendReq_Options_StreamPosition:
		return engine.Expected(min(expected.StreamPosition, math.MaxInt64)), nil
	case *streams.AppendReq_Options_NoStream, *streams.BatchAppendReq_Options_NoStream:
		return engine.NoStream, nil
	case *streams.AppendReq_Options_Any, *streams.BatchAppendReq_Options_Any:
		return engine.Any, nil
	case *streams.AppendReq_Options_StreamExists, *streams.BatchAppendReq_Options_StreamExists:
		return engine.StreamExists, nil
	default:
		return 0, invalidArgument("the append does not say which revision it expects")
	}
}

// successResponse answers an append that is durable.
func successResponse(result engine.Result) *streams.AppendResp {
	success := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}},
		PositionOption:        &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}},
	}
	if result.Revision >= 0 {
		success.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(result.Revision)}
	}
	if result.Position > 0 {
		success.PositionOption = &streams.AppendResp_Success_Position{
			Position: &streams.AppendResp_Position{CommitPosition: result.Position, PreparePosition: result.Position},
		}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: success}}
}

// wrongExpectedResponse answers a conflict, in the current and the 20.6 form.
func wrongExpectedResponse(wrong *engine.WrongExpectedRevisionError) *streams.AppendResp {
	type response = streams.AppendResp_WrongExpectedVersion
	r := &response{
		CurrentRevisionOption_20_6_0: &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: &shared.Empty{}},
		CurrentRevisionOption:        &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}},
	}
	if wrong.Current >= 0 {
		current := uint64(wrong.Current)
		r.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: current}
		r.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: current}
	}
	switch wrong.Expected {
	case engine.Any:
		r.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: &shared.Empty{}}
		r.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
	case engine.StreamExists:
		r.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: &shared.Empty{}}
		r.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
	case engine.NoStream:
		r.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: math.MaxUint64}
		r.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	default:
		expected := uint64(wrong.Expected)
		r.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: expected}
		r.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: expected}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: r}}
}
