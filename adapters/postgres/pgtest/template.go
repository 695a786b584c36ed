package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres"
	"praxis/migrations"
)

const (
	templatePrefix = "praxis_template_"
	// templateLockID is the advisory lock of the process that builds a
	// template: "pgtest" in ASCII.
	templateLockID = 0x706774657374
)

// templateName names the template of these migrations: another file, name or
// byte is another template.
func templateName(files fs.FS) (string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", fmt.Errorf("list the migrations: %w", err)
	}
	hash := sha256.New()
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return "", fmt.Errorf("hash the migrations: %w", err)
		}
		// A hash takes whatever is written to it.
		_, _ = fmt.Fprintf(hash, "%s %d\n%s\n", name, len(content), content)
	}
	return templatePrefix + hex.EncodeToString(hash.Sum(nil))[:16], nil
}

// makeTemplate makes sure that the template exists. It is built under another
// name and renamed when whole, so a template that exists is complete; of
// several processes on one server, one builds and the others wait.
func (s *running) makeTemplate(ctx context.Context, conn *pgx.Conn, isOurs bool) (err error) {
	if s.template, err = templateName(migrations.FS()); err != nil {
		return err
	}
	if isOurs {
		if err := dropLeftovers(ctx, conn, s.template); err != nil {
			return err
		}
	}
	if err := run(ctx, conn, fmt.Sprintf("select pg_advisory_lock(%d)", templateLockID)); err != nil {
		return err
	}
	var version int
	var exists bool
	err = conn.QueryRow(ctx, "select current_setting('server_version_num')::int, exists (select from pg_database where datname = $1)", s.template).
		Scan(&version, &exists)
	if err != nil {
		return fmt.Errorf("look for the template database: %w", err)
	}
	// From version 15 on, the default is to copy through the write-ahead log,
	// which took two to four times as long here as copying the files.
	if version >= 150000 {
		s.copyOption = " strategy file_copy"
	}
	if exists {
		return nil
	}
	building := s.template + "_building"
	err = run(ctx, conn,
		"drop database if exists "+quote(building)+" with (force)",
		"create database "+quote(building)+" template template0")
	if err != nil {
		return err
	}
	if err := s.migrate(ctx, building); err != nil {
		return err
	}
	return run(ctx, conn,
		"alter database "+quote(building)+" with is_template true allow_connections false",
		"alter database "+quote(building)+" rename to "+quote(s.template))
}

func (s *running) migrate(ctx context.Context, database string) error {
	pool, err := open(ctx, s.url(database))
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		return fmt.Errorf("migrate the template database: %w", err)
	}
	return nil
}

// dropLeftovers removes what earlier processes left in a private cluster:
// databases of tests that were killed, and templates of other migrations. Only
// the process that has the cluster for itself may do this.
func dropLeftovers(ctx context.Context, conn *pgx.Conn, current string) error {
	// What an error of Query is, the rows say too.
	rows, _ := conn.Query(ctx, `
		select datname from pg_database
		where (starts_with(datname, $1) or starts_with(datname, $2)) and datname <> $3`,
		databasePrefix, templatePrefix, current)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list old test databases: %w", err)
	}
	for _, name := range names {
		err := run(ctx, conn,
			"alter database "+quote(name)+" with is_template false",
			"drop database "+quote(name)+" with (force)")
		if err != nil {
			return err
		}
	}
	return nil
}

// run runs statements, each by itself.
func run(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("prepare a test database: %s: %w", sql, err)
		}
	}
	return nil
}
