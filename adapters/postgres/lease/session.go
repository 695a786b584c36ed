package lease

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres"
)

// The two-part advisory locks of leadership begin with one of these, "prax" in ASCII
// and the number after it, and end with the hash of the group. Who leads a group has
// its lock of the first class for itself; who takes part in the sharing of a group
// has its lock of the second class together with the others.
const (
	leads = 0x70726178
	wants = leads + 1
)

// session is one connection to the database, and the locks on it. Its goroutine alone
// uses the connection. Lost, it is replaced as a whole.
type session struct {
	leases *Leases
	// ctx ends with the session; its cause is why.
	ctx  context.Context
	end  context.CancelCauseFunc
	done chan struct{}

	// The mutex of Leases guards these.
	wants []*want
	// connected says that the connection may have locks.
	connected bool
	// nudged says that the wants changed; wake, if not nil, ends the wait for it.
	nudged bool
	wake   context.CancelFunc

	// Of the goroutine:
	conn *pgx.Conn
	pid  int32
	// inTransaction says that the session waits in a transaction, for version 13.
	inTransaction bool
	// lapse ends the session, and all leads, unless an answer puts it off.
	lapse *time.Timer
	// schema is the oid of the table of migrations, 0 while there is none.
	schema int64
	// draining is why the session only waits for the end of what it led; nil while it serves.
	draining error
	aPollAgo view
	polls    int
	// uneven is for how many polls in a row this process has had a group to give.
	uneven int
}

func newSession(ctx context.Context, l *Leases) *session {
	s := &session{leases: l, done: make(chan struct{})}
	s.ctx, s.end = context.WithCancelCause(ctx)
	return s
}

// valid is how long an answer of the database lets this process lead, from when the
// question was sent.
func (l *Leases) valid() time.Duration { return l.Lapse / 2 }

// run serves the wants until there are none, or the session is lost.
func (s *session) run() {
	defer close(s.done)
	err := s.serve()
	s.retire()
	s.end(err)
	s.disconnect()
}

// retire sees to it that new wants begin a session of their own.
func (s *session) retire() {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	s.replace()
}

// replace is retire for callers that have the mutex.
func (s *session) replace() {
	if s.leases.session == s {
		s.leases.session = nil
	}
}

func (s *session) serve() error {
	if err := s.dial(); err != nil {
		return err
	}
	s.lapse = time.AfterFunc(s.leases.valid(), func() { s.end(ErrSilent) })
	defer s.lapse.Stop()
	for polled := true; ; {
		wanted, err := s.step(polled)
		if err != nil || !wanted {
			return err
		}
		if polled, err = s.wait(); err != nil {
			return err
		}
	}
}

// dial opens the connection and makes sure that the database ends it when this
// process falls silent. The network's own timeouts end it where version 14's
// idle_session_timeout cannot: while an answer is on its way.
func (s *session) dial() error {
	lapse := s.leases.Lapse
	ctx, cancel := context.WithTimeout(s.ctx, lapse)
	defer cancel()
	cfg := s.leases.connect.Copy()
	cfg.Tracer = nil // Four questions a second are worth no spans.
	cfg.ConnectTimeout = s.leases.valid()
	cfg.RuntimeParams["application_name"] += " leadership"
	cfg.RuntimeParams["statement_timeout"] = millis(s.leases.valid())
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = millis(lapse)
	for name, value := range postgres.NetworkTimeouts(lapse) {
		cfg.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return classified("connect for leadership", err)
	}
	s.leases.mu.Lock()
	s.conn, s.connected = conn, true
	s.leases.mu.Unlock()

	var hasTimeout bool
	err = conn.QueryRow(ctx, "select pg_backend_pid(), current_setting('server_version_num')::int >= 140000").Scan(&s.pid, &hasTimeout)
	if err != nil {
		return classified("ask for the database's version", err)
	}
	if s.inTransaction = !hasTimeout || s.leases.inTransaction; !s.inTransaction {
		_, err = conn.Exec(ctx, "select set_config('idle_session_timeout', $1, false)", millis(lapse))
		return classified("bound the silence of the session", err)
	}
	// Version 13 ends idle sessions only in a transaction. Ours is begun anew with
	// every question, and between two statements one that is "read committed" has no
	// snapshot and no lock of a table, so it holds up neither vacuum nor anybody.
	_, err = conn.Exec(ctx, "begin isolation level read committed")
	return classified("begin the transaction of the session", err)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// disconnect gives back all locks and closes the connection, within giveBackLimit.
func (s *session) disconnect() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), giveBackLimit)
	defer cancel()
	// The server drops locks some time after the connection; asked, it does so at
	// once. If it cannot be asked, the connection is gone or goes now.
	_, _ = s.conn.Exec(ctx, "select pg_advisory_unlock_all()")
	_ = s.conn.Close(ctx)
}

