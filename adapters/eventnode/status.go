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

// refusal makes the error for a refusal; trailers are pairs of names and values.
func refusal(code codes.Code, message string, trailers ...string) error {
	return &statusError{code: code, message: message, trailers: metadata.Pairs(trailers...)}
}

func invalidArgument(message string) error { return refusal(codes.InvalidArgument, message) }

// unsupported refuses a feature of a real server.
func unsupported(feature string) error {
	return refusal(codes.Unimplemented, "the embedded event node does not support "+feature+"; use an EventStoreDB server for it")
}

func missingMetadata(property string) error {
	return refusal(codes.InvalidArgument, "required metadata property "+property+" is missing",
		"exception", "missing-required-metadata-property",
		"required-metadata-properties", metadataType+","+metadataContentType)
}

// shuttingDown ends calls that would otherwise go on for ever.
func shuttingDown() error { return refusal(codes.Unavailable, "the event node is shutting down") }

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
		return refusal(codes.Aborted, "the outcome of the append is unknown; retry with the same event ids and expected revision")
	case errors.Is(err, engine.ErrNotProcessed):
		return refusal(codes.Aborted, "the append was not processed in time; nothing was stored", "exception", "write-timeout")
	case errors.As(err, &invalid):
		return invalidArgument(invalid.Error())
	case errors.As(err, &tooLarge):
		return refusal(codes.InvalidArgument, tooLarge.Error(),
			"exception", "maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(tooLarge.Limit))
	case errors.As(err, &refused):
		// Not Unavailable: clients would drop a connection that serves reads well.
		return refusal(codes.FailedPrecondition, refused.Error())
	case errors.As(err, &damaged):
		return refusal(codes.DataLoss, damaged.Error())
	case errors.Is(err, engine.ErrClosed):
		return shuttingDown()
	case errors.Is(err, context.Canceled):
		return refusal(codes.Canceled, "the call was cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		return refusal(codes.DeadlineExceeded, "the deadline of the call has passed")
	}
	if _, isStatus := status.FromError(err); isStatus {
		return err
	}
	return refusal(codes.Unknown, err.Error())
}
