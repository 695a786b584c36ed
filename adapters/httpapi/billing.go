package httpapi

import (
	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

func BillingHandlers() map[string]handler {
	return map[string]handler{
		"getCharge":        getCharge,
		"getInvoice":       getInvoice,
		"getPayment":       getPayment,
		"getInvoicePrefix": getInvoicePrefix,
		"billingHistory":   billingHistory,
		"billingBalance":   billingBalance,
		"listInvoices":     listInvoices,

		"recordCharge": giveTo(inLedger(toRecordCharge), commands.RecordCharge, func(in *input, b newCharge) invoice.RecordCharge {
			b.Charge, b.MayRepeat = made[id.Charge](in, "charge"), in.mayRepeat(b.ConfirmDuplicate)
			return b.RecordCharge
		}),
		"voidCharge": giveTo(inLedger(toVoidCharge), commands.VoidCharge, completed(func(in *input, c *invoice.VoidCharge) {
			c.Charge = named[id.Charge](in, "charge")
		})),
		"draftInvoice": giveTo(inLedger(invoice.ToDraftInvoice), commands.DraftInvoice, completed(func(in *input, c *invoice.DraftInvoice) {
			c.Invoice = made[id.Invoice](in, "invoice")
		})),
		"issueInvoice": giveTo(inLedger(toIssueInvoice), commands.IssueInvoice, completed(func(in *input, c *invoice.IssueInvoice) {
			c.Invoice = named[id.Invoice](in, "invoice")
		})),
		"discardDraft": giveTo(inLedger(toDiscardDraft), commands.DiscardDraft, completed(func(in *input, c *invoice.DiscardDraft) {
			c.Invoice = named[id.Invoice](in, "invoice")
		})),
		"voidInvoice": giveTo(inLedger(toVoidInvoice), commands.VoidInvoice, completed(func(in *input, c *invoice.VoidInvoice) {
			c.Invoice = named[id.Invoice](in, "invoice")
		})),
		"recordPayment": giveTo(inLedger(invoice.ToRecordPayment), commands.RecordPayment, func(in *input, b newPayment) invoice.RecordPayment {
			b.Payment, b.MayRepeat = made[id.Payment](in, "payment"), in.mayRepeat(b.ConfirmDuplicate)
			return b.RecordPayment
		}),
		"applyPayment": giveTo(inLedger(toApplyPayment), commands.ApplyPayment, completed(func(in *input, c *invoice.ApplyPayment) {
			c.Payment = named[id.Payment](in, "payment")
		})),
		"chooseInvoicePrefix": give(commands.ChooseInvoicePrefix, completed(func(in *input, c *group.ChooseInvoicePrefix) { c.Member = named[id.Member](in, "member") })),
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
func inLedger(to invoice.Action) func(*input) invoice.LedgerID {
	return func(in *input) invoice.LedgerID {
		l := invoice.LedgerID{Group: in.call.Group, Chart: pathID[id.Chart](in.exchange, "chart")}
		var err error
		l.Clinician, err = invoice.RequireOneClinician(to, queryIDs[id.Member](in.exchange, "clinician"))
		in.fail(err)
		in.within = append(in.within, l.Chart, l.Clinician)
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
func (x *exchange) mayRepeat(confirmed bool) bool {
	return !confirmed && x.r.Header.Get(headerIdempotency) == ""
}

func getInvoicePrefix(x *exchange) error {
	member := pathID[id.Member](x, "member")
	call, err := x.call()
	if err != nil {
		return err
	}
	prefix, settled, err := x.api.Engine.InvoicePrefix(x.ctx(), call, member)
	return x.answer(struct {
		Prefix  string `json:"prefix"`
		Settled bool   `json:"settled"`
	}{prefix, settled}, err)
}
