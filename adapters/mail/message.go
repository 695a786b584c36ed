package mail

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"praxis/commands/notification"
	"praxis/domain/id"
)

// ID names one mail. It follows from what caused the mail, so that a caller
// that is unsure whether it was queued can queue it again.
type ID = notification.ID

// Message is one plain-text mail to one person.
type Message struct {
	ID ID
	// To is one address, without a name. A queued mail names an address or an
	// account; an account's address is looked up whenever the mail is tried.
	To      string
	Account id.Account
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

// check refuses what no mail can be made of. Fault: "mail_malformed".
func (m Message) check() error {
	if !notification.IsAddress(m.To) {
		return notification.ErrMalformed
	}
	return m.checkText()
}

func (m Message) checkText() error {
	if m.ID.IsZero() || m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || m.Text == "" {
		return notification.ErrMalformed
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
		return nil, notification.ErrMalformed
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender's address is malformed: %w", err)
	}
	_, domain, _ := strings.Cut(sender.Address, "@")
	msg.SetMessageIDWithValue(m.ID.String() + "@" + domain)
	msg.SetDateWithValue(m.At.UTC())
	if isPlain(m.Subject) && strings.Contains(m.Subject, "=?") {
		// The library leaves ASCII as it is, and a mail program would decode this.
		msg.SetGenHeaderPreformatted(gomail.HeaderSubject, encodedWords(m.Subject))
	} else {
		msg.Subject(m.Subject)
	}
	// It keeps mail servers from answering with notes of absence.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if isPlain(m.Text) {
		// Links stay whole for readers of the file or the source.
		msg.SetEncoding(gomail.NoEncoding)
		msg.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(m.Text, "\n", "\r\n"))
		return msg, nil
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	return msg, nil
}

// encodedWords writes ASCII as encoded words, each of a line that is short enough
// (RFC 2047 2).
func encodedWords(ascii string) string {
	var words []string
	for part := range slices.Chunk([]byte(ascii), 39) {
		words = append(words, "=?UTF-8?b?"+base64.StdEncoding.EncodeToString(part)+"?=")
	}
	return strings.Join(words, "\r\n ")
}

// isPlain reports whether a text can travel as it is: ASCII in lines that every
// mail server takes (RFC 5321 4.5.3.1.6).
func isPlain(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 900 || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
			return false
		}
	}
	return true
}

// SendError says why a mail was not sent.
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
