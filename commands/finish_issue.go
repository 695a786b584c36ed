package commands

import (
	"context"
	"errors"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// issueAs makes a draft owed under a number.
func (e *Engine) issueAs(ctx context.Context, call Call, l invoice.LedgerID, c invoice.IssueInvoice, n numbered) (Receipt, error) {
	u := e.ledgerCase(l, "invoice.issue", c, nil)
	u.decide = func(s invoice.State, now time.Time) ([]invoice.Event, error) {
		return invoice.IssueInvoice{Invoice: c.Invoice, Number: n.Number, Text: n.text}.Decide(s, now)
	}
	return execute(ctx, e, call, u)
}

// These match faults of invoice.IssueInvoice by their codes.
var (
	errAlreadyIssued = fault.New(fault.Rejected, "invoice_already_issued", "")
	errInvoiceVoid   = fault.New(fault.Rejected, "invoice_void", "")
)

// FinishIssue ends what kept a number for an invoice and broke off: a draft is
// issued, as it was decided when the number was kept, and the number of a discarded
// draft goes back to the series. Without it a number that is kept for a draft which
// is never touched again would be a gap for ever (BIL-A22). An invoice that has no
// number, or is issued, is left as it is. It is for the process of the invoice
// numbers. Fault: "process_only".
func (e *Engine) FinishIssue(ctx context.Context, call Call, l invoice.LedgerID, i id.Invoice) error {
	if call.Process == "" {
		return errProcessOnly
	}
	number, held, err := e.numberOf(ctx, l, i)
	if err != nil || !held {
		return err
	}
	_, err = e.issueAs(ctx, call, l, invoice.IssueInvoice{Invoice: i}, number)
	switch {
	case errors.Is(err, errAlreadyIssued), errors.Is(err, errInvoiceVoid):
		return nil
	case errors.Is(err, errDraftDiscarded):
		return e.releaseNumber(ctx, call, l, i)
	}
	return err
}