// step tells the database what this process wants, looks who leads, and takes or gives
// groups. It reports whether anything is wanted. polled says that a poll has passed
// since the last step that was told so.
func (s *session) step(polled bool) (wanted bool, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.leases.valid())
	defer cancel()
	here, err := s.tidy(ctx)
	if err != nil || len(here) == 0 {
		return false, err
	}
	v, database, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	// What was asked within ctx proves the lead until ctx ends, and no longer. An answer
	// that is only read after that, because this process was frozen, proves nothing.
	until, _ := ctx.Deadline()
	if left := time.Until(until); left <= 0 || !s.lapse.Stop() {
		return false, ErrSilent
	} else {
		s.lapse.Reset(left)
	}
	if lost := slices.ContainsFunc(here, func(w *want) bool { return w.held && v.holder[w.key] != s.pid }); lost {
		return false, errLost
	}
	if err := s.useless(database); err != nil && s.draining == nil {
		s.draining = err
		s.retire()
	}
	if s.draining != nil {
		// The session is sound, so the locks stay until what they are for has ended. Wants may
		// have come between the look and the retirement; they are here with the next step.
		for _, w := range here {
			w.end(s.draining)
		}
	}
	if s.draining == nil {
		if err := s.take(ctx, here, v); err != nil {
			return false, err
		}
		if polled {
			s.give(here, v)
		}
	}
	if polled {
		s.aPollAgo = v
		s.polls++
	}
	if polled && s.polls%lookForAbandoned == 0 && v.held()[s.pid] > 0 {
		if err := s.endAbandoned(ctx); err != nil {
			return false, err
		}
	}
	if s.inTransaction {
		_, err = s.conn.Exec(ctx, "commit and chain")
	}
	return true, classified("begin the next transaction of the session", err)
}

// tidy gives back the locks of wants that have ended, announces new ones, and returns
// all that are there.
func (s *session) tidy(ctx context.Context) (here []*want, err error) {
	s.leases.mu.Lock()
	var left []*want
	for _, w := range s.wants {
		if w.leaving {
			left = append(left, w)
		} else {
			here = append(here, w)
		}
	}
	s.wants = slices.Clone(here)
	if len(here) == 0 {
		s.replace()
	}
	s.leases.mu.Unlock()
	if len(here) == 0 {
		return nil, nil // The connection goes, with all that is on it.
	}

	isHeld, isAnnounced := func(w *want) bool { return w.held }, func(w *want) bool { return w.announced }
	if _, err := s.lock(ctx, "pg_advisory_unlock", leads, left, isHeld); err != nil {
		return nil, err
	}
	if _, err := s.lock(ctx, "pg_advisory_unlock_shared", wants, left, isAnnounced); err != nil {
		return nil, err
	}
	for _, w := range left {
		close(w.given)
	}
	if s.leases.Aside {
		return here, nil
	}
	announced, err := s.lock(ctx, "pg_try_advisory_lock_shared", wants, here, func(w *want) bool { return !w.announced })
	for _, w := range announced {
		w.announced = true
	}
	return here, err
}

