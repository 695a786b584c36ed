// Package fault is the one error taxonomy of Praxis. Every refusal that a
// person can cause carries a kind (which decides the HTTP status and the exit
// code), a stable code that programs match on, and a message that is safe to
// show: it names rules, amounts and ids, never patient data or secrets. (One refusal,
// duplicate_patient, names charts in its details, to those who may see them.) It
// imports the standard library only, so that every layer can use it.
package fault

import (
	"errors"
	"fmt"
)

// Kind groups errors by what the caller can do about them.
type Kind int

// The kinds. Adapters translate them in exactly one table each.
const (
	// Internal is a defect or an unforeseen failure; the caller can only retry or report it.
	Internal Kind = iota
	// Invalid input is malformed or out of range; sending it again cannot succeed.
	Invalid
	// Unauthenticated means that the request has no sign-in, or none that is
	// trusted.
	Unauthenticated
	// Forbidden means that the actor may not do this here.
	Forbidden
	// NotFound means that the thing does not exist for this actor.
	NotFound
	// Rejected means that a rule of the practice says no in the present state.
	Rejected
	// Conflict means that another change won; reading again and repeating may succeed.
	Conflict
	// Stale means that the caller's expected revision is not the present one.
	Stale
	// TooLarge means that a size limit was exceeded.
	TooLarge
	// TooMany means that a rate limit was exceeded; wait and repeat.
	TooMany
	// Unavailable means that a part Praxis depends on is away; repeat later.
	Unavailable
)

// String returns the kind's stable lower-case name.
func (k Kind) String() string {
	names := [...]string{
		"internal", "invalid", "unauthenticated", "forbidden", "not_found",
		"rejected", "conflict", "stale", "too_large", "too_many", "unavailable",
	}
	if k < 0 || int(k) >= len(names) {
		return "internal"
	}
	return names[k]
}

// Error is a refusal or failure with a stable code. Two Errors match under
// errors.Is when their codes are equal, so that a sentinel without details
// matches every instance of the same rejection.
type Error struct {
	// Kind says what the caller can do about it.
	Kind Kind
	// Code is the stable snake_case name that programs match on.
	Code string
	// Message says what is wrong and what to do, in words that are safe to show.
	Message string
	// Details holds machine-readable facts behind the message: ids, numbers, dates.
	Details map[string]string
	cause   error
}

// New makes an Error. The message is formatted as by fmt.Sprintf.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// When returns the refusal if its rule applies, else nil. A decision lists its rules
// with it in the order in which they are told: cmp.Or returns the first that applies.
func When(applies bool, refusal error) error {
	if applies {
		return refusal
	}
	return nil
}

// Must returns what was made of a constant; it panics where that failed.
func Must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}

// Because returns a copy of e that wraps cause. The cause is for logs; it is never shown.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// With returns a copy of e that carries one more detail.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Details = make(map[string]string, len(e.Details)+1)
	for k, v := range e.Details {
		c.Details[k] = v
	}
	c.Details[key] = value
	return &c
}

// Error returns the code, the safe message and the cause, for logs.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.Code + ": " + e.Message + ": " + e.cause.Error()
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause, if any.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an Error with the same code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// From returns the outermost Error in err's chain. An error without one becomes
// an Internal error with code "internal" that wraps it, so nothing of an
// unforeseen failure is ever shown. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "internal", "Something went wrong on our side. Nothing was changed unless a receipt says so; quote the request id when you report it.").Because(err)
}

// KindOf returns the kind of err: Internal for errors without one, and for nil,
// which has none to tell.
func KindOf(err error) Kind {
	if err == nil {
		return Internal
	}
	return From(err).Kind
}
