package mail_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/contacts"
	ours "praxis/adapters/mail"
	"praxis/adapters/mail/smtptest"
	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func invitation(name string) notification.Invitation {
	return notification.Invitation{
		ID: id.Derive[id.Invitation](name), Group: id.Derive[id.Group]("g"), Sender: notification.Sender{Name: "Elm\r\nBcc: eve@example.org", Zone: "UTC"},
		Address: "ada@example.org", Role: access.User, Clinician: true, ExpiresAt: noon.Add(time.Hour),
	}
}

func (p *post) office() ours.Outbox {
	p.t.Helper()
	book, err := contacts.New(p.pool)
	require.NoError(p.t, err)
	return ours.Outbox{Pool: p.pool, Clock: p.Now, Contacts: book, Link: notification.Link{Template: "https://praxis.example.com/{group}/{invitation}", IsPage: true}}
}

// state is the state of the one mail of the outbox.
func (p *post) state() string {
	p.t.Helper()
	var state string
	require.NoError(p.t, p.pool.QueryRow(p.t.Context(), "select state from praxis.outbox").Scan(&state))
	return state
}

func TestPost_KnowsForWhichInvitationsItWroteToAnAddress(t *testing.T) {
	p := newPost(t)
	office := p.office()
	to := func(address string) []ours.InvitationTo {
		t.Helper()
		all, err := office.InvitationsTo(t.Context(), address)
		require.NoError(t, err)
		return all
	}
	require.Empty(t, to("ada@example.org"))
	one, two := invitation("one"), invitation("two")
	two.Address = "bob@example.org"
	require.NoError(t, office.HoldInvitation(t.Context(), one))
	require.NoError(t, office.HoldInvitation(t.Context(), two))
	notice := notification.Notification{ID: id.Derive[notification.ID]("notice"), To: id.Derive[id.Account]("ada"), Words: notification.Words{Subject: "Elm was closed", Text: "Hello.\n"}}
	require.NoError(t, office.Notify(t.Context(), notice))
	want := []ours.InvitationTo{{Group: one.Group, Invitation: one.ID}}
	require.Equal(t, want, to("Ada@Example.org"))
	require.NoError(t, office.Drop(t.Context(), notification.InvitationID(one.ID)))
	require.Equal(t, want, to("ada@example.org"), "also once the address itself is gone")
}

func TestPost_HoldsAMailUntilItIsLetGo(t *testing.T) {
	p := newPost(t)
	office, sink, i := p.office(), smtptest.New(t, smtptest.Config{}), invitation("one")
	which := notification.InvitationID(i.ID)
	require.NoError(t, office.HoldInvitation(t.Context(), i))
	p.Pass(10 * time.Hour)
	stop := p.start(p.outbox(senderFunc(func(context.Context, ours.Message) error {
		t.Error("what is held is not sent")
		return nil
	})))
	stop()
	require.Equal(t, int64(1), p.until(func(ours.Status) bool { return true }).Held)

	later := i
	later.ExpiresAt = noon.Add(48 * time.Hour)
	require.NoError(t, office.HoldInvitation(t.Context(), later), "who tries again may say something newer")
	require.NoError(t, office.Release(t.Context(), which))
	require.NoError(t, office.Release(t.Context(), which))
	require.NoError(t, office.HoldInvitation(t.Context(), i), "and does not hold back what was let go")
	require.Equal(t, "queued", p.state())
	p.start(p.outbox(smtpSender(t, ours.SMTPConfig{Address: sink.Address})))
	p.until(sent(1))
	got := sink.Received()
	require.Len(t, got, 1)
	require.Equal(t, []string{"ada@example.org"}, got[0].To)
	require.Contains(t, got[0].Text, "https://praxis.example.com/"+i.Group.String()+"/"+i.ID.String())
	require.Contains(t, got[0].Text, "Sunday, 12 April 2026")
	require.NotContains(t, got[0].Text, "\r\nBcc:", "a practice's name becomes no header")
	require.NoError(t, office.Drop(t.Context(), which))
	require.Equal(t, "sent", p.state(), "what was sent stays so")
	require.NotContains(t, p.log.String(), "example.org")
}

