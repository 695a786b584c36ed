// Package stripetest is a stand-in for Stripe's API with a memory: it replays
// idempotent requests, declines, delays, refunds, signs webhooks, and loses
// answers on demand. Stripe's own stripe-mock has no memory. It is for tests only
// and imports nothing of ours or of Stripe's.
package stripetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The keys of the fake, and the API version that it speaks.
const (
	SecretKey     = "sk_test_fake"
	WebhookSecret = "whsec_fake"
	Version       = "2026-03-25.dahlia"
)

// Least is the smallest amount that is charged, in minor units.
const Least = 50

// The payment methods with an outcome of their own; all others are charged.
const (
	Declined     = "pm_card_chargeDeclinedInsufficientFunds"
	NeedsPerson  = "pm_card_authenticationRequired"
	Delayed      = "pm_delayed"
	Unknown      = "pm_unknown"
	RefundsFails = "pm_refundFail"
	// RefundsDelayed is charged; its refunds are decided later.
	RefundsDelayed = "pm_refundPending"
	// Disputed is charged, and disputed at once, so that it cannot be refunded.
	Disputed = "pm_card_createDispute"
	// Detached belongs to no customer any more.
	Detached = "pm_detached"
)

// object is a JSON object of the API.
type object map[string]any

// answer is a response that an idempotency key stands for.
type answer struct {
	request string
	status  int
	body    object
}

// Fake is a running stand-in.
type Fake struct {
	// URL is where the API is.
	URL string

	mu       sync.Mutex
	now      time.Time
	made     int
	objects  map[string]object
	order    []string
	keys     map[string]answer
	requests int
	lose     int
	fail     []int
	events   []object
}

// New starts a stand-in that ends with the test. Its clock starts at now.
func New(t testing.TB, now time.Time) *Fake {
	t.Helper()
	f := &Fake{now: now, objects: map[string]object{}, keys: map[string]answer{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// lock returns what unlocks again.
func (f *Fake) lock() (unlock func()) {
	f.mu.Lock()
	return f.mu.Unlock
}

// LoseAnswers makes the next n requests that change something take effect and
// break the connection before the answer.
func (f *Fake) LoseAnswers(n int) {
	defer f.lock()()
	f.lose = n
}

// Fail answers the next requests with these statuses, without any effect.
func (f *Fake) Fail(statuses ...int) {
	defer f.lock()()
	f.fail = append(f.fail, statuses...)
}

// ForgetKeys is what Stripe does with idempotency keys after a day.
func (f *Fake) ForgetKeys() {
	defer f.lock()()
	clear(f.keys)
}

// Requests counts the requests so far and Payments the payments that took money.
func (f *Fake) Requests() int {
	defer f.lock()()
	return f.requests
}

// Payments counts the payments that took money.
func (f *Fake) Payments() int { return len(f.succeeded("payment_intent")) }

// Charged is the money taken so far in a currency, in minor units, and Refunded
// what of it went back.
func (f *Fake) Charged(currency string) int64 { return f.sum("payment_intent", currency) }

// Refunded is the money that went back.
func (f *Fake) Refunded(currency string) int64 { return f.sum("refund", currency) }

func (f *Fake) sum(kind, currency string) (total int64) {
	for _, o := range f.succeeded(kind) {
		if amount, ok := o["amount"].(int64); ok && o["currency"] == currency {
			total += amount
		}
	}
	return total
}

// succeeded are the payments or refunds that moved money.
func (f *Fake) succeeded(kind string) (all []object) {
	defer f.lock()()
	for _, o := range f.objects {
		if o["object"] == kind && o["status"] == "succeeded" {
			all = append(all, maps.Clone(o))
		}
	}
	return all
}

// References lists the payments or refunds ("pi", "re"), the oldest first.
func (f *Fake) References(prefix string) (all []string) {
	defer f.lock()()
	for _, name := range slices.Backward(f.order) {
		if strings.HasPrefix(name, prefix+"_") {
			all = append(all, name)
		}
	}
	return all
}

// Pending lists the payments or refunds ("pi", "re") that are not decided, the
// oldest first.
func (f *Fake) Pending(prefix string) []string {
	all := f.References(prefix)
	defer f.lock()()
	return slices.DeleteFunc(all, func(name string) bool {
		return f.objects[name]["status"] != "processing" && f.objects[name]["status"] != "pending"
	})
}

// Pass lets time go by.
func (f *Fake) Pass(d time.Duration) {
	defer f.lock()()
	f.now = f.now.Add(d)
}

// SettleRefund decides a delayed refund and sends the webhook about it.
func (f *Fake) SettleRefund(refund string, succeeds bool) {
	defer f.lock()()
	o := f.objects[refund]
	if succeeds {
		o["status"] = "succeeded"
		f.emit("refund.updated", o)
		return
	}
	o["status"], o["failure_reason"] = "failed", "expired_or_canceled_card"
	name, _ := o["payment_intent"].(string)
	amount, _ := o["amount"].(int64)
	back, _ := f.objects[name]["refunded"].(int64)
	f.objects[name]["refunded"] = back - amount
	f.emit("refund.failed", o)
}

// Settle decides a delayed payment and sends the webhook about it.
func (f *Fake) Settle(payment string, succeeds bool) {
	defer f.lock()()
	intent := f.objects[payment]
	if succeeds {
		intent["status"] = "succeeded"
		f.emit("payment_intent.succeeded", intent)
		return
	}
	f.decline(intent, "insufficient_funds")
}

// Dispute sends the webhook about a payment that its holder disputes.
func (f *Fake) Dispute(payment string) {
	defer f.lock()()
	intent := f.objects[payment]
	f.emit("charge.dispute.created", object{
		"id": f.next("dp"), "object": "dispute", "amount": intent["amount"], "currency": intent["currency"],
		"payment_intent": payment, "reason": "fraudulent",
	})
}

// Emit sends a webhook of any type about an object.
func (f *Fake) Emit(typ string, o map[string]any) {
	defer f.lock()()
	f.emit(typ, o)
}

func (f *Fake) emit(typ string, o object) {
	f.events = append(f.events, object{
		"id": f.next("evt"), "object": "event", "api_version": Version, "created": f.now.Unix(), "livemode": false,
		"type": typ, "data": object{"object": maps.Clone(o)},
	})
}

// Events returns the bodies of the webhooks so far. The same one may be
// delivered any number of times, whenever.
func (f *Fake) Events(t testing.TB) [][]byte {
	t.Helper()
	defer f.lock()()
	bodies := make([][]byte, 0, len(f.events))
	for _, e := range f.events {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("encode event: %v", err)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

// Sign returns the header with which a body is delivered at an instant.
func Sign(body []byte, at time.Time, secret string) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	h := http.Header{}
	h.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil))))
	return h
}

func (f *Fake) next(prefix string) string {
	f.made++
	return prefix + "_" + strconv.Itoa(f.made)
}
