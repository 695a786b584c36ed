// Package mail sends the mails of Praxis: invitations and notices, plain text,
// never with anything about a patient. A mail is put into the outbox in the same
// transaction as the reason for it; the Outbox hands it to a Sender, repeats what
// failed, and says what it did. Senders are an SMTP server and, as embedded
// default, files in the data directory.
//
// The package imports the domain, adapters/loopback, go-mail and pgx; go-mail has
// no other importer.
package mail
