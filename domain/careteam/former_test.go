package careteam_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/careteam"
	"praxis/domain/id"
)

func TestFormerPlaces(t *testing.T) {
	removal := id.Derive[id.Event]("removal")
	primary := careteam.FormerPlace{Member: ana, Removal: removal, Role: careteam.Primary, To: ben, ToWas: careteam.Support}
	support := careteam.FormerPlace{Member: cho, Removal: removal, Role: careteam.Support}
	lost := careteam.FormerPlaces{}.Lost(primary).Lost(support)

	t.Run("AMB-14 a place that a removal took is remembered with its role", func(t *testing.T) {
		require.Equal(t, careteam.FormerPlaces{primary, support}, lost)
		p, ok := lost.Of(ana)
		require.True(t, ok)
		require.Equal(t, primary, p)
		_, ok = lost.Of(ben)
		require.False(t, ok)
	})
	t.Run("what was decided about the team is not", func(t *testing.T) {
		require.Empty(t, careteam.FormerPlaces{}.Lost(careteam.FormerPlace{Member: ana, Role: careteam.Primary, To: ben}))
	})
	t.Run("each member has lost one place at the most, the last one", func(t *testing.T) {
		again := support
		again.Member = ana
		require.Equal(t, careteam.FormerPlaces{support, again}, lost.Lost(again))
	})
	t.Run("whoever is on the team again has lost nothing", func(t *testing.T) {
		require.Equal(t, careteam.FormerPlaces{primary}, lost.Regained(cho))
		require.Equal(t, careteam.FormerPlaces{support}, lost.Reassigned(ana))
	})
	t.Run("another primary moves on from the place of the primary only, for good", func(t *testing.T) {
		moved := primary
		moved.MovedOn = true
		next := lost.Reassigned(id.Derive[id.Member]("dee"))
		require.Equal(t, careteam.FormerPlaces{moved, support}, next)
		require.Equal(t, next, next.Reassigned(ben))
	})
	t.Run("changes leave earlier values alone", func(t *testing.T) {
		require.Equal(t, careteam.FormerPlaces{primary, support}, lost)
	})
}
