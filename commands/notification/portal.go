package notification

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"praxis/domain/chart"
	"praxis/domain/id"
)

// Letter is a mail to an address that no account is known for.
type Letter struct {
	ID ID
	// To is personal data; it is kept until the mail is sent.
	To string
	Words
}

// PortalInvitation is what the mail is made of that offers somebody the portal for one
// chart. It names neither the patient nor the chart's people: who opens the mailbox
// learns that the practice wrote to this address, and no more.
type PortalInvitation struct {
	ID       id.Invitation
	Group    id.Group
	Chart    id.Chart
	Sender   Sender
	Relation chart.Relation
	// Token accepts the invitation. It stands in this mail and nowhere else.
	Token string
	// ExpiresAt is the first instant at which the invitation no longer holds, UTC.
	ExpiresAt time.Time
}

// TokenHash recognises a token; events hold it instead of the token.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// PortalInvitationID names the mail with which an invitation went out: sent again, with
// another token, it is another mail.
func PortalInvitationID(i id.Invitation, tokenHash string) ID {
	return id.Derive[ID]("portal invitation", i.String(), tokenHash)
}

// Words are what the invited person reads.
func (i PortalInvitation) Words(link Link) Words {
	name := i.Sender.name()
	what := name + " invites you to see and book appointments online."
	if i.Relation != chart.Self {
		what = name + " invites you to see and book appointments online for somebody whom you care for."
	}
	ask := []string{
		"To accept, sign in to the program that you use with Praxis and give it this token:", i.Token,
		"It accepts the invitation with it here:", i.accept(link),
	}
	if link.IsPage {
		ask = []string{"To accept, open this page and sign in, or make an account there first:", i.accept(link)}
	}
	text := append([]string{what}, ask...)
	return i.Sender.write("Invitation to the patient portal of "+name, append(
		text,
		"The invitation holds until "+i.Sender.when(i.ExpiresAt)+", for one account. Do not pass it on: who has this mail can accept it.",
		"If you did not expect it, leave it unanswered: nothing happens then.",
	)...)
}

// accept is where the invitation is accepted. On a page, the token stands behind the #,
// which browsers keep to themselves.
func (i PortalInvitation) accept(link Link) string {
	if link.IsPage {
		return link.To(i.Group, i.ID) + "#" + url.Values{"chart": {i.Chart.String()}, "token": {i.Token}}.Encode()
	}
	return strings.Replace(link.To(i.Group, i.ID), "/invitations/", "/charts/"+i.Chart.String()+"/invitations/", 1)
}
