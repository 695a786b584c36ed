package billing_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections"
	"praxis/projections/billing"
	"praxis/projections/projtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	now   = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	today = civil.MustDate("2026-04-10")
	// decided is when everything is recorded: late, so that all dates lie before.
	decided = now.AddDate(1, 0, 0)

	practice = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	mia      = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	noah     = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	ana      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben      = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")

	miaAna  = invoice.LedgerID{Group: practice, Chart: mia, Clinician: ana}
	miaBen  = invoice.LedgerID{Group: practice, Chart: mia, Clinician: ben}
	noahAna = invoice.LedgerID{Group: practice, Chart: noah, Clinician: ana}
)

// frontDesk is the actor of all events.
const frontDesk = "member:00000000-0000-4000-8000-00000000000f"

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

func nth(kind byte, n int) string {
	return fmt.Sprintf("00000000-0000-4000-8000-%02x00000000%02x", kind, n)
}

func chargeN(n int) id.Charge   { return id.MustParse[id.Charge](nth(0xc0, n)) }
func invoiceN(n int) id.Invoice { return id.MustParse[id.Invoice](nth(0x10, n)) }
func paymentN(n int) id.Payment { return id.MustParse[id.Payment](nth(0xa0, n)) }
func commandN(n int) id.Command { return id.Derive[id.Command]("command", strconv.Itoa(n)) }

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

type decider = estest.Decider[invoice.State, invoice.Event]

// with is a command on a ledger together with what it is decided with.
type with[C estest.FactDecider[K, invoice.State, invoice.Event], K any] = estest.With[C, K, invoice.State, invoice.Event]

// inUSD is what is known where something enters a ledger: no zone but UTC, and no
// birth date.
var inUSD = invoice.Intake{Currency: "USD"}

// dated holds the date of a command to the days of a practice in UTC, without a
// birth date.
func dated[C estest.FactDecider[invoice.Days, invoice.State, invoice.Event]](c C) with[C, invoice.Days] {
	return estest.Knowing(c, invoice.Days{})
}

// under issues an invoice under a number of the clinician's series.
func under(n invoice.Number, c invoice.IssueInvoice) with[invoice.IssueInvoice, invoice.Numbered] {
	return estest.Knowing(c, invoice.Numbered{Number: n, Text: n.With("INV"), Keeping: 1})
}

// practiceBooks plays commands on the ledgers of practices, as the use cases
// do, and projects what they decide.
type practiceBooks struct {
	t      testing.TB
	pool   *pgxpool.Pool
	spec   *projtest.Spec
	states map[invoice.LedgerID]*invoice.State
	// decided are the events that are not projected yet.
	decided  []projtest.Event
	commands int
}

func newBooks(t testing.TB) *practiceBooks {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, invoice.Events())
	require.NoError(t, err)
	pool := pgtest.New(t)
	return &practiceBooks{
		t: t, pool: pool, states: map[invoice.LedgerID]*invoice.State{},
		spec: projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: billing.Projector{}}),
	}
}

func (b *practiceBooks) state(l invoice.LedgerID) *invoice.State {
	if b.states[l] == nil {
		s := invoice.Aggregate().New()
		b.states[l] = &s
	}
	return b.states[l]
}

// try plays a command and reports whether it was accepted.
func (b *practiceBooks) try(l invoice.LedgerID, c decider) error {
	s := b.state(l)
	events, err := c.Decide(*s, decided)
	if err != nil {
		return err
	}
	b.commands++
	for _, e := range events {
		invoice.Evolve(s, e)
		b.decided = append(b.decided, projtest.Event{
			Stream: l.Stream(), Event: e, Meta: es.Metadata{Actor: frontDesk, Command: commandN(b.commands)},
		})
	}
	return nil
}

// do plays commands that must be accepted.
func (b *practiceBooks) do(l invoice.LedgerID, commands ...decider) {
	b.t.Helper()
	for _, c := range commands {
		require.NoError(b.t, b.try(l, c))
	}
}

// project projects what was decided, live.
func (b *practiceBooks) project() *projtest.Spec {
	b.t.Helper()
	b.spec.When(b.decided...)
	b.decided = nil
	return b.spec
}

func (b *practiceBooks) history(q billing.HistoryQuery) billing.HistoryPage {
	b.t.Helper()
	if q.Reach.Empty() {
		q.Reach = everything(practice)
	}
	if q.Limit == 0 {
		q.Limit = 1000
	}
	page, err := billing.History(b.t.Context(), projections.Live(b.pool), q)
	require.NoError(b.t, err)
	return page
}

func (b *practiceBooks) balance(s billing.Selection) billing.Balances {
	b.t.Helper()
	if s.Reach.Empty() {
		s.Reach = everything(practice)
	}
	balances, err := billing.Balance(b.t.Context(), projections.Live(b.pool), s, "USD")
	require.NoError(b.t, err)
	return balances
}

func (b *practiceBooks) invoices(q billing.InvoiceQuery) billing.InvoicePage {
	b.t.Helper()
	if q.Reach.Empty() {
		q.Reach = everything(practice)
	}
	if q.Limit == 0 {
		q.Limit = 1000
	}
	if q.Zone == nil {
		q.Now, q.Zone = now, time.UTC
	}
	page, err := billing.Invoices(b.t.Context(), b.pool, q)
	require.NoError(b.t, err)
	return page
}

func charge(n int, minor int64) with[invoice.RecordCharge, invoice.Intake] {
	return estest.Knowing(invoice.RecordCharge{
		Charge: chargeN(n), ServiceDate: today, Code: "90837", Description: "Session", Units: 1, UnitPrice: usd(minor),
	}, inUSD)
}

func draft(n int, date string, terms invoice.Terms, charges ...int) with[invoice.DraftInvoice, invoice.Days] {
	c := invoice.DraftInvoice{Invoice: invoiceN(n), Date: civil.MustDate(date), Terms: terms}
	for _, i := range charges {
		c.Charges = append(c.Charges, chargeN(i))
	}
	return dated(c)
}

func issue(n int) decider {
	return under(invoice.Number(n), invoice.IssueInvoice{Invoice: invoiceN(n)})
}

func pay(n int, minor int64) with[invoice.RecordPayment, invoice.Intake] {
	return estest.Knowing(invoice.RecordPayment{
		Payment: paymentN(n), Amount: usd(minor), Method: invoice.Check, ReceivedOn: today,
		PayerName: "Grandmother", ExternalRef: "1042",
	}, inUSD)
}

var onReceipt = invoice.Terms{Kind: invoice.OnReceipt}

// owed is a charge on an issued invoice of the same n.
func owed(n int, date string, minor int64) []decider {
	given := charge(n, minor)
	if on := civil.MustDate(date); on.Before(today) {
		given.Command.ServiceDate = on
	}
	return []decider{given, draft(n, date, onReceipt, n), issue(n)}
}
