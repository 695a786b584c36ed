package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// amount is money in an answer.
type amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

func usd(cents int64) amount { return amount{cents, "USD"} }

// ledgerEntry is one line of the billing history.
type ledgerEntry struct {
	Kind, Clinician, Chart, EffectiveDate, Number string
	Amount, Debit, Credit                         amount
}

type history struct {
	Entries []ledgerEntry `json:"entries"`
	Allowed struct {
		RecordPayment, CreateInvoice, GenerateStatement bool
		Why                                             map[string]string
	} `json:"allowed"`
	NextCursor string `json:"nextCursor"`
}

func (p *practice) history(as, query string) history {
	p.t.Helper()
	var h history
	p.get(as, p.path("/billing/history", query)).into(&h)
	return h
}

// trackedInvoices is a page of the tracker.
type trackedInvoices struct {
	Invoices []struct {
		ID, Number, Status, Stage, Settlement, DueDate string
		Overdue                                        bool
		Total, Applied, Balance                        amount
	}
	NextCursor string `json:"nextCursor"`
}

func (p *practice) tracker(as, query string) trackedInvoices {
	p.t.Helper()
	var page trackedInvoices
	p.get(as, p.path("/billing/invoices", query)).into(&page)
	return page
}

func TestMoneyFromChargeToBalance(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *stack) { moneyFromChargeToBalance(t, s.staffed()) })
}

