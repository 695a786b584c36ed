package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
)

// PanicError is a panic that was caught. It names what kind of panic it was and
// where, and never the value: that can quote what somebody sent.
type PanicError struct {
	// Value is the runtime's own message, such as an index that is out of range, or
	// else the type of the value that the code panicked with.
	Value string
	// Stack is where it happened, as Stack returns it.
	Stack string
}

// Error implements error.
func (e *PanicError) Error() string { return "panic: " + e.Value }

// Recovered makes an error of what recover returned. The deferred function that
// recovers has to call it itself, because the stack is still that of the panic then.
func Recovered(v any) *PanicError {
	p := &PanicError{Value: fmt.Sprintf("%T", v), Stack: Stack()}
	if _, after, found := strings.Cut(p.Stack, "runtime.gopanic"); found {
		_, p.Stack, _ = strings.Cut(after, "\n")
		for strings.HasPrefix(p.Stack, "runtime.") {
			_, p.Stack, _ = strings.Cut(p.Stack, "\n")
		}
	}
	if err, isError := v.(error); isError {
		p.Value = Cause(err)
	}
	return p
}

// maxFrames bounds a stack that is kept.
const maxFrames = 40

// Stack is where the caller is, one function a line with its file and line, the
// innermost first. Unlike the stack of runtime/debug it has no arguments.
func Stack() string {
	counters := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters)])
	var b strings.Builder
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); f.Function != "" {
			fmt.Fprintf(&b, "%s (%s:%d)\n", f.Function, path.Base(f.File), f.Line)
		}
	}
	return b.String()
}

// StackOf is where the panic behind err happened; where there was none, it is where
// the caller is.
func StackOf(err error) string {
	var p *PanicError
	if errors.As(err, &p) {
		return p.Stack
	}
	_, above, _ := strings.Cut(Stack(), "\n")
	return above
}

// Cause names what an error consists of, the outermost first: codes of faults,
// codes of the database, messages of the runtime, fields that do not fit, and
// types of everything else. It repeats no message, because messages can quote data.
func Cause(err error) string {
	var parts []string
	add := func(s string) {
		if len(parts) == 0 || parts[len(parts)-1] != s {
			parts = append(parts, s)
		}
	}
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) { //nolint:errorlint // Every link of the chain is looked at by itself.
		case nil:
			return
		case *Error:
			add(e.Code)
		case *PanicError:
			add(e.Error())
		case runtime.Error:
			add(e.Error())
		case interface{ SQLState() string }:
			add("SQLSTATE " + e.SQLState())
		case *json.UnmarshalTypeError:
			add(fmt.Sprintf("%T: field %s is not of type %v", e, e.Field, e.Type))
		default:
			if name := fmt.Sprintf("%T", e); !strings.HasPrefix(name, "*fmt.wrapError") && name != "*errors.joinError" {
				add(name)
			}
		}
		switch e := err.(type) { //nolint:errorlint // As above.
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		case interface{ Unwrap() []error }:
			for _, each := range e.Unwrap() {
				walk(each)
			}
		}
	}
	walk(err)
	return strings.Join(parts, ": ")
}
