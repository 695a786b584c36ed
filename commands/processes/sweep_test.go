package processes_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/audit"
	"praxis/adapters/memstore"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/membership"
)

// interrupted lets something happen once, right before an append to a stream.
type interrupted struct {
	*memstore.Store
	stream es.Stream
	by     func()
}

func (s *interrupted) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if by := s.by; by != nil && stream == s.stream {
		s.by = nil
		by()
	}
	return s.Store.Append(ctx, stream, expected, events)
}

// between carries a command out and lets f happen right before its append.
func (h *house) between(stream es.Stream, f func(), command func(*commands.Engine) error) {
	h.t.Helper()
	e := commands.NewEngine(commands.Config{
		Store: &interrupted{h.Store, stream, f}, Registry: h.Registry, Clock: h.Now, Rosters: roster{h}, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(h.t, command(e))
}

// openBetween opens a chart of somebody's while f happens.
func (h *house) openBetween(who someone, branch id.Branch, f func()) id.Chart {
	h.t.Helper()
	c := id.Derive[id.Chart]("spec", h.Next())
	h.between(chart.Stream(h.Group, c), f, func(e *commands.Engine) error {
		_, err := commands.CreateChart.Give(h.t.Context(), e, h.by(who), chart.CreateChart{Chart: c, Primary: who.member, Branch: branch, Patient: chart.Demographics{FamilyName: "Doe"}})
		return err
	})
	return c
}

// annex opens a second branch, in which somebody works, too.
func (h *house) annex(who someone) id.Branch {
	h.t.Helper()
	b := id.Derive[id.Branch]("annex")
	_, err := commands.CreateBranch.Give(h.t.Context(), h.engine, h.by(h.owner), group.CreateBranch{Branch: b, Name: "Annex"})
	require.NoError(h.t, err)
	_, err = commands.SetClinicianBranches.Give(h.t.Context(), h.engine, h.by(h.owner), group.SetClinicianBranches{Clinician: who.member, Branches: []id.Branch{h.branch, b}})
	require.NoError(h.t, err)
	return b
}

// broken are the rules that the whole log breaks. What people do here by hand is
// part of nothing, which is no finding.
func (h *house) broken() []invariant.Rule {
	h.t.Helper()
	r, err := audit.Invariants(h.t.Context(), h.Store, h.Registry, audit.Check{Now: h.Now()})
	require.NoError(h.t, err)
	var rules []invariant.Rule
	for _, v := range r.Violations {
		if v.Rule != invariant.CauseMissing {
			rules = append(rules, v.Rule)
		}
	}
	return rules
}

// found collects what the sweep tells.
type found struct{ rules []invariant.Rule }

func (f *found) Found(_ context.Context, _ id.Group, all []invariant.Violation) {
	f.rules = nil
	for _, v := range all {
		if v.Rule != invariant.CauseMissing {
			f.rules = append(f.rules, v.Rule)
		}
	}
}

// sweep runs the sweep until it has nothing to do, and returns what it still finds.
func (h *house) sweep() []invariant.Rule {
	h.t.Helper()
	var f found
	h.live(never, func(c processes.Config) process.Process {
		c.Findings = &f
		return processes.Sweep(c)
	})
	return f.rules
}

// breakOff claims an account for a practice whose founding breaks off.
func (h *house) breakOff(who someone) (commands.Call, group.CreateGroup) {
	h.t.Helper()
	own := group.CreateGroup{
		Group: id.Derive[id.Group]("own"), Name: "Oak Street", Owner: id.Derive[id.Member]("own"), BillingZone: "America/New_York",
		Currency: "USD", DefaultBranch: id.Derive[id.Branch]("oak"), DefaultBranchName: "Oak",
	}
	call := h.by(who)
	h.Store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
		if s.Category() == group.Category {
			return es.ErrStoreUnavailable
		}
		return nil
	})
	_, err := commands.CreateGroup.Give(h.t.Context(), h.engine, call, own)
	require.ErrorIs(h.t, err, es.ErrStoreUnavailable)
	h.Store.Mend()
	return call, own
}

func (h *house) holder(who someone) (g id.Group) {
	h.t.Helper()
	var s membership.State
	for rec, err := range h.Store.ReadStream(h.t.Context(), membership.Stream(who.account), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		membership.Evolve(&s, env.Event.(membership.Event))
	}
	g, _, _ = s.Holder()
	return g
}

