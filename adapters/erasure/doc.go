// Package erasure erases what is known of people whom no practice has to write to
// any more: who left, or never joined. Names and addresses stand in no event, so
// that what is erased here is gone.
//
// The package imports commands, adapters/contacts and adapters/mail.
package erasure
