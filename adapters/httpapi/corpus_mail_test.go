package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ours "praxis/adapters/mail"
	"praxis/adapters/mail/smtptest"
	"praxis/commands/notification"
	"praxis/domain/id"
	"praxis/domain/text/texttest"
	"praxis/internal/runtest"
)

// TestFoundT2_WhatIsTypedArrivesByMail gives a practice every name of the corpus and
// invites somebody under each: from the API to a mail server. Package mail runs the
// corpus through the other letters.
func TestFoundT2_WhatIsTypedArrivesByMail(t *testing.T) {
	p := newStack(t).found("olivia", false)
	post := postOf(t, p.pool, p.clock.Now)
	names := map[string]string{} // by address
	for n, s := range texttest.All() {
		option := func(*call) {}
		if s.Line == "text_too_long" {
			option = malformed
		}
		a := p.send("olivia", http.MethodPatch, p.path(""), object{"name": s.Text}, option)
		if s.Line != "" {
			require.Equal(t, http.StatusBadRequest, a.status, s.Name)
			continue
		}
		a.receipt()
		address := fmt.Sprintf("n%d@example.org", n)
		i := p.post("olivia", p.path("/invitations"), object{"email": address, "role": "super_admin"}).done().ID
		require.NoError(t, post.Release(t.Context(), notification.InvitationID(id.MustParse[id.Invitation](i))))
		names[address] = s.As()
	}
	sink := smtptest.New(t, smtptest.Config{})
	sender, err := ours.NewSMTPSender(ours.SMTPConfig{Address: sink.Address, From: "Praxis <no-reply@praxis.example.com>"})
	require.NoError(t, err)
	outbox := ours.Outbox{Pool: p.pool, Sender: sender, Clock: p.clock.Now, Tick: time.Millisecond, Logger: slog.New(slog.DiscardHandler)}
	runtest.Start(t, outbox.Run)
	runtest.Until(t, func(context.Context) int { return len(sink.Received()) }, func(n int) bool { return n >= len(names) })
	require.Len(t, sink.Received(), len(names))
	for _, got := range sink.Received() {
		require.Len(t, got.To, 1)
		name, ok := names[got.To[0]]
		require.True(t, ok, got.To[0])
		delete(names, got.To[0])
		m, err := mail.ReadMessage(strings.NewReader(got.Text))
		require.NoError(t, err)
		require.Equal(t, "<"+got.To[0]+">", m.Header.Get("To"))
		for _, added := range []string{"Cc", "Bcc", "Reply-To", "Sender"} {
			require.Empty(t, m.Header.Get(added), name)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		require.NoError(t, err)
		require.Equal(t, "Invitation to join "+name, subject)
		if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			m.Body = quotedprintable.NewReader(m.Body)
		}
		body, err := io.ReadAll(m.Body)
		require.NoError(t, err)
		require.Contains(t, string(body), "\r\n\r\n"+name+" invites you to join the practice as a super admin.\r\n\r\n")
	}
	require.Empty(t, names)
}
