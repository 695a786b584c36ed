package notification

import (
	"net/mail"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Invitation is what an invitation's words are made of. Address is personal data:
// it stands in no event, and nowhere but in the outbox until the mail is sent.
type Invitation struct {
	ID      id.Invitation
	Group   id.Group
	Sender  Sender
	Address string
	Role    access.Role
	// Clinician reports whether the invited person would treat patients.
	Clinician bool
	// ExpiresAt is the first instant at which the invitation no longer holds, UTC.
	ExpiresAt time.Time
}

// ErrMalformed never echoes the address.
var ErrMalformed = fault.New(fault.Invalid, "mail_malformed", "A mail needs an id, one e-mail address or an account, a subject of one line and a text.")

// Check refuses an address that cannot be written to. Fault: "mail_malformed".
func (i Invitation) Check() error {
	if !IsAddress(i.Address) {
		return ErrMalformed
	}
	return nil
}

// IsAddress reports whether a mail can go to an address, which has no name beside it.
func IsAddress(to string) bool {
	address, err := mail.ParseAddress(to)
	return err == nil && address.Address == to
}

// InvitationID names the notification of an invitation.
func InvitationID(i id.Invitation) ID { return id.Derive[ID]("invitation", i.String()) }

// Link says where invitations are answered.
type Link struct {
	// Template is a URL with {group} and {invitation} in it.
	Template string
	// IsPage reports that people open it; otherwise it is an operation of the API.
	IsPage bool
}

// To returns the link of one invitation.
func (l Link) To(g id.Group, i id.Invitation) string {
	return strings.NewReplacer("{group}", g.String(), "{invitation}", i.String()).Replace(l.Template)
}

// Words are what the invited person reads.
func (i Invitation) Words(link Link) Words {
	how := "To answer, sign in with the e-mail address that this mail came to. The program that you use with Praxis accepts the invitation here:"
	if link.IsPage {
		how = "To answer, open this page and sign in with the e-mail address that this mail came to:"
	}
	name := i.Sender.name()
	return i.Sender.write("Invitation to join "+name,
		name+" invites you to join the practice "+as(i.Role, i.Clinician)+".",
		how, link.To(i.Group, i.ID),
		"The invitation holds until "+i.Sender.when(i.ExpiresAt)+".",
		"If you did not expect it, leave it unanswered: nothing happens then.",
	)
}

// as says in words what somebody would be.
func as(r access.Role, clinician bool) string {
	words := "as " + roleInWords(r, clinician)
	if clinician && (r == access.Owner || r == access.SuperAdmin || r == access.Assistant) {
		words += " who treats patients"
	}
	return words
}

// roleInWords names a role with its article.
func roleInWords(r access.Role, clinician bool) string {
	switch {
	case r == access.Owner:
		return "its owner"
	case r == access.SuperAdmin:
		return "a super admin"
	case r == access.Manager:
		return "a manager, a clinician who looks after other clinicians"
	case r == access.Assistant:
		return "an administrative assistant"
	case clinician:
		return "a clinician"
	}
	return "a member of its staff"
}
