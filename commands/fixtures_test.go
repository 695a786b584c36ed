package commands_test

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/internal/clocktest"
	"praxis/internal/logtest"
)

// founded is when every practice of the specs was founded; its clock stands
// still until a spec moves it.
var founded = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)

var foundingDay = civil.MustDate("2026-04-10")

// watched is the store in memory that counts reads and attempts to append, and can
// let something happen just before an append or a read.
type watched struct {
	*memstore.Store
	mu           sync.Mutex
	reads        map[es.Stream]int
	appends      map[es.Stream]int
	beforeAppend map[es.Stream]func()
	beforeRead   map[es.Stream]func()
}

func (w *watched) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	w.mu.Lock()
	w.reads[stream]++
	w.mu.Unlock()
	w.once(w.beforeRead, stream)
	return w.Store.ReadStream(ctx, stream, from)
}

func (w *watched) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	w.mu.Lock()
	w.appends[stream]++
	w.mu.Unlock()
	w.once(w.beforeAppend, stream)
	return w.Store.Append(ctx, stream, expected, events)
}

// appendsTo counts the attempts to append to a stream so far.
func (w *watched) appendsTo(stream es.Stream) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.appends[stream]
}

// once runs what was planned for a stream, if anything.
func (w *watched) once(plans map[es.Stream]func(), stream es.Stream) {
	w.mu.Lock()
	f := plans[stream]
	delete(plans, stream)
	w.mu.Unlock()
	if f != nil {
		f()
	}
}

// meanwhile lets f happen once, just before the next append to the stream.
func (w *watched) meanwhile(stream es.Stream, f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beforeAppend[stream] = f
}

// beforeReading lets f happen once, just before the next read of the stream.
func (w *watched) beforeReading(stream es.Stream, f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beforeRead[stream] = f
}

// readsOf counts the reads of a stream while f runs.
func (w *watched) readsOf(stream es.Stream, f func()) int {
	count := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.reads[stream]
	}
	earlier := count()
	f()
	return count() - earlier
}

// person is somebody with an account; member is set once they belong.
type person struct {
	account id.Account
	email   string
	member  id.Member
}

func someone(name string) person {
	return person{account: id.Derive[id.Account](name), email: name + "@example.org"}
}

// practice is one group on one store, founded by a practising owner.
type practice struct {
	*clocktest.Clock
	t        testing.TB
	store    *watched
	registry *es.Registry
	engine   *commands.Engine
	group    id.Group
	branch   id.Branch
	owner    person
	errors   *logtest.Buffer

	mu   sync.Mutex
	made int
}

// emptyHouse is a store without any practice.
func emptyHouse(t testing.TB) *practice {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	p := &practice{
		Clock: clocktest.At(founded), t: t, registry: registry, errors: &logtest.Buffer{},
		store: &watched{
			Store: memstore.New(), reads: map[es.Stream]int{}, appends: map[es.Stream]int{},
			beforeAppend: map[es.Stream]func(){}, beforeRead: map[es.Stream]func(){},
		},
		group: id.Derive[id.Group]("practice"), branch: id.Derive[id.Branch]("main"),
		owner: someone("owner"),
	}
	p.owner.member = id.Derive[id.Member]("owner")
	p.engine = p.newEngine()
	return p
}

// newPractice founds the practice.
func newPractice(t testing.TB) *practice {
	t.Helper()
	p := emptyHouse(t)
	_, err := commands.CreateGroup.Give(p.ctx(), p.engine, p.by(p.owner), p.founding())
	require.NoError(t, err)
	return p
}

func (p *practice) ctx() context.Context { return p.t.Context() }

// newEngine is another process on the same store, or the same after a restart.
func (p *practice) newEngine() *commands.Engine {
	return commands.NewEngine(p.config())
}

func (p *practice) config() commands.Config {
	return commands.Config{
		Store: p.store, Registry: p.registry, Clock: p.Now,
		Logger: slog.New(slog.NewTextHandler(p.errors, nil)),
	}
}

// next makes the names of new things, the same in every run.
func (p *practice) next() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made++
	return strconv.Itoa(p.made)
}

func (p *practice) founding() group.CreateGroup {
	return group.CreateGroup{
		Group: p.group, Name: "Elm Street", Owner: p.owner.member, OwnerIsClinician: true,
		BillingZone: "America/New_York", Currency: "USD", DefaultBranch: p.branch, DefaultBranchName: "Main",
	}
}

// by is a call with a new intention.
func (p *practice) by(who person) commands.Call {
	return commands.Call{
		Account: who.account, Email: who.email, AuthenticatedAt: p.Now(), Group: p.group,
		Command: id.Derive[id.Command]("spec", p.next()), Correlation: "spec", Causation: "spec",
	}
}

// dry is a call that only asks.
func dry(c commands.Call) commands.Call { c.DryRun = true; return c }

