package processes_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// leave starts the removal of a member.
func (h *house) leave(who someone, plan group.Rehoming) {
	h.t.Helper()
	_, err := commands.StartMemberRemoval.Give(h.t.Context(), h.engine, h.by(h.owner), group.StartMemberRemoval{Member: who.member, Rehoming: plan})
	require.NoError(h.t, err)
}

// primaries counts the charts of every member.
func (h *house) primaries() map[id.Member]int {
	h.t.Helper()
	facts, err := roster{h}.ChartsOf(h.t.Context(), h.Group)
	require.NoError(h.t, err)
	n := map[id.Member]int{}
	for _, f := range facts {
		n[f.Primary]++
	}
	return n
}

// moves lists, per chart, how often it changed its primary.
func (h *house) moves() []int {
	h.t.Helper()
	n := map[es.Stream]int{}
	for rec, err := range h.Store.ReadAll(h.t.Context(), []es.Category{chart.Category}, es.Position{}) {
		require.NoError(h.t, err)
		if rec.Type == "chart.primary_professional_changed" {
			n[rec.Stream]++
		}
	}
	var list []int
	for _, times := range n {
		list = append(list, times)
	}
	return list
}

func (h *house) last() group.Event {
	h.t.Helper()
	events := h.events()
	return events[len(events)-1]
}

func TestRemovals_KilledAnywhereTheyGoOnWithoutDoubling(t *testing.T) {
	var ann, bob, cat someone
	h := everywhere(t, pgtest.New(t), 10, func(h *house) {
		ann, bob, cat = h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cat", access.User, true)
		first := h.open(ann)
		h.open(ann)
		h.open(ann)
		h.open(bob)
		h.leave(ann, group.Rehoming{Charts: []group.Reassignment{{Chart: first, To: cat.member}}, Default: bob.member})
	}, processes.Removals)
	require.Equal(t, map[id.Member]int{bob.member: 3, cat.member: 1}, h.primaries())
	require.Equal(t, group.MemberRemoved{Member: ann.member, ChartsMoved: 3}, h.last())
}

// Vector 4 (SCN-4), and AMB-14: access ends at once, a crash after 50 charts loses and doubles nothing.
func TestRemovals_AClinicianLeavesWith120Charts(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	var charts []id.Chart
	for n := range 120 {
		c := h.open(ann)
		charts = append(charts, c)
		if n%24 == 0 {
			_, err := commands.ArchiveChart.Give(t.Context(), h.engine, h.by(h.owner), c, chart.Archive{Reason: "moved away"})
			require.NoError(t, err)
		}
	}
	dayBefore := h.Now()
	h.Pass(day)
	h.leave(ann, group.Rehoming{Default: bob.member})
	_, err := h.engine.AdmitTo(t.Context(), h.by(ann), question, access.Resource{Group: h.Group, Clinician: ann.member})
	require.Equal(t, "permission_denied", fault.From(err).Code, "access is gone before a single chart moved")

	// Every append is a place before it and one after it.
	require.True(t, h.live(2*50, processes.Removals))
	require.Equal(t, map[id.Member]int{ann.member: 70, bob.member: 50}, h.primaries())

	require.False(t, h.live(never, processes.Removals))
	require.Equal(t, map[id.Member]int{bob.member: 120}, h.primaries())
	require.Equal(t, slices.Repeat([]int{1}, 120), h.moves(), "no chart moved twice")
	require.Equal(t, group.MemberRemoved{Member: ann.member, ChartsMoved: 120}, h.last())

	t.Run("vector 4: as of the day before, the charts are the leaver's", func(t *testing.T) {
		rules := func(c id.Chart, at time.Time) map[id.Member]string {
			answer, err := h.engine.AccessAsOf(t.Context(), h.by(h.owner), commands.AccessQuestion{Capability: access.ChartClinicalView, Chart: c}, at)
			require.NoError(t, err)
			found := map[id.Member]string{}
			for _, m := range answer.Members {
				found[m.Member] = m.Rule
			}
			return found
		}
		for _, c := range []id.Chart{charts[0], charts[119]} { // the first is archived
			require.Equal(t, map[id.Member]string{h.owner.member: access.RuleDefaultDeny, ann.member: "role:user/own", bob.member: access.RuleDefaultDeny}, rules(c, dayBefore))
			require.Equal(t, map[id.Member]string{h.owner.member: access.RuleDefaultDeny, ann.member: access.RuleInactive, bob.member: "role:user/own"}, rules(c, h.Now()))
		}
	})
	t.Run("vector 4: coming back, they are given the same 120 again but the one that somebody moved on", func(t *testing.T) {
		h.comesBack(ann)
		h.live(never, processes.Relinking) // it has seen what was before
		// Every append is a place before it and one after it.
		_, err := commands.RelinkCharts.Give(t.Context(), h.engine, h.by(h.owner), group.RelinkCharts{Member: ann.member})
		require.NoError(t, err)
		require.True(t, h.live(2*50, processes.Relinking))
		require.Equal(t, map[id.Member]int{ann.member: 50, bob.member: 70}, h.primaries())

		cat, moved := h.join("cat", access.User, true), charts[119]
		_, err = commands.AssignClinician.Give(t.Context(), h.engine, h.by(h.owner), moved, chart.AssignClinician{Clinician: cat.member})
		require.NoError(t, err)
		require.False(t, h.live(never, processes.Relinking))
		require.Equal(t, map[id.Member]int{ann.member: 119, cat.member: 1}, h.primaries())
		require.Equal(t, slices.Repeat([]int{2}, 120), h.moves(), "no chart moved twice")
		done := h.last().(group.RelinkingCompleted)
		require.Equal(t, group.RelinkingCompleted{Member: ann.member, Removal: done.Removal, Relinked: 119, Left: []id.Chart{moved}}, done)
	})
}

