package mail_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	ours "praxis/adapters/mail"
	"praxis/adapters/mail/smtptest"
	"praxis/commands/notification"
	"praxis/domain/id"
)

// TestOutbox_KilledAtEveryStep kills an outbox before the claim is used, while
// the mail server has the mail, and after it has answered but before that is
// recorded; and lets the server do the same.
func TestOutbox_KilledAtEveryStep(t *testing.T) {
	type step struct {
		// fault is what the server does; before and after are where the outbox dies.
		fault         smtptest.Fault
		before, after bool
		// copies is how often the mail arrives, uncertain what the status says.
		copies    int
		uncertain int64
	}
	for name, spec := range map[string]step{
		"claimed, not sent":                          {before: true, copies: 1, uncertain: 1},
		"sent, not recorded":                         {after: true, copies: 2, uncertain: 1},
		"refused, not recorded":                      {fault: smtptest.Fault{Data: 451}, after: true, copies: 1, uncertain: 1},
		"the server takes it and breaks off":         {fault: smtptest.Fault{Drop: true}, copies: 2, uncertain: 1},
		"the server takes it, both break off":        {fault: smtptest.Fault{Drop: true}, after: true, copies: 2, uncertain: 1},
		"the server never answers, the outbox dies":  {fault: smtptest.Fault{Hang: true}, after: true, copies: 1, uncertain: 1},
		"the server never answers, the outbox waits": {fault: smtptest.Fault{Hang: true}, copies: 1, uncertain: 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t)
			sink := smtptest.New(t, smtptest.Config{})
			sender := smtpSender(t, ours.SMTPConfig{Address: sink.Address, Timeout: 300 * time.Millisecond})
			sink.Fail(spec.fault)
			p.enqueue("one")

			ctx, kill := context.WithCancel(t.Context())
			defer kill()
			first := true
			o := p.outbox(senderFunc(func(ctx context.Context, m ours.Message) error {
				if spec.before && first {
					kill()
					return &ours.SendError{Code: "killed"}
				}
				err := sender.Send(ctx, m)
				if spec.after && first {
					kill()
				}
				first = false
				return err
			}))
			done := make(chan error, 1)
			go func() { done <- o.Run(ctx) }()
			if spec.before || spec.after {
				require.NoError(t, <-done)
				require.Equal(t, int64(1), p.until(func(ours.Status) bool { return true }).Sending)
				p.Pass(5*time.Minute - time.Microsecond)
				early := p.start(p.outbox(senderFunc(func(context.Context, ours.Message) error {
					t.Error("nobody takes over before the lease has run out")
					return nil
				})))
				early()
				p.Pass(time.Microsecond)
				p.start(p.outbox(sender))
			} else {
				p.until(func(s ours.Status) bool { return s.Queued == 1 && s.Uncertain == 1 })
				p.Pass(time.Minute)
			}
			s := p.until(sent(1))
			kill()
			require.Equal(t, spec.uncertain, s.Uncertain)
			require.Equal(t, map[string]int{letter("one").ID.String(): spec.copies}, ids(sink), "every copy says that it is the same mail")
		})
	}
	t.Run("files are written exactly once", func(t *testing.T) {
		p := newPost(t)
		dir := t.TempDir()
		p.enqueue("one")
		ctx, kill := context.WithCancel(t.Context())
		defer kill()
		files := ours.FileSender{Dir: dir, From: from}
		require.NoError(t, p.outbox(senderFunc(func(ctx context.Context, m ours.Message) error {
			defer kill()
			return files.Send(ctx, m)
		})).Run(ctx))
		p.Pass(5 * time.Minute)
		p.start(p.outbox(files))
		p.until(sent(1))
		entries, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		require.Equal(t, []string{filepath.Join(dir, letter("one").ID.String()+".eml")}, entries)
		_, err = os.Stat(entries[0])
		require.NoError(t, err)
	})
	t.Run("a mail that kills whoever sends it is given up", func(t *testing.T) {
		p := newPost(t)
		p.enqueue("one")
		for range 2 {
			ctx, kill := context.WithCancel(t.Context())
			o := p.outbox(senderFunc(func(context.Context, ours.Message) error { kill(); return nil }))
			o.MaxAttempts = 2
			require.NoError(t, o.Run(ctx))
			p.Pass(5 * time.Minute)
		}
		o := p.outbox(senderFunc(func(context.Context, ours.Message) error { t.Error("not a third time"); return nil }))
		o.MaxAttempts = 2
		p.start(o)
		s := p.until(func(s ours.Status) bool { return s.Failed == 1 })
		require.Equal(t, "gave_up", s.Failures[0].Code)
	})
}

func TestOutbox_SurvivesTheDatabase(t *testing.T) {
	p := newPost(t)
	sink := smtptest.New(t, smtptest.Config{})
	p.enqueue("one")
	p.start(p.outbox(smtpSender(t, ours.SMTPConfig{Address: sink.Address})))
	p.until(sent(1))
	config := p.pool.Config().ConnConfig
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	p.pool.Reset()
	p.enqueue("two")
	p.until(sent(2))
	require.Len(t, sink.Received(), 2)
}

// The invitation and the notice are sent, and then PostgreSQL is restored from a copy
// that is older: in one case it holds the mail as it was queued, in the other it has
// never heard of it, and the process that goes through the log again queues it anew.
func TestFoundW16_AMailThatIsSentAgainAfterARestoreHasTheSameMessageID(t *testing.T) {
	p := newPost(t)
	office, sink, i := p.office(), smtptest.New(t, smtptest.Config{}), invitation("one")
	sender := smtpSender(t, ours.SMTPConfig{Address: sink.Address})
	account := id.Derive[id.Account]("ada")
	_, err := p.pool.Exec(t.Context(), "insert into praxis.contacts (account, address, updated_at) values ($1, 'ada@example.org', now())", account)
	require.NoError(t, err)
	notice := notification.Notification{ID: notification.IDOf(id.Derive[id.Command]("closing"), account), To: account, Words: notification.Words{Subject: "Elm was closed", Text: "Hello.\n"}}
	queue := func() {
		require.NoError(t, office.HoldInvitation(t.Context(), i))
		require.NoError(t, office.Release(t.Context(), notification.InvitationID(i.ID)))
		require.NoError(t, office.Notify(t.Context(), notice))
	}
	send := func() {
		o := p.outbox(sender)
		o.Contacts = office.Contacts
		stop := p.start(o)
		p.until(sent(2))
		stop()
	}
	restore := func(statements ...string) {
		for _, sql := range statements {
			_, err := p.pool.Exec(t.Context(), sql)
			require.NoError(t, err)
		}
	}
	queue()
	restore("create table the_copy as table praxis.outbox")
	send()
	restore("truncate praxis.outbox", "insert into praxis.outbox select * from the_copy")
	send()
	restore("truncate praxis.outbox")
	p.Pass(time.Hour)
	queue()
	send()

	require.Equal(t, map[string]int{
		notification.InvitationID(i.ID).String(): 3, notice.ID.String(): 3,
	}, ids(sink), "a mail server, and whoever reads, can tell that it is one mail")
}
