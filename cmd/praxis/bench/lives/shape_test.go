package lives_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestTell(t *testing.T) {
	shape := lives.Shape{
		Clinicians: 4, Managers: 2, Assistants: 2, Invited: 3, Charts: 40, Visits: 1, Months: 2, Days: 30,
		Began: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Grants: []access.Capability{access.ChartCreate},
		Plan: pricing.TherapistPremium, Patient: id.New[id.Account](),
		Account: func(n int) id.Account { return id.Derive[id.Account]("signs in", string(rune('a'+n))) },
	}
	var names []string
	charts := map[id.Chart]chart.State{}
	var practice group.State
	require.NoError(t, lives.Tell(3, shape, func(s lives.Stream) error {
		names = append(names, string(s.Name))
		switch s.Name.Category() {
		case group.Stream(lives.Group(3)).Category():
			practice = group.Aggregate().New()
			for _, e := range s.Events {
				event, is := e.(group.Event)
				require.True(t, is)
				group.Evolve(&practice, event)
			}
		case "chart":
			state := chart.Aggregate().New()
			for _, e := range s.Events {
				event, is := e.(chart.Event)
				require.True(t, is)
				chart.Evolve(&state, event)
			}
			charts[state.Chart] = state
		}
		return nil
	}), "the domain refuses nothing")
	require.Equal(t, string(group.Stream(lives.Group(3))), names[0], "the practice comes first")
	require.Len(t, charts, shape.Charts)
	require.Equal(t, lives.Member(lives.Group(3), 1), charts[lives.Chart(lives.Group(3), 1, 0)].Primary())
	for n := range shape.Clinicians + shape.Managers + shape.Assistants {
		m, known := practice.Member(lives.Member(lives.Group(3), n))
		require.True(t, known)
		require.Equal(t, shape.Account(n), m.Account)
	}
}