var question = commands.Question{Action: "roster.list", Capability: access.RosterView, Target: "roster"}

func TestRemovals_WhatARuleHoldsUpGoesOnWithANewPlan(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob, cat := h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cat", access.User, true)
	h.open(ann)
	stays := h.open(ann)
	h.leave(ann, group.Rehoming{Charts: []group.Reassignment{{Chart: stays, To: bob.member}}, Default: cat.member})
	h.leave(bob, group.Rehoming{Default: cat.member})
	h.live(never, processes.Removals)
	require.Equal(t, map[id.Member]int{ann.member: 1, cat.member: 1}, h.primaries(), "one chart that cannot move holds up no other")
	require.Equal(t, group.MemberRemoved{Member: bob.member}, h.last())

	_, err := commands.ReplanMemberRemoval.Give(t.Context(), h.engine, h.by(h.owner), group.ReplanMemberRemoval{Member: ann.member, Rehoming: group.Rehoming{Default: cat.member}})
	require.NoError(t, err)
	h.live(never, processes.Removals)
	require.Equal(t, map[id.Member]int{cat.member: 2}, h.primaries())
	require.Equal(t, group.MemberRemoved{Member: ann.member, ChartsMoved: 2}, h.last())
}

func TestRemovals_TryAgainByThemselves(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	c := h.open(ann)
	h.leave(ann, group.Rehoming{Default: bob.member})
	away := id.Derive[id.Branch]("away")
	_, err := commands.CreateBranch.Give(t.Context(), h.engine, h.by(h.owner), group.CreateBranch{Branch: away, Name: "Away"})
	require.NoError(t, err)
	work := func(in ...id.Branch) {
		t.Helper()
		_, err := commands.SetClinicianBranches.Give(t.Context(), h.engine, h.by(h.owner), group.SetClinicianBranches{Clinician: bob.member, Branches: in})
		require.NoError(t, err)
	}
	work(away)
	h.live(never, processes.Removals)
	require.Equal(t, map[id.Member]int{ann.member: 1}, h.primaries())
	work(away, h.branch)
	h.Pass(day)
	h.live(never, processes.Removals)
	require.Equal(t, map[id.Member]int{bob.member: 1}, h.primaries(), "%s", c)
}

func TestRehomeChart_IsForTheProcess(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	_, err := commands.RehomeChart.Give(t.Context(), h.engine, h.by(h.owner), h.open(ann), chart.Rehome{Leaver: ann.member})
	require.Equal(t, "process_only", fault.From(err).Code)
}

func TestRehomeChart_MovesOnlyWhatTheLeaverStillHas(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob, cat := h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cat", access.User, true)
	c := h.open(ann)
	h.leave(ann, group.Rehoming{Default: bob.member})
	_, err := commands.AssignClinician.Give(t.Context(), h.engine, h.by(h.owner), c, chart.AssignClinician{Clinician: cat.member})
	require.NoError(t, err)
	before := len(h.Log())
	call := commands.Call{Process: "removals", Group: h.Group, Command: id.Derive[id.Command]("a roster that lags")}
	_, err = commands.RehomeChart.Give(t.Context(), h.engine, call, c, chart.Rehome{Leaver: ann.member})
	require.NoError(t, err)
	require.Len(t, h.Log(), before, "somebody has moved it by hand meanwhile")
	h.live(never, processes.Removals)
	require.Equal(t, group.MemberRemoved{Member: ann.member, ChartsMoved: 1}, h.last())
}
