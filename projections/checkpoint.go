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
	"praxis/projections/read"
)

// State says who, if anyone, may move a projection's checkpoint.
type State string

// The states of a projection.
const (
	// Running projections follow the log.
	Running State = "running"
	// Stopped projections wait for Resume or Rebuild after a failure.
	Stopped State = "stopped"
	// Building builds are made by a rebuild, beside the rows that are read, and lack the
	// indexes that can be made later; Built ones have them.
	Building State = "building"
	Built    State = "built"
	// Kept builds are what a rebuild replaced; nothing follows the log for them.
	Kept State = "kept"
)

// row is the row of a build in praxis.projection.
type row struct {
	Build   string
	Name    string
	Version int
	// Shape is that of its tables.
	Shape string
	State State
	Epoch int64
	es.Position
	Applied   int64      `db:"events_applied"`
	LastEvent *time.Time `db:"last_event_at"`
	Failure   *Failure   `db:"last_error"`
	Updated   time.Time  `db:"updated_at"`
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
	return checkpoint{epoch: r.Epoch, state: r.State, position: r.Position}
}

// querier is a pool, a connection or a transaction.
type querier interface {
	read.Querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

const (
	selectRow = `
select build, name, version, coalesce(shape, '') as shape, status as state, epoch, commit_position as commit, prepare_position as prepare,
       events_applied, last_event_at, last_error, updated_at
  from praxis.projection`
	selectRows = selectRow + " where build = any($1)"
	selectAll  = selectRow + " order by name, version, build"
)

// loadRows returns, by name, the rows of the projectors' builds that have one.
func loadRows(ctx context.Context, q querier, projectors ...Projector) (map[string]row, error) {
	builds := make([]string, 0, len(projectors))
	for _, p := range projectors {
		builds = append(builds, Build(p))
	}
	found, err := read.Rows[row](ctx, q, "read checkpoints", selectRows, builds)
	rows := map[string]row{}
	for _, r := range found {
		rows[r.Name] = r
	}
	return rows, err
}

// lockRow returns the row of a build, empty if there is none, and holds it until the
// transaction ends.
func lockRow(ctx context.Context, tx pgx.Tx, build string) (row, error) {
	return one(read.Rows[row](ctx, tx, "lock a checkpoint", selectRows+" for update", []string{build}))
}

// loadRow returns the row of a build, empty if there is none.
func loadRow(ctx context.Context, q querier, build string) (row, error) {
	return one(read.Rows[row](ctx, q, "read a checkpoint", selectRows, []string{build}))
}

func one(found []row, err error) (row, error) {
	if len(found) == 0 {
		return row{}, err
	}
	return found[0], err
}

const insertRow = `
insert into praxis.projection (build, name, version, shape, status, epoch) values ($1, $2, $3, $4, 'running', 1)
on conflict (build) do update set shape = coalesce(projection.shape, excluded.shape) returning xmax = 0`

// ensureRow makes the row of a build that has none yet, and reports whether it did.
func ensureRow(ctx context.Context, tx pgx.Tx, p Projector) (isNew bool, err error) {
	if err := tx.QueryRow(ctx, insertRow, Build(p), p.Name(), p.Version(), shape(p)).Scan(&isNew); err != nil {
		return false, fmt.Errorf("register projection %s: %w", Build(p), err)
	}
	return isNew, nil
}

// guard is the condition that a row is as its holder last saw it; guardArgs are
// its arguments.
const guard = ` where build = $1 and epoch = $2 and status = $3 and commit_position = $4 and prepare_position = $5`

func guardArgs(build string, from checkpoint) []any {
	return []any{build, from.epoch, string(from.state), int64(from.position.Commit), int64(from.position.Prepare)}
}

// move is one step of a checkpoint.
type move struct {
	from checkpoint
	to   es.Position
	// items are the events that are applied: those on the way, or, where the checkpoint
	// stays, some that waited.
	items []*item
	// last is the last event on the way; nil without any.
	last *es.Recorded
}

// moveOver is the step over events.
func moveOver(from checkpoint, items []*item) move {
	last := items[len(items)-1].Recorded
	return move{from: from, to: last.Position, items: items, last: &last}
}

const moveRow = `
update praxis.projection
   set commit_position = $6, prepare_position = $7, events_applied = events_applied + $8,
       last_event_at = coalesce($9, last_event_at), event_commit = coalesce($10, event_commit),
       event_prepare = coalesce($11, event_prepare), event_id = coalesce($12, event_id), updated_at = now()` + guard

// args are the arguments of moveRow.
func (m move) args(build string) []any {
	args := append(guardArgs(build, m.from), int64(m.to.Commit), int64(m.to.Prepare), len(m.items))
	if m.last == nil {
		return append(args, nil, nil, nil, nil)
	}
	at := m.last.Position
	return append(args, m.last.RecordedAt, int64(at.Commit), int64(at.Prepare), [16]byte(m.last.ID))
}

const stopRow = `
update praxis.projection set status = 'stopped', last_error = $6, updated_at = now()` + guard

// stopRowAt stops a projection at its checkpoint; errMoved if it is not there.
func stopRowAt(ctx context.Context, q querier, build string, at checkpoint, f Failure) error {
	failure, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode failure: %w", err)
	}
	tag, err := q.Exec(ctx, stopRow, append(guardArgs(build, at), failure)...)
	if err != nil {
		return fmt.Errorf("stop projection %s: %w", build, err)
	}
	if tag.RowsAffected() == 0 {
		return errMoved
	}
	return nil
}
