package httpapi_test

import (
	"math/big"
	"net/http"
	"strconv"

	"github.com/stretchr/testify/require"
)

// The patients of the guard were born on a leap day.
const (
	guardBorn  = "2020-02-29"
	guardToday = "2026-03-02"
)

// attempt is a request that is accepted as it is.
type attempt struct {
	as string
	// path is as in rules: the operation's own, with a query, or another.
	path string
	body any
	// done has the model follow what was accepted.
	done func(body any, made receipt)
}

// nextBook goes round the ledgers, so that amounts meet on each and across all.
func (g *guard) nextBook() *book {
	g.turn++
	return g.open[g.turn%len(g.open)]
}

func (g *guard) on(b *book, parts ...string) string { return g.ledger(b.chart, b.clinician, parts...) }

// charged records a charge on the day of birth.
func (g *guard) charged(b *book, minor int64) string {
	g.t.Helper()
	made := g.practice.charge(b.chart, b.clinician, guardBorn, minor)
	b.charge(made, big.NewInt(minor), big.NewInt(1))
	return made
}

// owed issues an invoice of the day of birth.
func (g *guard) owed(b *book, minor int64) string {
	g.t.Helper()
	charge := g.charged(b, minor)
	invoice := g.practice.draft(b.chart, b.clinician, guardBorn, charge)
	b.draft(invoice, guardBorn, "net_30", charge)
	g.issue(b.chart, b.clinician, invoice)
	g.issued++
	b.invoices[invoice].issued = g.issued
	return invoice
}

// freshReserve makes a series of every Wednesday and has the path name it.
func (g *guard) freshReserve() {
	g.t.Helper()
	g.ids["reserve"] = g.post("carla", g.path("/clinicians/", g.members["carla"], "/reserves"), object{
		"firstDate": "2026-03-04", "start": "17:00", "end": "18:00", "repeat": object{"frequency": "weekly", "every": 1, "days": []string{"wed"}},
	}).done().ID
}

