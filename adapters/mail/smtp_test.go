package mail_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ours "praxis/adapters/mail"
	"praxis/adapters/mail/smtptest"
)

func smtpSender(t testing.TB, c ours.SMTPConfig) *ours.SMTPSender {
	t.Helper()
	c.From = from
	s, err := ours.NewSMTPSender(c)
	require.NoError(t, err)
	return s
}

// elsewhere dials the sink whatever host is named.
func elsewhere(sink *smtptest.Sink) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, sink.Address)
	}
}

func TestSMTPSender_HandsMailsOver(t *testing.T) {
	t.Run("with its Message-ID, dots and all", func(t *testing.T) {
		sink := smtptest.New(t, smtptest.Config{})
		m := letter("one")
		require.NoError(t, smtpSender(t, ours.SMTPConfig{Address: sink.Address}).Send(t.Context(), m))
		got := sink.Received()
		require.Len(t, got, 1)
		require.Equal(t, "no-reply@praxis.example.com", got[0].From)
		require.Equal(t, []string{"ada@example.org"}, got[0].To)
		require.Contains(t, got[0].Text, "Message-ID: <"+m.ID.String()+"@praxis.example.com>\r\n")
		require.Contains(t, got[0].Text, "\r\n.\r\n", "a line of one dot arrives as one")
	})
	t.Run("encrypted and signed in, with STARTTLS", func(t *testing.T) {
		sink := smtptest.New(t, smtptest.Config{TLS: true, Host: "mail.example.com", Username: "praxis", Password: "secret"})
		c := ours.SMTPConfig{Address: "mail.example.com:587", Username: "praxis", Password: "secret", Roots: sink.Roots, Dial: elsewhere(sink)}
		require.NoError(t, smtpSender(t, c).Send(t.Context(), letter("one")))
		require.True(t, sink.Received()[0].Encrypted)
		require.Equal(t, "praxis", sink.Received()[0].User)
	})
	t.Run("encrypted from the first byte on port 465", func(t *testing.T) {
		sink := smtptest.New(t, smtptest.Config{Implicit: true, Host: "mail.example.com", Username: "praxis", Password: "secret"})
		c := ours.SMTPConfig{Address: "mail.example.com:465", Username: "praxis", Password: "secret", Roots: sink.Roots, Dial: elsewhere(sink)}
		require.NoError(t, smtpSender(t, c).Send(t.Context(), letter("one")))
		require.Len(t, sink.Received(), 1)
		require.Equal(t, "praxis", sink.Received()[0].User)
	})
}

func TestSMTPSender_NeverSpeaksInClearBeyondThisMachine(t *testing.T) {
	t.Run("a server without TLS gets nothing", func(t *testing.T) {
		sink := smtptest.New(t, smtptest.Config{Username: "praxis", Password: "secret"})
		c := ours.SMTPConfig{Address: "mail.example.com:25", Username: "praxis", Password: "secret", Dial: elsewhere(sink)}
		require.Equal(t, ours.SendError{Code: "smtp_unreachable"}, sendError(t, smtpSender(t, c).Send(t.Context(), letter("one"))))
		require.Empty(t, sink.Received())
	})
	for name, address := range map[string]string{"STARTTLS": "mail.example.com:587", "TLS": "mail.example.com:465"} {
		t.Run("nor does one whose certificate nobody vouches for, "+name, func(t *testing.T) {
			sink := smtptest.New(t, smtptest.Config{TLS: name == "STARTTLS", Implicit: name == "TLS", Host: "mail.example.com"})
			c := ours.SMTPConfig{Address: address, Dial: elsewhere(sink)}
			require.Equal(t, ours.SendError{Code: "smtp_unreachable"}, sendError(t, smtpSender(t, c).Send(t.Context(), letter("one"))))
			require.Empty(t, sink.Received())
		})
		t.Run("nor one with another's certificate, "+name, func(t *testing.T) {
			sink := smtptest.New(t, smtptest.Config{TLS: name == "STARTTLS", Implicit: name == "TLS", Host: "other.example.com"})
			c := ours.SMTPConfig{Address: address, Roots: sink.Roots, Dial: elsewhere(sink)}
			require.Equal(t, ours.SendError{Code: "smtp_unreachable"}, sendError(t, smtpSender(t, c).Send(t.Context(), letter("one"))))
			require.Empty(t, sink.Received())
		})
	}
}

