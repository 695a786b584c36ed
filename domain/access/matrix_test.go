package access_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
)

const legend = `# The permission matrix as access.Decide answers it, cell by cell.
#
# cell     A group · M managed and own · C assigned clinicians · O own and care-team charts ·
#          primary responsible clinician or author only · self about oneself · D off, grantable ·
#          D·M, D·C grantable no further than that · – grantable by the owner only · X never
# holds    what a clinician of the role reaches without any rule set by a person
# lay      the same for somebody who is no clinician, where it differs
# granted  what they reach once they were granted the capability for the whole group
# despite  the same when their role is denied the capability: a rule about a member beats one about a role
# shared   what a clinician reaches while charts are shared within branches, and within the group,
#          where it differs from holds
#
# Reached, letter by letter: g group-wide · o own · t on the care team · s about oneself ·
#          m of a managed clinician · a of an assisted clinician · b in the own branch · x any other
`

// reached spells which relations the subject reaches.
func reached(s access.Subject, c access.Capability) string {
	var b strings.Builder
	for _, r := range relations() {
		if access.Decide(s, c, r.resource, now).Allowed {
			b.WriteByte(r.letter)
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func TestMatrixIsTheOneThatWasReviewed(t *testing.T) {
	var b strings.Builder
	b.WriteString(legend)
	for _, c := range capabilities() {
		fmt.Fprintf(&b, "\n%s\n", c)
		for _, role := range access.Roles() {
			cell, ok := access.CellOf(role, c)
			require.True(t, ok)
			plain, lay, granted, despite := member(role), member(role), member(role), member(role)
			lay.Clinician = false
			granted.Overrides = []access.Rule{set(c, true, access.ScopeGroup)}
			despite.Overrides, despite.RoleRules = granted.Overrides, []access.Rule{set(c, false, access.ScopeGroup)}
			line := fmt.Sprintf("  %-12s %-18s holds %s  granted %s  despite %s",
				role, cell, reached(plain, c), reached(granted, c), reached(despite, c))
			if r := reached(lay, c); r != reached(plain, c) {
				line += "  lay " + r
			}
			inBranch, inGroup := sharing(plain, access.ShareBranch), sharing(plain, access.ShareGroup)
			if reached(inGroup, c) != reached(plain, c) {
				line += "  shared " + reached(inBranch, c) + " " + reached(inGroup, c)
			}
			fmt.Fprintln(&b, line)
		}
	}
	file := filepath.Join("testdata", "matrix.txt")
	if os.Getenv("PRAXIS_UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "the matrix changed: review testdata/matrix.txt against the rules")
}

// Every role × capability × relation × rule set by a person.
func TestRulesBeatEachOtherInTheWrittenOrder(t *testing.T) {
	for _, role := range access.Roles() {
		for _, c := range capabilities() {
			cell, _ := access.CellOf(role, c)
			bare := member(role)
			grant, deny := []access.Rule{set(c, true, access.ScopeGroup)}, []access.Rule{set(c, false, access.ScopeGroup)}
			for _, r := range relations() {
				with := func(overrides, roleRules []access.Rule) access.Decision {
					s := bare
					s.Overrides, s.RoleRules = overrides, roleRules
					return access.Decide(s, c, r.resource, now)
				}
				holds := with(nil, nil)
				name := fmt.Sprintf("%s %s %s", role, c, r.name)

				if cell.String() == "X" {
					for _, d := range []access.Decision{holds, with(grant, nil), with(nil, grant), with(grant, grant)} {
						require.Equal(t, access.Decision{Rule: access.RuleGuardrail}, d, "%s: guardrails beat every grant", name)
					}
					continue
				}
				if c == access.PermissionView && r.resource.Subject == me {
					require.True(t, with(append(grant, deny...), deny).Allowed, "%s: nobody can be denied to see what they may do", name)
					continue
				}
				require.Equal(t, access.Decision{Rule: access.RuleUserDeny, Event: ruleEvent, Grantor: grantor},
					with(append(grant, deny...), grant), "%s: a denial for the member beats every grant", name)
				roleDenied := access.Decision{Rule: access.RuleRoleDeny, Event: ruleEvent, Grantor: grantor}
				require.Equal(t, roleDenied, with(nil, append(grant, deny...)), "%s: a denial for the role beats its grants", name)

				byUser, byRole, despite := with(grant, nil), with(nil, grant), with(grant, deny)
				require.Equal(t, byUser.Allowed, byRole.Allowed, "%s: member and role can be granted the same", name)
				require.True(t, byUser.Allowed || !holds.Allowed, "%s: a grant never takes away", name)
				if despite.Allowed {
					require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleUserGrant, Event: ruleEvent, Grantor: grantor}, despite, name)
				} else {
					require.Equal(t, roleDenied, despite, name)
				}
				if cell.Grant == access.Never {
					require.Equal(t, holds, byUser, "%s: what cannot be granted stays as it is", name)
				}
			}
		}
	}
}

func TestNothingOfAnotherGroupIsReached(t *testing.T) {
	for _, role := range access.Roles() {
		for _, c := range capabilities() {
			for _, r := range relations() {
				s := member(role)
				s.Overrides = []access.Rule{set(c, true, access.ScopeGroup)}
				r.resource.Group = elsewhere
				require.Equal(t, access.Decision{Rule: access.RuleTenancy}, access.Decide(s, c, r.resource, now), "%s %s %s", role, c, r.name)
			}
			require.Equal(t, access.RuleTenancy, access.Decide(member(role), c, access.Resource{Clinician: me}, now).Rule, "a resource that names no group is nobody's")
		}
	}
	homeless := member(access.Owner)
	homeless.Group = access.Resource{}.Group
	require.Equal(t, access.RuleTenancy, access.Decide(homeless, access.RosterView, access.Resource{}, now).Rule)
}

func TestInactiveMembersReachNothing(t *testing.T) {
	for _, role := range access.Roles() {
		for _, c := range capabilities() {
			s := member(role)
			s.Active, s.Overrides = false, []access.Rule{set(c, true, access.ScopeGroup)}
			for _, r := range relations() {
				require.Equal(t, access.Decision{Rule: access.RuleInactive}, access.Decide(s, c, r.resource, now))
			}
			require.True(t, access.ReachOf(s, c, now).Empty())
		}
	}
}

func TestGrantsHoldOnlyInTheirTime(t *testing.T) {
	s := member(access.User)
	cover := set(access.RosterView, true, access.ScopeGroup)
	cover.From, cover.Until = now, now.AddDate(0, 0, 14)
	s.Overrides = []access.Rule{cover}
	far := access.Resource{Group: practice, Clinician: other}
	at := func(instant time.Time) bool { return access.Decide(s, access.RosterView, far, instant).Allowed }

	require.False(t, at(now.Add(-time.Nanosecond)), "before it begins")
	require.True(t, at(now), "from its first instant")
	require.True(t, at(cover.Until.Add(-time.Nanosecond)), "to its last")
	require.False(t, at(cover.Until), "the end is exclusive")
}

func TestGrantsAreClippedToWhatTheRoleCanHold(t *testing.T) {
	t.Run("D·M: a grant for the group reaches a manager's clinicians only", func(t *testing.T) {
		s := member(access.Manager)
		s.Overrides = []access.Rule{set(access.ChartArchive, true, access.ScopeGroup)}
		require.Equal(t, ".otsm...", reached(s, access.ChartArchive))
	})
	t.Run("D·C: a grant for branches reaches nothing of an assistant's", func(t *testing.T) {
		s := member(access.Assistant)
		s.Overrides = []access.Rule{set(access.RosterView, true, access.ScopeBranches)}
		require.Equal(t, "........", reached(s, access.RosterView))
	})
	t.Run("B: a grant for branches goes by the chart's branch (AMB-13)", func(t *testing.T) {
		s := member(access.User)
		s.Overrides = []access.Rule{set(access.RosterView, true, access.ScopeBranches)}
		require.Equal(t, ".ots..b.", reached(s, access.RosterView))
	})
	t.Run("a denial in a scope leaves the rest", func(t *testing.T) {
		s := member(access.SuperAdmin)
		s.Overrides = []access.Rule{set(access.RosterView, false, access.ScopeManaged)}
		require.Equal(t, "g....abx", reached(s, access.RosterView))
	})
}

func TestUnknownRolesAndCapabilitiesAreDenied(t *testing.T) {
	stray := member("root")
	require.Equal(t, access.Decision{Rule: access.RuleDefaultDeny}, access.Decide(stray, access.RosterView, access.Resource{Group: practice}, now))
	require.True(t, access.ReachOf(stray, access.RosterView, now).Empty())
	require.False(t, access.Capability("chart.burn").Known())
	require.Equal(t, access.Decision{Rule: access.RuleDefaultDeny}, access.Decide(member(access.Owner), "chart.burn", access.Resource{Group: practice}, now))
}

func TestDecisionsNameTheCellThatAllowed(t *testing.T) {
	d := access.Decide(member(access.Manager), access.RosterView, access.Resource{Group: practice, Clinician: managed}, now)
	require.Equal(t, access.Decision{Allowed: true, Rule: "role:manager/managed"}, d)
}