// lock calls a function of advisory locks for those of the wants that are chosen, and
// returns those for which it said yes.
func (s *session) lock(ctx context.Context, function string, class int32, of []*want, chosen func(*want) bool) (done []*want, err error) {
	var keys []int32
	for _, w := range of {
		if chosen(w) {
			keys = append(keys, int32(w.key))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	// What an error of Query is, the rows say too.
	rows, _ := s.conn.Query(ctx, "select k from (select k, "+function+"($1, k) as done from unnest($2::int[]) k) called where done", class, keys)
	yes, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	for _, w := range of {
		if chosen(w) && slices.Contains(yes, int32(w.key)) {
			done = append(done, w)
		}
	}
	return done, classified("change the locks of leadership", err)
}

// database is what a look says of the database besides the locks.
type database struct {
	readOnly bool
	schema   int64
}

// look asks for everything that decides, in one query.
func (s *session) look(ctx context.Context) (v view, d database, err error) {
	v = view{me: s.pid, holder: map[uint32]int32{}, wanters: map[uint32][]int32{}}
	// What an error of Query is, the rows say too.
	rows, _ := s.conn.Query(ctx, `
		select current_setting('transaction_read_only')::bool or pg_is_in_recovery(),
			coalesce(to_regclass('praxis.migration')::oid::bigint, 0),
			coalesce(l.classid::bigint = $1, false), coalesce(l.objid::bigint, 0), coalesce(l.pid, 0),
			coalesce(clock_timestamp() - a.query_start > $3 * interval '1 millisecond', false)
		from (select) always
		left join (pg_locks l left join pg_stat_activity a on a.pid = l.pid)
			on l.locktype = 'advisory' and l.objsubid = 2 and l.classid::bigint in ($1, $2) and l.granted
			and l.database = (select oid from pg_database where datname = current_database())
		order by l.pid`,
		int64(leads), int64(wants), asleep*s.leases.Poll.Milliseconds())
	var isLead, quiet bool
	var key int64
	var pid int32
	_, err = pgx.ForEachRow(rows, []any{&d.readOnly, &d.schema, &isLead, &key, &pid, &quiet}, func() error {
		switch {
		case pid == 0:
		case isLead:
			v.holder[uint32(key)] = pid
		case !quiet || pid == s.pid:
			v.wanters[uint32(key)] = append(v.wanters[uint32(key)], pid)
		}
		return nil
	})
	return v, d, classified("ask who leads", err)
}

// asleep is after how many polls without a question a process counts as one that takes
// no group.
const asleep = 8

// useless says why the database is of no use for what is led. One that is empty from the
// start is none of these: a leader makes its tables. On a standby each server would
// have locks of its own.
func (s *session) useless(d database) error {
	before := s.schema
	s.schema = d.schema
	switch {
	case d.readOnly:
		return postgres.ErrReadOnly
	case before != 0 && before != d.schema:
		return postgres.ErrNoSchema
	}
	return nil
}

// take tries to lead what this process is to lead.
func (s *session) take(ctx context.Context, here []*want, v view) error {
	mine := v.toTake(s.aPollAgo)
	taken, err := s.lock(ctx, "pg_try_advisory_lock", leads, here, func(w *want) bool {
		_, led := v.holder[w.key]
		return !w.held && (slices.Contains(mine, w.key) || s.leases.Aside && !led)
	})
	for _, w := range taken {
		w.held = true
		close(w.taken)
	}
	return err
}

// give ends the lead of a group that is more than the share of this process, once it
// has been so for patience polls: one that only comes and goes moves nothing.
func (s *session) give(here []*want, v view) {
	key, ok := v.toGive()
	ending := slices.ContainsFunc(here, func(w *want) bool { return w.held && w.term.Err() != nil })
	if !ok || ending {
		s.uneven = 0
		return
	}
	if s.uneven++; s.uneven < patience {
		return
	}
	for _, w := range here {
		if w.held && w.key == key {
			w.end(ErrGivenBack)
		}
	}
}

const patience = 2

// lookForAbandoned is every how many polls a leader looks for abandoned sessions.
const lookForAbandoned = 4

// wait waits for the next poll, or until the wants change, and then reports false. The
// end of the connection is seen at once, because it is read from meanwhile.
func (s *session) wait() (polled bool, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.leases.Poll)
	defer cancel()
	if s.isNudged(cancel) {
		return false, nil
	}
	_, err = s.conn.WaitForNotification(ctx)
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	s.wake = nil
	nudged := s.nudged
	s.nudged = false
	switch {
	case s.ctx.Err() != nil:
		return false, context.Cause(s.ctx)
	case err != nil && s.conn.IsClosed():
		return false, classified("keep the session of leadership", err)
	}
	return !nudged, nil
}

// isNudged reports whether the wants changed since the last step; if not, wake is
// called when they do.
func (s *session) isNudged(wake context.CancelFunc) bool {
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	if s.nudged {
		s.nudged = false
		return true
	}
	s.wake = wake
	return false
}

// nudge lets the session look at the wants at once. The caller has the mutex.
func (s *session) nudge() {
	s.nudged = true
	if s.wake != nil {
		s.wake()
	}
}