func moneyFromChargeToBalance(t *testing.T, p *practice) {
	t.Helper()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	bruno := p.open("olivia", "Bruno", "Baptiste", "david")
	first := p.draft(ada, "carla", "2026-01-05", p.charge(ada, "carla", "2026-01-02", 16500))
	issued := p.issue(ada, "carla", first)
	second := p.draft(ada, "carla", "2026-02-20", p.charge(ada, "carla", "2026-02-18", 14500))
	p.issue(ada, "carla", second)
	payment := p.pay(ada, "carla", "2026-02-27", 20000)
	p.charge(bruno, "david", "2026-02-27", 9900)

	p.run(t, "BIL the history of the group names the clinician of every entry", func(t *testing.T) {
		h := p.history("olivia", "")
		require.Len(t, h.Entries, 8)
		for _, e := range h.Entries {
			require.Contains(t, []string{p.members["carla"], p.members["david"]}, e.Clinician, e.Kind)
		}
		require.Equal(t, []string{p.members["david"], "charge"}, []string{h.Entries[0].Clinician, h.Entries[0].Kind}, "newest first")
	})
	p.run(t, "a selection narrows it, and says what may be done", func(t *testing.T) {
		of := p.history("olivia", "?clinician="+p.members["carla"]+"&kind=payment")
		require.Equal(t, []ledgerEntry{{Kind: "payment", Clinician: p.members["carla"], Chart: ada, EffectiveDate: "2026-02-27", Amount: usd(20000), Debit: usd(0), Credit: usd(20000)}}, of.Entries)
		require.True(t, of.Allowed.RecordPayment)
		group := p.history("olivia", "?chart="+ada)
		require.False(t, group.Allowed.RecordPayment)
		require.Equal(t, "Select exactly one clinician to record a payment.", group.Allowed.Why["recordPayment"])
		require.Empty(t, p.history("olivia", "?from=2026-03-01").Entries)
	})
	p.run(t, "pages go through all of it", func(t *testing.T) {
		seen := 0
		for page := p.history("olivia", "?limit=3"); ; page = p.history("olivia", "?limit=3&cursor="+page.NextCursor) {
			seen += len(page.Entries)
			if page.NextCursor == "" {
				break
			}
		}
		require.Equal(t, 8, seen)
	})
	p.run(t, "a clinician sees their own ledgers only", func(t *testing.T) {
		require.Len(t, p.history("david", "").Entries, 1)
		p.get("david", p.path("/billing/history?clinician=", p.members["carla"])).refused(http.StatusNotFound, "member_not_found")
	})
	p.run(t, "the balance adds up, clinician by clinician", func(t *testing.T) {
		var b struct {
			Total      struct{ Charged, Received, Outstanding, Uninvoiced, UnappliedCredit, Owed, Credit, Current amount }
			Clinicians []struct {
				Clinician string
				Current   amount
			}
		}
		p.get("olivia", p.path("/billing/balance")).into(&b)
		require.Equal(t, []amount{usd(40900), usd(20000), usd(11000), usd(9900), usd(0), usd(20900)},
			[]amount{b.Total.Charged, b.Total.Received, b.Total.Outstanding, b.Total.Uninvoiced, b.Total.UnappliedCredit, b.Total.Current})
		require.Len(t, b.Clinicians, 2)
	})
	p.run(t, "the tracker shows what is paid and what is due", func(t *testing.T) {
		page := p.tracker("olivia", "")
		require.Len(t, page.Invoices, 2)
		require.Equal(t, []string{first, "paid", "2026-02-04"}, []string{page.Invoices[0].ID, page.Invoices[0].Status, page.Invoices[0].DueDate})
		require.Equal(t, []string{second, "partial"}, []string{page.Invoices[1].ID, page.Invoices[1].Status})
		require.Equal(t, usd(11000), page.Invoices[1].Balance)
		require.Empty(t, p.tracker("olivia", "?overdue=true").Invoices)
		require.Len(t, p.tracker("olivia", "?settlement=partial&settlement=unpaid").Invoices, 1)
		one := p.tracker("olivia", "?limit=1")
		require.Len(t, p.tracker("olivia", "?limit=1&cursor="+one.NextCursor).Invoices, 1)
	})
	p.run(t, "BIL-A22 a repeated issue is refused and no number is lost", func(t *testing.T) {
		p.post("olivia", p.ledger(ada, "carla", "/invoices/", first, "/issue"), nil).refused(http.StatusUnprocessableEntity, "invoice_already_issued")
		discarded := p.draft(ada, "carla", "2026-02-20", p.charge(ada, "carla", "2026-02-19", 100))
		p.post("olivia", p.ledger(ada, "carla", "/invoices/", discarded, "/discard"), nil).done()
		third := p.draft(ada, "carla", "2026-02-20", p.charge(ada, "carla", "2026-02-19", 100))
		p.issue(ada, "carla", third)
		numbers := []string{}
		for _, i := range p.tracker("olivia", "").Invoices {
			numbers = append(numbers, i.Number)
		}
		require.Len(t, numbers, 3)
		require.NotContains(t, numbers, "")
	})
	p.run(t, "BIL-A15 an invoice with money applied is voided only with its release, which becomes credit", func(t *testing.T) {
		path := p.ledger(ada, "carla", "/invoices/", first, "/void")
		p.post("olivia", path, object{"reason": "Wrong code", "date": "2026-03-02"}).refused(http.StatusUnprocessableEntity, "payments_applied")
		p.post("olivia", path, object{"reason": "Wrong code", "date": "2026-03-02", "releasePayments": true}).done()
		p.post("olivia", p.ledger(ada, "carla", "/payments/", payment, "/apply"), object{"date": "2026-03-02"}).done()
		require.Equal(t, "void", p.tracker("olivia", "?stage=void").Invoices[0].Status)
	})
	p.run(t, "BIL-17 B-3 SCN-7 money is recorded with exactly one clinician selected", func(t *testing.T) {
		body := object{"amount": dollars(100), "method": "cash", "receivedOn": "2026-03-02"}
		none := p.path("/charts/", ada, "/payments")
		p.post("olivia", none, body).refused(http.StatusUnprocessableEntity, "select_one_clinician")
		p.post("olivia", none+"?clinician="+p.members["carla"]+"&clinician="+p.members["david"], body).refused(http.StatusUnprocessableEntity, "select_one_clinician")
	})
	p.run(t, "a charge on no invoice can be voided", func(t *testing.T) {
		wrong := p.charge(bruno, "david", "2026-02-27", 100)
		p.post("olivia", p.ledger(bruno, "david", "/charges/", wrong, "/void"), object{"reason": "Entered twice", "date": "2026-03-02"}).done()
	})
	require.NotEmpty(t, issued.Position)
}
