package letters

import (
	"strings"
	"time"

	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/text"
)

type letterKind struct{}

// ID names one letter. It follows from what the letter is about, so that a
// caller that is unsure whether it was queued can queue it again.
type ID = id.Of[letterKind]

// Letter is what somebody reads.
type Letter struct {
	// Subject is one line.
	Subject string
	// Text is plain text with Unix line ends.
	Text string
}

// Notice is a letter to the person of an account.
type Notice struct {
	ID ID
	To id.Account
	Letter
}

// NoticeID names the letter to an account that a command leads to.
func NoticeID(c id.Command, to id.Account) ID {
	return id.Derive[ID]("notice", c.String(), to.String())
}

// Practice is whom a letter is sent for.
type Practice struct {
	Name string
	// Zone is the zone in which the letter tells times.
	Zone civil.Zone
}

// Line makes one line of any text, as package text takes one, of at most 100
// characters: what people chose and a letter repeats.
func Line(s string) string { return line.Tidy(s) }

var line = text.Line("text", 100)

// name is how the practice is called in a letter.
func (p Practice) name() string {
	if name := Line(p.Name); name != "" {
		return name
	}
	return "your practice"
}

// when tells an instant in the practice's zone, in UTC where the machine does not
// know that zone.
func (p Practice) when(t time.Time) string {
	location, err := p.Zone.Load()
	if err != nil {
		location = time.UTC
	}
	return t.In(location).Format("Monday, 2 January 2006, 15:04") + " (" + location.String() + ")"
}

// day tells a civil date.
func day(d civil.Date) string { return civil.At(d, 0, time.UTC).Format("Monday, 2 January 2006") }

// write makes a letter of paragraphs and signs it for the practice.
func (p Practice) write(subject string, paragraphs ...string) Letter {
	paragraphs = append([]string{"Hello,"}, paragraphs...)
	paragraphs = append(paragraphs, "-- \nSent by Praxis for "+p.name()+".")
	return Letter{Subject: Line(subject), Text: strings.Join(paragraphs, "\n\n") + "\n"}
}
