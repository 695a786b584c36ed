package conformance

import (
	"errors"
	"fmt"
	"reflect"
)

// shown is how much of a value a failure shows, in bytes.
const shown = 200

// fail notes a failure, with what the check says about it, and ends the check.
func fail(t T, about []any, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	if len(about) > 0 {
		if named, is := about[0].(string); is {
			text = fmt.Sprintf(named, about[1:]...) + ": " + text
		}
	}
	t.Errorf("%s", text)
	t.FailNow()
}

func short(v any) string {
	text := fmt.Sprintf("%v", v)
	if len(text) > shown {
		return text[:shown] + "…"
	}
	return text
}

func noError(t T, err error, about ...any) {
	t.Helper()
	if err != nil {
		fail(t, about, "failed with %q%s", err, because(err))
	}
}

// because tells the causes that a safe message leaves out.
func because(err error) string {
	if cause := errors.Unwrap(err); cause != nil {
		return fmt.Sprintf(", because %q", short(cause))
	}
	return ""
}

func isError(t T, err error, about ...any) {
	t.Helper()
	if err == nil {
		fail(t, about, "succeeded, but has to fail")
	}
}

func errorIs(t T, err, target error, about ...any) {
	t.Helper()
	if !errors.Is(err, target) {
		fail(t, about, "ended with %q, but has to end with %q", short(err), target)
	}
}

func errorAs[E error](t T, err error, target *E, about ...any) {
	t.Helper()
	if !errors.As(err, target) {
		fail(t, about, "ended with %q, but has to end with a %T", short(err), *target)
	}
}

func equal[V any](t T, want, got V, about ...any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		fail(t, about, "is %s, but has to be %s", short(got), short(want))
	}
}

func hasLen[E any](t T, all []E, n int, about ...any) {
	t.Helper()
	if len(all) != n {
		fail(t, about, "there are %d, but have to be %d", len(all), n)
	}
}

func isEmpty[E any](t T, all []E, about ...any) {
	t.Helper()
	hasLen(t, all, 0, about...)
}

func isTrue(t T, holds bool, about ...any) {
	t.Helper()
	if !holds {
		fail(t, about, "does not hold")
	}
}

func isFalse(t T, holds bool, about ...any) {
	t.Helper()
	isTrue(t, !holds, about...)
}
