// Package mail is how notifications leave: as plain-text mails, never with anything
// about a patient. A mail waits in the Outbox, under an id that follows from its
// reason, so that it is queued once. The Outbox hands it to a Sender, repeats what
// failed, and says what it did. Senders are an SMTP server and, as embedded
// default, files in the data directory.
//
// The package imports the domain, commands/notification,
// adapters/{contacts,loopback,postgres}, go-mail and pgx; go-mail has no other
// importer.
package mail
