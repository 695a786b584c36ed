package eventstore

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"praxis/domain/es"
	"praxis/internal/retry"
)

// supervisor owns the client. It connects when a call needs it and there is no
// connection, at most once at a time, and replaces a client whose connection
// was lost, so that no failure is for good.
type supervisor struct {
	conn   connection
	logger *slog.Logger
	loop   retry.Loop
	// over ends when the store is closed.
	over context.Context
	end  context.CancelFunc
	// work counts the goroutines that run for the store.
	work sync.WaitGroup

	mu      sync.Mutex
	current *session
	search  *search
}

// search is one attempt to find a node, which any number of calls wait for.
type search struct {
	done chan struct{}
	err  error
}

var errClosed = errors.New("the store is closed")

func newSupervisor(c connection, logger *slog.Logger) *supervisor {
	over, end := context.WithCancel(context.Background())
	return &supervisor{
		conn: c, logger: logger, loop: retry.Loop{What: "the connection to the event store", Logger: logger}, over: over, end: end,
	}
}

// acquire returns the session to make one call on, connecting first if need be;
// the caller must release it. Nothing was sent when it fails, which it does with
// es.ErrStoreUnavailable, no later than ctx ends.
func (s *supervisor) acquire(ctx context.Context) (*session, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, es.ErrStoreUnavailable.Because(err)
		}
		sess, found, err := s.enter()
		if err != nil {
			return nil, err
		}
		if sess != nil {
			return sess, nil
		}
		select {
		case <-found.done:
			if found.err != nil {
				return nil, unreachable(found.err)
			}
		case <-ctx.Done():
			return nil, es.ErrStoreUnavailable.Because(ctx.Err())
		}
	}
}

// enter takes the present session, or the search that is under way for one.
func (s *supervisor) enter() (*session, *search, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.Err() != nil {
		return nil, nil, es.ErrStoreUnavailable.Because(errClosed)
	}
	if s.current != nil {
		s.current.calls++
		s.work.Add(1)
		return s.current, nil, nil
	}
	if s.search == nil {
		found := &search{done: make(chan struct{})}
		s.search = found
		s.work.Go(func() { s.find(found) })
	}
	return nil, s.search, nil
}

// find makes one search and publishes the session it leads to.
func (s *supervisor) find(found *search) {
	sess, err := s.connect()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.over.Err() != nil {
		s.discard(sess.client)
		err = errClosed
	}
	if err == nil {
		s.current = sess
	}
	s.search, found.err = nil, err
	close(found.done)
}

// connect tries as often as the connection says. Each attempt is a client of
// its own that looks once, so that the pauses between them end with the store.
func (s *supervisor) connect() (*session, error) {
	var err error
	for n := range s.conn.attempts {
		if n > 0 {
			pause := time.NewTimer(s.conn.pause)
			select {
			case <-pause.C:
			case <-s.over.Done():
				pause.Stop()
				return nil, errClosed
			}
		}
		var sess *session
		if sess, err = s.attempt(); err == nil {
			s.loop.Worked()
			s.logger.Debug("event store connected")
			return sess, nil
		}
	}
	s.loop.Failed("not found: " + err.Error())
	return nil, err
}

func (s *supervisor) attempt() (*session, error) {
	sess := &session{idle: make(chan struct{})}
	config := s.conn.client
	config.MaxDiscoverAttempts, config.DiscoveryInterval = 1, 1
	config.DefaultDeadline = &s.conn.patience
	config.Logger = s.overhear(sess)
	client, err := esdb.NewClient(&config)
	if err != nil {
		return nil, err
	}
	// The client connects when it is first used; this call needs no permission.
	if _, err := client.GetServerVersion(); err != nil {
		s.discard(client)
		return nil, err
	}
	sess.client = client
	return sess, nil
}

func (s *supervisor) discard(client *esdb.Client) {
	if err := client.Close(); err != nil {
		s.logger.Warn("event store client not closed", slog.Any("error", err))
	}
}

// close ends everything and waits for it.
func (s *supervisor) close() {
	s.mu.Lock()
	s.end()
	if s.current != nil {
		s.retire(s.current)
	}
	s.mu.Unlock()
	s.work.Wait()
}
