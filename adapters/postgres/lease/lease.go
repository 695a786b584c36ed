// Package lease hands out the leadership of groups of followers among the
// processes that share a database: by session-level advisory locks on one
// connection of each process, which the database itself ends when the process
// falls silent (docs/adr/0027).
//
// It may import domain/fault, adapters/postgres and pgx.
package lease

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres"
	"praxis/domain/fault"
)

// Reasons why a lead ended, or never came. Repeating can help where the kind is
// Unavailable. Others are those of package postgres, such as postgres.ErrReadOnly.
var (
	// ErrGivenBack says that this process led more than its share, and that another
	// takes the group over. It is no failure: who asks again stands by.
	ErrGivenBack = fault.New(fault.Unavailable, "leadership_given_back", "This process led more groups than its share and gave one to another process.")
	// ErrSilent says that the database has not answered for so long that it may soon
	// give the groups of this process to another.
	ErrSilent = fault.New(fault.Unavailable, "leadership_silent", "This process leads no longer: the database has not answered in time. It asks for the lead again.")
	// ErrReturned says that work returned although the lead was not lost.
	ErrReturned = fault.New(fault.Unavailable, "leadership_returned", "What the lead was for ended by itself.")

	errUnavailable = fault.New(fault.Unavailable, "leadership_unavailable", "The database that says which process leads cannot be reached at the moment. It is asked again.")
	errLost        = fault.New(fault.Unavailable, "leadership_lost", "The database does not know that this process leads. If connections go through a pooler, it must give each client a session of its own.")
	errRefused     = fault.New(fault.Internal, "leadership_refused", "The database does not take what leadership needs: advisory locks, the list of locks, settings of the session.")
	errTwice       = fault.New(fault.Internal, "leadership_asked_twice", "This process asks for the lead of one group twice at once, or two names of groups have the same hash.")
)

// Config says how leadership is timed. Its zero value is right for a server.
type Config struct {
	// Poll is how often the database is asked; 0 means 250 ms.
	Poll time.Duration
	// Lapse is how long the database keeps the session of a process that says
	// nothing; 0 means 9 s. The process itself stops leading after half of it without
	// an answer. A statement may take that half too, so that another leads at the
	// latest one and a half Lapse and a Poll after a process froze or was cut off: in
	// less than 14 s.
	Lapse time.Duration
	// Aside takes no part in the sharing: no other process gives a group back for this
	// one, which takes what is free. It is for a process that is there for one task,
	// such as a command at a terminal.
	Aside bool
}

// Leases is the part of one process in the leadership of groups. Its methods may be
// called concurrently.
type Leases struct {
	Config
	connect *pgx.ConnConfig
	// inTransaction lets tests do on every version what version 13 needs.
	inTransaction bool

	mu sync.Mutex
	// session serves new wants; nil while there are none.
	session *session
}

// New returns the leases of this process; nothing is connected before the first Lead.
// All processes of a database must have the same Config but for Aside.
func New(connect *pgx.ConnConfig, cfg Config) *Leases {
	cfg.Poll, cfg.Lapse = cmp.Or(cfg.Poll, 250*time.Millisecond), cmp.Or(cfg.Lapse, 9*time.Second)
	return &Leases{Config: cfg, connect: connect}
}

// Lead waits until this process leads the group and then calls work. The context of
// work ends when the lead is lost or ctx ends; Lead returns after work did, with the
// reason, which is never nil: that of ctx, or why the lead was lost. The group is free
// for others when Lead returns, or as soon as the database can be told.
//
// When the session with the database is lost, all waiting and leading calls return.
// Two calls for one group at once are a defect ("leadership_asked_twice").
func (l *Leases) Lead(ctx context.Context, group string, work func(context.Context)) error {
	s, w, err := l.join(ctx, group)
	if err != nil {
		return err
	}
	defer s.leave(w)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.term.Done():
		return context.Cause(w.term)
	case <-w.taken:
	}
	if w.term.Err() != nil {
		return context.Cause(w.term)
	}
	led, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(w.term, func() { end(context.Cause(w.term)) })()
	work(led)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case w.term.Err() != nil:
		return context.Cause(w.term)
	}
	return ErrReturned
}

// want is one call of Lead.
type want struct {
	key uint32
	// term ends when the call cannot lead (any longer); its cause is why.
	term context.Context
	end  context.CancelCauseFunc
	// taken is closed when the call leads, given when its locks are given back.
	taken, given chan struct{}
	// announced and held are the locks that the session has for it; only the session's
	// goroutine uses them.
	announced, held bool
	// leaving says that the call has ended. The mutex of Leases guards it.
	leaving bool
}

// join adds a want to the session of this process, which it begins if there is none.
func (l *Leases) join(ctx context.Context, group string) (*session, *want, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == nil {
		l.session = newSession(context.WithoutCancel(ctx), l)
		go l.session.run()
	}
	s, key := l.session, keyOf(group)
	if slices.ContainsFunc(s.wants, func(w *want) bool { return w.key == key && !w.leaving }) {
		return nil, nil, errTwice
	}
	w := &want{key: key, taken: make(chan struct{}), given: make(chan struct{})}
	w.term, w.end = context.WithCancelCause(s.ctx)
	s.wants = append(s.wants, w)
	s.nudge()
	return s, w, nil
}

// leave ends a want and waits until its locks are given back, but no longer than
// giveBackLimit: a database that does not answer holds up no end of a server.
func (s *session) leave(w *want) {
	limit := time.NewTimer(giveBackLimit)
	defer limit.Stop()
	s.leases.mu.Lock()
	w.leaving = true
	s.nudge()
	if !s.connected && !slices.ContainsFunc(s.wants, func(w *want) bool { return !w.leaving }) {
		// Nothing is left to connect for.
		s.replace()
		s.end(context.Canceled)
	}
	s.leases.mu.Unlock()
	select {
	case <-w.given:
	case <-s.done:
	case <-limit.C:
	}
	w.end(nil)
}

// giveBackLimit is how long the end of a lead waits for the database.
const giveBackLimit = time.Second

// keyOf is the lock of a group.
func keyOf(group string) uint32 {
	h := fnv.New32a()
	// A hash takes whatever is written to it.
	_, _ = h.Write([]byte(group))
	return h.Sum32()
}

// classified says of the error of a statement whether repeating can help.
func classified(doing string, err error) error {
	return postgres.Classified(doing, err, errUnavailable, errRefused)
}
