// Package letters words what Praxis writes to people: invitations, and notices
// about the practice they belong to. Every letter is plain text, says that Praxis
// sends it for the practice, and holds nothing about a patient. What people chose
// freely, such as the name of a practice, can not become a line or a header.
//
// The package is pure and imports the domain only.
package letters
