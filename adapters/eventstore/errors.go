package eventstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"praxis/domain/es"
	"praxis/domain/fault"
)

var (
	errDenied  = fault.New(fault.Internal, "event_store_access_denied", "The event store does not accept the credentials of Praxis. Check the user in the connection string and its rights on $all.")
	errDeleted = fault.New(fault.Internal, "stream_deleted", "A stream of events was deleted in the event store. Praxis never deletes any; restore the event store from a backup.")
	errRefused = fault.New(fault.Internal, "event_store_refused", "The event store refuses what Praxis asked of it. Check that it is an EventStoreDB of a supported version.")
	errDamaged = fault.New(fault.Internal, "event_log_damaged", "The event log is damaged. Stop Praxis, keep the log as it is, and restore it from a backup; praxis serve --verify checks the embedded one whole.")
	errFailed  = fault.New(fault.Internal, "event_store_failed", "The event store failed in an unforeseen way. Look for the cause in the log.")
)

// errUntrusted is es.ErrStoreUnavailable to programs, which may try again, and says to
// people what trying again does not mend.
var errUntrusted = fault.New(fault.Unavailable, es.ErrStoreUnavailable.Code, "The event store shows a certificate that is not trusted here, or not for the host name in EVENTSTOREDB_URL. Name the file of the authority that signed it with tlsCaFile=… in EVENTSTOREDB_URL, and use the host name that the certificate is for. Nothing was changed.")

// unreachable translates why no server was found.
func unreachable(err error) error {
	// The client passes on no more than the text of what the handshake came to.
	if strings.Contains(err.Error(), "x509: ") {
		return errUntrusted.Because(err)
	}
	return es.ErrStoreUnavailable.Because(err)
}

// clean is an error of the client with what the server said as its text: the client
// writes "[ErrorCode 0] (sorry, …)" before everything that it has no code for.
type clean struct {
	text string
	error
}

func (c clean) Error() string { return c.text }

// Unwrap keeps the chain.
func (c clean) Unwrap() error { return c.error }

// cleaned gives an error of the client a text without what the client puts before it.
func cleaned(err error) error {
	var answer interface{ GRPCStatus() *status.Status }
	if errors.As(err, &answer) {
		said := answer.GRPCStatus()
		return clean{text: said.Code().String() + ": " + said.Message(), error: err}
	}
	var e *esdb.Error
	if errors.As(err, &e) && e.Err() != nil && e.Code() == esdb.ErrorCodeUnknown {
		return clean{text: e.Err().Error(), error: err}
	}
	return err
}

// refusal translates an answer with which the server certainly did nothing; nil
// for any other error.
func refusal(err error) error {
	var e *esdb.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case esdb.ErrorCodeStreamDeleted:
			return errDeleted.Because(err)
		case esdb.ErrorCodeUnauthenticated, esdb.ErrorCodeAccessDenied:
			return errDenied.Because(err)
		}
	}
	// The client leaves the raw status in subscriptions and hides most kinds
	// behind its unknown code; the status is in the chain either way.
	switch status.Code(err) {
	case codes.Unauthenticated, codes.PermissionDenied:
		return errDenied.Because(err)
	case codes.InvalidArgument, codes.FailedPrecondition, codes.Unimplemented, codes.NotFound, codes.OutOfRange:
		return errRefused.Because(err)
	case codes.DataLoss:
		return errDamaged.Because(err)
	}
	return nil
}

// readError translates the end of a read or question under the caller's ctx.
func readError(ctx context.Context, err error) error {
	err = cleaned(err)
	switch ended := ctx.Err(); {
	case errors.Is(ended, context.Canceled):
		return fmt.Errorf("read events: %w", ended)
	case ended != nil:
		return es.ErrStoreUnavailable.Because(ended)
	case errors.Is(err, es.ErrStoreUnavailable):
		return err
	case lost(err):
		return es.ErrStoreUnavailable.Because(err)
	case errors.Is(err, context.Canceled):
		return es.ErrStoreUnavailable.Because(errClosed)
	case errors.Is(err, context.DeadlineExceeded):
		return es.ErrStoreUnavailable.Because(err)
	}
	if refused := refusal(err); refused != nil {
		return refused
	}
	if errors.Is(err, errEnded) {
		return es.ErrStoreUnavailable.Because(err)
	}
	switch status.Code(err) {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.ResourceExhausted:
		return es.ErrStoreUnavailable.Because(err)
	}
	return errFailed.Because(err)
}

// appendError translates the failure of an append. Unless the server certainly
// did nothing, the outcome is unknown.
func appendError(stream es.Stream, expected es.Expected, err error) error {
	if errors.Is(err, es.ErrStoreUnavailable) {
		return err
	}
	err = cleaned(err)
	var e *esdb.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case esdb.ErrorCodeWrongExpectedVersion:
			actual, err := actualRevision(e)
			if err != nil {
				return errFailed.Because(err)
			}
			return &es.WrongRevisionError{Stream: stream, Expected: expected, Actual: actual}
		case esdb.ErrorCodeConnectionClosed, esdb.ErrorCodeNotLeader:
			// Found out before anything was written.
			return es.ErrStoreUnavailable.Because(err)
		}
	}
	refused := refusal(err)
	switch {
	case errors.Is(refused, errRefused) && status.Code(err) == codes.FailedPrecondition:
		// The embedded node answers this when its disk is full: nothing was written,
		// and nothing will be until its operator has seen to it.
		return es.ErrStoreRefusesWrites.Because(err)
	case refused != nil:
		return refused
	}
	return es.ErrOutcomeUnknown.Because(err)
}

// actualRevision finds where the stream is. The client keeps it nowhere but in
// the text of its error: wrong expected version: expecting '…' but got '…'.
func actualRevision(e *esdb.Error) (es.Revision, error) {
	_, got, _ := strings.Cut(e.Error(), "but got '")
	got, _, found := strings.Cut(got, "'")
	if got == "no_stream" {
		return es.NoStream, nil
	}
	n, err := strconv.ParseInt(got, 10, 64)
	if err != nil || !found {
		return 0, fmt.Errorf("find the revision of the stream in the client's error: %w", e)
	}
	return es.Revision(n), nil
}

// streamMissing reports whether a read ended because its stream does not exist.
// The same code over a gRPC status means something else: a server, or something
// in between, that does not know the call.
func streamMissing(err error) bool {
	var e *esdb.Error
	if !errors.As(err, &e) || e.Code() != esdb.ErrorCodeResourceNotFound {
		return false
	}
	_, isStatus := status.FromError(e.Err())
	return !isStatus
}
