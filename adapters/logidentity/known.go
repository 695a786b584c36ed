package logidentity

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"praxis/domain/es"
	"praxis/domain/id"
)

// Kind says what follows the log.
type Kind string

// The kinds of followers.
const (
	ReadModel Kind = "read model"
	Process   Kind = "process"
)

func (k Kind) plural() string {
	if k == Process {
		return "processes"
	}
	return string(k) + "s"
}

// Follower is whatever keeps how far it has read the log.
type Follower struct {
	Kind Kind
	Name string
	// Position covers everything that it has read.
	Position es.Position
	// Last is the last event up to there; zero where none was read, or where that was
	// before it was kept.
	Last es.Mark
}

// furthest is the furthest place that it knows of.
func (f Follower) furthest() es.Position {
	if f.Position.Before(f.Last.Position) {
		return f.Last.Position
	}
	return f.Position
}

// known is what Postgres knows of the log.
type known struct {
	// id is that of the log, zero where none was noted.
	id        id.Log
	followers []Follower
}

// querier is a pool, a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// selectFollowers finds every position that is kept.
const selectFollowers = `
select 'read model', build, commit_position, prepare_position, coalesce(event_commit, 0), coalesce(event_prepare, 0), event_id
  from praxis.projection
union all
select 'process', name, commit_position, prepare_position, coalesce(event_commit, 0), coalesce(event_prepare, 0), event_id
  from praxis.process
 order by 1, 2`

func loadKnown(ctx context.Context, q querier) (known, error) {
	var k known
	err := q.QueryRow(ctx, "select id from praxis.log").Scan(&k.id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return k, fmt.Errorf("look up the id of the log: %w", err)
	}
	rows, err := q.Query(ctx, selectFollowers)
	if err == nil {
		k.followers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Follower, err error) {
			var event *id.Event
			err = row.Scan(&f.Kind, &f.Name, &f.Position.Commit, &f.Position.Prepare, &f.Last.Position.Commit, &f.Last.Position.Prepare, &event)
			if event != nil {
				f.Last.ID = *event
			}
			return f, err
		})
	}
	if err != nil {
		return k, fmt.Errorf("look up what was read of the log: %w", err)
	}
	return k, nil
}

// noteIfNone notes the id of the log where none is noted.
func noteIfNone(ctx context.Context, q querier, log id.Log) error {
	if _, err := q.Exec(ctx, "insert into praxis.log (id) values ($1) on conflict do nothing", log); err != nil {
		return fmt.Errorf("note the id of the log: %w", err)
	}
	return nil
}
