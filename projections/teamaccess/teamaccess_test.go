package teamaccess_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/projtest"
	"praxis/projections/teamaccess"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	practice  = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	elsewhere = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1")
	one       = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	people    = map[id.Member]string{}
	ana       = person("a", "ana")
	ben       = person("b", "ben")
	cho       = person("c", "cho")
)

func person(digit, name string) id.Member {
	m := id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000" + digit)
	people[m] = name
	return m
}

// minute is the n-th minute of the history.
func minute(n int) time.Time { return time.Date(2026, 3, 2, 14, n, 0, 0, time.UTC) }

func onChart(n int, event chart.Event) projtest.Event {
	return projtest.Event{Stream: chart.Stream(practice, one), Event: event, At: minute(n)}
}

func inGroup(n int, event group.Event) projtest.Event {
	return projtest.Event{Stream: group.Stream(practice), Event: event, At: minute(n)}
}

// joined is a member who came by an invitation.
func joined(n int, m id.Member) projtest.Event {
	return inGroup(n, group.MemberJoined{Member: m, Role: access.User, Clinician: true})
}

func opened(n int, primary id.Member) projtest.Event {
	return onChart(n, chart.Created{Chart: one, Group: practice, FamilyName: "Cole", Primary: primary, PrimaryRule: chart.ByChoice})
}

func given(t testing.TB, events ...projtest.Event) (*projtest.Spec, *pgxpool.Pool) {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, slices.Concat(chart.Events(), group.Events()))
	require.NoError(t, err)
	pool := pgtest.New(t)
	return projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: teamaccess.Projector{}}, events...), pool
}

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

// told says who had access from when until when, in minutes.
func told(t testing.TB, pool *pgxpool.Pool, at *time.Time) (lines []string) {
	intervals, err := teamaccess.Intervals(t.Context(), pool, teamaccess.Query{Reach: everything(practice), Chart: one, At: at})
	require.NoError(t, err)
	for _, i := range intervals {
		until := ""
		if i.Until != nil {
			until = fmt.Sprint(i.Until.UTC().Minute())
		}
		lines = append(lines, fmt.Sprintf("%s %s %d-%s", people[i.Member], i.Role, i.From.UTC().Minute(), until))
	}
	return lines
}

func on(n int) *time.Time {
	at := minute(n)
	return &at
}

func TestTeamAccess(t *testing.T) {
	spec, pool := given(t, inGroup(0, group.GroupCreated{Group: practice, Owner: cho}), joined(1, ana), joined(2, ben), opened(5, ana))
	t.Run("H-4 the team's members come and go", func(t *testing.T) {
		spec.When(onChart(6, chart.TeamMemberAdded{Member: ben, Role: careteam.Support}), onChart(8, chart.TeamMemberRemoved{Member: ben, LastRole: careteam.Support}))
		require.Equal(t, []string{"ana primary 5-", "ben support 6-8"}, told(t, pool, nil))
	})
	t.Run("H-6 another role is another interval", func(t *testing.T) {
		spec.When(onChart(9, chart.TeamMemberAdded{Member: ben, Role: careteam.Support}), onChart(10, chart.TeamRoleChanged{Member: ben, From: careteam.Support, To: careteam.Clinician}))
		require.Equal(t, []string{"ana primary 5-", "ben support 6-8", "ben support 9-10", "ben clinician 10-"}, told(t, pool, nil))
	})
	t.Run("H-2 the primary changes in one instant; the former may stay", func(t *testing.T) {
		spec.When(onChart(12, chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician}))
		require.Equal(t, []string{"ana primary 5-12", "ben clinician 10-12"}, told(t, pool, on(11)))
		require.Equal(t, []string{"ana clinician 12-", "ben primary 12-"}, told(t, pool, on(12)))
	})
	t.Run("AMB-14 who leaves has no access from that instant on, whatever the team says", func(t *testing.T) {
		spec.When(inGroup(15, group.MemberAccessRevoked{Member: ben, RevokedBy: cho}))
		require.Equal(t, []string{"ana clinician 12-", "ben primary 12-15"}, told(t, pool, on(14)))
		require.Equal(t, []string{"ana clinician 12-"}, told(t, pool, on(15)))
	})
	t.Run("AMB-14 who comes back has what the team still gives", func(t *testing.T) {
		spec.When(inGroup(20, group.MemberReinstated{Member: ben, Role: access.User, ReinstatedBy: cho}))
		require.Equal(t, []string{"ana clinician 12-", "ben primary 20-"}, told(t, pool, on(20)))
	})
	t.Run("AMB-14 a custodian takes the primary's place", func(t *testing.T) {
		spec.When(onChart(24, chart.TeamMemberAdded{Member: cho, Role: careteam.Support}), onChart(25, chart.PlacedInCustody{From: ben, Custodian: cho}))
		require.Equal(t, []string{"ana clinician 12-", "cho custodian 25-"}, told(t, pool, on(30)))
	})
	t.Run("what is not about the team changes nothing", func(t *testing.T) {
		spec.When(onChart(26, chart.Archived{Reason: "moved", StatusAtArchive: chart.Active}), inGroup(27, group.BranchCreated{Branch: id.MustParse[id.Branch]("00000000-0000-4000-8000-0000000000b2"), Name: "Riverside"}))
		require.Equal(t, []string{
			"ana primary 5-12", "ben support 6-8", "ben support 9-10", "ben clinician 10-12",
			"ana clinician 12-", "ben primary 12-15", "ben primary 20-25", "cho support 24-25", "cho custodian 25-",
		}, told(t, pool, nil))
	})
	t.Run("a rebuild gives the same rows", func(*testing.T) {
		spec.Then("select count(*), count(ends_at) as ended from membership", `{"count":4,"ended":1}`).
			Then("select count(*), count(ended_with) as ended from on_team", `{"count":8,"ended":6}`)
	})
	t.Run("a place that is bounded in time begins and ends by itself", func(t *testing.T) {
		cover := careteam.Window{From: minute(40), Until: minute(50)}
		spec.When(onChart(35, chart.TeamMemberAdded{Member: ben, Role: careteam.Clinician, Window: cover}))
		covers := func(at *time.Time) bool { return slices.Contains(told(t, pool, at), "ben clinician 40-50") }
		require.Equal(t, []bool{false, true, false}, []bool{covers(on(39)), covers(on(40)), covers(on(50))})
		require.True(t, covers(nil))
	})
	t.Run("its window is changed, and kept with another role", func(t *testing.T) {
		longer := careteam.Window{From: minute(40), Until: minute(55)}
		spec.When(onChart(45, chart.TeamWindowChanged{Member: ben, Role: careteam.Clinician, From: careteam.Window{From: minute(40), Until: minute(50)}, To: longer}),
			onChart(52, chart.TeamRoleChanged{Member: ben, From: careteam.Clinician, To: careteam.Support, Window: longer}))
		intervals := told(t, pool, nil)
		require.Equal(t, []string{"ben clinician 40-45", "ben clinician 45-52", "ben support 52-55"}, intervals[len(intervals)-3:])
	})
	t.Run("before the chart was opened nobody had access; no such chart is another matter", func(t *testing.T) {
		require.Empty(t, told(t, pool, on(4)))
		for name, q := range map[string]teamaccess.Query{
			"another practice": {Reach: everything(elsewhere), Chart: one},
			"no reach":         {Chart: one},
			"no chart":         {Reach: everything(practice), Chart: id.New[id.Chart]()},
			"a reach that knows clinicians only": {
				Reach: access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{Clinicians: []id.Member{ana}}}}}, Chart: one,
			},
		} {
			_, err := teamaccess.Intervals(t.Context(), pool, q)
			require.ErrorIs(t, err, fault.New(fault.NotFound, "chart_not_found", ""), name)
		}
	})
}

