package group_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// roster is a few charts of different people and places.
func roster() []group.ChartFacts {
	charts := chartsOf(uma, someChart, id.Derive[id.Chart]("uma's second"))
	charts = append(charts, chartsOf(ugo, otherChart)...)
	charts = append(charts, group.ChartFacts{Chart: id.Derive[id.Chart]("shared"), Primary: oona, Branch: harbour, Team: []access.Place{{Member: uma}, {Member: ada}}})
	return charts
}

func view(charts []group.ChartFacts, history ...group.Event) group.View {
	return group.View{State: fold(history...), Charts: charts}
}

// changesOf returns what changes for one capability.
func changesOf(changes []group.Change, c access.Capability) []group.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(x group.Change) bool { return x.Capability != c })
}

func TestDiff(t *testing.T) {
	before := view(roster(), staffed()...)
	t.Run("a grant shows who gains what, down to the charts", func(t *testing.T) {
		grant := group.PermissionGranted{Rule: someRule, Member: ada, Capability: access.RosterView, Scope: access.ScopeAssists, GrantedBy: oona}
		require.Equal(t, []group.Change{{
			Member: ada, Capability: access.RosterView, Shift: group.Gained, Members: []id.Member{uma},
			Charts: []id.Chart{roster()[0].Chart, roster()[1].Chart},
		}}, group.Diff(before, view(roster(), staffed(grant)...), now))
	})
	t.Run("R-2 a rule for a role shows everybody of it", func(t *testing.T) {
		export := group.RolePermissionSet{Rule: someRule, Role: access.User, Capability: access.RosterExport, Effect: group.EffectAllow, Scope: access.ScopeGroup, SetBy: oona}
		all := group.Diff(view(nil, staffed()...), view(nil, staffed(export)...), now)
		require.Len(t, changesOf(all, access.RosterView), 2, "who may hand the roster out sees it")
		changes := changesOf(all, access.RosterExport)
		require.Len(t, changes, 2)
		for i, m := range []id.Member{uma, ugo} {
			require.Equal(t, m, changes[i].Member)
			require.True(t, changes[i].Group)
			require.Empty(t, changes[i].Charts, "without charts the answer is about the practice")
		}
	})
	t.Run("R-5 a manager's new clinician shows", func(t *testing.T) {
		set := group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{ugo}, Removed: []id.Member{uma}}
		changes := changesOf(group.Diff(before, view(roster(), staffed(set)...), now), access.ChartClinicalView)
		require.Equal(t, []group.Change{
			{Member: mia, Capability: access.ChartClinicalView, Shift: group.Gained, Members: []id.Member{ugo}, Charts: []id.Chart{otherChart}},
			{Member: mia, Capability: access.ChartClinicalView, Shift: group.Lost, Members: []id.Member{uma}, Charts: []id.Chart{roster()[0].Chart, roster()[1].Chart}},
		}, changes)
	})
	t.Run("AMB-14 whoever leaves loses everything, and so do others through them", func(t *testing.T) {
		after := view(roster(), staffed(gone(uma))...)
		losers := map[id.Member]bool{}
		for _, c := range group.Diff(before, after, now) {
			require.Equal(t, group.Lost, c.Shift)
			losers[c.Member] = true
		}
		require.Equal(t, map[id.Member]bool{uma: true, mia: true}, losers, "Mia managed her")
		require.Len(t, changesOf(group.Diff(before, after, now), access.TeamView)[0].Charts, 3, "her own two and the one she helped with")
	})
	t.Run("AMB-1 a transfer shows both sides", func(t *testing.T) {
		transfer := group.OwnershipTransferred{From: oona, To: sam, FromNewRole: access.SuperAdmin}
		changes := changesOf(group.Diff(before, view(roster(), staffed(transfer)...), now), access.OwnershipTransfer)
		require.Len(t, changes, 2)
		require.Equal(t, []any{oona, group.Lost, true}, []any{changes[0].Member, changes[0].Shift, changes[0].Group})
		require.Equal(t, []any{sam, group.Gained, true}, []any{changes[1].Member, changes[1].Shift, changes[1].Group})
	})
	t.Run("a chart that changes hands shows for the two and for those above them", func(t *testing.T) {
		after := roster()
		after[0].Primary = ugo
		changes := changesOf(group.Diff(before, view(after, staffed()...), now), access.ChartClinicalView)
		require.Equal(t, []group.Change{
			{Member: uma, Capability: access.ChartClinicalView, Shift: group.Lost, Charts: []id.Chart{someChart}},
			{Member: ugo, Capability: access.ChartClinicalView, Shift: group.Gained, Charts: []id.Chart{someChart}},
			{Member: mia, Capability: access.ChartClinicalView, Shift: group.Lost, Charts: []id.Chart{someChart}},
		}, changes)
	})
	t.Run("charts that come and go show too", func(t *testing.T) {
		fewer := view(roster()[:3], staffed()...)
		for _, c := range group.Diff(fewer, before, now) {
			require.Equal(t, group.Gained, c.Shift)
			require.Equal(t, []id.Chart{roster()[3].Chart}, c.Charts)
		}
		require.Equal(t, swapped(group.Diff(before, fewer, now)), group.Diff(fewer, before, now))
	})
	t.Run("what begins later and ends by itself says when", func(t *testing.T) {
		cover := group.PermissionGranted{
			Rule: someRule, Member: ugo, Capability: access.BillingView, Scope: access.ScopeGroup,
			ValidFrom: ptr(nextWeek), ValidUntil: ptr(nextWeek.AddDate(0, 0, 14)), GrantedBy: oona,
		}
		changes := group.Diff(view(nil, staffed()...), view(nil, staffed(cover)...), now)
		require.Len(t, changes, 1)
		require.Equal(t, nextWeek, changes[0].From)
		require.Equal(t, nextWeek.AddDate(0, 0, 14), changes[0].Until)
		during := group.Diff(view(nil, staffed()...), view(nil, staffed(cover)...), nextWeek)
		require.True(t, during[0].From.IsZero(), "it holds already")
		require.Equal(t, nextWeek.AddDate(0, 0, 14), during[0].Until)
		require.Empty(t, group.Diff(view(nil, staffed()...), view(nil, staffed(cover)...), nextWeek.AddDate(0, 0, 14)))
	})
	t.Run("a change with another change inside says both", func(t *testing.T) {
		wide := granted(ugo, access.BillingView)
		pause := group.PermissionDenied{
			Rule: someRule, Member: ugo, Capability: access.BillingView, Scope: access.ScopeSelf,
			ValidFrom: ptr(nextWeek), ValidUntil: ptr(nextWeek.AddDate(0, 0, 1)), DeniedBy: oona,
		}
		changes := group.Diff(view(nil, staffed()...), view(nil, staffed(wide, pause)...), now)
		gains := slices.DeleteFunc(slices.Clone(changes), func(c group.Change) bool { return c.Shift != group.Gained })
		losses := slices.DeleteFunc(changes, func(c group.Change) bool { return c.Shift != group.Lost })
		require.Len(t, gains, 1, "what is gained stays the same")
		require.Equal(t, []group.Change{{
			Member: ugo, Capability: access.BillingView, Shift: group.Lost, Members: []id.Member{ugo},
			From: nextWeek, Until: nextWeek.AddDate(0, 0, 1),
		}}, losses)
	})
}

