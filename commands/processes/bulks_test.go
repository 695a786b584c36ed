package processes_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/bulk"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/internal/processtest"
)

// start begins an operation on many charts.
func (h *house) start(by someone, c bulk.Start) id.Bulk {
	h.t.Helper()
	b := id.Derive[id.Bulk]("spec", h.Next())
	_, err := commands.StartBulk.Give(h.t.Context(), h.engine, h.by(by), b, c)
	require.NoError(h.t, err)
	return b
}

func (h *house) undo(by someone, of id.Bulk) id.Bulk {
	h.t.Helper()
	b := id.Derive[id.Bulk]("spec", h.Next())
	_, err := commands.UndoBulk.Give(h.t.Context(), h.engine, h.by(by), b, commands.UndoneBulk{Of: of})
	require.NoError(h.t, err)
	return b
}

// bulk is an operation as the log has it.
func (h *house) bulk(b id.Bulk) (s bulk.State) {
	h.t.Helper()
	for rec, err := range h.Store.ReadStream(h.t.Context(), bulk.Stream(h.Group, b), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		bulk.Evolve(&s, env.Event.(bulk.Event))
	}
	return s
}

// carry runs the process until the operation is over, batch by batch, or until it is killed.
func (h *house) carry(k *processtest.Killer, b id.Bulk) {
	h.t.Helper()
	for !h.bulk(b).Ended() {
		h.settle(k, processes.Bulks)
		if k.Died() {
			return
		}
		h.Pass(time.Second)
	}
	h.settle(k, processes.Bulks)
}

func codes(results []bulk.Result) (codes []string) {
	for _, r := range results {
		codes = append(codes, string(r.Outcome)+" "+r.Code)
	}
	return codes
}

func TestBulks_EachChartIsJudgedByItselfAndHasOneAnswer(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	hers, archived, his, none := h.open(ann), h.open(ann), h.open(bob), id.Derive[id.Chart]("none")
	h.archive(archived, true)
	_, err := commands.GrantPermission.Give(t.Context(), h.engine, h.by(h.owner), group.GrantPermission{Member: ann.member, Capability: access.ChartStatusChange, Scope: access.ScopeOwn})
	require.NoError(t, err)
	asked := bulk.Start{Change: bulk.Change{Op: bulk.ChangeStatus, Status: chart.Inactive}, Charts: []id.Chart{hers, archived, his, none}}

	t.Run("AMB-17 C-4 what is beyond the member's reach looks like what does not exist", func(t *testing.T) {
		b := h.start(ann, asked)
		h.carry(processtest.NewKiller(never), b)
		s := h.bulk(b)
		require.Equal(t, bulk.Completed, s.Phase)
		require.Equal(t, []string{"changed ", "failed chart_archived", "failed chart_not_found", "failed chart_not_found"}, codes(s.Results))
		require.Equal(t, s.Results[2].Message, s.Results[3].Message)
		require.Equal(t, chart.Inactive, h.chart(hers).Status)
		require.Equal(t, chart.Active, h.chart(his).Status)
	})
	t.Run("a rehearsal says the same and changes nothing", func(t *testing.T) {
		rehearsal := asked
		rehearsal.Rehearsal, rehearsal.Status = true, chart.Active
		b := h.start(ann, rehearsal)
		h.carry(processtest.NewKiller(never), b)
		require.Equal(t, []string{"changed ", "failed chart_archived", "failed chart_not_found", "failed chart_not_found"}, codes(h.bulk(b).Answers()))
		require.Equal(t, chart.Inactive, h.chart(hers).Status)
	})
	t.Run("all or nothing: one that would fail keeps all as they are", func(t *testing.T) {
		strict := asked
		strict.AllOrNothing, strict.Charts = true, []id.Chart{his, archived}
		b := h.start(h.owner, strict)
		h.carry(processtest.NewKiller(never), b)
		require.Equal(t, bulk.Refused, h.bulk(b).Phase)
		require.Equal(t, []string{"changed ", "failed chart_archived"}, codes(h.bulk(b).Answers()))
		require.Equal(t, chart.Active, h.chart(his).Status)
		strict.Charts = []id.Chart{his}
		b = h.start(h.owner, strict)
		h.carry(processtest.NewKiller(never), b)
		require.Equal(t, bulk.Completed, h.bulk(b).Phase)
		require.Equal(t, chart.Inactive, h.chart(his).Status)
	})
	t.Run("C-4 who may change none of them so is refused before anything is recorded", func(t *testing.T) {
		_, err := commands.StartBulk.Give(t.Context(), h.engine, h.by(ann), id.Derive[id.Bulk]("refused"), bulk.Start{Change: asked.Change, Charts: []id.Chart{his}})
		require.Equal(t, "permission_denied", fault.From(err).Code)
	})
	t.Run("an operation is its starter's and of those who may change every chart so", func(t *testing.T) {
		b := h.start(ann, asked)
		_, _, err := h.engine.Bulk(t.Context(), h.by(ann), b)
		require.NoError(t, err)
		_, _, err = h.engine.Bulk(t.Context(), h.by(h.owner), b)
		require.NoError(t, err)
		_, _, err = h.engine.Bulk(t.Context(), h.by(bob), b)
		require.Equal(t, "bulk_not_found", fault.From(err).Code)
		for _, of := range []id.Bulk{b, id.Derive[id.Bulk]("none")} {
			_, err = commands.CancelBulk.Give(t.Context(), h.engine, h.by(bob), of, bulk.Cancel{})
			require.Equal(t, "bulk_not_found", fault.From(err).Code)
			_, err = commands.UndoBulk.Give(t.Context(), h.engine, h.by(bob), id.Derive[id.Bulk]("bobs"), commands.UndoneBulk{Of: of})
			require.Equal(t, "bulk_not_found", fault.From(err).Code)
		}
	})
}

