// Package processes keeps what the process managers must not forget in Postgres:
// checkpoints, timers and refused commands. It also decides which of several
// instances leads. It implements process.Journal and may import commands/process,
// the domain, adapters/postgres and pgx.
package processes
