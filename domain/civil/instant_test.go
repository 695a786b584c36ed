package civil_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

func TestFoundT5_InstantsAreWholeSeconds(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 0, 0, 0, time.FixedZone("", 3600))
	kept, err := civil.Instant(at)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC), kept)
	for _, fraction := range []time.Duration{1, 100, time.Microsecond, time.Millisecond, time.Second - 1} {
		_, err := civil.Instant(at.Add(fraction))
		require.Equal(t, "instant_not_whole_seconds", fault.From(err).Code)
	}
}

func TestRecorded(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 0, 0, 100, time.UTC)
	require.Equal(t, at.Add(-100), civil.Recorded(at), "what Postgres cuts off, the fold cuts off")
	require.Equal(t, at.Add(-100).Add(time.Microsecond), civil.Recorded(at.Add(time.Microsecond)))
}
