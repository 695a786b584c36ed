package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"praxis/adapters/auth"
	"praxis/adapters/cards"
	"praxis/adapters/idempotency"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
	"praxis/projections/page"
)

// The headers of the API beside the standard ones.
const (
	headerIdempotency = "Idempotency-Key"
	headerPosition    = "Praxis-Position"
	headerMinPosition = "Praxis-Min-Position"
	headerDryRun      = "Praxis-Dry-Run"
	headerReason      = "Praxis-Reason"
	headerPurpose     = "Praxis-Purpose-Of-Use"
)

// reasonText is a reason that is given beside a command's own.
var reasonText = text.Line("reason", 500)

// exchange is one request on its way to its answer.
type exchange struct {
	api       *api
	w         *recorder
	r         *http.Request
	requestID string
	operation string
	principal auth.Principal
	body      []byte
	// cursor is where the page before ended, as the request's cursor was opened.
	cursor page.Token
	// cardMode is set for commands that lead to charges; their receipts carry it.
	cardMode cards.Mode
	// err is the first thing of the request that could not be read. The gate answers
	// with it, and no command is given.
	err error
}

func (x *exchange) ctx() context.Context { return x.r.Context() }

// decode reads the body, which the document has already accepted, into v.
func (x *exchange) decode(v any) error {
	dec := json.NewDecoder(bytes.NewReader(x.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if f := fault.From(err); f.Kind == fault.Invalid {
			return f // a date, time or id that says itself what is wrong
		}
		return fault.New(fault.Invalid, "invalid_request", "The body does not fit the API.").Because(fmt.Errorf("decode %s", x.operation))
	}
	return nil
}

// call describes the request to the engine. Its error is that of whatever was read of
// the request before.
func (x *exchange) call() (commands.Call, error) {
	if x.err != nil {
		return commands.Call{}, x.err
	}
	c := commands.Call{
		Account: x.principal.Account, Email: x.principal.Email, AuthenticatedAt: x.principal.AuthenticatedAt,
		Operator: slices.Contains(x.api.Operators, x.principal.Subject),
		Request:  x.requestID, Correlation: x.requestID, Causation: x.requestID,
		Purpose: x.r.Header.Get(headerPurpose), DryRun: x.r.Header.Get(headerDryRun) == "true",
	}
	var err error
	if c.Reason, err = reasonText.Read(x.r.Header.Get(headerReason)); err != nil {
		return c, err
	}
	if raw, scoped := mux.Vars(x.r)["group"]; scoped {
		if c.Group, err = id.Parse[id.Group](raw); err != nil {
			return c, err
		}
	}
	if c.Command, err = x.commandID(); err != nil {
		return c, err
	}
	c.Expected, err = x.ifMatch()
	return c, err
}

// commandID derives the command's id from the account and its Idempotency-Key,
// so that one account's keys mean nothing to another. Without a key every
// request is an intention of its own.
func (x *exchange) commandID() (id.Command, error) {
	key := x.r.Header.Get(headerIdempotency)
	if key == "" {
		return id.New[id.Command](), nil
	}
	if len(key) > 200 {
		return id.Command{}, fault.New(fault.Invalid, "malformed_idempotency_key", "An Idempotency-Key has at most 200 characters.")
	}
	return id.Derive[id.Command]("idempotency-key", x.principal.Account.String(), key), nil
}

// claimKey lets an Idempotency-Key stand for this request and no other of the
// account, whatever its path. settle takes how the command went: the key of a
// refused one is free for the corrected request. Commands do not wait for a database
// that is away: then the log alone knows its keys, stream by stream.
func (x *exchange) claimKey(call commands.Call) (settle func(error), err error) {
	if x.r.Header.Get(headerIdempotency) == "" || call.DryRun {
		return func(error) {}, nil
	}
	first, err := x.api.Keys.Claim(x.ctx(), call.Command, x.fingerprint(), x.api.Clock())
	if errors.Is(err, commands.ErrKeyReused) {
		return nil, err
	}
	if err != nil {
		x.api.keyChecks.Failed(err.Error())
	} else {
		x.api.keyChecks.Worked()
	}
	return func(done error) {
		if !first || done == nil || fault.KindOf(done) == fault.Internal || fault.KindOf(done) == fault.Unavailable {
			return // It was carried out, or may have been.
		}
		if err := x.api.Keys.Release(x.ctx(), call.Command); err != nil {
			x.api.Logger.WarnContext(x.ctx(), "the Idempotency-Key of a refused request was not released", "request", x.requestID, "error", err)
		}
	}, nil
}

// fingerprint hashes what a command's request asks for: its method, its path and query, and
// its body however it is formatted.
func (x *exchange) fingerprint() idempotency.Request {
	body := x.body
	var value any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&value) == nil {
		if canonical, err := json.Marshal(value); err == nil {
			body = canonical
		}
	}
	return sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s", x.r.Method, x.r.URL.RequestURI(), body))
}

