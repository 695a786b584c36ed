package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards"
	"praxis/adapters/cards/stripecards"
	"praxis/adapters/cards/stripetest"
	"praxis/adapters/collecting"
	"praxis/adapters/httpapi"
	"praxis/adapters/lookups"
	"praxis/adapters/postgres/lease"
	journal "praxis/adapters/processes"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/internal/runtest"
	"praxis/projections/licences"
)

// cardPractice pays by card, at a Stripe that has a memory.
type cardPractice struct {
	*practice
	fake  *stripetest.Fake
	books processes.Config
}

// withCards founds a practice on a stack that charges cards; its owner is on e-Rx
// lite, for $89.00, which is paid.
func withCards(t *testing.T) *cardPractice {
	t.Helper()
	c := &cardPractice{fake: stripetest.New(t, monday)}
	stripe, err := stripecards.New(stripecards.Config{
		SecretKey: stripetest.SecretKey, WebhookSecret: stripetest.WebhookSecret, URL: c.fake.URL,
		Client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	})
	require.NoError(t, err)
	var s *stack
	s = newStack(t, with(func(config *httpapi.Config) {
		log, ok := config.Store.(eventStore)
		require.True(t, ok)
		c.books = processes.Config{
			Engine: config.Engine, Registry: config.Registry, Log: log, Processor: collecting.Cards{Processor: stripe},
			Charts: lookups.Lookups{Pool: config.Pool, Log: log, Freshness: config.Freshness},
			Outbox: postOf(t, config.Pool, config.Clock),
		}
		config.Cards = collecting.Messages{
			Processor: stripe, Books: c.books, Logger: config.Logger,
			Observe: func(k cards.EventKind, r collecting.Result) { s.metrics.CountCardMessage(string(k), string(r)) },
		}
	}))
	c.practice = s.found("olivia", true)
	require.Equal(t, amount{89_00, "USD"}, c.subscribe("erx_lite", "prescriber"))
	c.works()
	require.Equal(t, int64(89_00), c.fake.Charged("usd"))
	return c
}

// works lets Praxis do by itself whatever there is to do at present.
func (c *cardPractice) works() {
	c.t.Helper()
	r, err := process.NewRunner(process.Config{
		Source: c.store, Registry: c.registry, Journal: journal.New(c.pool), Processes: processes.All(c.books),
		Clock: c.clock.Now, Tick: time.Millisecond, Logger: slog.New(slog.DiscardHandler),
		Leases: lease.New(c.pool.Config().ConnConfig, lease.Config{}),
	})
	require.NoError(c.t, err)
	stop := runtest.Start(c.t, r.Run)
	runtest.Until(c.t, func(context.Context) bool { return c.rests(r) }, func(rests bool) bool { return rests })
	stop()
}

// rests reports whether every process has seen everything and waits for nothing.
func (c *cardPractice) rests(r *process.Runner) bool {
	c.t.Helper()
	before := c.tail()
	report, err := r.Status(c.t.Context())
	require.NoError(c.t, err)
	for _, s := range report {
		if s.UpdatedAt.IsZero() || !s.CaughtUp || s.Overdue > 0 || s.NextDue != nil && !s.NextDue.After(c.clock.Now()) {
			return false
		}
	}
	return before == c.tail()
}

// days lets days pass, at Stripe too, which fails whatever it has not decided.
func (c *cardPractice) days(n int) {
	c.t.Helper()
	for range n {
		c.clock.Pass(24 * time.Hour)
		c.fake.Pass(24 * time.Hour)
		c.works()
		for _, pi := range c.fake.Pending("pi") {
			c.fake.Settle(pi, false)
			c.deliver(-1).done200()
		}
		c.works()
	}
}

// deliver delivers one of Stripe's messages, counted from 0 or back from the end.
func (c *cardPractice) deliver(n int, change ...option) answer {
	c.t.Helper()
	all := c.fake.Events(c.t)
	if n < 0 {
		n += len(all)
	}
	signed := stripetest.Sign(all[n], time.Now(), stripetest.WebhookSecret).Get("Stripe-Signature")
	return c.post(nobody, "/v1/webhooks/cards", text(all[n]), append([]option{header("Stripe-Signature", signed)}, change...)...)
}

func (a answer) done200() {
	a.t.Helper()
	require.Equal(a.t, http.StatusOK, a.status, "%s", a.body)
}

// buyUnpaid buys one licence with a card, and has it collected.
func (c *cardPractice) buyUnpaid(method string) (licence boughtLicence) {
	c.t.Helper()
	r := c.put(c.owner, c.path("/subscription/payment-method"), object{"method": method})
	require.Contains(c.t, string(r.body), `"cardMode":"test"`)
	r = c.post(c.owner, c.path("/licences"), object{"plan": "erx_lite", "quantity": 1, "quotedTotal": dollars(89_00)})
	require.Contains(c.t, string(r.body), `"cardMode":"test"`, "a receipt says whether money moves")
	licence = c.subscription().Licences[1]
	require.True(c.t, licence.Pending)
	c.post(c.owner, c.path("/subscription/charges/", licence.Charge, "/collection"), nil).done()
	c.works()
	return licence
}

type moneyBack struct {
	Amount                  amount
	Reason, Status, Failure string
}

// paidCharge is a charge with what became of its money.
type paidCharge struct {
	Status, CardMode string
	Attempts, PaidBy int
	Refunds          []moneyBack
}

