package notification

import (
	"strings"
	"time"

	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/text"
)

type notificationKind struct{}

// ID names one notification. It follows from what that is about, so that a caller
// that is unsure whether it was queued can queue it again.
type ID = id.Of[notificationKind]

// Words are what somebody reads.
type Words struct {
	// Subject is one line.
	Subject string
	// Text is plain text with Unix line ends.
	Text string
}

// Notification is what the person of an account is told.
type Notification struct {
	ID ID
	To id.Account
	Words
}

// IDOf names the notification of an account that a command leads to.
func IDOf(c id.Command, to id.Account) ID {
	return id.Derive[ID]("notice", c.String(), to.String())
}

// Sender is for whom a notification is sent.
type Sender struct {
	Name string
	// Zone is the zone in which the notification tells times.
	Zone civil.Zone
}

// Of is how a practice signs.
func Of(g group.State) Sender { return Sender{Name: g.Info()[group.FieldName], Zone: g.Zone()} }

// oneLine makes one line of any text, as package text takes one, of at most 100
// characters: what people chose and a notification repeats.
func oneLine(s string) string { return line.Tidy(s) }

var line = text.Line("text", 100)

// name is how the practice is called.
func (p Sender) name() string { return called(p.Name, "your practice") }

// called names somebody or something whose name may be unknown.
func called(name, otherwise string) string {
	if name = oneLine(name); name != "" {
		return name
	}
	return otherwise
}

// when tells an instant in the practice's zone, in UTC where the machine does not
// know that zone.
func (p Sender) when(t time.Time) string {
	location, err := p.Zone.Load()
	if err != nil {
		location = time.UTC
	}
	return t.In(location).Format("Monday, 2 January 2006, 15:04") + " (" + location.String() + ")"
}

// day tells a civil date.
func day(d civil.Date) string { return civil.At(d, 0, time.UTC).Format("Monday, 2 January 2006") }

// write makes words of paragraphs and signs them for the practice.
func (p Sender) write(subject string, paragraphs ...string) Words {
	paragraphs = append([]string{"Hello,"}, paragraphs...)
	paragraphs = append(paragraphs, "-- \nSent by Praxis for "+p.name()+".")
	return Words{Subject: oneLine(subject), Text: strings.Join(paragraphs, "\n\n") + "\n"}
}
