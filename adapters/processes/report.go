package processes

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/commands/process"
)

// Entries implements process.Journal.
func (j *Journal) Entries(ctx context.Context, names []string) (map[string]process.Entry, error) {
	// An error of the query is that of its rows.
	rows, _ := j.pool.Query(ctx, `
select name, steps, status, commit_position, prepare_position, events, accepted, refused, fired, last_error, updated_at,
       (select count(*) from praxis.process_timer t where t.process = name),
       (select min(due) from praxis.process_timer t where t.process = name)
  from praxis.process where name = any($1)`, names)
	entries := map[string]process.Entry{}
	var name string
	var e process.Entry
	var due *time.Time
	_, err := pgx.ForEachRow(rows, []any{
		&name, &e.Steps, &e.State, &e.Position.Commit, &e.Position.Prepare, &e.Events, &e.Accepted, &e.Refused, &e.Fired,
		&e.Failure, &e.UpdatedAt, &e.Timers, &due,
	}, func() error {
		if e.NextDue = (time.Time{}); due != nil {
			e.NextDue = *due
		}
		entries[name] = e
		return nil
	})
	return entries, classified("read the state of processes", err)
}

// Refusals implements process.Journal.
func (j *Journal) Refusals(ctx context.Context, name string, most int) ([]process.Refusal, error) {
	// An error of the query is that of its rows.
	rows, _ := j.pool.Query(ctx, `
select process, command_id, command, group_id, cause, code, refused_at from praxis.process_refusal
 where process = $1 order by refused_at desc, command_id limit $2`, name, most)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[process.Refusal])
	return list, classified("read refusals", err)
}