// bases makes a new request of each operation that writes amounts, or that uses up
// what it is about. The other operations have theirs in rules().
func (g *guard) bases() map[string]func(f extreme) attempt {
	inReserve := func(operation string) func(extreme) attempt {
		return func(f extreme) attempt {
			g.freshReserve()
			a := g.fromRules(operation)
			if f.path[0] == "repeat" {
				a.body.(object)["repeat"] = object{"frequency": "weekly"}
			}
			return a
		}
	}
	all := map[string]func(extreme) attempt{
		"recordCharge": func(extreme) attempt {
			b := g.nextBook()
			return attempt{
				as: "olivia", path: g.on(b, "/charges"),
				body: object{"serviceDate": guardToday, "code": "90834", "units": 1, "unitPrice": dollars(5), "confirmDuplicate": true},
				done: func(body any, made receipt) {
					b.charge(made.ID, bigAt(body, "unitPrice", "minor"), bigAt(body, "units"))
				},
			}
		},
		"voidCharge": func(extreme) attempt {
			b := g.nextBook()
			charge := g.charged(b, 7)
			return attempt{
				as: "olivia", path: g.on(b, "/charges/", charge, "/void"), body: object{"reason": "A slip.", "date": guardToday},
				done: func(any, receipt) { b.charges[charge].void = true },
			}
		},
		"draftInvoice": func(extreme) attempt {
			b := g.nextBook()
			charge := g.charged(b, 11)
			return attempt{
				as: "olivia", path: g.on(b, "/invoices"), body: object{"date": guardToday, "terms": "net_30", "charges": []string{charge}},
				done: func(body any, made receipt) {
					b.draft(made.ID, at(body, "date").(string), at(body, "terms").(string), charge)
				},
			}
		},
		"voidInvoice": func(extreme) attempt {
			b := g.nextBook()
			invoice := g.owed(b, 13)
			return attempt{
				as: "olivia", path: g.on(b, "/invoices/", invoice, "/void"), body: object{"reason": "A slip.", "date": guardToday, "releasePayments": true},
				done: func(any, receipt) { b.voidInvoice(invoice) },
			}
		},
		"recordPayment": func(f extreme) attempt {
			b := g.nextBook()
			payer := "Payer " + strconv.Itoa(g.turn%4)
			body := object{"amount": dollars(5), "method": "check", "receivedOn": guardToday, "payerName": payer, "confirmDuplicate": true}
			if f.path[0] == "allocations" {
				body["amount"] = dollars(amountCap)
				body["allocations"] = []object{{"invoice": g.owed(b, amountCap), "amount": dollars(2)}}
			}
			return attempt{as: "olivia", path: g.on(b, "/payments"), body: body, done: func(body any, made receipt) {
				minor := bigAt(body, "amount", "minor")
				b.payments[made.ID] = &bookPayment{minor, new(big.Int).Set(minor)}
				chosen, isChosen := at(body, "allocations").([]any)
				b.apply(made.ID, chosen, isChosen)
			}}
		},
		"applyPayment": func(f extreme) attempt {
			b := g.nextBook()
			credit := g.post("olivia", g.on(b, "/payments"), object{
				"amount": dollars(amountCap), "method": "check", "receivedOn": guardBorn, "allocations": []object{}, "confirmDuplicate": true,
			}).done().ID
			b.payments[credit] = &bookPayment{big.NewInt(amountCap), big.NewInt(amountCap)}
			invoice := g.owed(b, amountCap)
			body := object{"date": guardToday}
			if f.path[0] == "allocations" {
				body["allocations"] = []object{{"invoice": invoice, "amount": dollars(2)}}
			}
			return attempt{as: "olivia", path: g.on(b, "/payments/", credit, "/apply"), body: body, done: func(body any, _ receipt) {
				chosen, isChosen := at(body, "allocations").([]any)
				b.apply(credit, chosen, isChosen)
			}}
		},
		"startSubscription": func(extreme) attempt {
			p := g.elsewhere
			seats := p.seats("erx_lite", "prescriber")
			var quote struct{ Today amount }
			p.get("omar", p.path("/subscription/start-quote", p.startQuery(seats))).into(&quote)
			return attempt{as: "omar", path: p.path("/subscription"), body: object{
				"seats": seats, "quotedTotal": quote.Today, "paymentMethod": object{"method": "pm_1"},
			}, done: func(body any, _ receipt) { g.seatsElsewhere.Add(g.seatsElsewhere, bigAt(body, "quotedTotal", "minor")) }}
		},
		"publishPrices": func(f extreme) attempt {
			// One price book only goes on; its first version may begin in the past.
			g.published++
			currency, from := []string{"AUD", "CAD", "CHF", "GBP", "NZD", "JPY"}[g.published%6], dayAfter(guardToday, 2)
			if f.amount {
				currency, from = "EUR", dayAfter(guardToday, 1+g.published)
			}
			g.ids["currency"] = currency
			return attempt{as: operator, body: newPrices(from), done: func(body any, _ receipt) {
				for _, price := range listAt(body, "prices") {
					g.prices[currency] = append(g.prices[currency], bigAt(price, "minor"))
				}
			}}
		},
		"purchaseLicences": func(extreme) attempt { return g.quoted("purchaseLicences") },
		"changeLicencePlan": func(extreme) attempt {
			return g.quoted("changeLicencePlan")
		},
	}
	for _, operation := range []string{"skipReservedDate", "moveReservedDate", "restoreReservedDate", "changeReserveFrom", "endReserve"} {
		all[operation] = inReserve(operation)
	}
	return all
}

// fromRules is the request that the access test makes, by the first who may.
func (g *guard) fromRules(operation string) attempt {
	r := rules()[operation]
	a := attempt{as: cast[[]rune(r.may)[0]], body: bodyFor(g.scene, r)}
	if r.path != nil {
		a.path = r.path(g.scene)
	}
	return a
}

// quoted is a request at the total that was quoted, which is charged.
func (g *guard) quoted(operation string) attempt {
	a := g.fromRules(operation)
	a.done = func(body any, _ receipt) { g.seatMoney.Add(g.seatMoney, bigAt(body, "quotedTotal", "minor")) }
	return a
}

