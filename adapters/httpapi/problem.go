package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"praxis/adapters/auth"
	"praxis/domain/fault"
)

// Problem is an RFC 9457 answer. Type is a URN built from Code, which is what
// programs match on. No field ever repeats a value that was sent.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	// Details are machine-readable facts: ids, numbers, dates.
	Details map[string]string `json:"details,omitempty"`
	// Errors lists every part of the request that does not fit the OpenAPI document.
	Errors []FieldError `json:"errors,omitempty"`
	// Request is the id under which the server's log and trace are found.
	Request string `json:"requestId"`
}

// FieldError names one part of a request and the rule that it breaks.
type FieldError struct {
	// Pointer is a JSON pointer into the body, or the name of a parameter.
	Pointer string `json:"pointer"`
	// Rule is the keyword of the schema that is broken, such as "maxLength".
	Rule string `json:"rule"`
	// Message says what is expected; it never repeats what was sent.
	Message string `json:"message"`

	// code is the problem's own code where the schema gives it one (x-code).
	code string
}

// answerLine is how HTTP answers with a fault.
type answerLine struct {
	status int
	title  string
}

// statuses is the one table from kinds of faults to HTTP.
var statuses = map[fault.Kind]answerLine{
	fault.Internal:        {http.StatusInternalServerError, "Internal error"},
	fault.Invalid:         {http.StatusBadRequest, "Invalid request"},
	fault.Unauthenticated: {http.StatusUnauthorized, "Not signed in"},
	fault.Forbidden:       {http.StatusForbidden, "Not allowed"},
	fault.NotFound:        {http.StatusNotFound, "Not found"},
	fault.Rejected:        {http.StatusUnprocessableEntity, "Rejected by a rule of the practice"},
	fault.Conflict:        {http.StatusConflict, "Conflict with another change"},
	fault.Stale:           {http.StatusPreconditionFailed, "Changed meanwhile"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "Too large"},
	fault.TooMany:         {http.StatusTooManyRequests, "Too many requests"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "Temporarily unavailable"},
}

// ofHTTP holds the codes of what only HTTP knows, with the status that HTTP has
// for each; every other code has that of its kind.
var ofHTTP = map[string]answerLine{
	"method_not_allowed":           {http.StatusMethodNotAllowed, "Method not allowed"},
	"target_too_long":              {http.StatusRequestURITooLong, "Target too long"},
	"unsupported_media_type":       {http.StatusUnsupportedMediaType, "Unsupported media type"},
	"unsupported_content_encoding": {http.StatusUnsupportedMediaType, "Unsupported content encoding"},
}

func answerTo(f *fault.Error) answerLine {
	if s, special := ofHTTP[f.Code]; special {
		return s
	}
	return statuses[f.Kind]
}

// problemOf translates an error; requestID is quoted in it.
func problemOf(err error, requestID string) Problem {
	f := fault.From(err)
	s := answerTo(f)
	p := Problem{
		Type: "urn:praxis:problem:" + f.Code, Title: s.title, Status: s.status,
		Code: f.Code, Detail: f.Message, Details: f.Details, Request: requestID,
	}
	var invalid *invalidRequestError
	if errors.As(err, &invalid) {
		p.Errors = invalid.fields
	}
	return p
}

// challenge asks for a token as RFC 6750 does, or for a fresher sign-in as RFC
// 9470 does. A request without a token is answered without an error code; the
// descriptions are the program's own, so that no header repeats what was sent.
func challenge(p Problem) string {
	switch p.Code {
	case auth.ErrTokenMissing.Code:
		return `Bearer realm="praxis"`
	case "step_up_auth_required":
		return `Bearer error="insufficient_user_authentication", error_description="A more recent sign-in is required", max_age="` + p.Details["maxAgeSeconds"] + `"`
	case auth.ErrTokenExpired.Code:
		return `Bearer realm="praxis", error="invalid_token", error_description="The token has expired"`
	case auth.ErrTokenMalformed.Code:
		return `Bearer realm="praxis", error="invalid_token", error_description="The token is malformed"`
	default:
		return `Bearer realm="praxis", error="invalid_token", error_description="The token was not issued for Praxis by the sign-in service it trusts"`
	}
}

// writeProblem answers with a problem. It is the only way an error leaves.
func writeProblem(w http.ResponseWriter, p Problem) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusUnsupportedMediaType:
		h.Set("Accept", "application/json")
		h.Set("Accept-Encoding", "identity")
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge(p))
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	}
	body, err := json.Marshal(p)
	if err != nil { // Strings and numbers always encode.
		http.Error(w, http.StatusText(p.Status), p.Status)
		return
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // The client may be gone; there is no place to report it.
}
