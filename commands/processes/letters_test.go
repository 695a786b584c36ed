package processes_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/notification"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/processtest"
)

func correspondence(c processes.Config) process.Process {
	return processes.Notifications(c)
}

// mortalPost dies before it writes or after.
type mortalPost struct {
	notification.Outbox
	k *processtest.Killer
}

func (p mortalPost) around(write func() error) error {
	if err := p.k.At("before writing"); err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	return p.k.At("after writing")
}

func (p mortalPost) Release(ctx context.Context, l notification.ID) error {
	return p.around(func() error { return p.Outbox.Release(ctx, l) })
}

func (p mortalPost) Drop(ctx context.Context, l notification.ID) error {
	return p.around(func() error { return p.Outbox.Drop(ctx, l) })
}

func (p mortalPost) Notify(ctx context.Context, n notification.Notification) error {
	return p.around(func() error { return p.Outbox.Notify(ctx, n) })
}

// mortalLetters die before a letter is held or after.
type mortalLetters struct {
	notification.Outbox
	k *processtest.Killer
}

func (l mortalLetters) HoldInvitation(ctx context.Context, i notification.Invitation) error {
	if err := l.k.At("before holding"); err != nil {
		return err
	}
	if err := l.Outbox.HoldInvitation(ctx, i); err != nil {
		return err
	}
	return l.k.At("after holding")
}

// letter is a row of the outbox.
type letter struct {
	ID         notification.ID
	State      string
	Account    *id.Account
	Invitation *id.Invitation
	Subject    string
	Text       string
}

func (h *house) letters() []letter {
	h.t.Helper()
	rows, err := h.Pool.Query(h.t.Context(), `
select id, state, account, invitation, coalesce(subject, ''), coalesce(body, '') from praxis.outbox order by id`)
	require.NoError(h.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[letter])
	require.NoError(h.t, err)
	return all
}

// states are the states of the letters of invitations.
func (h *house) states() map[id.Invitation]string {
	h.t.Helper()
	states := map[id.Invitation]string{}
	for _, l := range h.letters() {
		if l.Invitation != nil {
			states[*l.Invitation] = l.State
		}
	}
	return states
}

// told lists whom the notices are for and what they are about, in no order.
func (h *house) told() map[id.Account][]string {
	h.t.Helper()
	told := map[id.Account][]string{}
	for _, l := range h.letters() {
		if l.Account != nil {
			told[*l.Account] = append(told[*l.Account], l.Subject)
		}
	}
	return told
}

// hush forgets every letter, so that a spec sees what comes next.
func (h *house) hush() {
	h.t.Helper()
	h.live(never, correspondence)
	_, err := h.Pool.Exec(h.t.Context(), "delete from praxis.outbox")
	require.NoError(h.t, err)
}

func TestLetters_GoOutOnceTheirInvitationIsInTheLogAndWhileItIsOpen(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.live(never, correspondence)
	open, revoked := h.invite("ann", access.User, true), h.invite("bob", access.User, true)
	require.Equal(t, map[id.Invitation]string{open: "held", revoked: "held"}, h.states())
	_, err := commands.RevokeInvitation.Give(t.Context(), h.engine, h.by(h.owner), group.RevokeInvitation{Invitation: revoked})
	require.NoError(t, err)
	h.live(never, correspondence)
	require.Equal(t, map[id.Invitation]string{open: "queued", revoked: "dropped"}, h.states(), "one that ended before was never let go")
	for _, l := range h.letters() {
		if l.State == "dropped" {
			require.Empty(t, l.Subject+l.Text)
			continue
		}
		require.Equal(t, notification.InvitationID(open), l.ID)
		require.Equal(t, "Invitation to join Elm Street", l.Subject)
		require.Contains(t, l.Text, "https://praxis.example.com/"+h.Group.String()+"/"+open.String()+"\n")
		require.Contains(t, l.Text, "Friday, 17 April 2026, 11:00 (America/New_York)", "in the practice's zone")
	}

	t.Run("who answered is not written to any more", func(t *testing.T) {
		_, err := commands.AcceptInvitation.Give(t.Context(), h.engine, h.by(person("ann")), open)
		require.NoError(t, err)
		h.live(never, correspondence)
		require.Equal(t, "dropped", h.states()[open])
	})
}

func TestLetters_AClosedPracticeInvitesNobody(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.live(never, correspondence)
	waiting := h.invite("ann", access.User, true)
	h.live(never, correspondence)
	late := h.invite("bob", access.User, true)
	require.Equal(t, map[id.Invitation]string{waiting: "queued", late: "held"}, h.states())
	h.close()
	h.live(never, correspondence)
	require.Equal(t, map[id.Invitation]string{waiting: "dropped", late: "dropped"}, h.states())
}

