package projections_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/quarantine"
)

// A practice is told of its own gaps, and of those that may be anybody's.
func TestReflects_TheGapsOfAPractice(t *testing.T) {
	b := newBench(t, "one", "two")
	r := b.runner()
	require.NoError(t, projections.Install(t.Context(), b.pool, r.Projectors...))
	elm, oak := id.Derive[id.Group]("elm"), id.Derive[id.Group]("oak")
	entry := func(build, stream string, of *id.Group) quarantine.Entry {
		e, now := id.New[id.Event](), b.config().Clock()
		return quarantine.Entry{
			Follower: "projection " + build, Subject: "projection one", Scope: stream, Stream: es.Stream(stream), Event: &e, Group: of,
			Failure: json.RawMessage(`{}`), ParkedAt: now, SkippedAt: &now, SkippedBy: "pat", Reason: "of no use",
		}
	}
	park := func(build, stream string, of *id.Group) {
		require.NoError(t, quarantine.Park(t.Context(), b.pool, entry(build, stream, of)))
	}
	gap := func(g id.Group, models ...string) quarantine.Gap {
		reflected, err := r.Reflects(t.Context(), g, models...)
		require.NoError(t, err)
		return reflected.Gap
	}
	require.Zero(t, gap(elm, "one"))
	park("one_v1", "chart-1", &elm)
	park("one_v1", "chart-2", &elm)
	require.NoError(t, quarantine.Skip(t.Context(), b.pool, entry("one_v1", "chart-3", &elm)))
	park("two_v1", "chart-4", &elm)
	require.Equal(t, quarantine.Gap{Parked: 2, Skipped: 1}, gap(elm, "one"))
	require.Equal(t, quarantine.Gap{Parked: 3, Skipped: 1}, gap(elm, "one", "two"))
	require.Zero(t, gap(oak, "one"), "another practice's does not show")
	park("one_v1", "account-1", nil)
	require.Equal(t, quarantine.Gap{Parked: 3, Skipped: 1}, gap(elm, "one"))
	require.Equal(t, quarantine.Gap{Parked: 1}, gap(oak, "one"))
}
