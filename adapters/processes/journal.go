package processes

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
)

// Journal is the memory of the processes in Postgres.
type Journal struct{ pool *pgxpool.Pool }

var _ process.Journal = (*Journal)(nil)

// New returns the journal of a database.
func New(pool *pgxpool.Pool) *Journal { return &Journal{pool: pool} }

// Register implements process.Journal.
func (j *Journal) Register(ctx context.Context, name string, at es.Position) error {
	_, err := j.pool.Exec(ctx, `
insert into praxis.process (name, commit_position, prepare_position) values ($1, $2, $3)
on conflict (name) do nothing`, name, at.Commit, at.Prepare)
	return classified("register process", err)
}

// checkpointColumns are what scanCheckpoint reads.
const checkpointColumns = `steps, commit_position, prepare_position,
       (select min(due) from praxis.process_timer t where t.process = name and not exists (` + isParked + `))`

// isParked finds out whether something of a timer's practice is parked.
const isParked = `select from praxis.quarantine q where q.follower = 'process ' || t.process and q.scope = t.group_id::text and q.status = 'parked'`

func scanCheckpoint(row pgx.Row) (process.Checkpoint, error) {
	var c process.Checkpoint
	var due *time.Time
	err := row.Scan(&c.Steps, &c.Position.Commit, &c.Position.Prepare, &due)
	if due != nil {
		c.NextDue = *due
	}
	return c, err
}

// Load implements process.Journal.
func (j *Journal) Load(ctx context.Context, name string) (process.Checkpoint, bool, error) {
	c, err := scanCheckpoint(j.pool.QueryRow(ctx, `select `+checkpointColumns+` from praxis.process where name = $1`, name))
	if errors.Is(err, pgx.ErrNoRows) {
		return process.Checkpoint{}, false, nil
	}
	return c, err == nil, classified("load process", err)
}

// Due implements process.Journal.
func (j *Journal) Due(ctx context.Context, name string, by time.Time, of id.Group) (process.Timer, bool, error) {
	var t process.Timer
	err := j.pool.QueryRow(ctx, `
select group_id, key, due, causation, correlation from praxis.process_timer t
 where process = $1 and due <= $2 and case when $3::uuid is null then not exists (`+isParked+`) else group_id = $3 end
 order by due, group_id, key limit 1`, name, by, projections.OrNull(of)).
		Scan(&t.Group, &t.Key, &t.Due, &t.Causation, &t.Correlation)
	if errors.Is(err, pgx.ErrNoRows) {
		return process.Timer{}, false, nil
	}
	return t, err == nil, classified("find the next timer", err)
}

const moveRow = `
update praxis.process
   set steps = steps + 1, commit_position = $3, prepare_position = $4, events = events + $5, accepted = accepted + $6,
       refused = refused + $7, fired = fired + $8, event_commit = coalesce($9, event_commit),
       event_prepare = coalesce($10, event_prepare), event_id = coalesce($11, event_id), updated_at = now()
 where name = $1 and steps = $2`

// Commit implements process.Journal. The compare-and-set comes first: it locks
// the row, so a process that was overtaken changes nothing.
func (j *Journal) Commit(ctx context.Context, name string, from process.Checkpoint, s process.Step) (process.Checkpoint, error) {
	var at process.Checkpoint
	err := pgx.BeginFunc(ctx, j.pool, func(tx pgx.Tx) error {
		fired := 0
		if s.Fired != nil {
			fired = 1
		}
		moved := []any{name, from.Steps, s.To.Commit, s.To.Prepare, s.Events, s.Accepted, len(s.Refusals), fired}
		tag, err := tx.Exec(ctx, moveRow, append(moved, columns(s.Last)...)...)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return process.ErrCheckpointConflict
		}
		if err := record(ctx, tx, name, s); err != nil {
			return err
		}
		if err := setAside(ctx, tx, name, s); err != nil {
			return err
		}
		at, err = scanCheckpoint(tx.QueryRow(ctx, `select `+checkpointColumns+` from praxis.process where name = $1`, name))
		return err
	})
	return at, classified("commit step of process", err)
}

// columns are the values of an event that is kept, null for none.
func columns(m es.Mark) []any {
	if m.IsZero() {
		return []any{nil, nil, nil}
	}
	return []any{m.Position.Commit, m.Position.Prepare, m.ID}
}

// record writes the timers and refusals of a step, in one round trip.
func record(ctx context.Context, tx pgx.Tx, name string, s process.Step) error {
	b := &pgx.Batch{}
	if s.Fired != nil {
		b.Queue(`delete from praxis.process_timer where process = $1 and group_id = $2 and key = $3 and due = $4`,
			name, s.Fired.Group, s.Fired.Key, s.Fired.Due)
	}
	for _, g := range s.ClearAll {
		b.Queue(`delete from praxis.process_timer where process = $1 and group_id = $2`, name, g)
	}
	for _, t := range s.Clear {
		b.Queue(`delete from praxis.process_timer where process = $1 and group_id = $2 and key = $3`, name, t.Group, t.Key)
	}
	for _, t := range s.Set {
		b.Queue(`
insert into praxis.process_timer (process, group_id, key, due, causation, correlation) values ($1, $2, $3, $4, $5, $6)
on conflict (process, group_id, key) do update
   set due = excluded.due, causation = excluded.causation, correlation = excluded.correlation`,
			name, t.Group, t.Key, t.Due, t.Causation, t.Correlation)
	}
	for _, r := range s.Refusals {
		b.Queue(`
insert into praxis.process_refusal (command_id, process, command, group_id, cause, code, refused_at)
values ($1, $2, $3, $4, $5, $6, $7)`, r.Command, name, r.Name, r.Group, r.Cause, r.Code, r.At)
	}
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, b).Close()
}