// ids lists the memberships of people.
func ids(people ...person) []id.Member {
	var list []id.Member
	for _, who := range people {
		list = append(list, who.member)
	}
	return list
}

// matching is a call with If-Match.
func matching(c commands.Call, r es.Revision) commands.Call { c.Expected = &r; return c }

// invite offers somebody a place and returns the invitation.
func (p *practice) invite(who person, role access.Role, clinician bool, clinicians ...id.Member) id.Invitation {
	p.t.Helper()
	i := id.Derive[id.Invitation]("spec", p.next())
	_, err := commands.InviteMember.Give(p.ctx(), p.engine, p.by(p.owner), commands.Invite{
		InviteMember: group.InviteMember{
			Invitation: i, EmailHash: commands.EmailHash(who.email), Role: role, Clinician: clinician, Clinicians: clinicians,
		},
		ValidDays: 7,
	})
	require.NoError(p.t, err)
	return i
}

// join makes somebody a member.
func (p *practice) join(name string, role access.Role, clinician bool, clinicians ...id.Member) person {
	p.t.Helper()
	who := someone(name)
	i := p.invite(who, role, clinician, clinicians...)
	receipt, err := commands.AcceptInvitation.Give(p.ctx(), p.engine, p.by(who), i)
	require.NoError(p.t, err)
	who.member = receipt.Events[0].Event.(group.MemberJoined).Member
	return who
}

// remove ends somebody's membership through an engine.
func (p *practice) remove(e *commands.Engine, who person) {
	p.t.Helper()
	_, err := commands.RemoveMember.Give(p.ctx(), e, p.by(p.owner), group.RemoveMember{Member: who.member})
	require.NoError(p.t, err)
}

// patient opens a chart with the given primary.
func (p *practice) patient(primary person) id.Chart {
	p.t.Helper()
	c := id.Derive[id.Chart]("spec", p.next())
	_, err := commands.CreateChart.Give(p.ctx(), p.engine, p.by(p.mayCreate(primary)), chart.CreateChart{
		Chart: c, Primary: primary.member, Patient: chart.Demographics{FamilyName: "Doe"},
	})
	require.NoError(p.t, err)
	return c
}

// mayCreate returns who opens charts for a clinician: owners need a grant for
// the whole practice, users open their own.
func (p *practice) mayCreate(primary person) person {
	if primary.member != p.owner.member {
		return primary
	}
	_, err := commands.GrantPermission.Give(p.ctx(), p.engine, p.by(p.owner), group.GrantPermission{
		Member: p.owner.member, Capability: access.ChartCreate, Scope: access.ScopeGroup,
	})
	require.NoError(p.t, err)
	return p.owner
}

// ledger opens a chart of the owner's and returns its ledger with them.
func (p *practice) ledger() invoice.LedgerID {
	p.t.Helper()
	return invoice.LedgerID{Group: p.group, Chart: p.patient(p.owner), Clinician: p.owner.member}
}

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

// charge is a new charge of 100 dollars.
func (p *practice) charge() invoice.RecordCharge {
	return invoice.RecordCharge{
		Charge: id.Derive[id.Charge]("spec", p.next()), ServiceDate: foundingDay, Code: "90837", Units: 1, UnitPrice: usd(100_00),
	}
}

// draft records a charge and puts it on a draft.
func (p *practice) draft(l invoice.LedgerID) id.Invoice {
	p.t.Helper()
	c := p.charge()
	_, err := commands.RecordCharge.Give(p.ctx(), p.engine, p.by(p.owner), l, c)
	require.NoError(p.t, err)
	i := id.Derive[id.Invoice]("spec", p.next())
	_, err = commands.DraftInvoice.Give(p.ctx(), p.engine, p.by(p.owner), l, invoice.DraftInvoice{
		Invoice: i, Date: foundingDay, Terms: invoice.Terms{Kind: invoice.OnReceipt}, Charges: []id.Charge{c.Charge},
	})
	require.NoError(p.t, err)
	return i
}

// log decodes a stream.
func (p *practice) log(stream es.Stream) []es.Envelope {
	p.t.Helper()
	var log []es.Envelope
	for rec, err := range p.store.Store.ReadStream(p.ctx(), stream, 0) {
		require.NoError(p.t, err)
		env, err := p.registry.Decode(rec)
		require.NoError(p.t, err)
		log = append(log, env)
	}
	return log
}

// length is how many events the store holds.
func (p *practice) length() uint64 {
	p.t.Helper()
	tail, err := p.store.Tail(context.WithoutCancel(p.ctx()))
	require.NoError(p.t, err)
	return tail.Commit
}

// unchanged requires that f leaves the log as it is.
func (p *practice) unchanged(f func()) {
	p.t.Helper()
	before := p.length()
	f()
	require.Equal(p.t, before, p.length(), "events were appended")
}

func requireFault(t testing.TB, err error, code string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, fault.From(err).Code, "%v", err)
}