func TestPost_DropsWhatWasNotSent(t *testing.T) {
	for name, bring := range map[string]func(*post){
		"held": func(*post) {},
		"queued": func(p *post) {
			require.NoError(p.t, p.office().Release(p.t.Context(), notification.InvitationID(invitation("one").ID)))
		},
		"failed": func(p *post) {
			require.NoError(p.t, p.office().Release(p.t.Context(), notification.InvitationID(invitation("one").ID)))
			stop := p.start(p.outbox(senderFunc(func(context.Context, ours.Message) error { return &ours.SendError{Code: "smtp_550", Final: true} })))
			p.until(func(s ours.Status) bool { return s.Failed == 1 })
			stop()
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t)
			require.NoError(t, p.office().HoldInvitation(t.Context(), invitation("one")))
			bring(p)
			require.Equal(t, name, p.state())
			require.NoError(t, p.office().Drop(t.Context(), notification.InvitationID(invitation("one").ID)))
			require.Equal(t, int64(1), p.until(func(ours.Status) bool { return true }).Dropped)
			var rows string
			require.NoError(t, p.pool.QueryRow(t.Context(), "select json_agg(o)::text from praxis.outbox o").Scan(&rows))
			require.NotContains(t, rows, "example.org")
		})
	}
	t.Run("while it is with the mail server", func(t *testing.T) {
		for name, spec := range map[string]struct {
			err  error
			want string
		}{"which takes it": {nil, "sent"}, "which does not": {&ours.SendError{Code: "smtp_451"}, "dropped"}} {
			p := newPost(t)
			i := invitation("one")
			require.NoError(t, p.office().HoldInvitation(t.Context(), i))
			require.NoError(t, p.office().Release(t.Context(), notification.InvitationID(i.ID)))
			attempts := 0
			p.start(p.outbox(senderFunc(func(ctx context.Context, _ ours.Message) error {
				attempts++
				require.NoError(t, p.office().Drop(ctx, notification.InvitationID(i.ID)))
				return spec.err
			})))
			p.until(func(s ours.Status) bool { return s.Sent+s.Dropped == 1 })
			p.Pass(10 * time.Hour)
			p.until(func(s ours.Status) bool {
				return spec.want == "sent" && s.Sent == 1 || spec.want == "dropped" && s.Dropped == 1
			})
			require.Equal(t, 1, attempts, name)
		}
	})
}

func TestPost_DropHeldSparesWhatWasHeldAgainOrLetGo(t *testing.T) {
	p := newPost(t)
	office, i := p.office(), invitation("one")
	require.NoError(t, office.HoldInvitation(t.Context(), i))
	early, err := office.Held(t.Context(), noon.Add(-time.Microsecond))
	require.NoError(t, err)
	require.Empty(t, early)
	held, err := office.Held(t.Context(), noon)
	require.NoError(t, err)
	require.Equal(t, []notification.Held{{Invitation: i.ID, Group: i.Group, Since: noon}}, held)

	p.Pass(time.Minute)
	require.NoError(t, office.HoldInvitation(t.Context(), i))
	require.NoError(t, office.DropHeld(t.Context(), held[0]))
	require.Equal(t, "held", p.state(), "somebody is about to append its invitation")
	held[0].Since = noon.Add(time.Minute)
	require.NoError(t, office.Release(t.Context(), notification.InvitationID(i.ID)))
	require.NoError(t, office.DropHeld(t.Context(), held[0]))
	require.Equal(t, "queued", p.state())
}

func TestPost_SaysWhatRepeatingCanHelp(t *testing.T) {
	p := newPost(t)
	office := p.office()
	bad := invitation("bad")
	bad.Address = "nobody"
	require.Equal(t, "mail_malformed", fault.From(office.HoldInvitation(t.Context(), bad)).Code)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, "outbox_unavailable", fault.From(office.HoldInvitation(ended, invitation("one"))).Code)
	_, err := p.pool.Exec(t.Context(), "alter table praxis.outbox add constraint nobody check (recipient is null)")
	require.NoError(t, err)
	err = office.HoldInvitation(t.Context(), invitation("one"))
	require.Equal(t, "outbox_refused", fault.From(err).Code)
	require.NotContains(t, err.Error(), "example.org")
}
