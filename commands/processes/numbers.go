package processes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// keptKey begins the keys of the timers of numbers that are kept for invoices; the
// chart, the clinician and the invoice follow.
const keptKey = "kept:"

// numberGrace is how long an invoice may have its number without being issued. It is
// far longer than issuing takes, and leaves a caller that got no answer time to
// repeat it.
const numberGrace = 10 * time.Minute

// finishIssue asks for the end of what kept a number for an invoice.
type finishIssue struct {
	Ledger  invoice.LedgerID
	Invoice id.Invoice
}

// InvoiceNumbers ends every issue that broke off after its number was kept, so that
// no number is a gap for ever (BIL-A22). It is under the name by which Praxis settles
// the prefixes of the numbers, too.
func InvoiceNumbers(e *commands.Engine) process.Process {
	return process.Process{
		Name: "invoice_numbers", Categories: []es.Category{invoice.SeriesCategory},
		OnEvent: reactToNumber, OnTimer: fireNumber,
		Dispatch: func(ctx context.Context, call commands.Call, command any) error {
			finish, ok := command.(finishIssue)
			if !ok {
				return errForeign
			}
			return e.FinishIssue(ctx, call, finish.Ledger, finish.Invoice)
		},
	}
}

func reactToNumber(env es.Envelope) ([]process.Effect, error) {
	e, kept := env.Event.(invoice.NumberAssigned)
	if !kept || e.Chart.IsZero() {
		return nil, nil
	}
	series, err := invoice.ParseSeries(env.Stream)
	return []process.Effect{process.SetTimer{
		Group: series.Group, Key: keptKey + strings.Join([]string{e.Chart.String(), series.Clinician.String(), e.Invoice.String()}, "/"),
		Due: notBefore(env.RecordedAt.Add(numberGrace)),
	}}, err
}

func fireNumber(t process.Timer) ([]process.Effect, error) {
	rawChart, rest, _ := strings.Cut(strings.TrimPrefix(t.Key, keptKey), "/")
	rawClinician, rawInvoice, _ := strings.Cut(rest, "/")
	chart, errChart := id.Parse[id.Chart](rawChart)
	clinician, errClinician := id.Parse[id.Member](rawClinician)
	i, errInvoice := id.Parse[id.Invoice](rawInvoice)
	if errChart != nil || errClinician != nil || errInvoice != nil {
		return nil, fmt.Errorf("timer %s is none of the numbers'", t.Key)
	}
	return []process.Effect{process.Send{Group: t.Group, Command: finishIssue{
		Ledger: invoice.LedgerID{Group: t.Group, Chart: chart, Clinician: clinician}, Invoice: i,
	}}}, nil
}
