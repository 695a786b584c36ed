package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/domain/fault"
)

func TestFoundW15_AClockThatIsWrongIsNamed(t *testing.T) {
	// The issuer lives an hour ahead of this server.
	newSkewed := func(t *testing.T, date time.Time) *fixture {
		f := newFixture(t)
		f.issuer.change(func(i *testIssuer) { i.date = date })
		require.NoError(t, ignoreClock(f.verifier.Ready(t.Context())))
		return f
	}
	ahead := func(f *fixture) map[string]any {
		c := f.claims()
		later := f.clock.Now().Add(time.Hour)
		c["nbf"], c["iat"], c["auth_time"], c["exp"] = later.Unix(), later.Unix(), later.Unix(), later.Add(time.Hour).Unix()
		return c
	}

	t.Run("to whom it happens", func(t *testing.T) {
		f := newSkewed(t, time.Time{})
		_, err := f.verifier.Verify(t.Context(), f.token(t, ahead(f)))
		require.ErrorIs(t, err, auth.ErrTokenNotYetValid)
		require.Contains(t, fault.From(err).Message, "the clock of the server or of the sign-in service is wrong")
	})
	t.Run("in readiness, by the tokens", func(t *testing.T) {
		f := newSkewed(t, time.Time{})
		require.NoError(t, f.verifier.Ready(t.Context()))
		_, err := f.verifier.Verify(t.Context(), f.token(t, ahead(f)))
		require.ErrorIs(t, err, auth.ErrTokenNotYetValid)
		require.EqualError(t, f.verifier.Ready(t.Context()), "clock_differs: The clock of this server refuses tokens as not yet valid, the last one by 1h0m0s. Set the clock that is wrong, and let it be kept right (NTP).")
		_, err = f.verifier.Verify(t.Context(), f.token(t, f.claims()))
		require.NoError(t, err)
		require.NoError(t, f.verifier.Ready(t.Context()), "over with the next good token")
	})
	t.Run("in readiness, by the issuer's own time", func(t *testing.T) {
		f := newSkewed(t, noon.Add(time.Hour))
		require.EqualError(t, f.verifier.Ready(t.Context()), "clock_differs: The clock of this server is 1h0m0s behind the clock of the sign-in service. Set the clock that is wrong, and let it be kept right (NTP).")
		_, err := f.verifier.Verify(t.Context(), f.token(t, ahead(f)))
		require.ErrorIs(t, err, auth.ErrTokenNotYetValid)
		require.ErrorContains(t, f.verifier.Ready(t.Context()), "refuses tokens as not yet valid, the last one by 1h0m0s: it is 1h0m0s behind the clock of the sign-in service.")
		require.ErrorContains(t, newSkewed(t, noon.Add(-time.Minute)).verifier.Ready(t.Context()), "is 1m0s ahead of the clock")
		require.NoError(t, newSkewed(t, noon.Add(29*time.Second)).verifier.Ready(t.Context()), "half a minute is what everybody is granted")
	})
}

func ignoreClock(err error) error {
	if err != nil && fault.From(err).Code == "clock_differs" {
		return nil
	}
	return err
}
