// Package stripecards charges cards through Stripe: PaymentIntents that are
// created and confirmed in one request under our idempotency key, and signed
// webhooks. Praxis sends references (pm_…, cus_…), amounts and ids, and nothing
// about a card, a person or a patient.
//
// It imports adapters/cards, the domain and stripe-go, which has no other
// importer.
package stripecards

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"praxis/adapters/cards"
	"praxis/domain/id"
)

// Config is what the adapter needs. SecretKey and WebhookSecret are required.
type Config struct {
	// SecretKey is the account's secret or restricted key; sk_live_… and rk_live_…
	// move money.
	SecretKey string
	// WebhookSecret is that of the webhook endpoint (whsec_…).
	WebhookSecret string
	// URL is where the API is; empty means Stripe itself.
	URL string
	// Client makes the requests; nil means one with a timeout of 30 seconds.
	Client *http.Client
}

// Processor charges through Stripe. It is safe for concurrent use.
type Processor struct {
	client  *stripe.Client
	webhook string
	mode    cards.Mode
}

var _ cards.Processor = (*Processor)(nil)

// retries is how often stripe-go repeats a request whose answer it missed, under
// the same idempotency key.
const retries = 2

// New makes a Processor. It connects to nothing.
func New(c Config) (*Processor, error) {
	mode := cards.Test
	switch {
	case strings.HasPrefix(c.SecretKey, "sk_live_"), strings.HasPrefix(c.SecretKey, "rk_live_"):
		mode = cards.Live
	case strings.HasPrefix(c.SecretKey, "sk_test_"), strings.HasPrefix(c.SecretKey, "rk_test_"):
	default:
		return nil, errors.New("a Stripe key begins with sk_live_, rk_live_, sk_test_ or rk_test_")
	}
	if c.WebhookSecret == "" {
		return nil, errors.New("the secret of Stripe's webhook endpoint is missing")
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second}
	}
	backend := &stripe.BackendConfig{
		HTTPClient: c.Client, MaxNetworkRetries: stripe.Int64(retries), EnableTelemetry: stripe.Bool(false),
		// The library would log requests and answers.
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	if c.URL != "" {
		backend.URL = stripe.String(c.URL)
	}
	return &Processor{
		client:  stripe.NewClient(c.SecretKey, stripe.WithBackends(stripe.NewBackendsWithConfig(backend))),
		webhook: c.WebhookSecret, mode: mode,
	}, nil
}

// Mode implements cards.Processor.
func (p *Processor) Mode() cards.Mode { return p.mode }

// methodPattern is a payment method, and the customer to whom it belongs if it
// is kept for one: "pm_…" or "cus_…/pm_…".
var methodPattern = regexp.MustCompile(`^(?:(cus_[A-Za-z0-9]+)/)?(pm_[A-Za-z0-9_]+)$`)

// Where our idempotency key and the practice stand in Stripe's objects, so that
// webhooks and searches find what they belong to.
const (
	metadataKey   = "praxis_key"
	metadataGroup = "praxis_group"
)

func metadata(key string, g id.Group) map[string]string {
	return map[string]string{metadataKey: key, metadataGroup: g.String()}
}

// Charge implements cards.Processor.
func (p *Processor) Charge(ctx context.Context, c cards.Charge) (cards.Result, error) {
	if err := cards.Check(c.Amount, c.Method); err != nil {
		return cards.Result{}, err
	}
	parts := methodPattern.FindStringSubmatch(c.Method)
	if parts == nil {
		return cards.Result{}, cards.ErrMethod
	}
	params := &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(c.Amount.Minor), Currency: stripe.String(strings.ToLower(string(c.Amount.Currency))),
		PaymentMethod: stripe.String(parts[2]), PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		Confirm: stripe.Bool(true), OffSession: stripe.Bool(true), Metadata: metadata(c.Key, c.Group),
	}
	if parts[1] != "" {
		params.Customer = stripe.String(parts[1])
	}
	params.SetIdempotencyKey(c.Key)
	intent, err := p.client.V1PaymentIntents.Create(ctx, params)
	if err != nil {
		return p.declined(err)
	}
	return p.resultOf(intent), nil
}

// declined turns the error that Stripe answers a declined card or a charge that it
// does not take with into a result, and any other into a fault.
func (p *Processor) declined(err error) (cards.Result, error) {
	failed, ok := errors.AsType[*stripe.Error](err)
	if !ok || failed.Type != stripe.ErrorTypeCard && !isAboutOne(failed, "amount", "currency") {
		return cards.Result{}, faultOf(err)
	}
	r := cards.Result{Outcome: cards.Declined, Reason: reasonOf(failed), Mode: p.mode}
	if r.Reason == "" {
		r.Reason = "payment_method_refused"
	}
	if failed.PaymentIntent != nil {
		r.Reference = failed.PaymentIntent.ID
	}
	return r, nil
}

// isAboutOne reports whether Stripe takes this one request never, because of one of
// these parameters or of none: an amount below its minimum, a payment method that was
// detached, a refund of what is disputed. That is no defect that should hold up the
// others; those name a parameter that is of no such kind.
func isAboutOne(e *stripe.Error, params ...string) bool {
	return e.HTTPStatusCode == http.StatusBadRequest && e.Type == stripe.ErrorTypeInvalidRequest && (e.Param == "" || slices.Contains(params, e.Param))
}

func reasonOf(e *stripe.Error) string {
	if e == nil {
		return ""
	}
	if e.DeclineCode != "" {
		return string(e.DeclineCode)
	}
	return string(e.Code)
}

// resultOf reads an intent. What still waits for its holder, who is not there,
// is declined.
func (p *Processor) resultOf(i *stripe.PaymentIntent) cards.Result {
	r := cards.Result{Reference: i.ID, Outcome: cards.Declined, Mode: p.mode}
	switch i.Status {
	case stripe.PaymentIntentStatusSucceeded:
		r.Outcome = cards.Succeeded
	case stripe.PaymentIntentStatusProcessing:
		r.Outcome = cards.Pending
	case stripe.PaymentIntentStatusRequiresAction:
		r.Reason = "authentication_required"
	default:
		if r.Reason = reasonOf(i.LastPaymentError); r.Reason == "" {
			r.Reason = string(i.Status)
		}
	}
	return r
}

// Lookup implements cards.Processor.
func (p *Processor) Lookup(ctx context.Context, payment string) (cards.Result, error) {
	intent, err := p.client.V1PaymentIntents.Retrieve(ctx, payment, nil)
	if err != nil {
		return cards.Result{}, faultOf(err)
	}
	return p.resultOf(intent), nil
}

// Find implements cards.Processor. It reads the list of payments, which, unlike
// Stripe's search, shows a payment as soon as it was made.
func (p *Processor) Find(ctx context.Context, c cards.Charge, since time.Time) (cards.Result, bool, error) {
	params := &stripe.PaymentIntentListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	params.Limit = stripe.Int64(100)
	for intent, err := range p.client.V1PaymentIntents.List(ctx, params).All(ctx) {
		if err != nil {
			return cards.Result{}, false, faultOf(err)
		}
		if intent.Metadata[metadataKey] == c.Key {
			return p.resultOf(intent), true, nil
		}
	}
	return cards.Result{}, false, nil
}
