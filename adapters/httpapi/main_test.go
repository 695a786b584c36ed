package httpapi_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine of a stack outlives its test: shutting down leaves nothing behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}
