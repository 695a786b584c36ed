package eventnode

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"praxis/adapters/eventnode/engine"
)

// statusError is a refusal on its way to the client: a status and the trailers with
// which EventStoreDB clients tell refusals apart.
type statusError struct {
	code     codes.Code
	message  string
	trailers metadata.MD
}

func (f *statusError) Error() string { return f.message }

// GRPCStatus lets gRPC send the refusal's own code.
func (f *statusError) GRPCStatus() *status.Status { return status.New(f.code, f.message) }

func invalidArgument(message string) error {
	return &statusError{code: codes.InvalidArgument, message: message}
}

// unsupported refuses a feature of a real server.
func unsupported(feature string) error {
	return &statusError{code: codes.Unimplemented, message: "the embedded event node does not support " + feature + "; use an EventStoreDB server for it"}
}

func missingMetadata(property string) error {
	return &statusError{
		code:    codes.InvalidArgument,
		message: "required metadata property " + property + " is missing",
		trailers: metadata.Pairs("exception", "missing-required-metadata-property",
			"required-metadata-properties", metadataType+","+metadataContentType),
	}
}

// shuttingDown ends calls that would otherwise go on for ever.
func shuttingDown() error {
	return &statusError{code: codes.Unavailable, message: "the event node is shutting down"}
}

// translate turns an error of the engine into what is sent to the client.
func translate(err error) error {
	var (
		failed   *statusError
		invalid  *engine.InvalidAppendError
		tooLarge *engine.TooLargeError
		damaged  *engine.CorruptionError
		refused  *engine.WritesRefusedError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return failed
	case errors.Is(err, engine.ErrOutcomeUnknown):
		return &statusError{code: codes.Aborted, message: "the outcome of the append is unknown; retry with the same event ids and expected revision"}
	case errors.Is(err, engine.ErrNotProcessed):
		return &statusError{
			code: codes.Aborted, message: "the append was not processed in time; nothing was stored",
			trailers: metadata.Pairs("exception", "write-timeout"),
		}
	case errors.As(err, &invalid):
		return &statusError{code: codes.InvalidArgument, message: invalid.Error()}
	case errors.As(err, &tooLarge):
		return &statusError{code: codes.InvalidArgument, message: tooLarge.Error(), trailers: metadata.Pairs(
			"exception", "maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(tooLarge.Limit))}
	case errors.As(err, &refused):
		// Not Unavailable: clients would drop a connection that serves reads well.
		return &statusError{code: codes.FailedPrecondition, message: refused.Error()}
	case errors.As(err, &damaged):
		return &statusError{code: codes.DataLoss, message: damaged.Error()}
	case errors.Is(err, engine.ErrClosed):
		return shuttingDown()
	case errors.Is(err, context.Canceled):
		return &statusError{code: codes.Canceled, message: "the call was cancelled"}
	case errors.Is(err, context.DeadlineExceeded):
		return &statusError{code: codes.DeadlineExceeded, message: "the deadline of the call has passed"}
	}
	if _, isStatus := status.FromError(err); isStatus {
		return err
	}
	return &statusError{code: codes.Unknown, message: err.Error()}
}

// trailer is what a server call offers for setting trailers.
type trailer interface {
	SetTrailer(trailer metadata.MD)
}

// fail translates an error and attaches its trailers to the call.
func fail(call trailer, err error) error {
	translated := translate(err)
	var failed *statusError
	if errors.As(translated, &failed) && failed.trailers != nil {
		call.SetTrailer(failed.trailers)
	}
	return translated
}
