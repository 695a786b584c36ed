package mail_test

import (
	"io"
	"maps"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ours "praxis/adapters/mail"
	"praxis/adapters/mail/smtptest"
	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/text/texttest"
)

// arrived is a mail as a mail program reads it.
type arrived struct {
	envelope      []string
	header        mail.Header
	to            []string
	subject, text string
}

// read reads a mail that a server took, with the standard library alone.
func read(t *testing.T, got smtptest.Received) arrived {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(got.Text))
	require.NoError(t, err)
	a := arrived{envelope: got.To, header: m.Header}
	a.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	addresses, err := m.Header.AddressList("To")
	require.NoError(t, err)
	for _, to := range addresses {
		require.Empty(t, to.Name)
		a.to = append(a.to, to.Address)
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "text/plain", kind)
	require.Equal(t, "UTF-8", parameters["charset"])
	body := m.Body
	switch encoding := m.Header.Get("Content-Transfer-Encoding"); encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		require.Contains(t, []string{"", "7bit", "8bit"}, encoding)
	}
	raw, err := io.ReadAll(body)
	require.NoError(t, err)
	a.text = strings.ReplaceAll(string(raw), "\r\n", "\n")
	return a
}

// headers are those of every mail; a text that became another would add to them.
var headers = []string{
	"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To",
}

// told is what an event is told of by a practice of a name, about somebody of a name.
func told(practice, name string, event any) notification.Words {
	g := group.Aggregate().New()
	group.Evolve(&g, group.GroupCreated{Name: practice})
	return notification.Tell(event)(g).Words(id.Derive[id.Account]("reader"), name)
}

func joinedTo(practice, name string) notification.Words {
	return told(practice, name, group.MemberJoined{Role: access.User, Clinician: true})
}

func TestFoundT2_TheCorpusRunsThroughTheMails(t *testing.T) {
	sink := smtptest.New(t, smtptest.Config{})
	sender := smtpSender(t, ours.SMTPConfig{Address: sink.Address})
	// delivered is what arrives of a letter.
	delivered := func(t *testing.T, l notification.Words) arrived {
		t.Helper()
		before := len(sink.Received())
		m := ours.Message{ID: id.Derive[ours.ID](t.Name()), To: "ada@example.org", Subject: l.Subject, Text: l.Text, At: noon}
		require.NoError(t, sender.Send(t.Context(), m))
		require.Len(t, sink.Received(), before+1, "one mail")
		a := read(t, sink.Received()[before])
		require.Equal(t, []string{"ada@example.org"}, a.envelope)
		require.Equal(t, []string{"ada@example.org"}, a.to)
		require.Equal(t, headers, slices.Sorted(maps.Keys(a.header)))
		for name, values := range a.header {
			require.Len(t, values, 1, name)
		}
		require.Equal(t, []string{from, "auto-generated"}, []string{strings.ReplaceAll(a.header.Get("From"), `"`, ""), a.header.Get("Auto-Submitted")})
		require.Equal(t, l.Subject, a.subject)
		require.Equal(t, l.Text, a.text)
		return a
	}
	for _, s := range texttest.All() {
		t.Run(s.Name, func(t *testing.T) {
			i := invitation("one")
			i.Sender.Name = s.As()
			link := notification.Link{Template: "https://praxis.example.com/{group}/{invitation}", IsPage: true}
			invited := delivered(t, i.Words(link))
			require.Contains(t, invited.text, "\n\n"+link.To(i.Group, i.ID)+"\n\n")
			joined := delivered(t, joinedTo("Elm", s.As()))
			given := delivered(t, told(s.As(), s.As(), group.OwnershipTransferred{}))
			if s.Line != "" {
				return // No command takes it.
			}
			require.Equal(t, "Invitation to join "+s.As(), invited.subject)
			require.Contains(t, invited.text, "\n\n"+s.As()+" invites you to join the practice as a clinician.\n\n")
			require.True(t, strings.HasSuffix(invited.text, "\n\n-- \nSent by Praxis for "+s.As()+".\n"), invited.text)
			require.Equal(t, s.As()+" joined Elm", joined.subject)
			require.Contains(t, given.text, "The ownership of "+s.As()+" was transferred to "+s.As()+". ")
		})
	}
	t.Run("what is longer than a subject ends with an ellipsis", func(t *testing.T) {
		for _, name := range []string{strings.Repeat("Ærø ", 50), strings.Repeat("👩🏽‍⚕️", 40), strings.Repeat("x", 200), strings.Repeat("=?", 100)} {
			a := delivered(t, joinedTo("Elm", name))
			require.True(t, strings.HasSuffix(a.subject, "…"), a.subject)
			require.True(t, strings.HasPrefix(name, strings.TrimSuffix(a.subject, "…")))
		}
	})
}
