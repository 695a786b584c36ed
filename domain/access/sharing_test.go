package access_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/id"
)

// sharing is the subject in a practice that shares charts so widely.
func sharing(s access.Subject, w access.Width) access.Subject {
	s.Sharing = access.Sharing{Width: w, Event: ruleEvent, Grantor: grantor}
	return s
}

// Every role × capability × relation × width × clinician or not.
func TestSharingOpensChartsToCliniciansAndNothingElse(t *testing.T) {
	for _, role := range access.Roles() {
		for _, c := range capabilities() {
			for _, r := range relations() {
				for _, w := range append(access.Widths(), "", "world") {
					for _, clinician := range []bool{true, false} {
						bare := member(role)
						bare.Clinician = clinician
						s := sharing(bare, w)
						without, with := access.Decide(bare, c, r.resource, now), access.Decide(s, c, r.resource, now)

						isChart := r.letter != 'g' && r.letter != 's'
						near := r.letter == 'b'
						opens := clinician && role != access.Assistant && isChart &&
							(w == access.ShareGroup || w == access.ShareBranch && near) &&
							(c == access.RosterView || c == access.ChartClinicalView)
						if without.Allowed || !opens {
							require.Equal(t, without, with, "%s %s %s %q clinician=%t", role, c, r.name, w, clinician)
							continue
						}
						require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleChartSharing, Event: ruleEvent, Grantor: grantor}, with,
							"%s %s %s %q", role, c, r.name, w)

						denied := s
						denied.Overrides = []access.Rule{set(c, false, access.ScopeGroup)}
						require.Equal(t, access.RuleUserDeny, access.Decide(denied, c, r.resource, now).Rule, "never over a denial for the member")
						denied.Overrides, denied.RoleRules = nil, []access.Rule{set(c, false, access.ScopeGroup)}
						require.Equal(t, access.RuleRoleDeny, access.Decide(denied, c, r.resource, now).Rule, "never over a denial for the role")
						left := s
						left.Active = false
						require.Equal(t, access.RuleInactive, access.Decide(left, c, r.resource, now).Rule)
						abroad := r.resource
						abroad.Group = elsewhere
						require.Equal(t, access.RuleTenancy, access.Decide(s, c, abroad, now).Rule)
					}
				}
			}
		}
	}
}

func TestWhatIsSharedIsHeldByNobody(t *testing.T) {
	for _, c := range access.SharedCapabilities() {
		s := sharing(member(access.User), access.ShareGroup)
		require.False(t, access.ReachOf(s, c, now).Everything(), "AMB-11 what is shared cannot be handed on")
		require.False(t, access.HoldsThroughout(s, c, now, now.AddDate(1, 0, 0)))
	}
}

// The property of TestReachIsExactlyWhatDecideAllows and of
// TestExplainAnswersExactlyAsDecide, where sharing often decides.
func TestSharingIsTheSameInDecideReachAndExplain(t *testing.T) {
	byRule := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(access.SharedCapabilities()).Draw(t, "capability")
		s, r := anySubject(c).Draw(t, "subject"), anyResource().Draw(t, "resource")
		s.Kind, s.Account, s.Group, s.Member, s.Active, r.Group = access.KindMember, id.Account{}, practice, me, true, practice
		if rapid.Bool().Draw(t, "a colleague's patient") {
			s.Role, s.Clinician, s.Overrides, s.RoleRules = access.User, true, nil, nil
			r.Clinician, r.Chart, r.Team = other, farChart, nil
		}
		s.Sharing = sharing(s, rapid.SampledFrom(access.Widths()).Draw(t, "width")).Sharing
		d := access.Decide(s, c, r, now)
		require.Equal(t, d.Allowed, access.ReachOf(s, c, now).Contains(r))
		require.Equal(t, d, access.Explain(s, c, r, now).Decision)
		byRule[d.Rule]++
	})
	require.Positive(t, byRule[access.RuleChartSharing], "some chart was seen because it is shared")
}

func TestReachOfSharedCharts(t *testing.T) {
	s := sharing(member(access.User), access.ShareBranch)
	reach := access.ReachOf(s, access.RosterView, now)
	require.Equal(t, []access.Part{{Within: access.Area{
		Clinicians: []id.Member{me}, About: []id.Member{me}, TeamOf: me, ChartsOf: []id.Branch{myBranch},
	}}}, reach.Parts)
	require.False(t, reach.Equal(access.ReachOf(sharing(s, access.ShareGroup), access.RosterView, now)))
	require.False(t, reach.Equal(access.ReachOf(sharing(s, access.AssignedOnly), access.RosterView, now)))

	s.RoleRules = []access.Rule{set(access.RosterView, false, access.ScopeManaged)}
	reach = access.ReachOf(s, access.RosterView, now)
	require.True(t, reach.Contains(access.Resource{Group: practice, Clinician: other, Branch: myBranch, Chart: farChart}))
	require.False(t, reach.Contains(access.Resource{Group: practice, Clinician: managed, Branch: myBranch, Chart: farChart}), "denied to the role")
	require.False(t, reach.Contains(access.Resource{Group: practice, Branch: myBranch}), "a branch is no chart")
}

func TestExplainSharing(t *testing.T) {
	near := access.Resource{Group: practice, Clinician: other, Branch: myBranch, Chart: farChart}
	far := access.Resource{Group: practice, Clinician: other, Branch: farBranch, Chart: farChart}
	step := func(s access.Subject, c access.Capability, r access.Resource) string {
		lines := explained(s, c, r)
		i := slices.IndexFunc(lines, func(l string) bool { return l[:6] == "shared" })
		require.GreaterOrEqual(t, i, len(lines)-2)
		return lines[i]
	}
	user := sharing(member(access.User), access.ShareBranch)
	by := "shared charts: Set by member " + grantor.String() + " in event " + ruleEvent.String() + ": clinicians share the charts of "
	require.Equal(t, by+"the branches they work in.", step(user, access.RosterView, near))
	require.Equal(t, by+"the whole practice.", step(sharing(user, access.ShareGroup), access.ChartClinicalView, far))
	require.Equal(t, "shared charts: Clinicians share the charts of the branches they work in only, and this is another branch's.", step(user, access.RosterView, far))
	require.Equal(t, "shared charts: Only charts are shared, and this is none.", step(user, access.RosterView, access.Resource{Group: practice}))
	require.Equal(t, "shared charts: Charts are shared among clinicians only, and never with assistants.", step(sharing(member(access.Assistant), access.ShareGroup), access.RosterView, far))
	require.Equal(t, "shared charts: Sharing charts does not give this permission.", step(user, access.ChartClinicalWrite, near))
	require.Equal(t, "shared charts: The practice shares no charts.", step(member(access.User), access.RosterView, near))
}

func TestWidths(t *testing.T) {
	widths := access.Widths()
	require.Equal(t, []access.Width{access.AssignedOnly, access.ShareBranch, access.ShareGroup}, widths)
	for i, w := range widths {
		require.True(t, w.Known())
		for j, o := range widths {
			require.Equal(t, i > j, w.WiderThan(o))
		}
	}
	require.False(t, access.Width("world").Known())
}