func TestSMTPSender_SaysWhatBecameOfAMail(t *testing.T) {
	for name, spec := range map[string]struct {
		fault smtptest.Fault
		want  ours.SendError
		taken int
	}{
		"the address is refused for now":    {smtptest.Fault{Rcpt: 450}, ours.SendError{Code: "smtp_450"}, 0},
		"the address is refused for good":   {smtptest.Fault{Rcpt: 550}, ours.SendError{Code: "smtp_550", Final: true}, 0},
		"the text is refused for now":       {smtptest.Fault{Data: 451}, ours.SendError{Code: "smtp_451"}, 0},
		"the text is refused for good":      {smtptest.Fault{Data: 554}, ours.SendError{Code: "smtp_554", Final: true}, 0},
		"the server never answers the text": {smtptest.Fault{Hang: true}, ours.SendError{Code: "smtp_answer_lost", Uncertain: true}, 0},
		"the answer to the text is lost":    {smtptest.Fault{Drop: true}, ours.SendError{Code: "smtp_answer_lost", Uncertain: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.New(t, smtptest.Config{})
			sink.Fail(spec.fault)
			s := smtpSender(t, ours.SMTPConfig{Address: sink.Address, Timeout: 500 * time.Millisecond})
			err := s.Send(t.Context(), letter("one"))
			require.Equal(t, spec.want, sendError(t, err))
			require.NotContains(t, err.Error(), "example.org", "errors name nobody")
			require.Len(t, sink.Received(), spec.taken)
			require.NoError(t, s.Send(t.Context(), letter("one")), "the next attempt is one of its own")
			for _, got := range sink.Received() {
				require.Equal(t, 1, strings.Count(got.Text, "<"+letter("one").ID.String()+"@praxis.example.com>"), "under the same Message-ID")
			}
		})
	}
	t.Run("nobody is there", func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, listener.Close())
		s := smtpSender(t, ours.SMTPConfig{Address: listener.Addr().String()})
		require.Equal(t, ours.SendError{Code: "smtp_unreachable"}, sendError(t, s.Send(t.Context(), letter("one"))))
	})
	t.Run("the password is wrong", func(t *testing.T) {
		sink := smtptest.New(t, smtptest.Config{TLS: true, Username: "praxis", Password: "secret"})
		s := smtpSender(t, ours.SMTPConfig{Address: sink.Address, Username: "praxis", Password: "guess", Roots: sink.Roots})
		require.Equal(t, ours.SendError{Code: "smtp_refused_connection_535"}, sendError(t, s.Send(t.Context(), letter("one"))))
	})
	t.Run("a mail is broken off when its context ends", func(t *testing.T) {
		sink := smtptest.New(t, smtptest.Config{})
		sink.Fail(smtptest.Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		failed := sendError(t, smtpSender(t, ours.SMTPConfig{Address: sink.Address}).Send(ctx, letter("one")))
		require.True(t, failed.Uncertain)
	})
}

func TestNewSMTPSender_RefusesWhatCannotWork(t *testing.T) {
	for _, c := range []ours.SMTPConfig{
		{Address: ""},
		{Address: "mail.example.com"},
		{Address: ":25"},
		{Address: "mail.example.com:smtp"},
		{Address: "mail.example.com:25", Username: "u"},
		{Address: "mail.example.com:25", Password: "p"},
	} {
		_, err := ours.NewSMTPSender(c)
		require.Error(t, err, c.Address)
	}
}
