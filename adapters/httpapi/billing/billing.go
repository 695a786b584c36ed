// Package billing is the API of what patients pay.
package billing

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// Handlers are those of the ledgers of patients and of the invoice tracker.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"getCharge":        getCharge,
		"getInvoice":       getInvoice,
		"getPayment":       getPayment,
		"getInvoicePrefix": getInvoicePrefix,
		"billingHistory":   billingHistory,
		"billingBalance":   billingBalance,
		"listInvoices":     listInvoices,

		"recordCharge": httpapi.GiveTo(inLedger(toRecordCharge), commands.RecordCharge, func(in *httpapi.Input, b newCharge) invoice.RecordCharge {
			b.Charge, b.MayRepeat = httpapi.Made[id.Charge](in, "charge"), mayRepeat(in.Exchange, b.ConfirmDuplicate)
			return b.RecordCharge
		}),
		"voidCharge":   httpapi.GiveTo(inLedger(toVoidCharge), commands.VoidCharge, httpapi.On("charge", func(c *invoice.VoidCharge, i id.Charge) { c.Charge = i })),
		"draftInvoice": httpapi.GiveTo(inLedger(invoice.ToDraftInvoice), commands.DraftInvoice, httpapi.Making("invoice", func(c *invoice.DraftInvoice, i id.Invoice) { c.Invoice = i })),
		"issueInvoice": httpapi.GiveTo(inLedger(toIssueInvoice), commands.IssueInvoice, httpapi.On("invoice", func(c *invoice.IssueInvoice, i id.Invoice) { c.Invoice = i })),
		"discardDraft": httpapi.GiveTo(inLedger(toDiscardDraft), commands.DiscardDraft, httpapi.On("invoice", func(c *invoice.DiscardDraft, i id.Invoice) { c.Invoice = i })),
		"voidInvoice":  httpapi.GiveTo(inLedger(toVoidInvoice), commands.VoidInvoice, httpapi.On("invoice", func(c *invoice.VoidInvoice, i id.Invoice) { c.Invoice = i })),
		"recordPayment": httpapi.GiveTo(inLedger(invoice.ToRecordPayment), commands.RecordPayment, func(in *httpapi.Input, b newPayment) invoice.RecordPayment {
			b.Payment, b.MayRepeat = httpapi.Made[id.Payment](in, "payment"), mayRepeat(in.Exchange, b.ConfirmDuplicate)
			return b.RecordPayment
		}),
		"applyPayment":        httpapi.GiveTo(inLedger(toApplyPayment), commands.ApplyPayment, httpapi.On("payment", func(c *invoice.ApplyPayment, p id.Payment) { c.Payment = p })),
		"chooseInvoicePrefix": httpapi.Give(commands.ChooseInvoicePrefix, httpapi.On("member", func(c *group.ChooseInvoicePrefix, m id.Member) { c.Member = m })),
	}
}

// The actions on a ledger beside those that the rules name. They need exactly
// one clinician as well: a ledger is one clinician's.
const (
	toRecordCharge invoice.Action = "record a charge"
	toVoidCharge   invoice.Action = "void a charge"
	toIssueInvoice invoice.Action = "issue an invoice"
	toDiscardDraft invoice.Action = "discard a draft"
	toVoidInvoice  invoice.Action = "void an invoice"
	toApplyPayment invoice.Action = "apply a payment"
)

// inLedger is the ledger of the chart in the path and the one clinician selected
// (BIL-17 to BIL-19). Fault: "select_one_clinician".
func inLedger(to invoice.Action) func(*httpapi.Input) invoice.LedgerID {
	return func(in *httpapi.Input) invoice.LedgerID {
		l := invoice.LedgerID{Group: in.Call.Group, Chart: httpapi.PathID[id.Chart](in.Exchange, "chart")}
		var err error
		l.Clinician, err = invoice.RequireOneClinician(to, httpapi.QueryIDs[id.Member](in.Exchange, "clinician"))
		in.Fail(err)
		in.Within = append(in.Within, l.Chart, l.Clinician)
		return l
	}
}

type newCharge struct {
	invoice.RecordCharge
	// ConfirmDuplicate says that it is another one than the one that is there already.
	ConfirmDuplicate bool `json:"confirmDuplicate"`
}

type newPayment struct {
	invoice.RecordPayment
	// ConfirmDuplicate says that it is another one than the one that is there already.
	ConfirmDuplicate bool `json:"confirmDuplicate"`
}

// mayRepeat reports whether a request may be one that was sent before: it is not
// confirmed to be another, and no key tells it from an earlier one.
func mayRepeat(x *httpapi.Exchange, confirmed bool) bool {
	return !confirmed && x.R.Header.Get(httpapi.HeaderIdempotency) == ""
}

func getInvoicePrefix(x *httpapi.Exchange) error {
	member := httpapi.PathID[id.Member](x, "member")
	call, err := x.Call()
	if err != nil {
		return err
	}
	prefix, settled, err := x.API.Engine.InvoicePrefix(x.Ctx(), call, member)
	return x.Answer(struct {
		Prefix  string `json:"prefix"`
		Settled bool   `json:"settled"`
	}{prefix, settled}, err)
}