func TestBulks_EveryOperationIsTakenBack(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob, cid := h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cid", access.User, false)
	north := id.Derive[id.Branch]("north")
	_, err := commands.CreateBranch.Give(t.Context(), h.engine, h.by(h.owner), group.CreateBranch{Branch: north, Name: "North"})
	require.NoError(t, err)
	_, err = commands.SetClinicianBranches.Give(t.Context(), h.engine, h.by(h.owner), group.SetClinicianBranches{Clinician: ann.member, Branches: []id.Branch{h.branch, north}})
	require.NoError(t, err)
	c, touched := h.open(ann), h.open(ann)
	for _, which := range []id.Chart{c, touched} {
		for _, on := range []chart.AddTeamMember{{Member: bob.member, Role: careteam.Clinician}, {Member: cid.member, Role: careteam.Support}} {
			_, err = commands.AddTeamMember.Give(t.Context(), h.engine, h.by(h.owner), which, on)
			require.NoError(t, err)
		}
	}
	fact := func(which id.Chart) string {
		s := h.chart(which)
		team := s.Team().Others() // Who comes back joins as the last.
		slices.SortFunc(team, func(a, b careteam.Participant) int { return a.Member.Compare(b.Member) })
		return fmt.Sprint(s.Primary(), team, s.Branch, s.Status, s.Archived)
	}
	before := fact(c)
	for _, change := range []bulk.Change{
		{Op: bulk.AssignClinician, Clinician: bob.member, FormerBecomes: careteam.Clinician},
		{Op: bulk.AssignBranch, Branch: north},
		{Op: bulk.ChangeStatus, Status: chart.Inactive},
		{Op: bulk.Archive, Reason: "The practice moved"},
		{Op: bulk.AddTeamMember, Member: h.owner.member, Role: careteam.Support},
		{Op: bulk.ChangeTeamRole, Member: bob.member, Role: careteam.Support},
		{Op: bulk.RemoveTeamMember, Member: cid.member},
	} {
		t.Run("undone: "+string(change.Op), func(t *testing.T) {
			b := h.start(h.owner, bulk.Start{Change: change, Charts: []id.Chart{c}})
			h.carry(processtest.NewKiller(never), b)
			require.Equal(t, []string{"changed "}, codes(h.bulk(b).Results))
			require.NotEqual(t, before, fact(c))
			back := h.undo(h.owner, b)
			h.carry(processtest.NewKiller(never), back)
			require.Equal(t, []string{"changed "}, codes(h.bulk(back).Results))
			require.Equal(t, before, fact(c))
			require.Equal(t, b, h.bulk(back).Undoes)
		})
	}
	t.Run("what was changed again since stays, and is said to", func(t *testing.T) {
		b := h.start(h.owner, bulk.Start{Change: bulk.Change{Op: bulk.ChangeStatus, Status: chart.Inactive}, Charts: []id.Chart{c, touched}})
		h.carry(processtest.NewKiller(never), b)
		for _, to := range []chart.Status{chart.Active, chart.Inactive} {
			_, err := commands.ChangeChartStatus.Give(t.Context(), h.engine, h.by(h.owner), touched, chart.ChangeStatus{To: to})
			require.NoError(t, err)
		}
		back := h.undo(h.owner, b)
		h.carry(processtest.NewKiller(never), back)
		require.Equal(t, []string{"changed ", "failed changed_since"}, codes(h.bulk(back).Results))
		require.Equal(t, chart.Active, h.chart(c).Status)
		require.Equal(t, chart.Inactive, h.chart(touched).Status)
	})
}