// swapped turns gains into losses and the other way round.
func swapped(changes []group.Change) []group.Change {
	other := slices.Clone(changes)
	for i := range other {
		other[i].Shift = map[group.Shift]group.Shift{group.Gained: group.Lost, group.Lost: group.Gained}[other[i].Shift]
	}
	return other
}

// everything is one thing that a member may do or not.
type everything struct {
	member     id.Member
	capability access.Capability
	shift      group.Shift
	what       string
}

// TestDiffIsWhatDecideSays compares the difference with the plainest way to find
// it: asking Decide about everything, before and after.
func TestDiffIsWhatDecideSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := trusted()
		at := now
		step := func(n int) {
			for range n {
				at = at.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "minutes")) * time.Minute)
				s := fold(history...)
				if events, err := anyCommand(t, s, at).Decide(s, at); err == nil {
					history = append(history, events...)
				}
			}
		}
		step(rapid.IntRange(0, 10).Draw(t, "commands before"))
		before := view(roster(), history...)
		step(rapid.IntRange(0, 10).Draw(t, "commands"))
		after := view(roster(), history...)
		if rapid.Bool().Draw(t, "a chart changes hands") {
			after.Charts[0].Primary, after.Charts[2].Team = rapid.SampledFrom(people).Draw(t, "primary"), []access.Place{{Member: sue}, {Member: uma}}
		}

		listed := map[everything]bool{}
		for _, c := range group.Diff(before, after, at) {
			require.False(t, c.Group == false && len(c.Members)+len(c.Branches)+len(c.Charts) == 0, "a change is about something")
			if !c.From.IsZero() {
				require.True(t, c.From.After(at))
				continue
			}
			about := func(what string) { listed[everything{c.Member, c.Capability, c.Shift, what}] = true }
			if c.Group {
				about("group")
			}
			for _, m := range c.Members {
				about(m.String())
			}
			for _, b := range c.Branches {
				about(b.String())
			}
			for _, chart := range c.Charts {
				about(chart.String())
			}
		}
		require.Equal(t, plainly(before, after, at), listed)
		require.Empty(t, group.Diff(after, after, at))
	})
}

