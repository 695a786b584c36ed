package collecting_test

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards"
	"praxis/adapters/cards/stripecards"
	"praxis/adapters/cards/stripetest"
	"praxis/adapters/collecting"
	"praxis/adapters/memstore"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/internal/clocktest"
)

// desk is a practice whose licences are charged at the fake Stripe. Its collection
// process is driven by hand, so that a test decides what comes when.
type desk struct {
	*clocktest.Clock
	t          testing.TB
	fake       *stripetest.Fake
	store      *memstore.Store
	registry   *es.Registry
	engine     *commands.Engine
	messages   collecting.Messages
	collection process.Process
	group      id.Group
	logs       bytes.Buffer

	mu      sync.Mutex
	seen    es.Revision
	timers  map[string]process.Timer
	results []string
}

const fee = 89_00

// newDesk founds the practice; one licence is bought and its charge is open.
func newDesk(t testing.TB, method string) *desk {
	t.Helper()
	d := &desk{Clock: clocktest.At(began), t: t, fake: stripetest.New(t, began), group: id.Derive[id.Group]("practice"), timers: map[string]process.Timer{}}
	d.store = memstore.New(memstore.WithClock(d.Now))
	t.Cleanup(d.store.Close)
	var err error
	d.registry, err = catalog.Registry(es.Plain{})
	require.NoError(t, err)
	logger := slog.New(slog.NewTextHandler(&d.logs, nil))
	d.engine = commands.NewEngine(commands.Config{Store: d.store, Registry: d.registry, Clock: d.Now, Logger: logger})
	stripe, err := stripecards.New(stripecards.Config{
		SecretKey: stripetest.SecretKey, WebhookSecret: stripetest.WebhookSecret, URL: d.fake.URL,
		Client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	})
	require.NoError(t, err)
	books := processes.Config{Engine: d.engine, Registry: d.registry, Log: d.store, Processor: collecting.Cards{Processor: stripe}}
	d.collection = processes.Collection(books)
	d.messages = collecting.Messages{Processor: stripe, Books: books, Logger: logger, Observe: d.observe}

	owner := id.Derive[id.Member]("owner")
	_, err = commands.CreateGroup.Give(t.Context(), d.engine, d.owner(), group.CreateGroup{
		Group: d.group, Name: "Elm Street", Owner: owner, OwnerIsClinician: true, BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: id.Derive[id.Branch]("main"), DefaultBranchName: "Main",
	})
	require.NoError(t, err)
	_, err = commands.StartSubscription.Give(t.Context(), d.engine, d.owner(), group.StartSubscription{
		Seats: []group.Seat{{Member: owner, Plan: pricing.ERxLite, Profession: pricing.Prescriber}}, Method: method, QuotedTotal: money.Of(fee, "USD"),
	})
	require.NoError(t, err)
	return d
}

func (d *desk) observe(kind cards.EventKind, r collecting.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.results = append(d.results, string(kind)+" "+string(r))
}

// Pass lets time go by, here and at Stripe.
func (d *desk) Pass(by time.Duration) {
	d.fake.Pass(by)
	d.Clock.Pass(by)
}

func (d *desk) owner() commands.Call {
	return commands.Call{Account: id.Derive[id.Account]("owner"), Email: "owner@example.org", AuthenticatedAt: d.Now(), Group: d.group, Command: id.New[id.Command]()}
}

func (d *desk) process() commands.Call {
	return commands.Call{Process: "subscription", Group: d.group, Command: id.New[id.Command]()}
}

// buy buys a licence, whose charge stays open.
func (d *desk) buy() {
	d.t.Helper()
	_, err := commands.PurchaseLicences.Give(d.t.Context(), d.engine, d.owner(), group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: money.Of(fee, "USD")})
	require.NoError(d.t, err)
}

func (d *desk) pay(method string) {
	d.t.Helper()
	_, err := commands.ReplacePaymentMethod.Give(d.t.Context(), d.engine, d.owner(), group.ReplacePaymentMethod{Method: method})
	require.NoError(d.t, err)
}

// collect starts collecting everything that is open or failed, and asks Stripe.
func (d *desk) collect() {
	d.t.Helper()
	for _, c := range d.state().Charges() {
		if c.Status == group.ChargeOpen || c.Status == group.ChargeUnpaid {
			_, err := commands.StartCollection.Give(d.t.Context(), d.engine, d.process(), group.StartCollection{Charge: c.ID})
			require.NoError(d.t, err)
		}
	}
	d.drive()
}

// drive lets the process see everything that happened since.
func (d *desk) drive() {
	d.t.Helper()
	for {
		events := d.from(d.seen)
		if len(events) == 0 {
			return
		}
		d.seen += es.Revision(len(events))
		for _, env := range events {
			effects, err := d.collection.OnEvent(env)
			require.NoError(d.t, err)
			d.carry(effects)
		}
	}
}

// ask lets every timer of the process fire.
func (d *desk) ask() {
	d.t.Helper()
	for _, key := range slices.Sorted(maps.Keys(d.timers)) {
		effects, err := d.collection.OnTimer(d.timers[key])
		require.NoError(d.t, err)
		d.carry(effects)
	}
	d.drive()
}

func (d *desk) carry(effects []process.Effect) {
	d.t.Helper()
	for _, todo := range effects {
		switch do := todo.(type) {
		case process.Send:
			call := commands.Call{Process: d.collection.Name, Group: do.Group, Command: id.New[id.Command]()}
			require.NoError(d.t, do.Give(d.t.Context(), call))
		case process.SetTimer:
			d.timers[do.Key] = process.Timer{Group: do.Group, Key: do.Key, Due: do.Due}
		case process.ClearTimer:
			delete(d.timers, do.Key)
		}
	}
}

// deliver delivers the n-th of Stripe's messages so far.
func (d *desk) deliver(n int) error {
	body := d.fake.Events(d.t)[n]
	return d.messages.Receive(d.t.Context(), "request-"+strconv.Itoa(n), stripetest.Sign(body, time.Now(), stripetest.WebhookSecret), body)
}

// from are the events of the practice from a revision on.
func (d *desk) from(at es.Revision) (events []es.Envelope) {
	d.t.Helper()
	for rec, err := range d.store.ReadStream(d.t.Context(), group.Stream(d.group), at) {
		require.NoError(d.t, err)
		env, err := d.registry.Decode(rec)
		require.NoError(d.t, err)
		events = append(events, env)
	}
	return events
}

func (d *desk) state() group.State {
	d.t.Helper()
	s := group.Aggregate().New()
	for _, env := range d.from(0) {
		group.Evolve(&s, env.Event.(group.Event))
	}
	return s
}

// requireTheBooksAreStripes holds what the log says about money to what Stripe has:
// no charge is collected twice, and what Stripe kept is what was collected, less
// what was credited.
func (d *desk) requireTheBooksAreStripes() {
	d.t.Helper()
	collected, kept := map[id.SeatCharge]int{}, int64(0)
	for _, env := range d.from(0) {
		if e, ok := env.Event.(group.ChargeCollected); ok {
			collected[e.Charge]++
			require.Equal(d.t, 1, collected[e.Charge], "a charge is collected once")
			kept += e.Amount.Minor
		}
		if e, ok := env.Event.(group.RefundDue); ok && e.Reason == group.Unused {
			kept -= e.Amount.Minor
		}
	}
	require.Equal(d.t, kept, d.fake.Charged("usd")-d.fake.Refunded("usd"), "what Stripe kept is what the log says")
}
