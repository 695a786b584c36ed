package billing

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
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
	Date       civil.Date          `json:"date"`
	Terms      string              `json:"terms"`
	DueDate    civil.Date          `json:"dueDate,omitzero"`
	Charges    []id.Charge         `json:"charges"`
	Total      money.Money         `json:"total"`
	Applied    money.Money         `json:"applied"`
	Balance    money.Money         `json:"balance"`
	IssuedAt   *time.Time          `json:"issuedAt,omitempty"`
	VoidedOn   civil.Date          `json:"voidedOn,omitzero"`
	VoidReason string              `json:"voidReason,omitempty"`
	ChangedAt  time.Time           `json:"changedAt"`
}

func trackedInvoiceOf(i billing.Invoice, n names.Found) trackedInvoice {
	if i.IssuedAt != nil {
		utc := i.IssuedAt.UTC()
		i.IssuedAt = &utc
	}
	return trackedInvoice{
		ID: i.ID, Chart: i.Chart, Clinician: i.Clinician, PatientName: n.Patients[i.Chart], ClinicianName: n.Members[i.Clinician],
		Status: i.Status, Stage: i.Stage, Settlement: i.Settlement, Overdue: i.Overdue,
		Number: i.Number, Version: i.Version, Date: i.Date, Terms: i.Terms, DueDate: i.DueDate, Charges: i.Charges,
		Total: money.Of(i.Total, i.Currency), Applied: money.Of(i.Applied, i.Currency), Balance: money.Of(i.Balance, i.Currency),
		IssuedAt: i.IssuedAt, VoidedOn: i.VoidedOn, VoidReason: i.VoidReason, ChangedAt: i.ChangedAt.UTC(),
	}
}

// invoiceQuery reads the filter; the document has checked the forms.
func invoiceQuery(x *httpapi.Exchange) billing.InvoiceQuery {
	return billing.InvoiceQuery{
		Number: x.InQuery("number"), Stages: httpapi.QueryWords[invoice.Stage](x, "stage"), Settlements: httpapi.QueryWords[invoice.Settlement](x, "settlement"),
		Overdue: httpapi.QueryBool(x, "overdue"), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
}

func listInvoices(x *httpapi.Exchange) error {
	found, admission, err := invoices(x, "billing.invoices", invoiceQuery(x))
	return x.Answer(found, x.OrRefused(admission, len(found.Invoices), err))
}

var errNoInvoice = fault.New(fault.NotFound, "invoice_not_found", "This patient has no such invoice, or it is beyond what you may see.")

func getInvoice(x *httpapi.Exchange) error {
	i := httpapi.PathID[id.Invoice](x, "invoice")
	found, _, err := invoices(x, "invoice.get", billing.InvoiceQuery{Invoice: i, Limit: 1})
	return httpapi.ReplyOne(x, found.Invoices, errNoInvoice, err)
}

// invoicesPage is a page of the tracker.
type invoicesPage struct {
	Invoices []trackedInvoice   `json:"invoices"`
	Next     httpapi.NextCursor `json:"nextCursor,omitzero"`
}

// invoices answers a query for those who may see what patients pay.
func invoices(x *httpapi.Exchange, action string, q billing.InvoiceQuery) (_ invoicesPage, admission commands.Admission, err error) {
	var zone civil.Zone
	if q.Selection, admission, err = billingSelection(x, action, func(g group.State) { zone = g.Zone() }); err != nil {
		return invoicesPage{}, admission, err
	}
	// Which day it is, and so what is overdue, is the practice's to say (BIL-A13).
	if q.Zone, err = zone.Load(); err != nil {
		return invoicesPage{}, admission, err
	}
	q.Now = x.API.Clock()
	page, err := billing.Invoices(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return invoicesPage{}, admission, err
	}
	views, err := names.Beside(x, admission.Subject, page.Invoices, func(n *names.Wanted, i billing.Invoice) {
		n.Member(&i.Clinician)
		n.Charts = append(n.Charts, i.Chart)
	}, trackedInvoiceOf)
	return invoicesPage{Invoices: views, Next: x.Next(page.Next)}, admission, err
}
