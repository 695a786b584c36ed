package eventnode

import (
	"errors"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/emptypb"

	"praxis/adapters/eventnode/engine"
)

// batchResponse answers one append: it repeats the correlation id, the stream
// and what was expected.
func batchResponse(a *batch, result engine.Result) *streams.BatchAppendResp {
	response := &streams.BatchAppendResp{CorrelationId: a.id, StreamIdentifier: a.options.GetStreamIdentifier()}
	switch a.append.Expected {
	case engine.Any:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_Any{Any: &emptypb.Empty{}}
	case engine.NoStream:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_NoStream{NoStream: &emptypb.Empty{}}
	case engine.StreamExists:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_StreamExists{StreamExists: &emptypb.Empty{}}
	default:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_StreamPosition{StreamPosition: a.options.GetStreamPosition()}
	}
	if a.err != nil {
		response.Result = &streams.BatchAppendResp_Error{Error: batchError(a.err)}
		return response
	}
	success := &streams.BatchAppendResp_Success{
		CurrentRevisionOption: &streams.BatchAppendResp_Success_NoStream{NoStream: &emptypb.Empty{}},
		PositionOption:        &streams.BatchAppendResp_Success_NoPosition{NoPosition: &emptypb.Empty{}},
	}
	if result.Revision >= 0 {
		success.CurrentRevisionOption = &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: uint64(result.Revision)}
	}
	if result.Position > 0 {
		success.PositionOption = &streams.BatchAppendResp_Success_Position{
			Position: &shared.AllStreamPosition{CommitPosition: result.Position, PreparePosition: result.Position},
		}
	}
	response.Result = &streams.BatchAppendResp_Success_{Success: success}
	return response
}

// batchError renders a refusal as the status with one detail that clients of
// BatchAppend tell refusals apart by.
func batchError(err error) *rpcstatus.Status {
	translated := status.Convert(translate(err))
	code, message := translated.Code(), translated.Message()
	// The detail Unknown would be the right one for some of these, but for it the
	// official Node.js client replaces the message by "Error".
	var detail protoadapt.MessageV1 = &shared.BadRequest{Message: message}
	wrong, isWrong := errors.AsType[*engine.WrongExpectedRevisionError](err)
	tooLarge, isTooLarge := errors.AsType[*engine.TooLargeError](err)
	switch {
	case isWrong:
		code, detail = codes.AlreadyExists, wrongExpectedDetail(wrong)
	case isTooLarge:
		detail = &shared.MaximumAppendSizeExceeded{MaxAppendSize: uint32(tooLarge.Limit)}
	case errors.Is(err, engine.ErrOutcomeUnknown), errors.Is(err, engine.ErrNotProcessed):
		code, detail = codes.DeadlineExceeded, &shared.Timeout{}
	}
	detailed, err := status.New(code, message).WithDetails(detail)
	if err != nil { // Packing a message that is linked into the program cannot fail.
		return status.New(code, message).Proto()
	}
	return detailed.Proto()
}

// wrongExpectedDetail is the conflict in the form of BatchAppend.
func wrongExpectedDetail(wrong *engine.WrongExpectedRevisionError) *shared.WrongExpectedVersion {
	detail := &shared.WrongExpectedVersion{
		CurrentStreamRevisionOption: &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}},
	}
	if wrong.Current >= 0 {
		detail.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: uint64(wrong.Current)}
	}
	switch wrong.Expected {
	case engine.Any:
		detail.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: &emptypb.Empty{}}
	case engine.StreamExists:
		detail.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}}
	case engine.NoStream:
		detail.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}}
	default:
		detail.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: uint64(wrong.Expected)}
	}
	return detail
}
