package cursors_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/cursors"
	"praxis/adapters/postgres/pgtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

func TestSealer(t *testing.T) {
	pool := pgtest.New(t)
	ctx := t.Context()
	t.Run("servers that start together share one key", func(t *testing.T) {
		servers := make([]cursors.Sealer, 8)
		sealed := make([]string, len(servers))
		var group errgroup.Group
		for n := range servers {
			servers[n].Pool = pool
			group.Go(func() (err error) {
				sealed[n], err = servers[n].Seal(ctx, "list", "Lovelace")
				return err
			})
		}
		require.NoError(t, group.Wait())
		for n := range servers {
			opened, ok, err := servers[n].Open(ctx, "list", sealed[(n+1)%len(sealed)])
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, "Lovelace", opened)
		}
	})
	t.Run("what belongs elsewhere, or was not sealed here, stays shut", func(t *testing.T) {
		s := cursors.Sealer{Pool: pool}
		sealed, err := s.Seal(ctx, "list", "Lovelace")
		require.NoError(t, err)
		elsewhere := cursors.Sealer{Pool: pgtest.New(t)}
		foreign, err := elsewhere.Seal(ctx, "list", "Lovelace")
		require.NoError(t, err)
		for _, c := range []struct{ bound, sealed string }{{"another", sealed}, {"list", foreign}, {"list", ""}, {"list", "AAAA"}, {"list", "no base64!"}, {"list", sealed + "A"}} {
			_, ok, err := s.Open(ctx, c.bound, c.sealed)
			require.NoError(t, err)
			require.False(t, ok)
		}
	})
	t.Run("without its key it fails and says nothing of what it seals", func(t *testing.T) {
		bare := cursors.Sealer{Pool: pgtest.New(t)}
		_, err := bare.Pool.Exec(ctx, "drop table praxis.cursor_key")
		require.NoError(t, err)
		_, err = bare.Seal(ctx, "list", "Lovelace")
		require.ErrorContains(t, err, "SQLSTATE 42P01")
		require.NotContains(t, err.Error(), "Lovelace")
	})
}
