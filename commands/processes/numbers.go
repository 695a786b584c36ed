package processes

import (
	"context"
	"errors"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// keptTimer is the kind of the timers of numbers that are kept for invoices, which
// are about the chart, the clinician and the invoice.
const keptTimer = "kept"

// numberGrace is how long an invoice may have its number without being issued. It is
// far longer than issuing takes, and leaves a caller that got no answer time to
// repeat it.
const numberGrace = 10 * time.Minute

// InvoiceNumbers ends every issue that broke off after its number was kept, so that
// no number is a gap for ever (BIL-A22). It is under the name by which Praxis settles
// the prefixes of the numbers, too.
func InvoiceNumbers(c Config) process.Process {
	return process.Process{
		Name: "invoice_numbers", Categories: []es.Category{invoice.SeriesCategory},
		OnEvent: reactToNumber, OnTimer: timers{keptTimer: c.finishIssue}.fire,
	}
}

func reactToNumber(env es.Envelope) ([]process.Effect, error) {
	e, kept := env.Event.(invoice.NumberAssigned)
	if !kept || e.Chart.IsZero() {
		return nil, nil
	}
	series, err := invoice.ParseSeries(env.Stream)
	return []process.Effect{process.SetTimer{
		Group: series.Group, Key: keptTimer + ":" + strings.Join([]string{e.Chart.String(), series.Clinician.String(), e.Invoice.String()}, "/"),
		Due: notBefore(env.RecordedAt.Add(numberGrace)),
	}}, err
}

// finishIssue asks for the end of what kept a number for an invoice.
func (c Config) finishIssue(t process.Timer, about string) ([]process.Effect, error) {
	rawChart, rest, _ := strings.Cut(about, "/")
	rawClinician, rawInvoice, _ := strings.Cut(rest, "/")
	chart, errChart := id.Parse[id.Chart](rawChart)
	clinician, errClinician := id.Parse[id.Member](rawClinician)
	i, errInvoice := id.Parse[id.Invoice](rawInvoice)
	ledger := invoice.LedgerID{Group: t.Group, Chart: chart, Clinician: clinician}
	return []process.Effect{process.Send{Group: t.Group, Command: "processes.finishIssue", Give: func(ctx context.Context, call commands.Call) error {
		return c.Engine.FinishIssue(ctx, call, ledger, i)
	}}}, errors.Join(errChart, errClinician, errInvoice)
}