// TestIntervalsAreTheFold draws histories and asks for every minute of them: the
// intervals must say what folding both streams up to then says.
func TestIntervalsAreTheFold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		team := chart.Aggregate().New()
		members := map[id.Member]bool{ana: true, ben: true, cho: true}
		everybody := []id.Member{ana, ben, cho}
		events := []projtest.Event{inGroup(0, group.GroupCreated{Group: practice, Owner: cho}), joined(0, ana), joined(0, ben), opened(1, ana)}
		chart.Evolve(&team, events[3].Event.(chart.Event))
		want := map[int][]id.Member{1: {ana}}
		for n := 2; n < 2+rapid.IntRange(0, 20).Draw(rt, "events"); n++ {
			m := rapid.SampledFrom(everybody).Draw(rt, "member")
			var next chart.Event
			onTeam := slices.Contains(team.Team().OtherMembers(), m)
			switch happens := rapid.SampledFrom([]string{"membership", "joins", "joins", "leaves", "custody", "primary"}).Draw(rt, "happens"); {
			case happens == "membership":
				if members[m] {
					events = append(events, inGroup(n, group.MemberAccessRevoked{Member: m, RevokedBy: cho}))
				} else {
					events = append(events, inGroup(n, group.MemberReinstated{Member: m, ReinstatedBy: cho}))
				}
				members[m] = !members[m]
			case m == team.Primary():
				next = chart.BranchChanged{}
			case happens == "leaves" && onTeam:
				next = chart.TeamMemberRemoved{Member: m, LastRole: careteam.Clinician}
			case happens == "custody":
				next = chart.PlacedInCustody{From: team.Primary(), Custodian: m}
			case happens == "primary":
				next = chart.PrimaryProfessionalChanged{From: team.Primary(), To: m, FormerBecomes: rapid.SampledFrom([]careteam.Role{"", careteam.Support}).Draw(rt, "former")}
			case happens == "joins" && !onTeam:
				next = chart.TeamMemberAdded{Member: m, Role: careteam.Clinician}
			}
			if next != nil {
				events = append(events, onChart(n, next))
				chart.Evolve(&team, next)
			}
			for _, m := range append([]id.Member{team.Primary()}, team.Team().OtherMembers()...) {
				if members[m] {
					want[n] = append(want[n], m)
				}
			}
		}
		_, pool := given(t, events...)
		for n, expected := range want {
			intervals, err := teamaccess.Intervals(t.Context(), pool, teamaccess.Query{Reach: everything(practice), Chart: one, At: on(n)})
			require.NoError(rt, err)
			var got []id.Member
			for _, i := range intervals {
				got = append(got, i.Member)
			}
			require.ElementsMatch(rt, expected, got, "minute %d", n)
		}
	})
}
