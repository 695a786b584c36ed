package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
)

// whyOf is what the step of the role says about a chart on whose team I have a place.
func whyOf(t *testing.T, s access.Subject, step string, p access.Place) string {
	t.Helper()
	p.Member = me
	for _, taken := range access.Explain(s, access.RosterView, access.Resource{Group: practice, Clinician: other, Chart: farChart, Team: []access.Place{p}}, now).Steps {
		if taken.Name == step {
			return taken.Why
		}
	}
	require.Fail(t, "no step "+step)
	return ""
}

func TestAnExplanationSaysUntilWhenAPlaceOnTheTeamHolds(t *testing.T) {
	user := member(access.User)
	hour := now.Add(time.Hour)
	role := func(p access.Place) string { return whyOf(t, user, "held by the role", p) }
	const holds, only = "A user has this permission for what is their own, their care teams' or about them", " only, and this is something else."

	require.Equal(t, holds+". The member's place on the care team ends at 2025-03-03T10:00:00Z.", role(access.Place{Until: hour}))
	require.Equal(t, holds+".", role(access.Place{}))
	require.Equal(t, holds+only+" The member's place on the care team ended at 2025-03-03T09:00:00Z.", role(access.Place{Until: now}))
	require.Equal(t, holds+only+" The member's place on the care team begins at 2025-03-03T10:00:00Z.", role(access.Place{From: hour}))
}
