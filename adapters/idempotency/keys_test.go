package idempotency_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/idempotency"
	"praxis/adapters/postgres/pgtest"
	"praxis/domain/fault"
	"praxis/domain/id"
)

func TestKeys(t *testing.T) {
	keys := idempotency.Keys{Pool: pgtest.New(t)}
	now := time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	pay, refund := idempotency.Request{1}, idempotency.Request{2}
	claim := func(c id.Command, r idempotency.Request) (bool, error) { return keys.Claim(t.Context(), c, r, now) }

	t.Run("the first use claims a key, a repetition finds it", func(t *testing.T) {
		k := id.New[id.Command]()
		for _, want := range []bool{true, false, false} {
			first, err := claim(k, pay)
			require.NoError(t, err)
			require.Equal(t, want, first)
		}
	})
	t.Run("another request is refused", func(t *testing.T) {
		k := id.New[id.Command]()
		_, err := claim(k, pay)
		require.NoError(t, err)
		_, err = claim(k, refund)
		require.Equal(t, "idempotency_key_reused", fault.From(err).Code)
	})
	t.Run("a released key may stand for another request", func(t *testing.T) {
		k := id.New[id.Command]()
		_, err := claim(k, pay)
		require.NoError(t, err)
		require.NoError(t, keys.Release(t.Context(), k))
		first, err := claim(k, refund)
		require.NoError(t, err)
		require.True(t, first)
	})
	t.Run("of two different requests at once one gets the key", func(t *testing.T) {
		for range 20 {
			k := id.New[id.Command]()
			var both errgroup.Group
			won := make(chan bool, 2)
			for _, r := range []idempotency.Request{pay, refund} {
				both.Go(func() error {
					_, err := claim(k, r)
					won <- err == nil
					return nil
				})
			}
			require.NoError(t, both.Wait())
			one, other := <-won, <-won
			require.NotEqual(t, one, other)
		}
	})
	t.Run("keys are forgotten after thirty days, as new ones come", func(t *testing.T) {
		old := id.New[id.Command]()
		_, err := claim(old, pay)
		require.NoError(t, err)
		for range 20 {
			_, err = keys.Claim(t.Context(), id.New[id.Command](), pay, now.Add(30*24*time.Hour+time.Second))
			require.NoError(t, err)
		}
		first, err := keys.Claim(t.Context(), old, refund, now.Add(31*24*time.Hour))
		require.NoError(t, err)
		require.True(t, first)
	})
}
