package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/mail/smtptest"
	"praxis/commands/notification"
	"praxis/domain/group"
)

// outbox is what praxis mail status says.
type outbox struct {
	Held, Queued, Sending, Sent, Failed, Dropped int64
}

func (i *installation) outbox(t *testing.T) outbox {
	t.Helper()
	return parse[outbox](t, i.succeed(t, "mail", "status", "--json"))
}

// awaitLetters returns when the process of letters has seen everything, and every
// mail that was let go is sent.
func (i *installation) awaitLetters(t *testing.T) {
	t.Helper()
	await(t, func() bool {
		type process struct {
			Name     string
			CaughtUp bool
		}
		all := parse[[]process](t, i.succeed(t, "processes", "status", "--json"))
		if !slices.Contains(all, process{"letters", true}) {
			return false
		}
		o := i.outbox(t)
		return o.Queued+o.Sending == 0
	}, "the letters do not leave")
}

// files are the mails that became files, by name.
func (i *installation) files(t *testing.T) map[string]*mail.Message {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(i.dir, "mail", "*"))
	require.NoError(t, err)
	files := map[string]*mail.Message{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		m, err := mail.ReadMessage(strings.NewReader(string(raw)))
		require.NoError(t, err, path)
		files[filepath.Base(path)] = m
	}
	return files
}

// newOffice founds a practice that only invites.
func (i *installation) newOffice(t *testing.T) (olivia *person, path string) {
	t.Helper()
	olivia = i.signIn(t, "olivia")
	g := olivia.command(t, http.MethodPost, "/v1/groups", "group", object{"name": "Harbor", "billingZone": "America/New_York", "currency": "USD"}).ID
	return olivia, "/v1/groups/" + g + "/invitations"
}

func invited(n int) object {
	return object{"email": fmt.Sprintf("quattlebaum%d@example.org", n), "role": "super_admin"}
}

// TestEveryInvitationIsMailedExactlyOnce invites while the server is killed with -9.
// Half of the invitations are repeated until they are answered, the others are
// given up where no answer comes. In the end each invitation in the log has exactly
// one file, and no file is without an invitation.
//
// PRAXIS_TEST_SEED repeats the choices of a run.
func TestEveryInvitationIsMailedExactlyOnce(t *testing.T) {
	seed := fromEnv(t, "PRAXIS_TEST_SEED", rand.Uint64())
	t.Logf("PRAXIS_TEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	i := newInstallation(t)
	server := i.serve(t)
	i.awaitLetters(t)
	olivia, path := i.newOffice(t)

	first := olivia.command(t, http.MethodPost, path, "first", invited(0)).ID
	i.awaitLetters(t)
	files := i.files(t)
	require.Len(t, files, 1)
	for name, m := range files {
		require.Equal(t, "<quattlebaum0@example.org>", m.Header.Get("To"))
		require.Equal(t, "Invitation to join Harbor", m.Header.Get("Subject"))
		body, err := io.ReadAll(m.Body)
		require.NoError(t, err)
		require.Contains(t, string(body), "\r\n"+i.url()+path+"/"+first+"/accept\r\n", name)
	}

	const clients, each = 4, 60
	var answered, givenUp atomic.Int64
	crowd, ctx := errgroup.WithContext(t.Context())
	for c := range clients {
		crowd.Go(func() error {
			for n := range each {
				number := 1 + c*each + n
				for {
					err := olivia.send(ctx, http.MethodPost, path, map[string]string{"Idempotency-Key": fmt.Sprint("invite ", number)}, invited(number), &receipt{})
					refused, isRefusal := errors.AsType[*refusalError](err)
					if isRefusal && refused.Status < http.StatusInternalServerError {
						return fmt.Errorf("invitation %d: %w", number, err)
					}
					if err == nil {
						answered.Add(1)
						break
					}
					if number%2 == 0 {
						givenUp.Add(1)
						break
					}
					if err := pause(ctx, 20*time.Millisecond); err != nil {
						return err
					}
				}
				if err := pause(ctx, 10*time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		})
	}
	logs := server.stderr.String()
	for kill := range uint64(4) {
		until := answered.Load() + int64(5+random.IntN(20))
		await(t, func() bool {
			return answered.Load() >= until || answered.Load()+givenUp.Load() == clients*each || ctx.Err() != nil
		}, "nobody is invited any more")
		server = i.killAndStart(t, server, kill, random)
		logs += server.stderr.String()
	}
	require.NoError(t, crowd.Wait())
	i.awaitLetters(t)
	logs += server.stderr.String()
	held := i.outbox(t).Held
	i.stop(t, server)
	require.NotContains(t, logs, "quattlebaum")

	want := map[string]bool{}
	for _, env := range readLog(t, i.openLog(t)) {
		if e, ok := env.Event.(group.MemberInvited); ok {
			want[notification.InvitationID(e.Invitation).String()+".eml"] = true
		}
		require.NotContains(t, string(env.Data)+string(env.Metadata), "quattlebaum")
	}
	require.GreaterOrEqual(t, int64(len(want)), answered.Load()+1)
	addresses := map[string]bool{}
	for name, m := range i.files(t) {
		require.True(t, want[name], "%s is a mail without an invitation", name)
		delete(want, name)
		require.False(t, addresses[m.Header.Get("To")], "nobody is written to twice")
		addresses[m.Header.Get("To")] = true
	}
	require.Empty(t, want, "invitations without a mail")
	t.Logf("%d answered, %d given up, %d mails, %d held without an invitation", answered.Load(), givenUp.Load(), len(addresses), held)
}

func TestMailsLeaveThroughTheMailServerAndItsAbsenceStopsNothing(t *testing.T) {
	nowhere, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, nowhere.Close())
	sink := smtptest.New(t, smtptest.Config{})
	from := "PRAXIS_SMTP_FROM=Praxis <no-reply@praxis.example.com>"
	i := newInstallation(t)

	server := i.serve(t, "PRAXIS_SMTP_ADDRESS="+nowhere.Addr().String(), from)
	i.awaitLetters(t)
	olivia, path := i.newOffice(t)
	olivia.command(t, http.MethodPost, path, "one", invited(1))
	await(t, func() bool { return strings.Contains(server.stderr.String(), `"code":"smtp_unreachable"`) }, "it was never tried")
	require.True(t, isReady(t.Context(), i.url()), "a mail server that is away does not make Praxis unready")
	require.Equal(t, outbox{Queued: 1}, i.outbox(t))
	i.stop(t, server)

	server = i.serve(t, "PRAXIS_SMTP_ADDRESS="+sink.Address, from, "PRAXIS_INVITATION_LINK=http://localhost:3000/join/{group}/{invitation}")
	again := i.signIn(t, "olivia").command(t, http.MethodPost, path, "two", invited(2)).ID
	await(t, func() bool { return i.outbox(t).Sent == 2 }, "the mails do not leave")
	got := sink.Received()
	require.Len(t, got, 2)
	for _, m := range got {
		require.Equal(t, "no-reply@praxis.example.com", m.From)
		if m.To[0] == "quattlebaum2@example.org" {
			require.Contains(t, m.Text, "\r\nhttp://localhost:3000/join/"+strings.Split(path, "/")[3]+"/"+again+"\r\n")
		}
	}
	require.NotContains(t, server.stderr.String(), "quattlebaum")
	require.Equal(t, 4, i.run(t, "mail", "retry", again).code, "there is nothing to retry")
	i.stop(t, server)
	require.Empty(t, i.files(t))
}
