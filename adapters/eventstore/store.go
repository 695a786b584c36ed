package eventstore

import (
	"context"
	"log/slog"

	"praxis/domain/fault"
)

// Config says which event store to use: exactly one of URL and Socket.
type Config struct {
	// URL is a connection string of EventStoreDB, such as
	// esdb+discover://user:password@es.example:2113?tlsCaFile=/etc/es/ca.crt.
	URL string
	// Socket is the unix socket that the node in this process serves: its
	// absolute path, or that with "unix:" in front.
	Socket string
	// Logger notes when the store is found and lost; nil logs nothing.
	Logger *slog.Logger
}

// Store is the event store behind commands.Store and projections.Source. It is
// safe for concurrent use, survives any outage of the server, and never holds a
// caller longer than its context.
type Store struct {
	sup *supervisor
}

// Open checks the configuration and returns the store; the server is looked for
// when it is first needed, and may be away until then. Faults:
// "event_store_url_malformed", which names the part that is wrong and never a
// secret, and "event_store_ambiguous".
func Open(config Config) (*Store, error) {
	if (config.URL == "") == (config.Socket == "") {
		return nil, fault.New(fault.Invalid, "event_store_ambiguous", "Name the event store either by a connection string or by a socket.")
	}
	var c connection
	var err error
	if config.URL != "" {
		c, err = parseURL(config.URL)
	} else {
		c, err = unixSocket(config.Socket)
	}
	if err != nil {
		return nil, err
	}
	logger := config.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Store{sup: newSupervisor(c, logger)}, nil
}

// Ping asks the server for the end of the log, for readiness. It fails with
// es.ErrStoreUnavailable while the store cannot be used.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Tail(ctx)
	return err
}

// Close ends every call, read and subscription, and returns when nothing of the
// store runs any more. It may be called twice.
func (s *Store) Close() { s.sup.close() }
