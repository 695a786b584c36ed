package mail_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/contacts"
	ours "praxis/adapters/mail"
	"praxis/adapters/mail/smtptest"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands/notification"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/clocktest"
	"praxis/internal/logtest"
	"praxis/internal/runtest"
)

// post is an outbox on a database of its own, with a clock that a spec moves.
type post struct {
	*clocktest.Clock
	t    *testing.T
	pool *pgxpool.Pool
	log  logtest.Buffer
}

func newPost(t *testing.T) *post { return &post{Clock: clocktest.At(noon), t: t, pool: pgtest.New(t)} }

func (p *post) outbox(s ours.Sender) ours.Outbox {
	return ours.Outbox{
		Pool: p.pool, Sender: s, Clock: p.Now, Tick: time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(&p.log, nil)),
	}
}

func (p *post) enqueue(names ...string) {
	p.t.Helper()
	for _, name := range names {
		m := letter(name)
		_, err := p.pool.Exec(p.t.Context(), `
insert into praxis.outbox (id, recipient, subject, body, address_hash, next_at, queued_at) values ($1, $2, $3, $4, sha256($2::text::bytea), $5, $5)
on conflict (id) do nothing`, m.ID, m.To, m.Subject, m.Text, p.Now())
		require.NoError(p.t, err)
	}
}

// start runs an outbox until the returned function is called or the test ends.
func (p *post) start(o ours.Outbox) (stop func()) {
	p.t.Helper()
	return runtest.Start(p.t, o.Run)
}

// until waits until the outbox stands as said, and returns how it stands.
func (p *post) until(holds func(ours.Status) bool) ours.Status {
	p.t.Helper()
	return runtest.Until(p.t, func(ctx context.Context) ours.Status {
		s, err := p.outbox(nil).Status(ctx)
		require.NoError(p.t, err)
		return s
	}, holds)
}

func sent(n int64) func(ours.Status) bool { return func(s ours.Status) bool { return s.Sent == n } }

// settled says that the one mail of the outbox has been tried n times and is not
// with anybody. It asks once, because the parts of two answers may not agree.
func (p *post) settled(n int) func(ours.Status) bool {
	return func(ours.Status) bool {
		var settled bool
		err := p.pool.QueryRow(p.t.Context(), "select attempts = $1 and state <> 'sending' from praxis.outbox", n).Scan(&settled)
		require.NoError(p.t, err)
		return settled
	}
}

func TestOutbox_SendsWhatIsQueued(t *testing.T) {
	t.Run("once, and forgets the address", func(t *testing.T) {
		p := newPost(t)
		sink := smtptest.New(t, smtptest.Config{})
		p.enqueue("one", "two", "one")
		p.start(p.outbox(smtpSender(t, ours.SMTPConfig{Address: sink.Address})))
		s := p.until(sent(2))
		require.Equal(t, ours.Status{Sent: 2, Failures: []ours.Failed{}}, s)
		require.Len(t, sink.Received(), 2)
		var rows string
		require.NoError(t, p.pool.QueryRow(t.Context(), "select json_agg(o)::text from praxis.outbox o").Scan(&rows))
		for _, personal := range []string{"ada", "example.org", "Einladung", "eingeladen"} {
			require.NotContains(t, rows, personal)
			require.NotContains(t, p.log.String(), personal)
		}
		var known bool
		require.NoError(t, p.pool.QueryRow(t.Context(), "select bool_and(address_hash = sha256('ada@example.org')) from praxis.outbox").Scan(&known))
		require.True(t, known, "whether somebody was written to can be found out")
	})
	t.Run("several outboxes share the work", func(t *testing.T) {
		p := newPost(t)
		sink := smtptest.New(t, smtptest.Config{})
		for n := range 30 {
			p.enqueue(fmt.Sprint(n))
		}
		for range 3 {
			p.start(p.outbox(smtpSender(t, ours.SMTPConfig{Address: sink.Address})))
		}
		p.until(sent(30))
		require.Len(t, ids(sink), 30)
		require.Len(t, sink.Received(), 30)
	})
}

// ids are the Message-IDs that the server took, each with how often.
func ids(sink *smtptest.Sink) map[string]int {
	found := map[string]int{}
	for _, got := range sink.Received() {
		_, rest, _ := strings.Cut(got.Text, "Message-ID: <")
		id, _, _ := strings.Cut(rest, "@")
		found[id]++
	}
	return found
}