func (c *cardPractice) billed() []paidCharge {
	c.t.Helper()
	var list struct {
		CardMode string
		Charges  []paidCharge
	}
	require.NoError(c.t, c.runner.WaitFor(c.t.Context(), c.tail(), licences.Name))
	c.get(c.owner, c.path("/subscription/charges")).into(&list)
	require.Equal(c.t, "test", list.CardMode)
	return list.Charges
}

func TestALicenceIsPaidByCardAndAssigned(t *testing.T) {
	c := withCards(t)
	c.join("sam", "user", false)
	licence := c.buyUnpaid(stripetest.Delayed)
	assign := func() answer {
		return c.put(c.owner, c.path("/licences/", licence.ID, "/holder"), object{"member": c.members["sam"], "profession": "prescriber"})
	}
	assign().refused(http.StatusUnprocessableEntity, "licence_pending_payment")
	c.fake.Settle(c.fake.References("pi")[1], true)

	c.run(t, "a message with a wrong signature pays nothing", func(t *testing.T) {
		tail := c.tail()
		c.deliver(-1, header("Stripe-Signature", "t=1,v1=00")).refused(http.StatusUnauthorized, "webhook_too_old")
		body := c.fake.Events(t)[0]
		forged := stripetest.Sign(body, time.Now(), "whsec_guess").Get("Stripe-Signature")
		c.deliver(-1, header("Stripe-Signature", forged)).refused(http.StatusUnauthorized, "webhook_not_authentic")
		c.deliver(-1, func(r *call) { r.Header.Del("Stripe-Signature") }).refused(http.StatusUnauthorized, "webhook_not_authentic")
		require.Equal(t, tail, c.tail())
		assign().refused(http.StatusUnprocessableEntity, "licence_pending_payment")
	})
	c.run(t, "the true one does, once, however often and late it comes", func(t *testing.T) {
		c.deliver(-1).done200()
		tail := c.tail()
		for n := range c.fake.Events(t) {
			c.deliver(n).done200()
			c.deliver(n).done200()
		}
		require.Equal(t, tail, c.tail())
		assign().done()
	})
	c.run(t, "what Stripe took is what was bought", func(t *testing.T) {
		c.works()
		charges := c.billed()
		require.Equal(t, int64(2*89_00), c.fake.Charged("usd"))
		for _, charge := range charges {
			require.Equal(t, []any{"paid", "test", 1, 1}, []any{charge.Status, charge.CardMode, charge.Attempts, charge.PaidBy})
		}
		var s struct{ CardMode string }
		c.get(c.owner, c.path("/subscription")).into(&s)
		require.Equal(t, "test", s.CardMode)
	})
	c.run(t, "a message that is too large is refused before it is read", func(t *testing.T) {
		huge := text(`{"a":"` + strings.Repeat("a", 70<<10) + `"}`)
		c.post(nobody, "/v1/webhooks/cards", huge, malformed).refused(http.StatusRequestEntityTooLarge, "body_too_large")
	})
	c.run(t, "messages are counted, and nothing of them is logged", func(t *testing.T) {
		metrics := string(c.send(nobody, http.MethodGet, "/metrics", nil).body)
		require.Contains(t, metrics, `praxis_card_messages_total{kind="unread",result="refused"} 3`)
		require.Contains(t, metrics, `praxis_card_messages_total{kind="payment_succeeded",result="recorded"} 1`)
		require.NotContains(t, c.logs.String(), "praxis_key")
	})
}

func TestOneAddressCannotFloodTheWebhooks(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.PerSecond, c.Burst = 1, 2 }))
	rewind := func(*call) { s.clock.Pass(-time.Second) }
	for range 2 {
		s.post(nobody, "/v1/webhooks/cards", object{}, rewind).refused(http.StatusNotFound, "webhook_not_expected")
	}
	s.post(nobody, "/v1/webhooks/cards", object{}, rewind).refused(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, http.StatusOK, s.send("olivia", http.MethodGet, "/v1/me", nil).status, "people go on")
}

func TestMoneyThatComesAfterThePurchaseWasCancelledGoesBackOnce(t *testing.T) {
	c := withCards(t)
	licence := c.buyUnpaid(stripetest.Delayed)
	late := c.fake.References("pi")[1]
	c.fake.Settle(late, false)
	c.deliver(-1).done200()
	require.Equal(t, "unpaid", c.billed()[1].Status)
	c.days(6)
	require.Equal(t, "unpaid", c.billed()[1].Status)
	require.Equal(t, 4, c.billed()[1].Attempts, "every second day")
	c.days(2)
	require.Equal(t, "cancelled", c.billed()[1].Status, "BIL-A11 after seven days")
	require.Len(t, c.subscription().Licences, 1)
	c.put(c.owner, c.path("/licences/", licence.ID, "/holder"), object{"member": c.members["olivia"]}).refused(http.StatusNotFound, "licence_not_found")
	require.Equal(t, int64(89_00), c.fake.Charged("usd"))

	c.fake.Settle(late, true)
	c.deliver(-1).done200()
	c.deliver(-1).done200()
	require.Equal(t, []moneyBack{{amount{89_00, "USD"}, "paid_after_cancellation", "due", ""}}, c.billed()[1].Refunds)
	c.works()
	for n := range c.fake.Events(t) {
		c.deliver(n).done200()
	}
	c.days(2)
	require.Equal(t, []moneyBack{{amount{89_00, "USD"}, "paid_after_cancellation", "refunded", ""}}, c.billed()[1].Refunds)
	require.Len(t, c.fake.References("re"), 1)
	require.Equal(t, int64(89_00), c.fake.Charged("usd")-c.fake.Refunded("usd"), "Stripe kept what the first licence costs")
}
