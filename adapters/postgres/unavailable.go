package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/fault"
)

// ErrUnavailable says that the database cannot be reached at the moment. The log
// does not need it: what was acknowledged stays, and read models catch up.
var ErrUnavailable = fault.New(fault.Unavailable, "database_unavailable", "The database of the read models cannot be reached at the moment. Nothing that was acknowledged is lost; try again shortly.")

// noSchema are what Postgres says where a database, a schema, a table or a column is not
// there: it was emptied, or its schema is being made at this moment.
var noSchema = []string{"3D000", "3F000", "42P01", "42703"}

// Translate returns ErrUnavailable for errors of a connection that cannot be
// made or broke, the faults "database_read_only" and "database_empty" for what these
// say, and any other error as it is. A fault is left alone: the code that made it
// knew more.
func Translate(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var connect *pgconn.ConnectError
	var server *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrUnavailable.Because(err)
	case errors.As(err, &server) && server.Code == "25006":
		return ErrReadOnly.Because(err)
	case errors.As(err, &server) && slices.Contains(noSchema, server.Code):
		return ErrNoSchema.Because(Scrubbed("use the tables of Praxis", err))
	case errors.As(err, &server) && (strings.HasPrefix(server.Code, "57P") || strings.HasPrefix(server.Code, "08")):
		return ErrUnavailable.Because(err) // shutting down, starting, or losing connections
	}
	return err
}