func TestLetters_NothingIsHeldForWhatDoesNotHappen(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	i := id.Derive[id.Invitation]("dry")
	invite := commands.Invite{ValidDays: 7, Address: "ann@example.org", InviteMember: group.InviteMember{
		Invitation: i, EmailHash: commands.EmailHash("ann@example.org"), Role: access.User, Clinician: true,
	}}
	dry := h.by(h.owner)
	dry.DryRun = true
	_, err := commands.InviteMember.Give(t.Context(), h.engine, dry, invite)
	require.NoError(t, err)
	require.Empty(t, h.letters(), "a dry run")

	refused := invite
	refused.Role = access.Owner
	_, err = commands.InviteMember.Give(t.Context(), h.engine, h.by(h.owner), refused)
	require.Error(t, err)
	require.Empty(t, h.letters(), "a refusal")

	bad := invite
	bad.Address = "ann@example.org\r\nBcc: eve@example.org"
	_, err = commands.InviteMember.Give(t.Context(), h.engine, h.by(h.owner), bad)
	require.ErrorContains(t, err, "one e-mail address")
	require.NotContains(t, err.Error(), "eve")
	require.Empty(t, h.letters())
	before := len(h.events())

	call := h.by(h.owner)
	_, err = commands.InviteMember.Give(t.Context(), h.engine, call, invite)
	require.NoError(t, err)
	require.Len(t, h.events(), before+1)
	_, err = h.Pool.Exec(t.Context(), "delete from praxis.outbox")
	require.NoError(t, err)
	again, err := commands.InviteMember.Give(t.Context(), h.newEngine(), call, invite)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Empty(t, h.letters(), "a replay")
}

// TestLetters_KilledAnywhereEachIsQueuedOnce kills the process of letters at every
// place at which it writes; the outbox must come out as if it had lived.
func TestLetters_KilledAnywhereEachIsQueuedOnce(t *testing.T) {
	pool := pgtest.New(t)
	run := func(n int) (rows []letter, killed bool) {
		h := newHouse(t, pool)
		h.live(never, correspondence)
		h.invite("ann", access.User, true)
		h.join("bob", access.User, true)
		declined := h.invite("cat", access.User, true)
		_, err := commands.DeclineInvitation.Give(t.Context(), h.engine, h.by(person("cat")), declined)
		require.NoError(t, err)
		sam := h.join("sam", access.SuperAdmin, false)
		_, err = commands.OfferOwnership.Give(t.Context(), h.engine, h.by(h.owner), commands.Offer{OfferOwnership: group.OfferOwnership{To: sam.member}, ValidDays: 3})
		require.NoError(t, err)
		_, err = commands.AcceptOwnership.Give(t.Context(), h.engine, h.by(sam), group.AcceptOwnership{})
		require.NoError(t, err)
		killed = h.live(n, correspondence)
		h.live(never, correspondence)
		return h.letters(), killed
	}
	// The ids of commands follow from those of events, which are the same each time.
	whole, _ := run(never)
	count := map[string]int{}
	for _, l := range whole {
		count[l.State]++
	}
	require.Equal(t, map[string]int{"queued": 1 + 3 + 1 + 2, "dropped": 3}, count)
	for n := 0; ; n++ {
		rows, killed := run(n)
		require.Equal(t, whole, rows, "killed at place %d", n)
		if !killed {
			require.Greater(t, n, 30)
			return
		}
	}
}

// TestLetters_NeitherLostNorDoubledByACrashOfWhoInvites kills the server before and
// after each write of an invitation; its client repeats the command or gives up.
func TestLetters_NeitherLostNorDoubledByACrashOfWhoInvites(t *testing.T) {
	pool := pgtest.New(t)
	for _, spec := range []struct {
		name     string
		repeated time.Duration
	}{{"and nobody repeats it", 0}, {"and it is repeated at once", time.Millisecond}, {"and it is repeated after two hours", 2 * time.Hour}} {
		t.Run(spec.name, func(t *testing.T) {
			died := 0
			for n := range 5 {
				h := newHouse(t, pool)
				h.live(never, correspondence)
				k := processtest.NewKiller(n)
				mortal := commands.NewEngine(commands.Config{
					Store: mortalStore{h.Store, k}, Registry: h.Registry, Clock: h.Now, Outbox: mortalLetters{h.post(), k},
				})
				i, call := id.Derive[id.Invitation]("crash"), h.by(h.owner)
				invite := commands.Invite{ValidDays: 7, Address: "ann@example.org", InviteMember: group.InviteMember{
					Invitation: i, EmailHash: commands.EmailHash("ann@example.org"), Role: access.User, Clinician: true,
				}}
				_, err := commands.InviteMember.Give(t.Context(), mortal, call, invite)
				if err != nil {
					died++
				}
				sweep := processes.Sweeper{Engine: h.newEngine(), Outbox: h.post()}
				if spec.repeated > 0 {
					h.Pass(spec.repeated)
					require.NoError(t, sweep.Sweep(t.Context()))
					_, err = commands.InviteMember.Give(t.Context(), h.newEngine(), call, invite)
					require.NoError(t, err)
				}
				h.live(never, correspondence)
				h.Pass(time.Hour)
				require.NoError(t, sweep.Sweep(t.Context()))
				_, invited := stateOf(t, h).Invitation(i)
				switch state, held := h.states()[i]; {
				case invited:
					require.Equal(t, "queued", state, "place %d", n)
				case held:
					require.Equal(t, "dropped", state, "place %d", n)
				}
				require.LessOrEqual(t, len(h.letters()), 1)
			}
			require.Equal(t, 4, died, "before and after the letter is held and the events are appended")
		})
	}
}

