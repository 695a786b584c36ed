package postgres

import (
	"context"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// closingWhenCut makes a dialler's connections close at once when a message was
// written in part, because the context of its statement ended. Nothing can follow on
// such a connection: the server waits for the rest of the message and takes the
// driver's goodbye for it, while the driver waits 15 seconds for the server's. Close
// of the pool would wait for both; large batches of read models are cut like this
// whenever Praxis stops while it is catching up.
func closingWhenCut(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return whole{conn}, nil
	}
}

// whole is a connection that is closed when a write ends in the middle.
type whole struct{ net.Conn }

// Write writes all of b, or fails.
func (w whole) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if err != nil && n > 0 {
		_ = w.Close()
	}
	return n, err
}
