package processes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
	"praxis/commands/letters"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var founded = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// someone is somebody with an account; member is set once they belong.
type someone struct {
	account id.Account
	email   string
	member  id.Member
}

// house is a practice on one log with one journal.
type house struct {
	t        *testing.T
	pool     *pgxpool.Pool
	registry *es.Registry
	store    *memstore.Store
	engine   *commands.Engine
	group    id.Group
	branch   id.Branch
	owner    someone

	mu      sync.Mutex
	present time.Time
	made    int
}

// newHouse founds the practice on a new log; the journal of the pool is emptied.
func newHouse(t *testing.T, pool *pgxpool.Pool) *house {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	h := &house{
		t: t, pool: pool, registry: registry, present: founded, group: id.Derive[id.Group]("practice"),
		branch: id.Derive[id.Branch]("main"),
		owner:  someone{account: id.Derive[id.Account]("owner"), email: "owner@example.org", member: id.Derive[id.Member]("owner")},
	}
	h.store = memstore.New(memstore.WithClock(h.now))
	t.Cleanup(h.store.Close)
	for _, table := range []string{"process_timer", "process_refusal", "process", "outbox"} {
		_, err := pool.Exec(t.Context(), "delete from praxis."+table)
		require.NoError(t, err)
	}
	h.engine = h.newEngine()
	_, err = h.engine.CreateGroup(t.Context(), h.by(h.owner), group.CreateGroup{
		Group: h.group, Name: "Elm Street", Owner: h.owner.member, OwnerIsClinician: true, BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: h.branch, DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.present
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.present = h.present.Add(d)
}

func (h *house) next() string {
	h.made++
	return fmt.Sprint(h.made)
}

func (h *house) by(who someone) commands.Call {
	return commands.Call{
		Account: who.account, Email: who.email, AuthenticatedAt: h.now(), Group: h.group,
		Command: id.Derive[id.Command]("spec", h.next()),
	}
}

func (h *house) newEngine() *commands.Engine {
	return commands.NewEngine(commands.Config{
		Store: h.store, Registry: h.registry, Clock: h.now, Rosters: roster{h}, Logger: slog.New(slog.DiscardHandler),
		OwnTrial: 20 * day, Letters: h.post(),
	})
}

// post is where letters of the practice go; nobody sends them.
func (h *house) post() mail.Post {
	h.t.Helper()
	book, err := contacts.New(h.pool)
	require.NoError(h.t, err)
	return mail.Post{Pool: h.pool, Clock: h.now, Contacts: book, Link: letters.Link{Template: "https://praxis.example.com/{group}/{invitation}", IsPage: true}}
}

func (h *house) config(e *commands.Engine) processes.Config {
	return processes.Config{
		Engine: e, Registry: h.registry, Log: h.store, Charts: roster{h}, Processor: collecting.Cards{Processor: simulated.Processor{}},
		Post: h.post(),
	}
}

// invite offers an address a place for seven days.
func (h *house) invite(name string, role access.Role, clinician bool) id.Invitation {
	h.t.Helper()
	i := id.Derive[id.Invitation]("spec", h.next())
	_, err := h.engine.InviteMember(h.t.Context(), h.by(h.owner), commands.Invite{ValidDays: 7, Address: name + "@example.org", InviteMember: group.InviteMember{
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
	receipt, err := h.engine.AcceptInvitation(h.t.Context(), h.by(who), h.invite(name, role, clinician))
	require.NoError(h.t, err)
	who.member = receipt.Events[0].Event.(group.MemberJoined).Member
	return who
}

// open opens a chart of a clinician's.
func (h *house) open(primary someone) id.Chart {
	h.t.Helper()
	c := id.Derive[id.Chart]("spec", h.next())
	_, err := h.engine.CreateChart(h.t.Context(), h.by(primary), chart.CreateChart{
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

func (r roster) ChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	states := map[es.Stream]*chart.State{}
	var order []es.Stream
	for rec, err := range r.h.store.ReadAll(ctx, []es.Category{chart.Category}, es.Position{}) {
		if err != nil {
			return nil, err
		}
		env, err := r.h.registry.Decode(rec)
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
		facts = append(facts, group.ChartFacts{Chart: s.Chart, Primary: s.Primary(), Branch: s.Branch, Team: s.Team().OtherMembers()})
	}
	return facts, nil
}

// killer kills a runner at the n-th of the places at which it touches the world.
// From then on nothing that it does reaches anything, as after kill -9.
type killer struct {
	mu   sync.Mutex
	left int
	kill context.CancelFunc
	dead bool
}

var errKilled = fault.New(fault.Unavailable, "killed", "The process was killed.")

// at passes a place; it returns an error at the place of death and ever after.
func (k *killer) at() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return errKilled
	}
	if k.left--; k.left < 0 {
		k.dead = true
		k.kill()
		return errKilled
	}
	return nil
}

func (k *killer) died() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

// mortalStore dies before an append or after it is kept.
type mortalStore struct {
	*memstore.Store
	k *killer
}

func (s mortalStore) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if err := s.k.at(); err != nil {
		return es.Appended{}, err
	}
	done, err := s.Store.Append(ctx, stream, expected, events)
	if dead := s.k.at(); dead != nil {
		return es.Appended{}, dead
	}
	return done, err
}

// mortalJournal dies before a commit or after it is kept.
type mortalJournal struct {
	process.Journal
	k *killer
}

func (mortalJournal) Lead(ctx context.Context, work func(context.Context)) error {
	work(ctx)
	return ctx.Err()
}

func (j mortalJournal) Commit(ctx context.Context, p string, from process.Checkpoint, s process.Step) (process.Checkpoint, error) {
	if err := j.k.at(); err != nil {
		return process.Checkpoint{}, err
	}
	at, err := j.Journal.Commit(ctx, p, from, s)
	if err == nil {
		err = j.k.at()
	}
	return at, err
}

const never = 1 << 30

// definition makes one of the processes.
type definition func(processes.Config) process.Process

// live runs processes, one after the other, until nothing more comes of it, or
// until they are killed at the n-th place at which they write. It reports whether
// they were killed.
func (h *house) live(n int, define ...definition) (killed bool) {
	h.t.Helper()
	k := &killer{left: n}
	for before := -1; before != len(h.log()); {
		before = len(h.log())
		for _, d := range define {
			if h.settle(k, d); k.died() {
				return true
			}
		}
	}
	return false
}

// settle runs one process until it has nothing to do at present, or dies.
func (h *house) settle(k *killer, define definition) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	k.kill = cancel
	engine := commands.NewEngine(commands.Config{
		Store: mortalStore{h.store, k}, Registry: h.registry, Clock: h.now, Rosters: roster{h}, Logger: slog.New(slog.DiscardHandler),
	})
	config := h.config(engine)
	config.Post = mortalPost{config.Post, k}
	r, err := process.NewRunner(process.Config{
		Source: h.store, Registry: h.registry, Journal: mortalJournal{journal.New(h.pool), k},
		Processes: []process.Process{define(config)}, Clock: h.now, Tick: time.Millisecond,
	})
	require.NoError(h.t, err)
	done := beside(func() error { return r.Run(ctx) })
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !k.died() {
		report, err := r.Status(h.t.Context())
		require.NoError(h.t, err)
		s := report[0]
		require.NotEqual(h.t, process.Stopped, s.State, "%v", s.Failure)
		if s.State == process.Running && s.CaughtUp && (s.NextDue == nil || s.NextDue.After(h.now())) {
			break
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			require.True(h.t, errors.Is(ctx.Err(), context.Canceled) && k.died(), "it never settled: %+v", s)
		}
	}
	cancel()
	require.NoError(h.t, <-done)
}

// beside runs f beside the test.
func beside(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// log is what happened, in order, with who did it and why.
func (h *house) log() []string {
	h.t.Helper()
	var log []string
	for rec, err := range h.store.ReadAll(context.WithoutCancel(h.t.Context()), catalog.Categories(), es.Position{}) {
		require.NoError(h.t, err)
		env, err := h.registry.Decode(rec)
		require.NoError(h.t, err)
		log = append(log, fmt.Sprintf("%s@%d %s %s by %s command %s because %s", rec.Stream, rec.Revision, rec.Type, rec.Data, env.Meta.Actor, env.Meta.Command, env.Meta.Causation))
	}
	return log
}

// events are the events of the practice's own stream.
func (h *house) events() []group.Event {
	h.t.Helper()
	var events []group.Event
	for rec, err := range h.store.ReadStream(h.t.Context(), group.Stream(h.group), 0) {
		require.NoError(h.t, err)
		env, err := h.registry.Decode(rec)
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
	log := whole.log()
	for n := 0; ; n++ {
		h := newHouse(t, pool)
		setUp(h)
		if !h.live(n, define...) {
			require.GreaterOrEqual(t, n, places, "it can be killed at more places than that")
			return whole
		}
		h.live(never, define...)
		require.Equal(t, log, h.log(), "killed at place %d", n)
	}
}
