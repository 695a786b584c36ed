package processes

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/commands/process"
	"praxis/domain/es"
)

// Entries implements process.Journal.
func (j *Journal) Entries(ctx context.Context, names []string) (map[string]process.Entry, error) {
	rows, err := j.pool.Query(ctx, `
select name, steps, status, commit_position, prepare_position, events, accepted, refused, fired, last_error, updated_at,
       (select count(*) from praxis.process_timer t where t.process = name),
       (select min(due) from praxis.process_timer t where t.process = name)
  from praxis.process where name = any($1)`, names)
	if err != nil {
		return nil, classified("read the state of processes", err)
	}
	entries := map[string]process.Entry{}
	var name string
	var e process.Entry
	var commit, prepare int64
	var failure []byte
	var due *time.Time
	_, err = pgx.ForEachRow(rows, []any{
		&name, &e.Steps, &e.State, &commit, &prepare, &e.Events, &e.Accepted, &e.Refused, &e.Fired,
		&failure, &e.UpdatedAt, &e.Timers, &due,
	}, func() error {
		e.Position = es.Position{Commit: uint64(commit), Prepare: uint64(prepare)}
		e.UpdatedAt, e.NextDue, e.Failure = e.UpdatedAt.UTC(), time.Time{}, nil
		if due != nil {
			e.NextDue = due.UTC()
		}
		if failure != nil {
			if err := json.Unmarshal(failure, &e.Failure); err != nil {
				return err
			}
		}
		entries[name] = e
		return nil
	})
	return entries, classified("read the state of processes", err)
}

// Refusals implements process.Journal.
func (j *Journal) Refusals(ctx context.Context, name string, most int) ([]process.Refusal, error) {
	rows, err := j.pool.Query(ctx, `
select process, command_id, command, group_id, cause, code, refused_at from praxis.process_refusal
 where process = $1 order by refused_at desc, command_id limit $2`, name, most)
	if err != nil {
		return nil, classified("read refusals", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (process.Refusal, error) {
		var r process.Refusal
		err := row.Scan(&r.Process, &r.Command, &r.Name, &r.Group, &r.Cause, &r.Code, &r.At)
		r.At = r.At.UTC()
		return r, err
	})
	return list, classified("read refusals", err)
}
