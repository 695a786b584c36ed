package httpapi_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// book is the model of one ledger, of one patient with one clinician, in numbers
// without end. It knows only what was accepted.
type book struct {
	chart, clinician string
	charges          map[string]*bookCharge
	invoices         map[string]*bookInvoice
	payments         map[string]*bookPayment
}

type bookCharge struct {
	amount  *big.Int
	void    bool
	invoice string
}

type bookInvoice struct {
	charges   []string
	date, due string
	total     *big.Int
	// issued is its place among the issued ones, 0 for a draft.
	issued  int
	void    bool
	applied map[string]*big.Int
}

type bookPayment struct{ amount, left *big.Int }

func newBook(chart, clinician string) *book {
	return &book{chart, clinician, map[string]*bookCharge{}, map[string]*bookInvoice{}, map[string]*bookPayment{}}
}

func (i *bookInvoice) isOpen() bool { return i.issued > 0 && !i.void }

func (i *bookInvoice) paid() *big.Int {
	paid := new(big.Int)
	for _, part := range i.applied {
		paid.Add(paid, part)
	}
	return paid
}

func (i *bookInvoice) owed() *big.Int { return new(big.Int).Sub(i.total, i.paid()) }

func (b *book) charge(charge string, price, units *big.Int) {
	b.charges[charge] = &bookCharge{amount: new(big.Int).Mul(price, units)}
}

// draft puts charges on a draft; terms of 30 days or of a fixed day are all it knows.
func (b *book) draft(invoice, date, terms string, charges ...string) {
	i := &bookInvoice{charges: charges, date: date, total: new(big.Int), applied: map[string]*big.Int{}}
	if i.due = terms[min(len("fixed_"), len(terms)):]; terms == "net_30" {
		day, _ := time.Parse(time.DateOnly, date)
		i.due = day.AddDate(0, 0, 30).Format(time.DateOnly)
	}
	for _, c := range charges {
		b.charges[c].invoice = invoice
		i.total.Add(i.total, b.charges[c].amount)
	}
	b.invoices[invoice] = i
}

func (b *book) voidInvoice(invoice string) {
	i := b.invoices[invoice]
	i.void = true
	for p, part := range i.applied {
		b.payments[p].left.Add(b.payments[p].left, part)
	}
	i.applied = nil
	for _, c := range i.charges {
		b.charges[c].invoice = ""
	}
}

// settle settles an invoice by at most some of what is left of a payment.
func (b *book) settle(payment, invoice string, most *big.Int) {
	p, i := b.payments[payment], b.invoices[invoice]
	part := new(big.Int).Set(most)
	for _, limit := range []*big.Int{p.left, i.owed()} {
		if limit.Cmp(part) < 0 {
			part.Set(limit)
		}
	}
	if part.Sign() > 0 {
		p.left.Sub(p.left, part)
		i.applied[payment] = part.Add(part, cmp.Or(i.applied[payment], new(big.Int)))
	}
}

// apply settles the invoices that were chosen; without a choice the oldest due first.
func (b *book) apply(payment string, chosen []any, isChosen bool) {
	for _, c := range chosen {
		b.settle(payment, at(c, "invoice").(string), bigAt(c, "amount", "minor"))
	}
	if isChosen {
		return
	}
	var open []string
	for name, i := range b.invoices {
		if i.isOpen() {
			open = append(open, name)
		}
	}
	slices.SortFunc(open, func(x, y string) int {
		a, b := b.invoices[x], b.invoices[y]
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.date, b.date), cmp.Compare(a.issued, b.issued))
	})
	for _, i := range open {
		b.settle(payment, i, b.payments[payment].left)
	}
}

// totals are the sums over books that the balance tells, by its names.
type totals map[string]*big.Int

func totalsOver(books []*book) totals {
	all := totals{}
	for _, name := range []string{"charged", "received", "outstanding", "uninvoiced", "unappliedCredit", "owed", "credit", "current"} {
		all[name] = new(big.Int)
	}
	add := func(name string, amount *big.Int) { all[name].Add(all[name], amount) }
	for _, b := range books {
		balance := new(big.Int)
		for _, c := range b.charges {
			if c.void {
				continue
			}
			add("charged", c.amount)
			balance.Add(balance, c.amount)
			if i := b.invoices[c.invoice]; i == nil || !i.isOpen() {
				add("uninvoiced", c.amount)
			}
		}
		for _, i := range b.invoices {
			if i.isOpen() {
				add("outstanding", i.owed())
			}
		}
		for _, p := range b.payments {
			add("received", p.amount)
			add("unappliedCredit", p.left)
			balance.Sub(balance, p.amount)
		}
		add("current", balance)
		if balance.Sign() > 0 {
			add("owed", balance)
		} else {
			add("credit", balance.Neg(balance))
		}
	}
	return all
}

// at is what stands at a path of decoded JSON.
func at(value any, path ...string) any {
	for _, name := range path {
		properties, _ := value.(map[string]any)
		value = properties[name]
	}
	return value
}

func bigAt(value any, path ...string) *big.Int {
	told, _ := at(value, path...).(json.Number)
	n, ok := new(big.Int).SetString(told.String(), 10)
	if !ok {
		panic(fmt.Sprintf("%v has no whole number at %v", value, path))
	}
	return n
}

// sumAt adds up the amounts at a path of every entry.
func sumAt(entries []any, path ...string) *big.Int {
	sum := new(big.Int)
	for _, e := range entries {
		sum.Add(sum, bigAt(e, append(slices.Clone(path), "minor")...))
	}
	return sum
}

func listAt(value any, path ...string) []any {
	list, _ := at(value, path...).([]any)
	return list
}

// requireSum compares exactly, in digits.
func requireSum(t testing.TB, want, got *big.Int, what ...any) {
	t.Helper()
	require.Equal(t, want.String(), got.String(), what...)
}
