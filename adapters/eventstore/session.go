package eventstore

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"praxis/domain/fault"
)

// session is one client from its connection to its loss, with the number of
// calls that use it. The supervisor's lock guards it.
type session struct {
	client  *esdb.Client
	calls   int
	retired bool
	// idle is closed when the session is retired and its last call has ended.
	idle chan struct{}
}

// grace is how long the calls of a retired session may take to notice.
const grace = 5 * time.Second

// errLost says that the connection broke under a call.
var errLost = errors.New("the connection to the event store was lost")

// run makes one client call in a goroutine of its own, because no client call
// can be trusted to return, and releases the session when it has ended. done
// learns how: a panic of the client becomes an error like any other.
func (s *supervisor) run(sess *session, f func() error, done func(error)) {
	go func() {
		// Overhear ends the goroutine without a return; then this stays.
		err := errLost
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("the event store client failed: %v", p)
				s.logger.Error("event store client panicked", slog.Any("error", err), slog.String("stack", fault.Recovered(p).Stack))
			}
			if lost(err) {
				s.lose(sess)
			}
			s.release(sess)
			done(err)
		}()
		err = f()
	}()
}

// overhear returns the logger of a session's client, which is more than a
// logger: the client announces here, in the goroutine of the failing call and
// before it acts, that its connection broke. What it does next cannot be used:
// it would forget its connection without closing it, look for a node while every
// other call waits deaf to its context, and after a second be dead for good with
// those calls hanging in it. So the call ends right here and the supervisor
// replaces the client.
func (s *supervisor) overhear(sess *session) esdb.LoggingFunc {
	return func(level esdb.LogLevel, format string, args ...any) {
		if s.logger.Enabled(s.over, slog.LevelDebug) {
			s.logger.Debug("event store client", slog.String("level", level), slog.String("said", fmt.Sprintf(format, args...)))
		}
		if format != "unexpected exception: %v" || len(args) != 1 {
			return
		}
		if err, is := args[0].(error); is && status.Code(err) == codes.Unavailable {
			s.lose(sess)
			runtime.Goexit()
		}
	}
}

// lost reports whether err means that the session's client is of no more use. A
// node that is not the leader is no loss: the client goes to the leader by itself.
func lost(err error) bool {
	if err == nil {
		return false
	}
	var e *esdb.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case esdb.ErrorCodeConnectionClosed, esdb.ErrorUnavailable:
			return true
		}
	}
	return errors.Is(err, errLost) || errors.Is(err, errSilent) || status.Code(err) == codes.Unavailable
}

// lose retires the session after its connection broke.
func (s *supervisor) lose(sess *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !sess.retired {
		s.loop.Failed("lost")
		s.retire(sess)
	}
}

// retire lets no further call begin on the session and closes its client once
// the last one has ended. Closing earlier than that would pull the client's
// channel from under calls, so a call that hangs is given grace first. The
// caller holds the lock.
func (s *supervisor) retire(sess *session) {
	if sess.retired {
		return
	}
	sess.retired = true
	if s.current == sess {
		s.current = nil
	}
	if sess.calls == 0 {
		close(sess.idle)
	}
	s.work.Go(func() {
		patience := time.NewTimer(grace)
		defer patience.Stop()
		select {
		case <-sess.idle:
		case <-patience.C:
		}
		s.discard(sess.client)
	})
}

func (s *supervisor) release(sess *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess.calls--
	if sess.retired && sess.calls == 0 {
		close(sess.idle)
	}
	s.work.Done()
}
