// Package postgres connects praxis to its PostgreSQL database: the connection
// pool with the settings every session needs (Open), the schema migrations
// that the binary carries (Migrate), and what of them has run (ReadStatus).
//
// It holds no query of a read model; those live with their projection. It may
// import migrations, pgx, goose and otelpgx, and nothing else of this module.
// The sub-package embedded runs a private server where no DATABASE_URL is
// given; pgtest gives tests databases of their own.
package postgres