// sums asks every operation that tells amounts, and compares them with the model.
func (g *guard) sums() map[string]func() {
	return map[string]func(){
		"billingBalance": g.checkBalance,
		"billingHistory": g.checkHistory,
		"listInvoices":   g.checkTracker,
		"getPriceBook":   g.checkPrices,
		"getCharge":      func() { g.eachBook(g.checkCharge) },
		"getInvoice":     func() { g.eachBook(g.checkInvoice) },
		"getPayment":     func() { g.eachBook(g.checkPayment) },

		"listSubscriptionCharges": g.checkCharges,
		"seatLedger": func() {
			requireSum(g.t, g.seatMoney, sumAt(listAt(g.ask(g.path("/subscription/seat-ledger?from=2026-01-01&to=2026-12-31")), "seats"), "cost"))
		},
		"getSubscriptionCharge": func() { g.checkParts("/subscription/charges", "charges", "total") },
		"getLicence":            func() { g.checkParts("/licences", "licences", "periodCharge") },
		"listLicences": func() {
			requireSum(g.t, g.seatMoney, sumAt(listAt(g.ask(g.path("/licences")), "licences"), "periodCharge"))
		},
		"getSubscription": func() {
			s := g.ask(g.path("/subscription"))
			requireSum(g.t, bigAt(s, "nextInvoice", "total", "minor"), sumAt(listAt(s, "nextInvoice", "lines"), "amount"))
		},
		"quoteLicences":     func() { g.checkQuote("quoteLicences", "/subscription/quote") },
		"quotePlanChange":   func() { g.checkQuote("quotePlanChange", "/licences/", g.ids["licence"], "/plan-quote") },
		"quoteSubscription": func() { g.ask(g.path("/subscription/start-quote", rules()["quoteSubscription"].path(g.scene))) },
	}
}

// eachBook checks each ledger but the scene's own, whose charges have no ids here.
func (g *guard) eachBook(check func(*book)) {
	for _, b := range g.books[1:] {
		check(b)
	}
}

// checkCharge, checkInvoice and checkPayment read one of the ledger.
func (g *guard) checkCharge(b *book) {
	for name, c := range b.charges {
		requireSum(g.t, c.amount, bigAt(g.ask(g.on(b, "/charges/", name)), "amount", "minor"))
		return
	}
}

func (g *guard) checkInvoice(b *book) {
	for name, i := range b.invoices {
		told := g.ask(g.on(b, "/invoices/", name))
		requireSum(g.t, i.total, bigAt(told, "total", "minor"))
		requireSum(g.t, i.paid(), bigAt(told, "applied", "minor"))
		return
	}
}

func (g *guard) checkPayment(b *book) {
	for name, p := range b.payments {
		requireSum(g.t, p.amount, bigAt(g.ask(g.on(b, "/payments/", name)), "amount", "minor"))
		return
	}
}

// checkParts reads what a list holds one by one, and adds it up.
func (g *guard) checkParts(path, list, amount string) {
	var parts []any
	for _, listed := range listAt(g.ask(g.path(path)), list) {
		parts = append(parts, g.ask(g.path(path, "/", at(listed, "id").(string))))
	}
	requireSum(g.t, g.seatMoney, sumAt(parts, amount))
}

func (g *guard) checkQuote(operation string, path ...string) {
	q := g.ask(g.path(append(path, rules()[operation].path(g.scene))...))
	requireSum(g.t, bigAt(q, "today", "minor"), sumAt(listAt(q, "lines"), "amount"))
}

func (g *guard) checkCharges() {
	for path, want := range map[string]*big.Int{g.path("/subscription/charges"): g.seatMoney, g.elsewhere.path("/subscription/charges"): g.seatsElsewhere} {
		as := "olivia"
		if want == g.seatsElsewhere {
			as = "omar"
		}
		list := g.askAs(as, path)
		requireSum(g.t, want, bigAt(list, "totals", "charged", "minor"))
		requireSum(g.t, want, sumAt(listAt(list, "charges"), "total"))
		parts := new(big.Int)
		for _, part := range []string{"collected", "credited", "cancelled", "due"} {
			parts.Add(parts, bigAt(list, "totals", part, "minor"))
		}
		requireSum(g.t, want, parts)
	}
}

