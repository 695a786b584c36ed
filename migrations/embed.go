// Package migrations holds the SQL that builds the database schema of praxis,
// embedded in the binary.
//
// Rules for a migration:
//
//   - The file is called NNNN_name.sql, the number one above the highest there
//     is. Two changes that took the same number meet in a failing test.
//   - Forward only: a file has a "+goose Up" part and no "+goose Down". A
//     mistake is corrected by the next migration. A file that has been released
//     is never edited.
//   - Migrations are for the schema praxis, the record of praxis's own work. The
//     tables of read models belong to their projectors (schema.sql beside each), and
//     a new version of one makes new tables instead of altering any (docs/adr/0028).
//   - Every table and column has a comment that says what it means, its unit
//     and its zone.
//   - Each file runs in one transaction. It takes no lock for long on a table
//     that is read: an older binary may still be serving beside it.
//
// The package imports the standard library only.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed *.sql
var files embed.FS

// FS holds the migration files at its root.
func FS() fs.FS { return files }
