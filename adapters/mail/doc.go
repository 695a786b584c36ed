// Package mail sends the mails of Praxis: invitations and notices, plain text,
// never with anything about a patient. A mail waits in the outbox, under an id
// that follows from its reason, so that it is queued once; the Notifier puts it there
// for commands and processes. The Outbox hands it to a Sender, repeats what
// failed, and says what it did. Senders are an SMTP server and, as embedded
// default, files in the data directory.
//
// The package imports the domain, commands/letters, commands/processes,
// adapters/{contacts,loopback,postgres}, go-mail and pgx; go-mail has no other
// importer.
package mail
