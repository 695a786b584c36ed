package roster_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

var (
	noon    = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	glassOf = func(n int) id.Event { return id.Derive[id.Event]("glass", string(rune('0'+n))) }
)

// at is an event of a chart that was recorded so many minutes after noon.
func at(minutes, n int, event chart.Event) projtest.Event {
	e := on(n, event)
	e.At = noon.Add(time.Duration(minutes) * time.Minute)
	return e
}

func breaks(n int, m id.Member, until time.Time) chart.BreakGlassOpened {
	return chart.BreakGlassOpened{Glass: glassOf(n), Member: m, ReasonCode: chart.RiskOfHarm, Text: "She calls", ExpiresAt: until, Tell: []id.Member{ana}}
}

// broken lists a query's answer: the patients.
func broken(t *testing.T, pool *pgxpool.Pool, q roster.GlassQuery) (patients []string) {
	t.Helper()
	for {
		page, err := roster.Broken(t.Context(), pool, q)
		require.NoError(t, err)
		for _, b := range page.Glass {
			patients = append(patients, b.GivenName)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return patients
		}
	}
}

func TestGlass(t *testing.T) {
	spec, pool := given(t,
		created(1, "Ada", "Cole", ana, main), created(2, "Bo", "Abbott", ana, river), created(3, "Cy", "Zhang", ana, main), created(4, "Di", "Yu", ana, main),
		at(1, 1, breaks(1, ben, noon.Add(time.Hour))), at(2, 2, breaks(2, ben, noon.Add(time.Hour))),
		at(3, 3, breaks(3, ben, noon.Add(time.Hour))), at(4, 4, breaks(4, ben, noon.Add(time.Hour))),
		at(5, 2, chart.BreakGlassClosed{Glass: glassOf(2), Member: ben, By: ben}),
		at(6, 3, chart.BreakGlassClosed{Glass: glassOf(3), Member: ben, By: ana}),
		at(7, 3, chart.BreakGlassReviewed{Glass: glassOf(3), Member: ben, By: ana, Verdict: chart.Unjustified, Text: "Curiosity"}),
	)
	at := func(now time.Time, status roster.GlassStatus) roster.GlassQuery {
		return roster.GlassQuery{Reach: everything(practice), Status: status, Now: now, Limit: 2}
	}
	t.Run("§2.2 each time is open, awaits its review or is reviewed, at every instant exactly one of them", func(t *testing.T) {
		require.Equal(t, []string{"Di", "Cy", "Bo", "Ada"}, broken(t, pool, at(noon, "")))
		before, after := noon.Add(time.Hour-time.Second), noon.Add(time.Hour)
		for _, spec := range []struct {
			now    time.Time
			status roster.GlassStatus
			want   []string
		}{
			{before, roster.GlassOpen, []string{"Di", "Ada"}},
			{before, roster.GlassAwaitingReview, []string{"Bo"}},
			{before, roster.GlassReviewed, []string{"Cy"}},
			{after, roster.GlassOpen, nil},
			{after, roster.GlassAwaitingReview, []string{"Di", "Bo", "Ada"}},
			{after, roster.GlassReviewed, []string{"Cy"}},
		} {
			require.Equal(t, spec.want, broken(t, pool, at(spec.now, spec.status)), "%s at %s", spec.status, spec.now)
		}
		all, err := roster.Broken(t.Context(), pool, roster.GlassQuery{Reach: everything(practice), Limit: 4})
		require.NoError(t, err)
		for i, want := range []roster.GlassStatus{roster.GlassOpen, roster.GlassReviewed, roster.GlassAwaitingReview, roster.GlassOpen} {
			require.Equal(t, want, all.Glass[i].Status(before))
		}
		require.Equal(t, roster.GlassAwaitingReview, all.Glass[0].Status(after))
	})
	t.Run("§2.2 it is told who, when, why and what a review came to", func(t *testing.T) {
		b, err := roster.FindGlass(t.Context(), pool, everything(practice), chartN(3), glassOf(3))
		require.NoError(t, err)
		closed, reviewed, by := noon.Add(6*time.Minute), noon.Add(7*time.Minute), ana
		for _, instant := range []*time.Time{&b.OpenedAt, &b.Until, b.Closed, b.ReviewedAt} {
			*instant = instant.UTC()
		}
		require.Equal(t, roster.BrokenGlass{
			Glass: glassOf(3), Chart: chartN(3), GivenName: "Cy", FamilyName: "Zhang", Member: ben, Reason: chart.RiskOfHarm, Text: "She calls",
			OpenedAt: noon.Add(3 * time.Minute), Until: noon.Add(time.Hour), Closed: &closed, By: &by,
			ReviewedAt: &reviewed, Reviewer: &by, Verdict: chart.Unjustified, Review: "Curiosity",
		}, b)
	})
	t.Run("of a chart beyond reach, of another chart and of another practice there is none", func(t *testing.T) {
		river := access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Branches: []id.Branch{river}}}}}
		require.Equal(t, []string{"Bo"}, broken(t, pool, roster.GlassQuery{Reach: river, Limit: 9}))
		hidden := everything(practice)
		hidden.Parts[0].Except.Charts = []id.Chart{chartN(1), chartN(3)}
		require.Equal(t, []string{"Di", "Bo"}, broken(t, pool, roster.GlassQuery{Reach: hidden, Limit: 9}))
		require.Empty(t, broken(t, pool, roster.GlassQuery{Reach: everything(elsewhere), Limit: 9}))
		require.Empty(t, broken(t, pool, roster.GlassQuery{Limit: 9}))
		for _, find := range []struct {
			reach access.Reach
			chart id.Chart
		}{{river, chartN(3)}, {everything(practice), chartN(1)}, {everything(elsewhere), chartN(3)}} {
			_, err := roster.FindGlass(t.Context(), pool, find.reach, find.chart, glassOf(3))
			require.ErrorContains(t, err, "was not broken that time")
		}
	})
	t.Run("the gate knows the glass that is not closed", func(t *testing.T) {
		guards, err := roster.Guards(t.Context(), pool, practice)
		require.NoError(t, err)
		require.ElementsMatch(t, []access.Guard{
			{Chart: chartN(1), Primary: ana, Glass: []access.BrokenGlass{{Member: ben, Until: noon.Add(time.Hour), Event: glassOf(1)}}},
			{Chart: chartN(4), Primary: ana, Glass: []access.BrokenGlass{{Member: ben, Until: noon.Add(time.Hour), Event: glassOf(4)}}},
		}, guards)
	})
	spec.Then("select count(*) from break_glass", `{"count":4}`)
}
