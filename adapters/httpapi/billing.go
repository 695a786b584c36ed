package httpapi

import (
	"net/http"

	"praxis/commands"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

func (a *api) billingHandlers() map[string]handler {
	return map[string]handler{
		"recordCharge":  command(a.recordCharge),
		"voidCharge":    command(a.voidCharge),
		"draftInvoice":  command(a.draftInvoice),
		"issueInvoice":  command(a.issueInvoice),
		"discardDraft":  command(a.discardDraft),
		"voidInvoice":   command(a.voidInvoice),
		"recordPayment": command(a.recordPayment),
		"applyPayment":  command(a.applyPayment),

		"getInvoicePrefix":    a.getInvoicePrefix,
		"chooseInvoicePrefix": command(a.chooseInvoicePrefix),

		"getCharge":  a.getCharge,
		"getInvoice": a.getInvoice,
		"getPayment": a.getPayment,

		"billingHistory": a.billingHistory,
		"billingBalance": a.billingBalance,
		"listInvoices":   a.listInvoices,
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

// selectedClinicians reads the selection, which is the same parameter for
// reading and for writing.
func selectedClinicians(x *exchange) ([]id.Member, error) {
	return queryIDs[id.Member](x.r.URL.Query()["clinician"])
}

// ledgerOf names the ledger of the chart in the path and the one clinician
// selected (BIL-17 to BIL-19). Fault: "select_one_clinician".
func ledgerOf(x *exchange, call commands.Call, to invoice.Action) (invoice.LedgerID, error) {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return invoice.LedgerID{}, err
	}
	selected, err := selectedClinicians(x)
	if err != nil {
		return invoice.LedgerID{}, err
	}
	clinician, err := invoice.RequireOneClinician(to, selected)
	return invoice.LedgerID{Group: call.Group, Chart: c, Clinician: clinician}, err
}

// onLedger runs a command on the charge, invoice or payment that the path names
// under part, and answers with its id.
func onLedger[I interface {
	~[16]byte
	String() string
}](x *exchange, call commands.Call, to invoice.Action, part string, run func(invoice.LedgerID, I) (commands.Receipt, error)) (string, commands.Receipt, error) {
	ledger, err := ledgerOf(x, call, to)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	thing, err := pathID[I](x, part)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := run(ledger, thing)
	return thing.String(), receipt, err
}

// ledgerThing names a new thing of a ledger. The ledger is part of the name, so
// that no two ledgers hold one id, even where the use of one key on both was not
// noticed: invoices of one id would share a number of their clinician's series.
func ledgerThing[I ~[16]byte](call commands.Call, l invoice.LedgerID, role string) I {
	return id.From[I](call.Command, role+"/"+l.Group.String()+"/"+l.Chart.String()+"/"+l.Clinician.String())
}

type newCharge struct {
	ServiceDate civil.Date  `json:"serviceDate"`
	Code        string      `json:"code"`
	Modifiers   []string    `json:"modifiers"`
	ICD10       []string    `json:"icd10"`
	Description string      `json:"description"`
	Units       int64       `json:"units"`
	UnitPrice   money.Money `json:"unitPrice"`
	// ConfirmDuplicate says that it is another one than the one that is there already.
	ConfirmDuplicate bool `json:"confirmDuplicate"`
}

func (a *api) recordCharge(x *exchange, call commands.Call, b newCharge) (string, commands.Receipt, error) {
	ledger, err := ledgerOf(x, call, toRecordCharge)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	charge := ledgerThing[id.Charge](call, ledger, "charge")
	receipt, err := a.Engine.RecordCharge(x.ctx(), call, ledger, invoice.RecordCharge{
		Charge: charge, ServiceDate: b.ServiceDate, Code: b.Code, Modifiers: b.Modifiers, ICD10: b.ICD10,
		Description: b.Description, Units: b.Units, UnitPrice: b.UnitPrice, MayRepeat: x.mayRepeat(b.ConfirmDuplicate),
	})
	return charge.String(), receipt, err
}

type correction struct {
	Reason string     `json:"reason"`
	Date   civil.Date `json:"date"`
}

func (a *api) voidCharge(x *exchange, call commands.Call, b correction) (string, commands.Receipt, error) {
	return onLedger(x, call, toVoidCharge, "charge", func(l invoice.LedgerID, c id.Charge) (commands.Receipt, error) {
		return a.Engine.VoidCharge(x.ctx(), call, l, invoice.VoidCharge{Charge: c, Reason: b.Reason, Date: b.Date})
	})
}

type newInvoice struct {
	Date    civil.Date    `json:"date"`
	Terms   invoice.Terms `json:"terms"`
	Charges []id.Charge   `json:"charges"`
}

func (a *api) draftInvoice(x *exchange, call commands.Call, b newInvoice) (string, commands.Receipt, error) {
	ledger, err := ledgerOf(x, call, invoice.ToDraftInvoice)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	i := ledgerThing[id.Invoice](call, ledger, "invoice")
	receipt, err := a.Engine.DraftInvoice(x.ctx(), call, ledger, invoice.DraftInvoice{Invoice: i, Date: b.Date, Terms: b.Terms, Charges: b.Charges})
	return i.String(), receipt, err
}

func (a *api) issueInvoice(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onLedger(x, call, toIssueInvoice, "invoice", func(l invoice.LedgerID, i id.Invoice) (commands.Receipt, error) {
		return a.Engine.IssueInvoice(x.ctx(), call, l, invoice.IssueInvoice{Invoice: i})
	})
}

func (a *api) discardDraft(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onLedger(x, call, toDiscardDraft, "invoice", func(l invoice.LedgerID, i id.Invoice) (commands.Receipt, error) {
		return a.Engine.DiscardDraft(x.ctx(), call, l, invoice.DiscardDraft{Invoice: i})
	})
}

type voidedInvoice struct {
	correction
	ReleasePayments bool `json:"releasePayments"`
}

func (a *api) voidInvoice(x *exchange, call commands.Call, b voidedInvoice) (string, commands.Receipt, error) {
	return onLedger(x, call, toVoidInvoice, "invoice", func(l invoice.LedgerID, i id.Invoice) (commands.Receipt, error) {
		return a.Engine.VoidInvoice(x.ctx(), call, l, invoice.VoidInvoice{
			Invoice: i, Reason: b.Reason, Date: b.Date, ReleasePayments: b.ReleasePayments,
		})
	})
}

type newPayment struct {
	Amount      money.Money    `json:"amount"`
	Method      invoice.Method `json:"method"`
	ReceivedOn  civil.Date     `json:"receivedOn"`
	PayerName   string         `json:"payerName"`
	ExternalRef string         `json:"externalRef"`
	// Allocations left out mean the default order, an empty list none at all (BIL-A19).
	Allocations []invoice.Allocation `json:"allocations"`
	// ConfirmDuplicate says that it is another one than the one that is there already.
	ConfirmDuplicate bool `json:"confirmDuplicate"`
}

// mayRepeat reports whether a request may be one that was sent before: nobody
// confirmed that it is another, and no key tells it from an earlier one.
func (x *exchange) mayRepeat(confirmed bool) bool {
	return !confirmed && x.r.Header.Get(headerIdempotency) == ""
}

func (a *api) recordPayment(x *exchange, call commands.Call, b newPayment) (string, commands.Receipt, error) {
	ledger, err := ledgerOf(x, call, invoice.ToRecordPayment)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	payment := ledgerThing[id.Payment](call, ledger, "payment")
	receipt, err := a.Engine.RecordPayment(x.ctx(), call, ledger, invoice.RecordPayment{
		Payment: payment, Amount: b.Amount, Method: b.Method, ReceivedOn: b.ReceivedOn,
		PayerName: b.PayerName, ExternalRef: b.ExternalRef, Allocations: b.Allocations,
		MayRepeat: x.mayRepeat(b.ConfirmDuplicate),
	})
	return payment.String(), receipt, err
}

type application struct {
	Date        civil.Date           `json:"date"`
	Allocations []invoice.Allocation `json:"allocations"`
}

func (a *api) applyPayment(x *exchange, call commands.Call, b application) (string, commands.Receipt, error) {
	return onLedger(x, call, toApplyPayment, "payment", func(l invoice.LedgerID, p id.Payment) (commands.Receipt, error) {
		return a.Engine.ApplyPayment(x.ctx(), call, l, invoice.ApplyPayment{Payment: p, Date: b.Date, Allocations: b.Allocations})
	})
}

type invoicePrefix struct {
	Prefix string `json:"prefix"`
}

func (a *api) chooseInvoicePrefix(x *exchange, call commands.Call, b invoicePrefix) (string, commands.Receipt, error) {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.ChooseInvoicePrefix(x.ctx(), call, group.ChooseInvoicePrefix{Member: member, Prefix: b.Prefix})
	return member.String(), receipt, err
}

func (a *api) getInvoicePrefix(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return err
	}
	prefix, settled, err := a.Engine.InvoicePrefix(x.ctx(), call, member)
	if err != nil {
		return err
	}
	return x.reply(http.StatusOK, struct {
		invoicePrefix
		Settled bool `json:"settled"`
	}{invoicePrefix{prefix}, settled})
}
