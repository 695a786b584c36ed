// Package pgtest gives tests PostgreSQL databases of their own, migrated, in
// milliseconds.
//
// A database is a copy of a template that holds all migrations of the binary;
// the template is named after a hash of the migrations, so a changed migration
// never meets a stale one. The copy is dropped when the test ends.
//
// The server is that of PRAXIS_TEST_DATABASE_URL (a postgres:// URL of an
// account that may create databases), else one private server per test
// process. Its cluster stays in the temporary directory for the next process,
// so only the first run pays for creating it; a process that finds a cluster
// taken uses the next. The server ends with the test process, however that
// ends: nothing has to be stopped, and a killed run leaves no server behind.
//
// A test that checks for leaked goroutines ignores the one that waits for the
// server: goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise").
//
// The package is for tests only. It may import postgres, embedded, migrations
// and pgx.
package pgtest
