package processes

import (
	"context"

	"github.com/jackc/pgx/v5"

	"praxis/commands/process"
)

// Entries implements process.Journal.
func (j *Journal) Entries(ctx context.Context, names []string) (map[string]process.Status, error) {
	// An error of the query is that of its rows.
	rows, _ := j.pool.Query(ctx, `
select name, commit_position, prepare_position, events, accepted, refused, fired, updated_at,
       (select count(*) from praxis.process_timer t where t.process = name),
       (select min(due) from praxis.process_timer t where t.process = name),
       (select count(*) from praxis.quarantine q where q.follower = 'process ' || name and q.status = 'parked'),
       (select count(*) from praxis.quarantine q where q.follower = 'process ' || name and q.status = 'skipped')
  from praxis.process where name = any($1)`, names)
	entries := map[string]process.Status{}
	var s process.Status
	_, err := pgx.ForEachRow(rows, []any{
		&s.Name, &s.Position.Commit, &s.Position.Prepare, &s.Events, &s.Accepted, &s.Refused, &s.Fired,
		&s.UpdatedAt, &s.Timers, &s.NextDue, &s.Parked, &s.Skipped,
	}, func() error {
		entries[s.Name] = s
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