// TestBulks_KilledAnywhere kills the process at every place at which it writes: no chart is
// changed twice, and each has one answer.
func TestBulks_KilledAnywhereNoChartIsChangedTwice(t *testing.T) {
	run := func(n int) (log []string, h *house, killed bool) {
		h = newHouse(t, pgtest.New(t))
		ann := h.join("ann", access.User, true)
		var charts []id.Chart
		for range 3 {
			charts = append(charts, h.open(ann))
		}
		b := h.start(h.owner, bulk.Start{Change: bulk.Change{Op: bulk.Archive, Reason: "The practice moved"}, Charts: charts})
		k := processtest.NewKiller(n)
		h.carry(k, b)
		killed = k.Died()
		h.carry(processtest.NewKiller(never), b)
		require.Equal(t, []string{"changed ", "changed ", "changed "}, codes(h.bulk(b).Results), "killed at place %d", n)
		changes := 0
		for rec, err := range h.Store.ReadAll(t.Context(), []es.Category{chart.Category}, es.Position{}) {
			require.NoError(t, err)
			if rec.Type == "chart.archived" {
				changes++
			}
		}
		require.Equal(t, 3, changes, "killed at place %d", n)
		return h.Log(), h, killed
	}
	for n := 0; ; n++ {
		if _, _, killed := run(n); !killed {
			require.GreaterOrEqual(t, n, 8, "it can be killed at more places than that")
			return
		}
	}
}

func TestBulks_5000ChartsGoOnAfterAKillAndCanBeCancelled(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	charts := make([]id.Chart, bulk.MostCharts)
	for i := range charts {
		charts[i] = h.open(ann)
	}
	b := h.start(h.owner, bulk.Start{Change: bulk.Change{Op: bulk.ChangeStatus, Status: chart.Inactive}, Charts: charts})
	k := processtest.NewKiller(2 * 1_234) // In the middle of a batch.
	h.carry(k, b)
	require.True(t, k.Died())
	require.Len(t, h.bulk(b).Results, 1_100)
	require.Equal(t, chart.Inactive, h.chart(charts[1_100]).Status, "it was killed in the middle of a batch")
	require.Equal(t, chart.Active, h.chart(charts[1_199]).Status)
	h.carry(processtest.NewKiller(never), b)
	s := h.bulk(b)
	require.Equal(t, bulk.Completed, s.Phase)
	require.Equal(t, bulk.MostCharts, bulk.Count(s.Results, bulk.Changed))

	back := h.undo(h.owner, b)
	h.settle(processtest.NewKiller(never), processes.Bulks)
	_, err := commands.CancelBulk.Give(t.Context(), h.engine, h.by(h.owner), back, bulk.Cancel{})
	require.NoError(t, err)
	h.carry(processtest.NewKiller(never), back)
	require.Equal(t, bulk.Cancelled, h.bulk(back).Phase)
	require.Equal(t, bulk.Batch, bulk.Count(h.bulk(back).Results, bulk.Changed))
	require.Equal(t, chart.Active, h.chart(charts[bulk.Batch-1]).Status)
	require.Equal(t, chart.Inactive, h.chart(charts[bulk.Batch]).Status)
}
