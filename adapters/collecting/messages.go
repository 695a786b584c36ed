package collecting

import (
	"context"
	"log/slog"
	"net/http"

	"praxis/adapters/cards"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Messages receives what a card processor says by itself (webhooks).
type Messages struct {
	Processor cards.Processor
	// Books record the outcomes of payments and refunds.
	Books  processes.Config
	Logger *slog.Logger
	// Observe is called for every message with its kind, "unread" for what is not
	// authentic, and its Result.
	Observe func(kind cards.EventKind, result Result)
}

// Result is how a message was handled.
type Result string

// The results.
const (
	// Recorded messages changed something.
	Recorded Result = "recorded"
	// Unchanged messages said what was known, or what is not decided yet.
	Unchanged Result = "unchanged"
	// Noted messages are logged for people to look at: disputes.
	Noted Result = "noted"
	// Unknown messages are authentic and fit nothing here. They are logged and never
	// asked for again.
	Unknown Result = "unknown"
	// Refused messages do not come from the processor, or not as they should.
	Refused Result = "refused"
	// Failed messages could not be dealt with now; the processor sends them again.
	Failed Result = "failed"
)

// unread is the kind of a message that is not authentic: it is not read.
const unread cards.EventKind = "unread"

// Mode says whether money moves.
func (m Messages) Mode() cards.Mode { return m.Processor.Mode() }

// Receive deals with one message. An error is for the sender: faults of
// cards.Processor.ParseWebhook, after which nothing was recorded, and failures that
// may pass, after which the processor has to send it again. A message that fits
// nothing is no error, or the processor would send it for days.
func (m Messages) Receive(ctx context.Context, request string, header http.Header, body []byte) error {
	e, err := m.Processor.ParseWebhook(header, body)
	if err != nil {
		m.Observe(unread, Refused)
		return err
	}
	result, err := m.take(ctx, request, e)
	switch {
	case processes.MayPass(err):
		m.Observe(e.Kind, Failed)
		return err
	case err != nil:
		result = Unknown
		m.log(ctx, e, "a message of the card processor fits nothing here", fault.From(err).Code)
	}
	m.Observe(e.Kind, result)
	return nil
}

func (m Messages) take(ctx context.Context, request string, e cards.Event) (Result, error) {
	switch e.Kind {
	case cards.PaymentSucceeded, cards.PaymentDeclined:
		return m.record(ctx, request, e, e.Payment, m.Processor.Lookup, m.Books.PaymentNotified)
	case cards.RefundSucceeded, cards.RefundFailed:
		return m.record(ctx, request, e, e.Refund, m.Processor.LookupRefund, m.Books.RefundNotified)
	case cards.DisputeOpened:
		m.log(ctx, e, "a cardholder disputes a payment: answer at the card processor", e.Reason)
		return Noted, nil
	case cards.PaymentPending, cards.RefundPending, cards.Ignored:
	}
	return Unchanged, nil
}

var errNotOurs = fault.New(fault.NotFound, "not_asked_for", "Praxis did not ask for this payment or refund.")

// record records the outcome of a payment or refund. What the processor answers beats
// what it said, which can be old.
func (m Messages) record(
	ctx context.Context, request string, e cards.Event, reference string,
	lookup func(context.Context, string) (cards.Result, error),
	notify func(context.Context, commands.Call, processes.PaymentNotification) (commands.Receipt, error),
) (Result, error) {
	if e.Key == "" || e.Group.IsZero() {
		return "", errNotOurs
	}
	r, err := lookup(ctx, reference)
	if err != nil {
		return "", err
	}
	receipt, err := notify(ctx, callOf(request, e, r), processes.PaymentNotification{Key: e.Key, Amount: e.Amount, Payment: paymentOf(r)})
	return resultOf(receipt), err
}

// callOf is the call of the one command that an event leads to. What the processor
// answers about the same event can change, and then it is another command.
func callOf(request string, e cards.Event, r cards.Result) commands.Call {
	return commands.Call{
		Process: processes.CollectionName, Group: e.Group, Request: request, Correlation: request, Causation: e.ID,
		Command: id.Derive[id.Command](e.Command().String(), string(r.Outcome), r.Reason),
	}
}

func resultOf(r commands.Receipt) Result {
	if r.Replayed || len(r.Events) == 0 {
		return Unchanged
	}
	return Recorded
}

// log warns with names and ids only.
func (m Messages) log(ctx context.Context, e cards.Event, text, code string) {
	m.Logger.WarnContext(ctx, text, "code", code, "event", e.ID, "kind", e.Kind, "payment", e.Payment, "refund", e.Refund, "group", e.Group.String())
}
