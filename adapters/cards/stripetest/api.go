package stripetest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

func decline(reason string) object {
	return object{"type": "card_error", "code": "card_declined", "decline_code": reason, "message": "Your card was declined."}
}

// refusal is an answer without any effect. Stripe leaves out what is empty here.
func refusal(status int, typ, code, param, message string) (int, object) {
	return status, object{"error": object{"type": typ, "code": code, "param": param, "message": message}}
}

// unfit names no parameter, and not always a code.
func unfit(code string) (int, object) {
	return refusal(http.StatusBadRequest, "invalid_request_error", code, "", "This cannot be done.")
}

func invalid(param, code string) (int, object) {
	return refusal(http.StatusBadRequest, "invalid_request_error", code, param, "No such "+param)
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer f.lock()()
	f.requests++
	status, body := f.respond(r)
	if f.lose > 0 && r.Method == http.MethodPost {
		f.lose--
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has gone needs no answer.
	_ = json.NewEncoder(w).Encode(body)
}

func (f *Fake) respond(r *http.Request) (int, object) {
	if r.Header.Get("Authorization") != "Bearer "+SecretKey {
		return refusal(http.StatusUnauthorized, "invalid_request_error", "", "", "Invalid API Key")
	}
	if r.Header.Get("Stripe-Version") != Version {
		return invalid("version", "version_unknown")
	}
	if len(f.fail) > 0 {
		status := f.fail[0]
		f.fail = f.fail[1:]
		return refusal(status, "api_error", "", "", "Something is wrong on our end.")
	}
	if err := r.ParseForm(); err != nil {
		return invalid("body", "parameter_unknown")
	}
	key, request := r.Header.Get("Idempotency-Key"), r.URL.Path+"?"+r.PostForm.Encode()
	if r.Method == http.MethodPost && key != "" {
		if first, ok := f.keys[key]; ok {
			if first.request != request {
				return refusal(http.StatusBadRequest, "idempotency_error", "", "", "Keys for idempotent requests can only be used with the same parameters.")
			}
			return first.status, first.body
		}
	}
	status, body := f.act(r.Method, r.URL.Path, r.Form)
	body = maps.Clone(body)
	if r.Method == http.MethodPost && key != "" {
		f.keys[key] = answer{request, status, body}
	}
	return status, body
}

func (f *Fake) act(method, path string, form url.Values) (int, object) {
	named := strings.TrimPrefix(strings.TrimPrefix(path, "/v1/payment_intents/"), "/v1/refunds/")
	switch {
	case method == http.MethodPost && path == "/v1/payment_intents":
		return f.charge(form)
	case method == http.MethodPost && path == "/v1/refunds":
		return f.refund(form)
	case method == http.MethodGet && path == "/v1/payment_intents":
		return f.list(form, "payment_intent")
	case method == http.MethodGet && path == "/v1/refunds":
		return f.list(form, "refund")
	case method == http.MethodGet && named != path && f.objects[named] != nil:
		return http.StatusOK, f.objects[named]
	}
	return refusal(http.StatusNotFound, "invalid_request_error", "resource_missing", "intent", "No such intent")
}

func (f *Fake) keep(o object) {
	name, _ := o["id"].(string)
	f.objects[name] = o
	f.order = append([]string{name}, f.order...)
}

func (f *Fake) charge(form url.Values) (int, object) {
	amount, err := strconv.ParseInt(form.Get("amount"), 10, 64)
	if err != nil || amount <= 0 || form.Get("confirm") != "true" || form.Get("off_session") != "true" {
		return invalid("amount", "parameter_invalid_integer")
	}
	if amount < Least {
		return invalid("amount", "amount_too_small")
	}
	if form.Get("payment_method") == Unknown {
		return invalid("payment_method", "resource_missing")
	}
	if form.Get("payment_method") == Detached {
		return unfit("")
	}
	intent := object{
		"id": f.next("pi"), "object": "payment_intent", "amount": amount, "currency": form.Get("currency"), "created": f.now.Unix(),
		"status": "succeeded", "payment_method": form.Get("payment_method"), "customer": form.Get("customer"), "metadata": metadataOf(form),
	}
	f.keep(intent)
	reason, isDeclined := map[string]string{Declined: "insufficient_funds", NeedsPerson: "authentication_required"}[form.Get("payment_method")]
	switch {
	case isDeclined:
		f.decline(intent, reason)
		failed := decline(reason)
		failed["payment_intent"] = maps.Clone(intent)
		return http.StatusPaymentRequired, object{"error": failed}
	case form.Get("payment_method") == Delayed:
		intent["status"] = "processing"
		f.emit("payment_intent.processing", intent)
	default:
		f.emit("payment_intent.succeeded", intent)
	}
	return http.StatusOK, intent
}

// decline ends a payment without money.
func (f *Fake) decline(intent object, reason string) {
	intent["status"], intent["last_payment_error"] = "requires_payment_method", decline(reason)
	f.emit("payment_intent.payment_failed", intent)
}

func (f *Fake) refund(form url.Values) (int, object) {
	intent := f.objects[form.Get("payment_intent")]
	amount, err := strconv.ParseInt(form.Get("amount"), 10, 64)
	if intent == nil {
		return invalid("payment_intent", "resource_missing")
	}
	if intent["payment_method"] == Disputed {
		return unfit("charge_disputed")
	}
	paid, _ := intent["amount"].(int64)
	back, _ := intent["refunded"].(int64)
	if err != nil || amount <= 0 || back+amount > paid || intent["status"] != "succeeded" {
		return invalid("amount", "amount_too_large")
	}
	refund := object{
		"id": f.next("re"), "object": "refund", "amount": amount, "currency": intent["currency"], "status": "succeeded",
		"created": f.now.Unix(), "payment_intent": intent["id"], "metadata": metadataOf(form),
	}
	switch intent["payment_method"] {
	case RefundsFails:
		refund["status"], refund["failure_reason"] = "failed", "expired_or_canceled_card"
		f.emit("refund.failed", refund)
	case RefundsDelayed:
		refund["status"] = "pending"
		fallthrough
	default:
		intent["refunded"] = back + amount
		f.emit("refund.created", refund)
	}
	f.keep(refund)
	return http.StatusOK, refund
}

// list pages through the payments or refunds, the latest first.
func (f *Fake) list(form url.Values, kind string) (int, object) {
	since, _ := strconv.ParseInt(form.Get("created[gte]"), 10, 64)
	limit, _ := strconv.Atoi(form.Get("limit"))
	data, past, more := []object{}, form.Get("starting_after") == "", false
	for _, name := range f.order {
		o := f.objects[name]
		created, _ := o["created"].(int64)
		of := form.Get("payment_intent")
		if o["object"] == kind && past && created >= since && (of == "" || o["payment_intent"] == of) {
			if more = len(data) == limit; more {
				break
			}
			data = append(data, o)
		}
		past = past || name == form.Get("starting_after")
	}
	return http.StatusOK, object{"object": "list", "data": data, "has_more": more, "url": "/v1/" + kind + "s"}
}

// metadataOf keeps what we send along.
func metadataOf(form url.Values) object {
	return object{"praxis_key": form.Get("metadata[praxis_key]"), "praxis_group": form.Get("metadata[praxis_group]")}
}
