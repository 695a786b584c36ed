package processes_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/collecting"
	"praxis/adapters/contacts"
	"praxis/adapters/mail"
	"praxis/adapters/memstore"
	journal "praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/notification"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/processtest"
	"praxis/internal/runtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var founded = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)

const (
	day   = 24 * time.Hour
	never = processtest.Never
)

// someone is somebody with an account; member is set once they belong.
type someone struct {
	account id.Account
	email   string
	member  id.Member
}

// house is the practice of the specs.
type house struct {
	*processtest.House
	t      *testing.T
	engine *commands.Engine
	branch id.Branch
	owner  someone
	// appointments looks appointments up; nil knows of none.
	appointments commands.Appointments
}

// newHouse founds the practice on a new log; the journal of the pool is emptied.
func newHouse(t *testing.T, pool *pgxpool.Pool) *house {
	t.Helper()
	h := &house{
		House: processtest.NewHouse(t, pool, founded), t: t, branch: id.Derive[id.Branch]("main"),
		owner: someone{account: id.Derive[id.Account]("owner"), email: "owner@example.org", member: id.Derive[id.Member]("owner")},
	}
	h.engine = h.newEngine()
	_, err := commands.CreateGroup.Give(t.Context(), h.engine, h.by(h.owner), group.CreateGroup{
		Group: h.Group, Name: "Elm Street", Owner: h.owner.member, OwnerIsClinician: true, BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: h.branch, DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	return h
}

func (h *house) by(who someone) commands.Call {
	return commands.Call{
		Account: who.account, Email: who.email, AuthenticatedAt: h.Now(), Group: h.Group,
		Command: id.Derive[id.Command]("spec", h.Next()),
	}
}

func (h *house) newEngine() *commands.Engine {
	return commands.NewEngine(commands.Config{
		Store: h.Store, Registry: h.Registry, Clock: h.Now, Rosters: roster{h}, Logger: slog.New(slog.DiscardHandler),
		Appointments: h.appointments, OwnTrial: 20 * day, Outbox: h.post(),
	})
}

// post is where letters of the practice go; nobody sends them.
func (h *house) post() mail.Outbox {
	h.t.Helper()
	book, err := contacts.New(h.Pool)
	require.NoError(h.t, err)
	return mail.Outbox{Pool: h.Pool, Clock: h.Now, Contacts: book, Link: notification.Link{Template: "https://praxis.example.com/{group}/{invitation}", IsPage: true}}
}

func (h *house) config(e *commands.Engine) processes.Config {
	return processes.Config{
		Engine: e, Registry: h.Registry, Log: h.Store, Charts: roster{h}, Processor: collecting.Cards{Processor: simulated.Processor{}},
		Outbox: h.post(),
	}
}

// invite offers an address a place for seven days.
func (h *house) invite(name string, role access.Role, clinician bool) id.Invitation {
	h.t.Helper()
	i := id.Derive[id.Invitation]("spec", h.Next())
	_, err := commands.InviteMember.Give(h.t.Context(), h.engine, h.by(h.owner), commands.Invite{ValidDays: 7, Address: name + "@example.org", InviteMember: group.InviteMember{
		Invitation: i, EmailHash: commands.EmailHash(name + "@example.org"), Role: role, Clinician: clinician,
	}})
	require.NoError(h.t, err)
	return i
}

func person(name string) someone {
	return someone{account: id.Derive[id.Account](name), email: name + "@example.org"}
}

// join makes somebody a member.
func (h *house) join(name string, role access.Role, clinician bool) someone {
	h.t.Helper()
	who := person(name)
	receipt, err := commands.AcceptInvitation.Give(h.t.Context(), h.engine, h.by(who), h.invite(name, role, clinician))
	require.NoError(h.t, err)
	who.member = receipt.Events[0].Event.(group.MemberJoined).Member
	return who
}

// open opens a chart of a clinician's.
func (h *house) open(primary someone) id.Chart {
	h.t.Helper()
	c := id.Derive[id.Chart]("spec", h.Next())
	_, err := commands.CreateChart.Give(h.t.Context(), h.engine, h.by(primary), chart.CreateChart{
		Chart: c, Primary: primary.member, Patient: chart.Demographics{FamilyName: "Doe"},
	})
	require.NoError(h.t, err)
	return c
}

// roster lists charts from the log, as a read model that is never behind does.
type roster struct{ h *house }

func (r roster) CurrentChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	return r.ChartsOf(ctx, g)
}

func (r roster) GuardsOf(context.Context, id.Group) ([]access.Guard, error) { return nil, nil }

func (r roster) ChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	states := map[es.Stream]*chart.State{}
	var order []es.Stream
	for rec, err := range r.h.Store.ReadAll(ctx, []es.Category{chart.Category}, es.Position{}) {
		if err != nil {
			return nil, err
		}
		env, err := r.h.Registry.Decode(rec)
		if err != nil {
			return nil, err
		}
		if owner, _ := env.Stream.Group(); owner != g {
			continue
		}
		if states[env.Stream] == nil {
			states[env.Stream] = &chart.State{}
			order = append(order, env.Stream)
		}
		chart.Evolve(states[env.Stream], env.Event.(chart.Event))
	}
	var facts []group.ChartFacts
	for _, stream := range order {
		s := states[stream]
		facts = append(facts, group.ChartFacts{Chart: s.Chart, Primary: s.Primary(), Branch: s.Branch, Team: s.Team().Places(), Former: s.Former()})
	}
	return facts, nil
}

