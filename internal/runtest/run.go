// Package runtest runs beside a test what runs until its context ends, such as a
// process manager, a projection or an outbox, and waits for its result. It may
// import test libraries.
package runtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long Until waits: longer than anything takes that works.
const patience = time.Minute

// Start runs something until the returned function is called or the test ends.
// Both wait until it has ended, which must not be with an error.
func Start(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return stop
}

// Until asks again and again until the answer is as said, and returns that
// answer. The test fails if it never comes to that within a minute.
func Until[T any](t testing.TB, ask func(context.Context) T, holds func(T) bool) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for {
		answer := ask(ctx)
		if holds(answer) {
			return answer
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			require.FailNow(t, "it never came to that", "%+v", answer)
		}
	}
}
