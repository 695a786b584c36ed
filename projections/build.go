package projections

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/fault"
	parked "praxis/projections/quarantine"
)

// Build names the rows that one version of a projector makes: their schema in
// Postgres, and their row in praxis.projection. Versions have nothing in common, so
// that two programs of different versions each follow and read their own.
func Build(p Projector) string { return fmt.Sprintf("%s_v%d", p.Name(), p.Version()) }

// Table names a table of a projector in SQL, for queries. A raised version reads other
// tables.
func Table(p Projector, table string) string { return Build(p) + "." + table }

// indexMark is the line of a projector's DDL after which only indexes follow.
const indexMark = "\n-- +indexes\n"

// shape tells the tables of a projector from others: it changes with their columns and
// constraints, and not with comments or indexes.
func shape(p Projector) string {
	ddl, _, _ := strings.Cut(p.DDL(), indexMark)
	ddl = noShape.ReplaceAllString(ddl, "")
	hash := sha256.Sum256([]byte(strings.Join(strings.Fields(ddl), " ")))
	return hex.EncodeToString(hash[:8])
}

// noShape is what of a projector's DDL says nothing about the shape of its rows.
var noShape = regexp.MustCompile(`(?m)^\s*--.*$|^comment on [^']*'(?:[^']|'')*';$`)

// errShape is the failure of a build whose tables were made by another text than the
// program has for this version.
var errShape = fault.New(fault.Rejected, "projection_shape_differs", "The tables of this read model have another shape than this program's of the same version, so it must not write to them. Run `praxis projections rebuild NAME`; who changed the tables should have raised the version of the projector.")

// Install makes what the database does not have yet of the projectors' own builds:
// schema, empty tables, and a checkpoint before the first event. Builds of other
// versions stay as they are. A build whose tables have another shape than the
// projector's is stopped, with the failure "projection_shape_differs".
func Install(ctx context.Context, pool *pgxpool.Pool, projectors ...Projector) error {
	for _, p := range projectors {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			made, err := ensureRow(ctx, tx, p)
			if made && err == nil {
				err = errors.Join(makeTables(ctx, tx, p, Build(p)), indexTables(ctx, tx, p, Build(p)), parked.Forget(ctx, tx, memberName(p)))
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("install the read model %s: %w", Build(p), err)
		}
	}
	return nil
}

// makeTables makes the schema and the empty tables of a build, without the indexes that
// its projector does without. A schema without a checkpoint is of no use to anybody and
// is replaced.
func makeTables(ctx context.Context, tx pgx.Tx, p Projector, build string) error {
	tables, _, _ := strings.Cut(p.DDL(), indexMark)
	return define(ctx, tx, "drop schema if exists "+quoted(build)+" cascade", "create schema "+quoted(build), searched(build), tables)
}

// indexTables makes the other indexes of a build, and counts its rows for the planner.
func indexTables(ctx context.Context, tx pgx.Tx, p Projector, build string) error {
	_, indexes, _ := strings.Cut(p.DDL(), indexMark)
	statements := []string{"set local statement_timeout = 0", searched(build), indexes}
	for _, t := range p.Tables() {
		statements = append(statements, "analyze "+quoted(t))
	}
	return define(ctx, tx, statements...)
}

func define(ctx context.Context, tx pgx.Tx, statements ...string) error {
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make the tables: %w", err)
		}
	}
	return nil
}

// searched has statements find the tables of a build.
func searched(build string) string { return "set local search_path = " + quoted(build) + ", pg_temp" }

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