func TestSweep_MendsEveryWindowAndCanBeKilledAnywhere(t *testing.T) {
	var ann, bob, eve someone
	var late, lost id.Chart
	setUp := func(h *house) {
		ann, bob, eve = h.join("ann", access.User, true), h.join("bob", access.User, true), person("eve")
		annex := h.annex(bob)
		late = h.openBetween(ann, h.branch, func() {
			h.leave(ann, group.Rehoming{Default: bob.member})
			h.live(never, processes.Removals)
		})
		lost = h.openBetween(bob, annex, func() {
			_, err := commands.CloseBranch.Give(h.t.Context(), h.engine, h.by(h.owner), group.CloseBranch{Branch: annex, MovedTo: h.branch})
			require.NoError(h.t, err)
			h.live(never, processes.Branches)
		})
		h.breakOff(eve)
		h.Pass(day)
		require.Equal(h.t, []invariant.Rule{invariant.ClaimStray, invariant.ChartPrimary, invariant.ChartBranch}, h.broken())
	}
	h := everywhere(t, pgtest.New(t), 8, setUp, processes.Sweep)
	require.Empty(t, h.broken())
	require.Zero(t, h.holder(eve))
	facts, err := roster{h}.ChartsOf(t.Context(), h.Group)
	require.NoError(t, err)
	places := map[id.Chart]group.ChartFacts{}
	for _, f := range facts {
		places[f.Chart] = group.ChartFacts{Primary: f.Primary, Branch: f.Branch}
	}
	well := group.ChartFacts{Primary: bob.member, Branch: h.branch}
	require.Equal(t, map[id.Chart]group.ChartFacts{late: well, lost: well}, places)
	before := len(h.Log())
	h.Pass(3 * day)
	require.Empty(t, h.sweep())
	require.Len(t, h.Log(), before, "where everything holds, nothing is done")
	require.Empty(t, h.refusals("sweep"))
}

func TestSweep_TellsWhatItCannotMend(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann, bob := h.join("ann", access.User, true), h.join("bob", access.User, true)
	c := h.openBetween(ann, h.branch, func() {
		_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: ann.member})
		require.NoError(t, err)
	})
	h.Pass(day)
	require.Equal(t, []invariant.Rule{invariant.ChartPrimary}, h.sweep(), "no plan says who takes it")
	h.leave(ann, group.Rehoming{Default: bob.member})
	h.live(never, processes.Removals)
	h.Pass(day)
	require.Empty(t, h.sweep(), "what the finding says to do mends it")
	require.Equal(t, map[id.Member]int{bob.member: 1}, h.primaries(), "%s", c)
}

func TestSweep_FreesClaimsAfterAnHour(t *testing.T) {
	t.Run("G-7 a founding that broke off, which its retry still completes", func(t *testing.T) {
		h := newHouse(t, pgtest.New(t))
		eve := person("eve")
		call, own := h.breakOff(eve)
		h.Pass(invariant.ClaimGrace - time.Second)
		h.sweep()
		require.Equal(t, own.Group, h.holder(eve), "it may still be on its way")
		h.Pass(time.Second)
		h.sweep()
		require.Zero(t, h.holder(eve))

		h.Pass(time.Minute)
		_, err := commands.CreateGroup.Give(t.Context(), h.engine, call, own)
		require.NoError(t, err, "whoever repeats it later founds the practice after all")
		require.Equal(t, own.Group, h.holder(eve), "and has the account")
		require.Empty(t, h.broken())
	})
	t.Run("G-7 a retry that comes when the account is elsewhere founds nothing", func(t *testing.T) {
		h := newHouse(t, pgtest.New(t))
		eve := person("eve")
		call, own := h.breakOff(eve)
		h.Pass(invariant.ClaimGrace)
		h.sweep()
		h.join("eve", access.User, false)
		_, err := commands.CreateGroup.Give(t.Context(), h.engine, call, own)
		require.Equal(t, "account_in_other_group", fault.From(err).Code)
		require.Empty(t, h.broken())
	})
	t.Run("G-7 a membership that ended while its account could not be released", func(t *testing.T) {
		h := newHouse(t, pgtest.New(t))
		ann := h.join("ann", access.User, false)
		h.Store.FailAppend(func(s es.Stream, _ []es.Proposed) error {
			if s.Category() == membership.Category {
				return es.ErrStoreUnavailable
			}
			return nil
		})
		_, err := commands.RemoveMember.Give(t.Context(), h.engine, h.by(h.owner), group.RemoveMember{Member: ann.member})
		require.NoError(t, err)
		h.Store.Mend()
		require.Equal(t, h.Group, h.holder(ann))
		h.Pass(invariant.ClaimGrace)
		h.sweep()
		require.Zero(t, h.holder(ann))
		require.Empty(t, h.broken())
	})
	t.Run("a membership that goes on keeps its account", func(t *testing.T) {
		h := newHouse(t, pgtest.New(t))
		ann := h.join("ann", access.User, true)
		before := len(h.Log())
		call := commands.Call{Process: "sweep", Group: h.Group, Command: id.Derive[id.Command]("too late")}
		h.Pass(day)
		_, err := h.engine.FreeStrayClaim(t.Context(), call, ann.account, id.Member{})
		require.NoError(t, err)
		require.Len(t, h.Log(), before)
	})
	t.Run("it is for the process", func(t *testing.T) {
		h := newHouse(t, pgtest.New(t))
		_, err := h.engine.FreeStrayClaim(t.Context(), h.by(h.owner), h.owner.account, id.Member{})
		require.Equal(t, "process_only", fault.From(err).Code)
	})
}

func TestSweep_AClosedPracticeIsLeftAlone(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.live(never, processes.Sweep)
	require.EqualValues(t, 1, h.timers("sweep"))
	h.close()
	h.live(never, processes.Sweep)
	require.Zero(t, h.timers("sweep"))
	require.Empty(t, h.refusals("sweep"))
}
