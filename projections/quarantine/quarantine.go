// Package quarantine keeps what read models and processes could not deal with, so that
// the rest goes on: which event or timer, why, and how much waits behind it. It may
// import the domain, read and pgx.
package quarantine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/read"
)

// Querier is a pool or a transaction.
type Querier interface {
	read.Querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Status says what became of an entry.
type Status string

// The states of an entry.
const (
	// Parked entries wait, and with them what comes later in their scope.
	Parked Status = "parked"
	// Skipped entries were left out: the rows are not whole without them.
	Skipped Status = "skipped"
)

// Entry is one event or timer that could not be dealt with.
type Entry struct {
	ID int64 `json:"id"`
	// Follower is the build of a read model, or the process, that has it; Subject is how
	// decisions name it, without the version of the build.
	Follower string `json:"follower"`
	Subject  string `json:"subject"`
	// Scope is what waits: for a read model the stream, for a process the practice, or
	// the stream where that names none.
	Scope  string    `json:"scope"`
	Status Status    `json:"status"`
	Group  *id.Group `json:"group,omitempty" db:"group_id"`
	Stream es.Stream `json:"stream,omitempty"`
	// Revision and Event are unset for a timer; Timer and Due for an event.
	Revision es.Revision `json:"revision"`
	Event    *id.Event   `json:"event,omitempty" db:"event_id"`
	Timer    string      `json:"timer,omitempty"`
	Due      *time.Time  `json:"due,omitempty"`
	// AfterCommit and AfterPrepare are a place in the log before the event.
	AfterCommit  uint64 `json:"-"`
	AfterPrepare uint64 `json:"-"`
	// Failure says why, as the follower put it; it never holds data of the event.
	Failure json.RawMessage `json:"failure"`
	// Waiting counts the later events of the scope.
	Waiting int64 `json:"waiting"`
	// ParkedAt and SkippedAt are UTC.
	ParkedAt  time.Time  `json:"parkedAt"`
	Retry     bool       `json:"retry"`
	Tries     int        `json:"tries"`
	SkippedAt *time.Time `json:"skippedAt,omitempty"`
	SkippedBy string     `json:"skippedBy,omitempty"`
	Reason    string     `json:"reason,omitempty"`
}

const columns = `
select id, follower, subject, scope, status, group_id, stream, revision, event_id, timer, due, after_commit, after_prepare, failure,
       waiting, parked_at, retry, tries, skipped_at, skipped_by, reason
  from praxis.quarantine `

// After is a place in the log before the event.
func (e Entry) After() es.Position {
	return es.Position{Commit: e.AfterCommit, Prepare: e.AfterPrepare}
}

// What says which event or timer it is, for people.
func (e Entry) What() string {
	if e.Timer != "" {
		return "timer " + e.Timer
	}
	return fmt.Sprintf("%s@%d", e.Stream, e.Revision)
}

// ErrUnknown is the answer where no entry has an id.
var ErrUnknown = fault.New(fault.NotFound, "quarantine_entry_unknown", "The quarantine has no entry of that id. `praxis quarantine list` shows them.")

// List returns the entries of some followers, of all if none is named, the first parked
// first.
func List(ctx context.Context, q Querier, followers ...string) ([]Entry, error) {
	return read.Rows[Entry](ctx, q, "read the quarantine", columns+"where coalesce(cardinality($1::text[]), 0) = 0 or follower = any($1) or subject = any($1) order by id", followers)
}

// Get returns one entry, or ErrUnknown.
func Get(ctx context.Context, q Querier, entry int64) (Entry, error) {
	return read.One[Entry](ctx, q, ErrUnknown, columns+"where id = $1", entry)
}

// Park adds an entry, which waits from now on. Its scope must have none yet.
func Park(ctx context.Context, q Querier, e Entry) error {
	_, err := q.Exec(ctx, `
insert into praxis.quarantine (follower, subject, scope, group_id, stream, revision, event_id, timer, due, after_commit, after_prepare, failure, waiting, parked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		e.Follower, e.Subject, e.Scope, e.Group, e.Stream, e.Revision, e.Event, e.Timer, e.Due, e.AfterCommit, e.AfterPrepare, e.Failure, e.Waiting, e.ParkedAt)
	return wrap("park", err)
}

// Wait adds to how many events of a scope wait.
func Wait(ctx context.Context, q Querier, follower, scope string, events int) error {
	_, err := q.Exec(ctx, "update praxis.quarantine set waiting = waiting + $3 where follower = $1 and scope = $2 and status = 'parked'", follower, scope, events)
	return wrap("count what waits", err)
}

// Move says that an entry now waits at another event or timer of its scope, or again at
// the same: for an operator, or, with Retry, because not all that waits was tried yet.
func Move(ctx context.Context, q Querier, e Entry) error {
	_, err := q.Exec(ctx, `
update praxis.quarantine
   set stream = $2, revision = $3, event_id = $4, timer = $5, due = $6, after_commit = $7, after_prepare = $8, failure = $9, waiting = $10,
       retry = $11, tries = tries + case when $11 then 0 else 1 end
 where id = $1`, e.ID, e.Stream, e.Revision, e.Event, e.Timer, e.Due, e.AfterCommit, e.AfterPrepare, e.Failure, e.Waiting, e.Retry)
	return wrap("park again", err)
}

// Release takes an entry out: everything of its scope was dealt with.
func Release(ctx context.Context, q Querier, entry int64) error {
	_, err := q.Exec(ctx, "delete from praxis.quarantine where id = $1", entry)
	return wrap("release", err)
}

// Skip keeps, beside what is parked, that something was left out; once, however often it
// is told.
func Skip(ctx context.Context, q Querier, e Entry) error {
	_, err := q.Exec(ctx, `
insert into praxis.quarantine (follower, subject, scope, status, group_id, stream, revision, event_id, timer, due, after_commit, after_prepare, failure, parked_at, skipped_at, skipped_by, reason)
select $1, $2, $3, 'skipped', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
 where not exists (select from praxis.quarantine where follower = $1 and scope = $3 and status = 'skipped'
                      and event_id is not distinct from $7 and timer = $8 and due is not distinct from $9)`,
		e.Follower, e.Subject, e.Scope, e.Group, e.Stream, e.Revision, e.Event, e.Timer, e.Due, e.AfterCommit, e.AfterPrepare, e.Failure, e.ParkedAt, e.SkippedAt, e.SkippedBy, e.Reason)
	return wrap("keep what was skipped", err)
}

// Retry asks the server that leads to try an entry again. ErrUnknown where nothing is
// parked under that id.
func Retry(ctx context.Context, q Querier, entry int64) error {
	tag, err := q.Exec(ctx, "update praxis.quarantine set retry = true where id = $1 and status = 'parked'", entry)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrUnknown
	}
	return wrap("ask for another try", err)
}

// Forget drops every entry of a follower whose rows begin again.
func Forget(ctx context.Context, q Querier, follower string) error {
	_, err := q.Exec(ctx, "delete from praxis.quarantine where follower = $1", follower)
	return wrap("forget", err)
}

// Gap says how much of a read model is not there: how many streams wait behind an event
// that is parked, and how many events were left out.
type Gap struct{ Parked, Skipped int }

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s in the quarantine: %w", what, err)
	}
	return nil
}
