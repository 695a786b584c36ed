package mail

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"praxis/domain/fault"
	"praxis/domain/id"
)

type messageKind struct{}

// ID names one mail. It follows from what caused the mail, so that whoever is
// unsure whether it was queued can queue it again.
type ID = id.Of[messageKind]

// Message is one plain-text mail to one person.
type Message struct {
	ID ID
	// To is one address, without a name.
	To string
	// Subject is one line. Neither it nor Text says anything about a patient.
	Subject, Text string
	// At is when the mail was queued, UTC; it is the date that the reader sees.
	At time.Time
}

// Sender hands a mail over for good. Handing over the same mail again must be
// harmless as far as the medium allows; both times it carries the same
// Message-ID. Errors are *SendError.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// errMessage never echoes the address.
var errMessage = fault.New(fault.Invalid, "mail_malformed", "A mail needs an id, one e-mail address, a subject of one line and a text.")

// check refuses what no mail can be made of. Fault: "mail_malformed".
func (m Message) check() error {
	address, err := mail.ParseAddress(m.To)
	if m.ID.IsZero() || err != nil || address.Address != m.To || m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || m.Text == "" {
		return errMessage
	}
	return nil
}

// addressHash is what is kept of an address.
func addressHash(to string) []byte {
	h := sha256.Sum256([]byte(strings.ToLower(to)))
	return h[:]
}

// compose writes a message as RFC 5322 has it. The same message is always the
// same bytes.
func compose(from string, m Message) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("the sender's address is malformed: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, errMessage
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender's address is malformed: %w", err)
	}
	_, domain, _ := strings.Cut(sender.Address, "@")
	msg.SetMessageIDWithValue(m.ID.String() + "@" + domain)
	msg.SetDateWithValue(m.At.UTC())
	msg.Subject(m.Subject)
	// Nobody's absence is to be announced to a machine.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	return msg, nil
}

// SendError says what became of a mail that was not sent.
type SendError struct {
	// Code is stable; it never quotes the server, who may quote the address.
	Code string
	// Final says that repeating cannot help.
	Final bool
	// Uncertain says that the mail may have been taken: the answer was lost.
	Uncertain bool
}

// Error returns the code.
func (e *SendError) Error() string { return "the mail was not sent: " + e.Code }
