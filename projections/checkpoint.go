package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
)

// State says who, if anyone, may move a projection's checkpoint.
type State string

// The states of a projection.
const (
	// Running projections follow the log.
	Running State = "running"
	// Stopped projections wait for Resume or Rebuild after a failure.
	Stopped State = "stopped"
	// Rebuilding projections belong to a rebuild; the live runner leaves them alone.
	Rebuilding State = "rebuilding"
)

// row is a projection's row in praxis.projection.
type row struct {
	name      string
	version   int
	state     State
	epoch     int64
	position  es.Position
	applied   int64
	lastEvent *time.Time
	failure   *Failure
	updated   time.Time
}

// checkpoint is what its holder last saw in the row. Every change is guarded by
// all of it, so a holder that was overtaken changes nothing.
type checkpoint struct {
	epoch    int64
	state    State
	position es.Position
}

// errMoved says that the row is no longer as its holder last saw it.
var errMoved = errors.New("the checkpoint was moved by another process")

func (r row) checkpoint() checkpoint {
	return checkpoint{epoch: r.epoch, state: r.state, position: r.position}
}

// querier is a pool, a connection or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const selectRows = `
select name, version, status, epoch, commit_position, prepare_position,
       events_applied, last_event_at, last_error, updated_at
  from praxis.projection where name = any($1)`

// loadRows returns the rows of the named projections that have one.
func loadRows(ctx context.Context, q querier, names ...string) (map[string]row, error) {
	return collect(ctx, q, selectRows, names)
}

// lockRow returns one row and holds it until the transaction ends.
func lockRow(ctx context.Context, tx pgx.Tx, name string) (row, error) {
	rows, err := collect(ctx, tx, selectRows+" for update", []string{name})
	if err != nil {
		return row{}, err
	}
	return rows[name], nil
}

func collect(ctx context.Context, q querier, sql string, names []string) (map[string]row, error) {
	found, err := q.Query(ctx, sql, names)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	rows := map[string]row{}
	var r row
	var commit, prepare int64
	var failure []byte
	_, err = pgx.ForEachRow(found, []any{&r.name, &r.version, &r.state, &r.epoch, &commit, &prepare, &r.applied, &r.lastEvent, &failure, &r.updated}, func() error {
		r.position = es.Position{Commit: uint64(commit), Prepare: uint64(prepare)}
		r.failure, r.updated = nil, r.updated.UTC()
		if r.lastEvent != nil {
			*r.lastEvent = r.lastEvent.UTC()
		}
		if failure != nil {
			if err := json.Unmarshal(failure, &r.failure); err != nil {
				return err
			}
		}
		rows[r.name] = r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return rows, nil
}

const insertRow = `
insert into praxis.projection (name, version, status, epoch) values ($1, $2, 'running', 1)
on conflict (name) do nothing`

// ensureRow makes the row of a projection that has none yet.
func ensureRow(ctx context.Context, q querier, p Projector) error {
	if _, err := q.Exec(ctx, insertRow, p.Name(), p.Version()); err != nil {
		return fmt.Errorf("register projection %s: %w", p.Name(), err)
	}
	return nil
}

// guard is the condition that a row is as its holder last saw it; guardArgs are
// its arguments.
const guard = ` where name = $1 and epoch = $2 and status = $3 and commit_position = $4 and prepare_position = $5`

func guardArgs(name string, from checkpoint) []any {
	return []any{name, from.epoch, string(from.state), int64(from.position.Commit), int64(from.position.Prepare)}
}

// move is one step of a checkpoint.
type move struct {
	from   checkpoint
	to     es.Position
	events int
	// recorded is when the last of the events was recorded; nil without events.
	recorded *time.Time
}

// moveOver is the step over events.
func moveOver(from checkpoint, items []*item) move {
	last := items[len(items)-1].recorded
	return move{from: from, to: last.Position, events: len(items), recorded: &last.RecordedAt}
}

const moveRow = `
update praxis.projection
   set commit_position = $6, prepare_position = $7, events_applied = events_applied + $8,
       last_event_at = coalesce($9, last_event_at), updated_at = now()` + guard

// args are the arguments of moveRow.
func (m move) args(name string) []any {
	return append(guardArgs(name, m.from), int64(m.to.Commit), int64(m.to.Prepare), m.events, m.recorded)
}

const stopRow = `
update praxis.projection set status = 'stopped', last_error = $6, updated_at = now()` + guard

// stopRowAt stops a projection at its checkpoint; errMoved if it is not there.
func stopRowAt(ctx context.Context, q querier, name string, at checkpoint, f Failure) error {
	failure, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode failure: %w", err)
	}
	tag, err := q.Exec(ctx, stopRow, append(guardArgs(name, at), failure)...)
	if err != nil {
		return fmt.Errorf("stop projection %s: %w", name, err)
	}
	if tag.RowsAffected() == 0 {
		return errMoved
	}
	return nil
}

// channel is the Postgres notification channel on which changes of a status are
// announced.
const channel = "praxis_projection"

// announce tells every runner, at commit, that a projection's status changed.
func announce(ctx context.Context, q querier, name string) error {
	if _, err := q.Exec(ctx, "select pg_notify($1, $2)", channel, name); err != nil {
		return fmt.Errorf("announce projection %s: %w", name, err)
	}
	return nil
}