// plainly asks Decide about everything.
func plainly(before, after group.View, at time.Time) map[everything]bool {
	found := map[everything]bool{}
	ask := func(what string, was, is access.Resource) {
		for _, m := range after.State.Members() {
			for _, c := range access.Capabilities() {
				could := access.Decide(before.State.SubjectOfMember(m.ID), c, was, at).Allowed
				can := access.Decide(after.State.SubjectOfMember(m.ID), c, is, at).Allowed
				if could && !can {
					found[everything{m.ID, c, group.Lost, what}] = true
				}
				if can && !could {
					found[everything{m.ID, c, group.Gained, what}] = true
				}
			}
		}
	}
	same := func(what string, r access.Resource) { r.Group = practice; ask(what, r, r) }
	same("group", access.Resource{})
	for _, m := range after.State.Members() {
		same(m.ID.String(), access.Resource{Clinician: m.ID, Subject: m.ID})
	}
	for _, b := range append([]id.Branch{mainSt}, places...) {
		if _, known := after.State.Branch(b); known {
			same(b.String(), access.Resource{Branch: b})
		}
	}
	for i, f := range after.Charts {
		ask(f.Chart.String(), before.Charts[i].Resource(practice), f.Resource(practice))
	}
	return found
}

// The largest practice of a rule about a role: every member's every chart.
func BenchmarkDiff(b *testing.B) {
	history := founding()
	var charts []group.ChartFacts
	for i := range 200 {
		m := id.Derive[id.Member]("clinician", string(rune(i)))
		history = append(history, joins(m, access.User, true, 1+i%28)...)
		for j := range 50 {
			charts = append(charts, chartsOf(m, id.Derive[id.Chart](m.String(), string(rune(j))))...)
		}
	}
	before := view(charts, history...)
	after := view(charts, append(history, group.RolePermissionSet{
		Rule: someRule, Role: access.User, Capability: access.RosterExport, Effect: group.EffectAllow, Scope: access.ScopeGroup, SetBy: oona,
	})...)
	for b.Loop() {
		group.Diff(before, after, now)
	}
}
