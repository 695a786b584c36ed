package processes_test

import (
	"testing"

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

// place opens a branch in which people work, besides the first one.
func (h *house) place(name string, people ...someone) id.Branch {
	h.t.Helper()
	b := id.Derive[id.Branch](name)
	_, err := commands.CreateBranch.Give(h.t.Context(), h.engine, h.by(h.owner), group.CreateBranch{Branch: b, Name: name})
	require.NoError(h.t, err)
	for _, who := range people {
		h.works(who, h.branch, b)
	}
	return b
}

// works says where somebody works.
func (h *house) works(who someone, in ...id.Branch) {
	h.t.Helper()
	_, err := commands.SetClinicianBranches.Give(h.t.Context(), h.engine, h.by(h.owner), group.SetClinicianBranches{Clinician: who.member, Branches: in})
	require.NoError(h.t, err)
}

// openAt opens a chart in a branch.
func (h *house) openAt(primary someone, b id.Branch) id.Chart {
	h.t.Helper()
	c := h.open(primary)
	_, err := commands.AssignBranch.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.AssignBranch{Branch: b})
	require.NoError(h.t, err)
	return c
}

func (h *house) closeBranch(b, movedTo id.Branch) {
	h.t.Helper()
	_, err := commands.CloseBranch.Give(h.t.Context(), h.engine, h.by(h.owner), group.CloseBranch{Branch: b, MovedTo: movedTo})
	require.NoError(h.t, err)
}

// places counts the charts of every branch.
func (h *house) places() map[id.Branch]int {
	h.t.Helper()
	facts, err := roster{h}.ChartsOf(h.t.Context(), h.Group)
	require.NoError(h.t, err)
	n := map[id.Branch]int{}
	for _, f := range facts {
		n[f.Branch]++
	}
	return n
}

func TestBranches_KilledAnywhereTheyGoOnWithoutDoubling(t *testing.T) {
	var harbour, hill id.Branch
	h := everywhere(t, pgtest.New(t), 10, func(h *house) {
		ann := h.join("ann", access.User, true)
		harbour = h.place("harbour", ann)
		hill = h.place("hill", ann)
		h.works(ann, h.branch, harbour, hill)
		archived := h.openAt(ann, harbour)
		_, err := commands.ArchiveChart.Give(t.Context(), h.engine, h.by(h.owner), archived, chart.Archive{Reason: "moved away"})
		require.NoError(t, err)
		h.openAt(ann, harbour)
		h.openAt(ann, harbour)
		h.open(ann)
		h.closeBranch(harbour, hill)
	}, processes.Branches)
	require.Equal(t, map[id.Branch]int{hill: 3, h.branch: 1}, h.places())
	require.Equal(t, group.BranchVacated{Branch: harbour, ChartsMoved: 3}, h.last())
	require.Zero(t, h.timers("branches"))
}

func TestBranches_AnEmptyBranchIsDoneAtOnce(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	harbour := h.place("harbour")
	h.closeBranch(harbour, id.Branch{})
	h.live(never, processes.Branches)
	require.Equal(t, group.BranchVacated{Branch: harbour}, h.last())
	require.Zero(t, h.timers("branches"))
}

func TestBranches_AWayOfSeveralBranchesIsGoneOnce(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	harbour, hill := h.place("harbour", ann), h.place("hill", ann)
	h.works(ann, h.branch, harbour, hill)
	c := h.openAt(ann, harbour)
	h.closeBranch(harbour, hill)
	h.closeBranch(hill, h.branch)
	h.live(never, processes.Branches)
	require.Equal(t, map[id.Branch]int{h.branch: 1}, h.places())
	moves := 0
	for rec, err := range h.Store.ReadStream(t.Context(), chart.Stream(h.Group, c), 0) {
		require.NoError(t, err)
		if rec.Type == "chart.branch_changed" {
			moves++
		}
	}
	require.Equal(t, 2, moves, "to the harbour, and from there to where it ends")
}

func TestBranches_TheyAskNobodyWhereAPrimaryWorks(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	harbour, hill := h.place("harbour", ann), h.place("hill")
	h.openAt(ann, harbour)
	h.works(ann, h.branch)
	h.closeBranch(harbour, hill)
	h.live(never, processes.Branches)
	require.Equal(t, map[id.Branch]int{hill: 1}, h.places(), "a chart stays in no closed branch")
}

func TestBranches_WhatWasMissedIsLookedForAgain(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	harbour := h.place("harbour", ann)
	h.openAt(ann, harbour)
	h.closeBranch(harbour, h.branch)
	h.Store.FailAppend(func(stream es.Stream, _ []es.Proposed) error {
		if stream.Category() == chart.Category {
			return fault.New(fault.Rejected, "held_up", "Not now.")
		}
		return nil
	})
	h.live(never, processes.Branches)
	require.Equal(t, map[id.Branch]int{harbour: 1}, h.places())
	require.Equal(t, "held_up", h.refusals("branches")[0].Code)
	h.Store.Mend()
	h.live(never, processes.Branches)
	require.Equal(t, map[id.Branch]int{harbour: 1}, h.places(), "not before an hour has passed")
	h.Pass(day)
	h.live(never, processes.Branches)
	require.Equal(t, map[id.Branch]int{h.branch: 1}, h.places())
	require.Zero(t, h.timers("branches"))
}

func TestLeaveClosedBranch_IsForTheProcess(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	harbour := h.place("harbour", ann)
	c := h.openAt(ann, harbour)
	process := h.by(h.owner)
	process.Account, process.Email, process.Process = id.Account{}, "", "branches"
	_, err := commands.LeaveClosedBranch.Give(t.Context(), h.engine, process, c, chart.LeaveClosedBranch{From: harbour})
	require.Equal(t, "branch_not_closed", fault.From(err).Code)
	_, err = commands.LeaveClosedBranch.Give(t.Context(), h.engine, process, c, chart.LeaveClosedBranch{From: id.Derive[id.Branch]("nowhere")})
	require.Equal(t, "branch_not_found", fault.From(err).Code)
	h.closeBranch(harbour, h.branch)
	_, err = commands.LeaveClosedBranch.Give(t.Context(), h.engine, h.by(h.owner), c, chart.LeaveClosedBranch{From: harbour})
	require.Equal(t, "process_only", fault.From(err).Code)
	_, err = commands.VacateBranch.Give(t.Context(), h.engine, h.by(h.owner), group.VacateBranch{Branch: harbour})
	require.Equal(t, "process_only", fault.From(err).Code)
}
