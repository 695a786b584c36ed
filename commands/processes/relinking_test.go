package processes_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// comesBack reinstates somebody.
func (h *house) comesBack(who someone) {
	h.t.Helper()
	_, err := commands.ReinstateMember.Give(h.t.Context(), h.engine, h.by(h.owner), group.ReinstateMember{Member: who.member})
	require.NoError(h.t, err)
}

// relink asks for charts to be given back, all of them if none is named.
func (h *house) relink(who someone, charts ...id.Chart) commands.Receipt {
	h.t.Helper()
	receipt, err := commands.RelinkCharts.Give(h.t.Context(), h.engine, h.by(h.owner), group.RelinkCharts{Member: who.member, Charts: charts})
	require.NoError(h.t, err)
	return receipt
}

func (h *house) assign(c id.Chart, to someone) {
	h.t.Helper()
	_, err := commands.AssignClinician.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.AssignClinician{Clinician: to.member})
	require.NoError(h.t, err)
}

func (h *house) onTeam(c id.Chart, who someone, role careteam.Role) {
	h.t.Helper()
	_, err := commands.AddTeamMember.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.AddTeamMember{Member: who.member, Role: role})
	require.NoError(h.t, err)
}

func (h *house) offTeam(c id.Chart, who someone) {
	h.t.Helper()
	_, err := commands.RemoveTeamMember.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.RemoveTeamMember{Member: who.member})
	require.NoError(h.t, err)
}

// team returns what everybody is on a chart's team.
func (h *house) team(c id.Chart) map[id.Member]careteam.Role {
	h.t.Helper()
	var s chart.State
	for rec, err := range h.Store.ReadStream(h.t.Context(), chart.Stream(h.Group, c), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		chart.Evolve(&s, env.Event.(chart.Event))
	}
	team := map[id.Member]careteam.Role{s.Primary(): careteam.Primary}
	for _, p := range s.Team().Others() {
		team[p.Member] = p.Role
	}
	return team
}

func TestRelinking_KilledAnywhereItGoesOnWithoutDoubling(t *testing.T) {
	var ann, bob someone
	var helped, shared id.Chart
	h := everywhere(t, pgtest.New(t), 8, func(h *house) {
		ann, bob = h.join("ann", access.User, true), h.join("bob", access.User, true)
		h.open(ann)
		shared, helped = h.open(ann), h.open(bob)
		h.onTeam(shared, bob, careteam.Support)
		h.onTeam(helped, ann, careteam.Clinician)
		h.leave(ann, group.Rehoming{Default: bob.member})
		h.live(never, processes.Removals)
		h.offTeam(helped, ann)
		h.comesBack(ann)
		h.relink(ann)
	}, processes.Relinking)
	require.Equal(t, map[id.Member]int{ann.member: 2, bob.member: 1}, h.primaries())
	require.Equal(t, 3, h.last().(group.RelinkingCompleted).Relinked)
	t.Run("AMB-14 whoever stood in is again what they were before the removal", func(t *testing.T) {
		require.Equal(t, map[id.Member]careteam.Role{ann.member: careteam.Primary, bob.member: careteam.Support}, h.team(shared))
	})
	t.Run("AMB-14 a place on a care team that was taken meanwhile comes back with its role", func(t *testing.T) {
		require.Equal(t, map[id.Member]careteam.Role{bob.member: careteam.Primary, ann.member: careteam.Clinician}, h.team(helped))
	})
}

func TestRelinking_OnlyWhatTheRemovalTookComesBack(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob, cat := h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cat", access.User, true)
	given, taken, wandered := h.open(ann), h.open(ann), h.open(ann)
	h.assign(given, bob) // ann gave it away while she was here
	h.leave(ann, group.Rehoming{Default: bob.member})
	h.live(never, processes.Removals)
	h.assign(wandered, cat)
	h.assign(wandered, bob)
	h.comesBack(ann)

	t.Run("a chart that was moved on and back again was decided anew", func(t *testing.T) {
		_, err := commands.RelinkCharts.Give(t.Context(), h.engine, h.by(h.owner), group.RelinkCharts{Member: ann.member, Charts: []id.Chart{wandered}})
		require.Equal(t, "charts_not_returnable", fault.From(err).Code)
	})
	t.Run("AMB-14 only what the removal took is given back", func(t *testing.T) {
		started := h.relink(ann).Events[0].Event.(group.RelinkingStarted)
		require.Equal(t, []id.Chart{taken}, started.Charts)
		h.live(never, processes.Relinking)
		require.Equal(t, map[id.Member]int{ann.member: 1, bob.member: 2}, h.primaries())
		require.Equal(t, group.RelinkingCompleted{Member: ann.member, Removal: started.Removal, Relinked: 1}, h.last())
	})
	t.Run("a second time changes nothing", func(t *testing.T) {
		require.Empty(t, h.relink(ann).Events)
	})
}

func TestRelinking_ContinuesWithOtherCharts(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	first, second, third := h.open(ann), h.open(ann), h.open(ann)
	h.leave(ann, group.Rehoming{Default: bob.member})
	h.live(never, processes.Removals)
	h.comesBack(ann)
	h.relink(ann, first)
	h.relink(ann, first, second)
	h.live(never, processes.Relinking)
	require.Equal(t, 2, h.last().(group.RelinkingCompleted).Relinked, "both requests are one relinking")
	require.Equal(t, []id.Chart{third}, h.relink(ann).Events[0].Event.(group.RelinkingStarted).Charts)
	h.live(never, processes.Relinking)
	require.Equal(t, map[id.Member]int{ann.member: 3}, h.primaries())
}

func TestRelinking_EndsWhenTheyLeaveAgain(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	h.open(ann)
	h.leave(ann, group.Rehoming{Default: bob.member})
	h.live(never, processes.Removals)
	h.comesBack(ann)
	h.relink(ann)
	h.leave(ann, group.Rehoming{Default: bob.member})
	h.live(never, processes.Removals, processes.Relinking)
	require.Equal(t, map[id.Member]int{bob.member: 1}, h.primaries())
	require.Equal(t, group.MemberRemoved{Member: ann.member}, h.last())
}

func TestRelinking_WhatARuleKeepsIsNamed(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	c := h.open(ann)
	h.leave(ann, group.Rehoming{Default: bob.member})
	h.live(never, processes.Removals)
	h.comesBack(ann)
	removal := h.relink(ann).Events[0].Event.(group.RelinkingStarted).Removal
	away := id.Derive[id.Branch]("away")
	_, err := commands.CreateBranch.Give(t.Context(), h.engine, h.by(h.owner), group.CreateBranch{Branch: away, Name: "Away"})
	require.NoError(t, err)
	_, err = commands.SetClinicianBranches.Give(t.Context(), h.engine, h.by(h.owner), group.SetClinicianBranches{Clinician: ann.member, Branches: []id.Branch{away}})
	require.NoError(t, err)
	h.live(never, processes.Relinking)
	require.Equal(t, group.RelinkingCompleted{Member: ann.member, Removal: removal, Left: []id.Chart{c}}, h.last())
}

func TestRelinkChart_IsForTheProcess(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	_, err := commands.RelinkChart.Give(t.Context(), h.engine, h.by(h.owner), h.open(ann), commands.Relinking{Returner: ann.member})
	require.Equal(t, "process_only", fault.From(err).Code)
	_, err = commands.CompleteRelinking.Give(t.Context(), h.engine, h.by(h.owner), group.CompleteRelinking{Member: ann.member})
	require.Equal(t, "process_only", fault.From(err).Code)
}
