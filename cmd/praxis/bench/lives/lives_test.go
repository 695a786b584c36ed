package lives_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/es"
)

func TestOf(t *testing.T) {
	streams, err := lives.Of(0)
	require.NoError(t, err, "the domain refuses nothing")
	events := map[es.Category]int{}
	for _, s := range streams {
		events[s.Name.Category()] += len(s.Events)
	}
	require.Len(t, events, 5, "groups, charts, calendars with their policies, and ledgers")
	for category, n := range events {
		require.Positive(t, n, category)
	}
	again, err := lives.Of(0)
	require.NoError(t, err)
	require.Equal(t, streams, again)
	other, err := lives.Of(1)
	require.NoError(t, err)
	require.NotEqual(t, streams[0].Name, other[0].Name)
}
