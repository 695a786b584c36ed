package readiness_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/readiness"
)

func boardOf(check func(context.Context) error) *readiness.Board {
	return &readiness.Board{Timeout: time.Second, Parts: []readiness.Part{{Name: readiness.Database, Check: check}}}
}

// A look that follows another at once asks the parts anew: one that has just answered
// is not taken for one that hangs.
func TestLook_OneRightAfterTheOther(t *testing.T) {
	b := boardOf(func(context.Context) error { return nil })
	for range 2_000 {
		require.Equal(t, readiness.Ready, b.Look(t.Context())[0].State)
	}
}

// A part whose check hangs holds up neither this look nor the next, and is asked
// again once the check has returned.
func TestLook_APartThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		asked := 0
		b := boardOf(func(context.Context) error { asked++; <-free; return nil })
		for range 3 {
			f := b.Look(t.Context())[0]
			require.Equal(t, readiness.Unavailable, f.State)
			require.Equal(t, "no_answer", f.Fault.Code)
		}
		require.Equal(t, 1, asked, "another check would only hang beside the first")
		close(free)
		synctest.Wait()
		require.Equal(t, readiness.Ready, b.Look(t.Context())[0].State)
	})
}

func TestLook_AtTheEnd(t *testing.T) {
	b := boardOf(func(context.Context) error { return errors.New("secret") })
	b.Stop()
	found := b.Look(t.Context())
	require.Equal(t, []string{readiness.Database, readiness.Server}, []string{found[0].Part, found[1].Part})
	require.Equal(t, "server_stopping", found[1].Fault.Code)
	require.NotContains(t, found[0].Fault.Message, "secret")
}
