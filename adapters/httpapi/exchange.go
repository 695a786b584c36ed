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
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
	"praxis/projections"
	"praxis/projections/page"
)

// The headers of the API beside the standard ones.
const (
	HeaderIdempotency = "Idempotency-Key"
	headerPosition    = "Praxis-Position"
	headerMinPosition = "Praxis-Min-Position"
	headerAsOf        = "Praxis-As-Of"
	headerIncomplete  = "Praxis-Incomplete"
	headerDryRun      = "Praxis-Dry-Run"
	headerReason      = "Praxis-Reason"
	headerPurpose     = "Praxis-Purpose-Of-Use"
)

// reasonText is a reason that is given beside a command's own.
var reasonText = text.Line("reason", 500)

// Exchange is one request on its way to its answer.
type Exchange struct {
	API       *api
	W         *recorder
	R         *http.Request
	requestID string
	operation string
	principal auth.Principal
	body      []byte
	// Cursor is where the page before ended, as the request's cursor was opened.
	Cursor page.Token
	// reflected is what the answer reflects at least, as far as read models were asked.
	reflected *projections.Reflection
	// From is where queries read, once the read models were awaited: the present rows, or
	// those of the moment that asOf names. past makes these, only of what is needed.
	From projections.Tables
	past *projections.View
	// CardMode is set for commands that lead to charges; their receipts carry it.
	CardMode cards.Mode
	// view is what is recorded of the answer before it leaves; nil where nothing is.
	view *view
	// Err is the first thing of the request that could not be read. The gate answers
	// with it, and no command is given.
	Err error
}

// Ctx is the context of the request.
func (x *Exchange) Ctx() context.Context { return x.R.Context() }

// decode reads the body, which the document has already accepted, into v.
func (x *Exchange) decode(v any) error {
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

// Call describes the request to the engine. Its error is that of whatever was read of
// the request before.
func (x *Exchange) Call() (commands.Call, error) {
	if x.Err != nil {
		return commands.Call{}, x.Err
	}
	c := commands.Call{
		Account: x.principal.Account, Email: x.principal.Email, AuthenticatedAt: x.principal.AuthenticatedAt,
		Operator: slices.Contains(x.API.Operators, x.principal.Subject),
		Request:  x.requestID, Correlation: x.requestID, Causation: x.requestID,
		Purpose: x.R.Header.Get(headerPurpose), DryRun: x.R.Header.Get(headerDryRun) == "true",
	}
	if x.view != nil {
		c.Viewing = &x.view.Viewing
	}
	var err error
	if c.Reason, err = reasonText.Read(x.R.Header.Get(headerReason)); err != nil {
		return c, err
	}
	if raw, scoped := mux.Vars(x.R)["group"]; scoped {
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
func (x *Exchange) commandID() (id.Command, error) {
	key := x.R.Header.Get(HeaderIdempotency)
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
func (x *Exchange) claimKey(call commands.Call) (settle func(error), err error) {
	if x.R.Header.Get(HeaderIdempotency) == "" || call.DryRun {
		return func(error) {}, nil
	}
	first, err := x.API.Keys.Claim(x.Ctx(), call.Command, x.fingerprint(), x.API.Clock())
	if errors.Is(err, commands.ErrKeyReused) {
		return nil, err
	}
	if err != nil {
		x.API.keyChecks.Failed(err.Error())
	} else {
		x.API.keyChecks.Worked()
	}
	return func(done error) {
		if !first || done == nil || fault.KindOf(done) == fault.Internal || fault.KindOf(done) == fault.Unavailable {
			return // It was carried out, or may have been.
		}
		if err := x.API.Keys.Release(x.Ctx(), call.Command); err != nil {
			x.API.Logger.WarnContext(x.Ctx(), "the Idempotency-Key of a refused request was not released", "request", x.requestID, "error", err)
		}
	}, nil
}

// fingerprint hashes what a command's request asks for: its method, its path and query, and
// its body however it is formatted.
func (x *Exchange) fingerprint() idempotency.Request {
	body := x.body
	var value any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&value) == nil {
		if canonical, err := json.Marshal(value); err == nil {
			body = canonical
		}
	}
	return sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s", x.R.Method, x.R.URL.RequestURI(), body))
}

func (x *Exchange) ifMatch() (*es.Revision, error) {
	raw := x.R.Header.Get("If-Match")
	if raw == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(strings.Trim(raw, `"`), 10, 64)
	if err != nil || n < 0 || raw != ETag(es.Revision(n)) {
		return nil, fault.New(fault.Invalid, "malformed_if_match", `If-Match must be an ETag that Praxis returned, such as "12" with its quotes.`)
	}
	revision := es.Revision(n)
	return &revision, nil
}
