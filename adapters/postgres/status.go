package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/migrations"
)

// Migration is one schema change.
type Migration struct {
	// Version is its number.
	Version int64 `json:"version"`
	// Name is its file name, "" for one this binary does not know.
	Name string `json:"name"`
	// AppliedAt is when it ran (UTC), the zero time where it has not.
	AppliedAt time.Time `json:"appliedAt"`
}

// Status compares the database with the binary. Both lists are in order.
type Status struct {
	// Applied are the migrations that ran in the database.
	Applied []Migration `json:"applied"`
	// Pending are those of the binary that did not.
	Pending []Migration `json:"pending"`
	// Latest is the highest migration of the binary.
	Latest int64 `json:"latest"`
}

// Current is the highest migration that ran, 0 where none has.
func (s Status) Current() int64 {
	if len(s.Applied) == 0 {
		return 0
	}
	return s.Applied[len(s.Applied)-1].Version
}

// PendingError says that the database waits for migrations of this binary.
type PendingError struct {
	// Count is how many.
	Count int
}

// Error implements error.
func (e *PendingError) Error() string {
	return fmt.Sprintf("the database waits for %d migration(s) of this praxis; run: praxis migrate", e.Count)
}

// Check is nil when the database has exactly the schema of this binary, else a
// *NewerSchemaError or a *PendingError.
func (s Status) Check() error {
	if s.Current() > s.Latest {
		return &NewerSchemaError{Database: s.Current(), Binary: s.Latest}
	}
	if len(s.Pending) > 0 {
		return &PendingError{Count: len(s.Pending)}
	}
	return nil
}

// ReadStatus says which migrations ran and which wait. It changes nothing.
func ReadStatus(ctx context.Context, pool *pgxpool.Pool) (Status, error) {
	return readStatus(ctx, pool, migrations.FS())
}

func readStatus(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (s Status, err error) {
	known, err := knownMigrations(files)
	if err != nil {
		return Status{}, err
	}
	if s.Applied, err = appliedMigrations(ctx, pool); err != nil {
		return Status{}, err
	}
	for _, m := range known {
		s.Latest = m.Version
		i := slices.IndexFunc(s.Applied, func(a Migration) bool { return a.Version == m.Version })
		if i < 0 {
			s.Pending = append(s.Pending, m)
			continue
		}
		s.Applied[i].Name = m.Name
	}
	return s, nil
}

// knownMigrations lists the files in order of their numbers.
func knownMigrations(files fs.FS) (known []Migration, err error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s does not begin with its number", name)
		}
		known = append(known, Migration{Version: version, Name: name})
	}
	slices.SortFunc(known, func(a, b Migration) int { return int(a.Version - b.Version) })
	return known, nil
}

func appliedMigrations(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	var exists bool
	if err := pool.QueryRow(ctx, "select to_regclass($1) is not null", versionTable).Scan(&exists); err != nil {
		return nil, fmt.Errorf("look for the record of migrations: %w", err)
	}
	if !exists {
		return nil, nil
	}
	// The first row, version 0, only says that the table was made. What an error of
	// Query is, the rows say too.
	rows, _ := pool.Query(ctx, `
		select version_id, '', max(tstamp) at time zone 'UTC'
		from praxis.migration
		where is_applied and version_id > 0
		group by version_id
		order by version_id`)
	applied, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Migration])
	if err != nil {
		return nil, fmt.Errorf("read the record of migrations: %w", err)
	}
	return applied, nil
}