func stateOf(t *testing.T, h *house) group.State {
	t.Helper()
	s := group.Aggregate().New()
	for _, event := range h.events() {
		group.Evolve(&s, event)
	}
	return s
}

func TestSweeper_AsksTheLogAndNothingElse(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	// The process of letters never runs here: as before its first start.
	sweep := func() {
		t.Helper()
		require.NoError(t, processes.Sweeper{Engine: h.engine, Outbox: h.post()}.Sweep(t.Context()))
	}
	open, ended := h.invite("ann", access.User, true), h.invite("bob", access.User, true)
	_, err := commands.RevokeInvitation.Give(t.Context(), h.engine, h.by(h.owner), group.RevokeInvitation{Invitation: ended})
	require.NoError(t, err)
	never, nowhere := id.Derive[id.Invitation]("never"), id.Derive[id.Invitation]("nowhere")
	hold := func(i id.Invitation, g id.Group) {
		t.Helper()
		require.NoError(t, h.post().HoldInvitation(t.Context(), notification.Invitation{ID: i, Group: g, Address: "cat@example.org", ExpiresAt: h.Now()}))
	}
	hold(never, h.Group)
	hold(nowhere, id.Derive[id.Group]("no practice"))

	h.Pass(time.Minute - time.Microsecond)
	sweep()
	require.Equal(t, map[id.Invitation]string{open: "held", ended: "held", never: "held", nowhere: "held"}, h.states(), "the process gets its chance first")
	h.Pass(time.Microsecond)
	sweep()
	require.Equal(t, map[id.Invitation]string{open: "queued", ended: "dropped", never: "held", nowhere: "held"}, h.states())
	h.Pass(58 * time.Minute)
	hold(nowhere, id.Derive[id.Group]("no practice"))
	h.Pass(time.Minute)
	sweep()
	require.Equal(t, map[id.Invitation]string{open: "queued", ended: "dropped", never: "dropped", nowhere: "held"}, h.states(), "an hour counts from when it was held last")
	hold(never, h.Group)
	require.Equal(t, "held", h.states()[never], "whoever tries again holds it again")
	hold(open, h.Group)
	require.Equal(t, "queued", h.states()[open], "what was let go is not held back")

	t.Run("a practice that cannot be read keeps nobody else's letters back", func(t *testing.T) {
		broken, behind := id.Derive[id.Group]("broken"), id.Derive[id.Invitation]("behind")
		_, err := h.Store.Append(t.Context(), group.Stream(broken), es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: "group.from_the_future", Data: []byte("{}"), Metadata: []byte("{}")}})
		require.NoError(t, err)
		hold(behind, broken)
		dan := h.invite("dan", access.User, true)
		h.Pass(2 * time.Minute)
		require.Error(t, processes.Sweeper{Engine: h.engine, Outbox: h.post()}.Sweep(t.Context()))
		require.Equal(t, "queued", h.states()[dan])
		require.Equal(t, "held", h.states()[behind])
	})

	t.Run("while the log cannot be read nothing is dropped", func(t *testing.T) {
		h.Pass(2 * time.Hour)
		k := processtest.NewKiller(0)
		_ = k.At("before the log is read")
		away := commands.NewEngine(commands.Config{Store: deadStore{mortalStore{h.Store, k}}, Registry: h.Registry, Clock: h.Now})
		require.Error(t, processes.Sweeper{Engine: away, Outbox: h.post()}.Sweep(t.Context()))
		require.Equal(t, "held", h.states()[never])
	})
}

// deadStore can be read no more than written.
type deadStore struct{ mortalStore }

func (s deadStore) ReadStream(context.Context, es.Stream, es.Revision) es.Events {
	return func(yield func(es.Recorded, error) bool) { yield(es.Recorded{}, s.k.At("before a read")) }
}