func TestOutbox_RepeatsWhatFailed(t *testing.T) {
	t.Run("after a wait that doubles", func(t *testing.T) {
		p := newPost(t)
		sink := smtptest.New(t, smtptest.Config{})
		sink.Fail(smtptest.Fault{Data: 451}, smtptest.Fault{Rcpt: 450})
		p.enqueue("one")
		p.start(p.outbox(smtpSender(t, ours.SMTPConfig{Address: sink.Address})))
		due := func() (at time.Time, attempts int) {
			require.NoError(t, p.pool.QueryRow(t.Context(), "select next_at, attempts from praxis.outbox where state = 'queued'").Scan(&at, &attempts))
			return at.UTC(), attempts
		}
		p.until(p.settled(1))
		at, _ := due()
		require.Equal(t, noon.Add(30*time.Second), at)
		p.Pass(30 * time.Second)
		p.until(p.settled(2))
		at, attempts := due()
		require.Equal(t, noon.Add(90*time.Second), at)
		require.Equal(t, 2, attempts)
		p.Pass(time.Minute)
		s := p.until(sent(1))
		require.Zero(t, s.Uncertain, "both times the server had said no")
		require.Len(t, sink.Received(), 1)
	})
	t.Run("not what is refused for good, which is seen and can be tried by hand", func(t *testing.T) {
		p := newPost(t)
		sink := smtptest.New(t, smtptest.Config{})
		sink.Fail(smtptest.Fault{Rcpt: 550})
		p.enqueue("one")
		o := p.outbox(smtpSender(t, ours.SMTPConfig{Address: sink.Address}))
		p.start(o)
		s := p.until(func(s ours.Status) bool { return s.Failed == 1 })
		require.Equal(t, []ours.Failed{{ID: letter("one").ID, Attempts: 1, Code: "smtp_550", QueuedAt: noon}}, s.Failures)
		require.NoError(t, o.Retry(t.Context(), letter("one").ID))
		p.until(sent(1))
		require.Equal(t, "mail_not_failed", fault.From(o.Retry(t.Context(), letter("one").ID)).Code)
	})
	t.Run("not for ever", func(t *testing.T) {
		p := newPost(t)
		p.enqueue("one")
		o := p.outbox(senderFunc(func(context.Context, ours.Message) error { return &ours.SendError{Code: "smtp_unreachable"} }))
		o.MaxAttempts = 3
		p.start(o)
		for n := 1; n <= 3; n++ {
			p.until(p.settled(n))
			p.Pass(2 * time.Hour)
		}
		s := p.until(func(s ours.Status) bool { return s.Failed == 1 })
		require.Equal(t, 3, s.Failures[0].Attempts)
	})
}

func TestOutbox_WritesToAccounts(t *testing.T) {
	account := id.Derive[id.Account]("ada")
	notice := notification.Notification{ID: letter("one").ID, To: account, Words: notification.Words{Subject: letter("one").Subject, Text: letter("one").Text}}
	start := func(t *testing.T) (p *post, sink *smtptest.Sink, book *contacts.Book) {
		t.Helper()
		p, sink = newPost(t), smtptest.New(t, smtptest.Config{})
		book, err := contacts.New(p.pool)
		require.NoError(t, err)
		require.NoError(t, p.outbox(nil).Notify(t.Context(), notice))
		return p, sink, book
	}
	run := func(p *post, sink *smtptest.Sink, book *contacts.Book) ours.Outbox {
		o := p.outbox(smtpSender(p.t, ours.SMTPConfig{Address: sink.Address}))
		o.Contacts, o.MaxAttempts = book, 3
		p.start(o)
		return o
	}
	t.Run("at the address that they have when it is sent", func(t *testing.T) {
		p, sink, book := start(t)
		require.NoError(t, book.Remember(t.Context(), account, "old@example.org", "Ada", noon))
		require.NoError(t, book.Remember(t.Context(), account, "ada@example.org", "Ada", noon))
		run(p, sink, book)
		p.until(sent(1))
		require.Equal(t, []string{"ada@example.org"}, sink.Received()[0].To)
		var known bool
		require.NoError(t, p.pool.QueryRow(t.Context(), "select address_hash = sha256('ada@example.org') and recipient is null and body is null from praxis.outbox").Scan(&known))
		require.True(t, known)
		require.NotContains(t, p.log.String(), "example.org")
	})
	t.Run("one whose address is unknown is tried again, given up visibly, and goes by hand", func(t *testing.T) {
		p, sink, book := start(t)
		o := run(p, sink, book)
		for n := 1; n <= 3; n++ {
			p.until(p.settled(n))
			p.Pass(2 * time.Hour)
		}
		s := p.until(func(s ours.Status) bool { return s.Failed == 1 })
		require.Equal(t, []ours.Failed{{ID: notice.ID, Attempts: 3, Code: "address_unknown", QueuedAt: noon}}, s.Failures)
		require.NoError(t, book.Remember(t.Context(), account, "", "Ada", noon))
		require.NoError(t, o.Retry(t.Context(), notice.ID))
		p.until(p.settled(1))
		require.Empty(t, sink.Received(), "a name alone is no address")
		require.NoError(t, book.Remember(t.Context(), account, "ada@example.org", "", noon))
		p.Pass(time.Minute)
		p.until(sent(1))
		require.Len(t, sink.Received(), 1)
	})
}

type senderFunc func(context.Context, ours.Message) error

func (f senderFunc) Send(ctx context.Context, m ours.Message) error { return f(ctx, m) }