// mortalStore dies before an append or after it is kept.
type mortalStore struct {
	*memstore.Store
	k *processtest.Killer
}

func (s mortalStore) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if err := s.k.At("before append"); err != nil {
		return es.Appended{}, err
	}
	done, err := s.Store.Append(ctx, stream, expected, events)
	if dead := s.k.At("after append"); dead != nil {
		return es.Appended{}, dead
	}
	return done, err
}

// definition makes one of the processes.
type definition func(processes.Config) process.Process

// live runs processes, one after the other, until nothing more comes of it, or
// until they are killed at the n-th place at which they write. It reports whether
// they were killed.
func (h *house) live(n int, define ...definition) (killed bool) {
	h.t.Helper()
	k := processtest.NewKiller(n)
	for before := -1; before != len(h.Log()); {
		before = len(h.Log())
		for _, d := range define {
			if h.settle(k, d); k.Died() {
				return true
			}
		}
	}
	return false
}

// settle runs one process until it has nothing to do at present, or dies.
func (h *house) settle(k *processtest.Killer, define definition) {
	h.t.Helper()
	engine := commands.NewEngine(commands.Config{
		Store: mortalStore{h.Store, k}, Registry: h.Registry, Clock: h.Now, Rosters: roster{h}, Logger: slog.New(slog.DiscardHandler),
		Appointments: h.appointments,
	})
	config := h.config(engine)
	config.Outbox = mortalPost{config.Outbox, k}
	r, err := process.NewRunner(process.Config{
		Source: h.Store, Registry: h.Registry, Journal: processtest.MortalJournal{Journal: journal.New(h.Pool), Killer: k},
		Processes: []process.Process{define(config)}, Clock: h.Now, Tick: time.Millisecond,
		Leases: processtest.Leads{},
	})
	require.NoError(h.t, err)
	stop := runtest.Start(h.t, k.Mortal(r.Run))
	runtest.Until(h.t, func(ctx context.Context) process.Status {
		report, err := r.Status(ctx)
		require.NoError(h.t, err)
		return report[0]
	}, func(s process.Status) bool { return k.Died() || h.Settled(s) })
	stop()
}

// events are the events of the practice's own stream.
func (h *house) events() []group.Event {
	h.t.Helper()
	var events []group.Event
	for rec, err := range h.Store.ReadStream(h.t.Context(), group.Stream(h.Group), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		events = append(events, env.Event.(group.Event))
	}
	return events
}

// everywhere runs a process on what set up makes, once whole and once for every
// place at which it can be killed: each time the log must come out the same.
func everywhere(t *testing.T, pool *pgxpool.Pool, places int, setUp func(*house), define ...definition) *house {
	t.Helper()
	whole := newHouse(t, pool)
	setUp(whole)
	whole.live(never, define...)
	log := whole.Log()
	for n := 0; ; n++ {
		h := newHouse(t, pool)
		setUp(h)
		if !h.live(n, define...) {
			require.GreaterOrEqual(t, n, places, "it can be killed at more places than that")
			return whole
		}
		h.live(never, define...)
		require.Equal(t, log, h.Log(), "killed at place %d", n)
	}
}
