// Package notification is what Praxis tells people: Kinds lists every notification,
// after what it is sent, to whom, and in which words; Outbox is where one waits until
// it leaves as mail. Every notification is plain text, says that Praxis sends it for
// the practice, and holds nothing about a patient. What people chose freely, such as
// the name of a practice, can not become a line or a header.
//
// The package is pure and imports the domain only.
package notification
