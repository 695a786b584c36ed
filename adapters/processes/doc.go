// Package processes keeps what the process managers must not forget in Postgres:
// checkpoints, timers, refused commands, and, through adapters/mail, the mails
// that they send. It also decides which of several instances leads. It
// implements process.Journal and may import commands/process, adapters/mail, the
// domain and pgx.
package processes