func (x *exchange) ifMatch() (*es.Revision, error) {
	raw := x.r.Header.Get("If-Match")
	if raw == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(strings.Trim(raw, `"`), 10, 64)
	if err != nil || n < 0 || raw != etag(es.Revision(n)) {
		return nil, fault.New(fault.Invalid, "malformed_if_match", `If-Match must be an ETag that Praxis returned, such as "12" with its quotes.`)
	}
	revision := es.Revision(n)
	return &revision, nil
}

func etag(r es.Revision) string { return fmt.Sprintf("%q", strconv.FormatInt(int64(r), 10)) }

// await holds a query back until its read model has seen what the caller has
// (Praxis-Min-Position): read your own writes.
func (x *exchange) await(projection string) error {
	raw := x.r.Header.Get(headerMinPosition)
	if raw == "" {
		return nil
	}
	position, err := es.ParsePosition(raw)
	if err != nil {
		return err
	}
	at, err := x.api.Freshness.Position(x.ctx(), projection)
	if err == nil && at.Before(position) {
		// Nothing of that position may ever come: it is not waited for.
		if tail, err := x.api.Store.Tail(x.ctx()); err == nil && tail.Before(position) {
			return errPositionUnknown
		}
	}
	return x.api.Freshness.WaitFor(x.ctx(), position, projection)
}

var errPositionUnknown = fault.New(fault.Invalid, "position_unknown", "Praxis-Min-Position lies beyond the end of the log: no command was ever answered with it here. Send the Praxis-Position of a receipt from this installation, as it is.")

// group is the practice of the request.
func (x *exchange) group() id.Group { return pathID[id.Group](x, "group") }

// admit asks the gate; with a resource, for that very thing.
func (x *exchange) admit(q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	call, err := x.call()
	switch {
	case err != nil:
		return commands.Admission{}, err
	case len(resource) > 0:
		return x.api.Engine.AdmitTo(x.ctx(), call, q, resource[0])
	default:
		return x.api.Engine.Admit(x.ctx(), call, q)
	}
}

// admitTo is admit for what is read from a read model, and waits for that.
func (x *exchange) admitTo(projection string, q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	admission, err := x.admit(q, resource...)
	if err != nil {
		return admission, err
	}
	return admission, x.await(projection)
}

// replyAt writes v as JSON with the revision that it shows as its ETag, or says
// that the caller has it already (If-None-Match).
func (x *exchange) replyAt(r es.Revision, v any) error {
	tag := etag(r)
	x.w.Header().Set("ETag", tag)
	for known := range strings.SplitSeq(x.r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == tag {
			x.w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	return x.reply(v)
}

// viewsOf are what an answer shows of things, an empty list for none.
func viewsOf[T, V any](things []T, view func(T) V) []V {
	views := make([]V, 0, len(things))
	for _, t := range things {
		views = append(views, view(t))
	}
	return views
}

// replyOne answers with the one thing that a query found by its id. Queries never read
// what is beyond the reader's reach, so that it is unknown in the same words as what
// does not exist.
func replyOne[V any](x *exchange, found []V, unknown *fault.Error, err error) error {
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return unknown
	}
	return x.reply(found[0])
}

// orRefused is nil where a query found something, or nothing is a fact; else what was
// asked about does not exist or is beyond the reader, or the query failed.
func (x *exchange) orRefused(a commands.Admission, found int, err error) error {
	if found > 0 || err != nil {
		return err
	}
	return a.IfNothing(x.ctx())
}

// answer replies with what a query found, unless it failed.
func (x *exchange) answer(v any, err error) error {
	if err != nil {
		return err
	}
	return x.reply(v)
}

// reply answers with v as JSON.
func (x *exchange) reply(v any) error { return x.replyAs(http.StatusOK, v) }

func (x *exchange) replyAs(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer of %s: %w", x.operation, err)
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(status)
	_, _ = x.w.Write(append(body, '\n')) // The client may be gone: there is no place to report it.
	return nil
}
