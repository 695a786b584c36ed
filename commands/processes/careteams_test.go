package processes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

func careTeams(c processes.Config) process.Process { return processes.CareTeams(c) }

// inDays is an instant so many days from the founding on.
func inDays(n int) time.Time { return founded.AddDate(0, 0, n) }

// covers puts somebody on a chart's team for some days.
func (h *house) covers(c id.Chart, who someone, from, until int) {
	h.t.Helper()
	_, err := commands.AddTeamMember.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.AddTeamMember{
		Member: who.member, Role: careteam.Clinician, Window: careteam.Window{From: inDays(from), Until: inDays(until)},
	})
	require.NoError(h.t, err)
}

// plans has somebody become the primary of a chart after some days.
func (h *house) plans(c id.Chart, who someone, in int) {
	h.t.Helper()
	_, err := commands.AssignClinician.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.AssignClinician{Clinician: who.member, EffectiveAt: inDays(in)})
	require.NoError(h.t, err)
}

// of are the events of a chart.
func (h *house) of(c id.Chart) (events []chart.Event) {
	h.t.Helper()
	for rec, err := range h.Store.ReadStream(h.t.Context(), chart.Stream(h.Group, c), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		events = append(events, env.Event.(chart.Event))
	}
	return events
}

// lastOf is the last event of a chart.
func (h *house) lastOf(c id.Chart) chart.Event {
	h.t.Helper()
	events := h.of(c)
	return events[len(events)-1]
}

func TestCareTeams_PlacesThatAreOverLeaveTheTeam(t *testing.T) {
	var covered, extended, removed id.Chart
	var ann, bob someone
	h := everywhere(t, pgtest.New(t), 6, func(h *house) {
		ann, bob = h.join("ann", access.User, true), h.join("bob", access.User, true)
		covered, extended, removed = h.open(ann), h.open(ann), h.open(ann)
		for _, c := range []id.Chart{covered, extended, removed} {
			h.covers(c, bob, 2, 9)
		}
		_, err := commands.ChangeTeamWindow.Give(t.Context(), h.engine, h.by(h.owner), extended, chart.ChangeTeamWindow{
			Member: bob.member, Window: careteam.Window{From: inDays(2), Until: inDays(30)},
		})
		require.NoError(t, err)
		_, err = commands.RemoveTeamMember.Give(t.Context(), h.engine, h.by(h.owner), removed, chart.RemoveTeamMember{Member: bob.member})
		require.NoError(t, err)
		h.Pass(20 * day)
	}, careTeams)
	week := careteam.Window{From: inDays(2), Until: inDays(9)}
	require.Equal(t, chart.TeamMemberRemoved{Member: bob.member, LastRole: careteam.Clinician, Window: week, Reason: "ended"}, h.lastOf(covered))
	require.IsType(t, chart.TeamWindowChanged{}, h.lastOf(extended))
	require.Equal(t, chart.TeamMemberRemoved{Member: bob.member, LastRole: careteam.Clinician, Window: week}, h.lastOf(removed))
}

func TestCareTeams_PlannedPrimaryIsMadeOnceOrLapses(t *testing.T) {
	var made, cancelled, replaced, lapsed id.Chart
	var ann, bob, cat someone
	h := everywhere(t, pgtest.New(t), 8, func(h *house) {
		ann, bob, cat = h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cat", access.User, true)
		made, cancelled, replaced, lapsed = h.open(ann), h.open(ann), h.open(ann), h.open(ann)
		for _, c := range []id.Chart{made, cancelled, replaced} {
			h.plans(c, bob, 3)
		}
		h.plans(lapsed, cat, 3)
		_, err := commands.CancelPlannedPrimary.Give(t.Context(), h.engine, h.by(h.owner), cancelled, chart.CancelPlannedPrimary{})
		require.NoError(t, err)
		_, err = commands.AssignClinician.Give(t.Context(), h.engine, h.by(h.owner), replaced, chart.AssignClinician{Clinician: cat.member})
		require.NoError(t, err)
		h.plans(replaced, ann, 60)
		_, err = commands.StartMemberRemoval.Give(t.Context(), h.engine, h.by(h.owner), group.StartMemberRemoval{
			Member: cat.member, Rehoming: group.Rehoming{Default: ann.member},
		})
		require.NoError(t, err)
		h.Pass(10 * day)
	}, careTeams)
	require.Equal(t, chart.PrimaryProfessionalChanged{From: ann.member, To: bob.member, Planned: inDays(3)}, h.lastOf(made))
	require.IsType(t, chart.PrimaryChangeCancelled{}, h.lastOf(cancelled))
	require.IsType(t, chart.PrimaryChangePlanned{}, h.lastOf(replaced), "what is planned for later waits")
	require.Equal(t, chart.PrimaryChangeLapsed{
		PlannedPrimary: careteam.PlannedPrimary{To: cat.member, EffectiveAt: inDays(3), By: h.owner.member}, Primary: ann.member, Reason: "not_active_clinician",
	}, h.lastOf(lapsed))
}

func TestCareTeams_ActAtTheInstantAndNotBefore(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	c := h.open(ann)
	h.plans(c, bob, 3)
	h.Pass(inDays(3).Sub(h.Now()) - time.Microsecond)
	h.live(never, careTeams)
	require.IsType(t, chart.PrimaryChangePlanned{}, h.lastOf(c))
	h.Pass(time.Microsecond)
	h.live(never, careTeams)
	require.IsType(t, chart.PrimaryProfessionalChanged{}, h.lastOf(c))
}

func TestCareTeams_OfAClosedPracticeWaitForNothing(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	_, err := commands.GrantPermission.Give(t.Context(), h.engine, h.by(h.owner), group.GrantPermission{
		Member: h.owner.member, Capability: access.ChartCreate, Scope: access.ScopeGroup,
	})
	require.NoError(t, err)
	h.plans(h.open(h.owner), ann, 3)
	_, err = commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: ann.member})
	require.NoError(t, err)
	h.live(never, careTeams)
	require.EqualValues(t, 1, h.timers("care_teams"))
	h.close()
	h.live(never, careTeams)
	require.Zero(t, h.timers("care_teams"))
}

func TestLetters_TellThoseConcernedThatAPlannedPrimaryDidNotBecomeIt(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.live(never, correspondence)
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	c := h.open(ann)
	h.plans(c, bob, 3)
	_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: bob.member})
	require.NoError(t, err)
	h.live(never, careTeams, correspondence)
	h.hush()
	h.Pass(3 * day)
	h.live(never, careTeams, correspondence)
	subject := []string{"A planned change at Elm Street was not made"}
	require.Equal(t, map[id.Account][]string{h.owner.account: subject, ann.account: subject}, h.told(), "who left is told nothing any more")
	for _, l := range h.letters() {
		require.NotContains(t, l.Text, "Doe", "nothing about the patient")
	}
}
