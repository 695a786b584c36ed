package httpapi

import (
	"time"

	"praxis/commands"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections/billing"
)

type trackedInvoice struct {
	ID        id.Invoice `json:"id"`
	Chart     id.Chart   `json:"chart"`
	Clinician id.Member  `json:"clinician"`

	PatientName   string `json:"patientName,omitempty"`
	ClinicianName string `json:"clinicianName,omitempty"`

	Status     invoice.Status      `json:"status"`
	Stage      invoice.Stage       `json:"stage"`
	Settlement *invoice.Settlement `json:"settlement,omitempty"`
	Overdue    bool                `json:"overdue"`
	Number     string              `json:"number,omitempty"`
	Version    int                 `json:"version"`
	Date       string              `json:"date"`
	Terms      string              `json:"terms"`
	DueDate    *string             `json:"dueDate,omitempty"`
	Charges    []id.Charge         `json:"charges"`
	Total      money.Money         `json:"total"`
	Applied    money.Money         `json:"applied"`
	Balance    money.Money         `json:"balance"`
	IssuedAt   *time.Time          `json:"issuedAt,omitempty"`
	VoidedOn   *string             `json:"voidedOn,omitempty"`
	VoidReason string              `json:"voidReason,omitempty"`
	ChangedAt  time.Time           `json:"changedAt"`
}

func trackedInvoiceOf(i billing.Invoice, n names) trackedInvoice {
	if i.IssuedAt != nil {
		utc := i.IssuedAt.UTC()
		i.IssuedAt = &utc
	}
	return trackedInvoice{
		ID: i.ID, Chart: i.Chart, Clinician: i.Clinician, PatientName: n.patients[i.Chart], ClinicianName: n.members[i.Clinician],
		Status: i.Status, Stage: i.Stage, Settlement: i.Settlement, Overdue: i.Overdue,
		Number: i.Number, Version: i.Version, Date: i.Date, Terms: i.Terms, DueDate: i.DueDate, Charges: i.Charges,
		Total: money.Of(i.Total, i.Currency), Applied: money.Of(i.Applied, i.Currency), Balance: money.Of(i.Balance, i.Currency),
		IssuedAt: i.IssuedAt, VoidedOn: i.VoidedOn, VoidReason: i.VoidReason, ChangedAt: i.ChangedAt.UTC(),
	}
}

// invoiceQuery reads the filter; the document has checked the forms.
func invoiceQuery(x *exchange) billing.InvoiceQuery {
	values := x.r.URL.Query()
	q := billing.InvoiceQuery{Number: values.Get("number"), Cursor: x.cursor, Limit: queryLimit(x)}
	q.Stages = queryWords[invoice.Stage](x, "stage")
	q.Settlements = queryWords[invoice.Settlement](x, "settlement")
	if values.Has("overdue") {
		overdue := values.Get("overdue") == "true"
		q.Overdue = &overdue
	}
	return q
}

func (a *api) listInvoices(x *exchange) error {
	found, admission, err := a.invoices(x, "billing.invoices", invoiceQuery(x))
	if err != nil {
		return err
	}
	if err := x.orRefused(admission, len(found.Invoices)); err != nil {
		return err
	}
	return x.reply(found)
}

var errNoInvoice = fault.New(fault.NotFound, "invoice_not_found", "This patient has no such invoice, or it is beyond what you may see.")

func (a *api) getInvoice(x *exchange) error {
	i, err := pathID[id.Invoice](x, "invoice")
	if err != nil {
		return err
	}
	found, _, err := a.invoices(x, "invoice.get", billing.InvoiceQuery{Invoice: i, Limit: 1})
	if err != nil {
		return err
	}
	return replyOne(x, found.Invoices, errNoInvoice)
}

// invoicesPage is a page of the tracker.
type invoicesPage struct {
	Invoices []trackedInvoice `json:"invoices"`
	Next     nextCursor       `json:"nextCursor,omitzero"`
}

// invoices answers a query for those who may see what patients pay.
func (a *api) invoices(x *exchange, action string, q billing.InvoiceQuery) (_ invoicesPage, admission commands.Admission, err error) {
	var zone civil.Zone
	if q.Selection, _, admission, err = a.billingSelection(x, action, func(g group.State) { zone = g.Zone() }); err != nil {
		return invoicesPage{}, admission, err
	}
	// Which day it is, and so what is overdue, is the practice's to say (BIL-A13).
	if q.Zone, err = zone.Load(); err != nil {
		return invoicesPage{}, admission, err
	}
	q.Now = a.Clock()
	page, err := billing.Invoices(x.ctx(), a.Pool, q)
	if err != nil {
		return invoicesPage{}, admission, err
	}
	views, err := shown(x, admission.Subject, page.Invoices, func(n *wanted, i billing.Invoice) {
		n.member(&i.Clinician)
		n.charts = append(n.charts, i.Chart)
	}, trackedInvoiceOf)
	return invoicesPage{Invoices: views, Next: x.next(page.Next)}, admission, err
}
