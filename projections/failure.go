package projections

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/internal/follower"
)

// Failure says why a projection parked an event, or stopped.
type Failure = follower.Failure

// errPanicked marks a projector that panicked on an event.
var errPanicked = fault.New(fault.Internal, "projector_panicked", "The projector has a defect that shows at this event. Report the event named here.")

// describe makes the failure of err at an event.
func describe(err error, at es.Recorded, now time.Time) Failure {
	f := Failure{Event: at.Type, Stream: at.Stream, Revision: at.Revision, At: now}
	var pg *pgconn.PgError
	var known *fault.Error
	switch {
	case errors.As(err, &pg):
		// A server message can quote values; only names of the schema are safe.
		f.Code = "sqlstate_" + pg.Code
		f.Message = "Postgres refused the rows of this event"
		if pg.TableName != "" {
			f.Message += ", table " + pg.TableName
		}
		if pg.ConstraintName != "" {
			f.Message += ", constraint " + pg.ConstraintName
		}
		f.Message += "."
	case errors.As(err, &known):
		f.Code, f.Message = known.Code, known.Message
	default:
		f.Code, f.Message = "projector_failed", "The projector cannot turn this event into rows."
	}
	if cause := strings.TrimPrefix(fault.Cause(err), f.Code+": "); pg == nil && cause != f.Code {
		f.Cause, f.Stack = cause, fault.StackOf(err)
	}
	return f
}

// transientStates are the SQLSTATE classes and codes after which the same
// transaction can succeed: lost connections, rollbacks for concurrency, a
// server that is full, starting, stopping, failing over, or given its database anew.
var transientStates = []string{"08", "40", "53", "57014", "57P", "55P03", "58030", "25006", "3D000"}

// transient reports whether repeating the transaction may succeed.
func transient(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		for _, s := range transientStates {
			if strings.HasPrefix(pg.Code, s) {
				return true
			}
		}
		return false
	}
	if fault.KindOf(err) == fault.Unavailable {
		return true
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) ||
		pgconn.SafeToRetry(err) || errors.Is(err, errConnection) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// errConnection marks errors of a connection that is gone.
var errConnection = errors.New("the connection to Postgres was lost")

// errBroken marks an error after which the connection was closed. That alone
// says little: pgx closes it after a network error, but also after an argument
// that it cannot encode, and the latter would fail for ever.
var errBroken = errors.New("the transaction broke its connection")

// brokenTries is how often in a row such a transaction is repeated where the
// error itself does not tell which it is.
const brokenTries = 3

// errLog marks errors of the event store.
var errLog = errors.New("the log cannot be read")
