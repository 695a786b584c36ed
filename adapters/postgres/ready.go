package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"praxis/domain/fault"
)

// The reasons why a database that answers is of no use.
var (
	// ErrReadOnly says that it takes no changes.
	ErrReadOnly = fault.New(fault.Unavailable, "database_read_only", "PostgreSQL takes no changes: it is read-only, because of default_transaction_read_only or because it is a standby. Read models and processes stand still until it takes changes again; nothing that was acknowledged is lost.")
	// ErrNoSchema says that it lacks our tables.
	ErrNoSchema = fault.New(fault.Unavailable, "database_empty", "The database lacks the tables of Praxis: it was emptied or replaced. A running server makes them anew and refills the read models from the log; what was acknowledged is there.")
)

// Probe looks whether a database can be worked with, on a connection of its own:
// requests that have taken the whole pool do not make a database look dead. Its
// zero value with Connect set is ready; one look at a time.
type Probe struct {
	// Connect is the configuration to connect with.
	Connect *pgx.ConnConfig

	conn *pgx.Conn
}

// Check returns nil if the database answers, takes changes and has our tables.
// Faults: "database_unavailable", "database_read_only", "database_empty".
func (p *Probe) Check(ctx context.Context) error {
	isOld := p.conn != nil
	readOnly, hasSchema, err := p.look(ctx)
	if err != nil && isOld && ctx.Err() == nil {
		// The connection of the last look may have broken since.
		readOnly, hasSchema, err = p.look(ctx)
	}
	switch {
	case err != nil:
		return Translate(Scrubbed("look at the database", err))
	case !hasSchema:
		return ErrNoSchema
	case readOnly:
		return ErrReadOnly
	}
	return nil
}

func (p *Probe) look(ctx context.Context) (readOnly, hasSchema bool, err error) {
	if p.conn == nil {
		if p.conn, err = pgx.ConnectConfig(ctx, p.Connect); err != nil {
			return false, false, err
		}
	}
	err = p.conn.QueryRow(ctx, "select current_setting('transaction_read_only') = 'on', to_regclass($1) is not null", versionTable).
		Scan(&readOnly, &hasSchema)
	if err != nil {
		p.Close(ctx)
	}
	return readOnly, hasSchema, err
}

// Close gives the connection back without waiting for the server.
func (p *Probe) Close(ctx context.Context) {
	if p.conn == nil {
		return
	}
	ended, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cancel()
	// With a context that has ended the socket is closed at once; the server notices.
	_ = p.conn.Close(ended)
	p.conn = nil
}
