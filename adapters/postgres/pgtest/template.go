package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
	hash := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(hash, "%s %d\n%s\n", path, len(content), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the migrations: %w", err)
	}
	return templatePrefix + hex.EncodeToString(hash.Sum(nil))[:16], nil
}

// withTemplate makes sure that the template exists. It is built under another
// name and renamed when whole, so a template that exists is complete; of
// several processes on one server, one builds and the others wait.
func (s running) withTemplate(ctx context.Context) (_ running, err error) {
	if s.template, err = templateName(migrations.FS()); err != nil {
		return running{}, err
	}
	conn, err := pgx.Connect(ctx, s.maintenance)
	if err != nil {
		return running{}, fmt.Errorf("connect to the test server: %w", err)
	}
	// Closing the connection gives the lock back.
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var version int
	if err := conn.QueryRow(ctx, "select current_setting('server_version_num')::int").Scan(&version); err != nil {
		return running{}, fmt.Errorf("ask the test server for its version: %w", err)
	}
	// From version 15 on, the default is to copy through the write-ahead log,
	// which took two to four times as long here as copying the files.
	if version >= 150000 {
		s.copyOption = " strategy file_copy"
	}
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(templateLockID)); err != nil {
		return running{}, fmt.Errorf("lock the template database: %w", err)
	}
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", s.template).Scan(&exists); err != nil {
		return running{}, fmt.Errorf("look for the template database: %w", err)
	}
	if exists {
		return s, nil
	}
	building := s.template + "_building"
	for _, sql := range []string{
		"drop database if exists " + quote(building) + " with (force)",
		"create database " + quote(building) + " template template0",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return running{}, fmt.Errorf("create the template database: %w", err)
		}
	}
	if err := s.migrate(ctx, building); err != nil {
		return running{}, err
	}
	for _, sql := range []string{
		"alter database " + quote(building) + " with is_template true allow_connections false",
		"alter database " + quote(building) + " rename to " + quote(s.template),
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return running{}, fmt.Errorf("finish the template database: %w", err)
		}
	}
	return s, nil
}

func (s running) migrate(ctx context.Context, database string) error {
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
func (s running) dropLeftovers(ctx context.Context) (err error) {
	current, err := templateName(migrations.FS())
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.maintenance)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, `
		select datname from pg_database
		where (starts_with(datname, $1) or starts_with(datname, $2)) and datname <> $3`,
		databasePrefix, templatePrefix, current)
	if err != nil {
		return fmt.Errorf("list old test databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list old test databases: %w", err)
	}
	for _, name := range names {
		for _, sql := range []string{
			"alter database " + quote(name) + " with is_template false",
			"drop database " + quote(name) + " with (force)",
		} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("drop an old test database: %w", err)
			}
		}
	}
	return nil
}