func (g *guard) checkPrices() {
	for currency, want := range g.prices {
		var told []*big.Int
		for _, version := range listAt(g.ask("/v1/price-books/"+currency), "versions") {
			for _, price := range listAt(version, "prices") {
				told = append(told, bigAt(price, "minor"))
			}
		}
		require.Equal(g.t, digits(want), digits(told), currency)
	}
}

// checkBalance asks for the practice, each clinician, each patient and each ledger.
func (g *guard) checkBalance() {
	g.requireBalance("", func(*book) bool { return true })
	for _, b := range g.books {
		clinician := g.members[b.clinician]
		g.requireBalance("?clinician="+clinician, func(o *book) bool { return o.clinician == b.clinician })
		g.requireBalance("?chart="+b.chart, func(o *book) bool { return o.chart == b.chart })
		g.requireBalance("?chart="+b.chart+"&clinician="+clinician, func(o *book) bool { return o == b })
	}
}

func (g *guard) requireBalance(query string, selected func(*book) bool) {
	balance := g.ask(g.path("/billing/balance", query))
	byClinician := map[string][]*book{}
	var all []*book
	for _, b := range g.books {
		if selected(b) && len(b.charges)+len(b.payments) > 0 {
			all = append(all, b)
			byClinician[g.members[b.clinician]] = append(byClinician[g.members[b.clinician]], b)
		}
	}
	for name, want := range totalsOver(all) {
		requireSum(g.t, want, bigAt(balance, "total", name, "minor"), "%s of %q", name, query)
	}
	clinicians := listAt(balance, "clinicians")
	require.Len(g.t, clinicians, len(byClinician))
	for _, c := range clinicians {
		for name, want := range totalsOver(byClinician[at(c, "clinician").(string)]) {
			requireSum(g.t, want, bigAt(c, name, "minor"), "%s of a clinician in %q", name, query)
		}
	}
	require.Empty(g.t, listAt(balance, "leftOut"))
}

// checkHistory adds up all pages: what raised the balance and what lowered it.
func (g *guard) checkHistory() {
	byClinician := map[string][]*book{}
	for _, b := range g.books {
		byClinician[b.clinician] = append(byClinician[b.clinician], b)
	}
	for clinician, books := range byClinician {
		entries := g.pages("/billing/history?limit=500&clinician="+g.members[clinician], "entries")
		debit, credit := new(big.Int), new(big.Int)
		for _, b := range books {
			for _, c := range b.charges {
				if debit.Add(debit, c.amount); c.void {
					credit.Add(credit, c.amount)
				}
			}
			for _, p := range b.payments {
				credit.Add(credit, p.amount)
			}
		}
		requireSum(g.t, debit, sumAt(entries, "debit"))
		requireSum(g.t, credit, sumAt(entries, "credit"))
	}
}

// checkTracker compares every invoice.
func (g *guard) checkTracker() {
	invoices := map[string]*bookInvoice{}
	for _, b := range g.books {
		for name, i := range b.invoices {
			invoices[name] = i
		}
	}
	tracked := g.pages("/billing/invoices?limit=500&stage=draft&stage=open&stage=void", "invoices")
	require.Len(g.t, tracked, len(invoices))
	for _, told := range tracked {
		i := invoices[at(told, "id").(string)]
		requireSum(g.t, i.total, bigAt(told, "total", "minor"))
		requireSum(g.t, i.paid(), bigAt(told, "applied", "minor"))
		if i.isOpen() {
			requireSum(g.t, i.owed(), bigAt(told, "balance", "minor"))
		}
	}
}

// pages returns the entries of all pages.
func (g *guard) pages(path, name string) []any {
	var all []any
	for cursor := ""; ; {
		page := g.ask(g.path(path, cursor))
		all = append(all, listAt(page, name)...)
		next, more := at(page, "nextCursor").(string)
		if !more {
			return all
		}
		cursor = "&cursor=" + next
	}
}

func (g *guard) ask(path string) any { return g.askAs("olivia", path) }

// askAs reads an answer, no amount of which may be negative but those that the
// document calls a difference or a credit.
func (g *guard) askAs(as, path string) any {
	g.t.Helper()
	a := g.get(as, path)
	require.Equal(g.t, http.StatusOK, a.status, "%s: %s", path, a.body)
	answer := decoded(g.t, a.body)
	g.requireNoNegative(answer, path)
	return answer
}
