package billing

import (
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

// trackedInvoice is an invoice with names and money.
type trackedInvoice struct {
	billing.Invoice
	PatientName   string      `json:"patientName,omitempty"`
	ClinicianName string      `json:"clinicianName,omitempty"`
	Total         money.Money `json:"total"`
	Applied       money.Money `json:"applied"`
	Balance       money.Money `json:"balance"`
}

func trackedInvoiceOf(i billing.Invoice, n names.Found) trackedInvoice {
	return trackedInvoice{
		Invoice: i, PatientName: n.Patients[i.Chart], ClinicianName: n.Members[i.Clinician],
		Total: money.Of(i.Total, i.Currency), Applied: money.Of(i.Applied, i.Currency), Balance: money.Of(i.Balance, i.Currency),
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
	AsOf     string             `json:"asOf"`
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
	return invoicesPage{Invoices: views, Next: x.Next(page.Next), AsOf: x.AsOf()}, admission, err
}
