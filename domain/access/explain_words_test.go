package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
)

func TestExplainNamesEveryScopeInWords(t *testing.T) {
	for scope, words := range map[access.Scope]string{
		access.ScopeGroup:    "the whole practice",
		access.ScopeBranches: "the branches they work in",
		access.ScopeManaged:  "the clinicians they manage and themselves",
		access.ScopeAssists:  "the clinicians they assist",
		access.ScopeOwn:      "what is their own, their care teams' or about them",
		access.ScopePrimary:  "what they are responsible for or wrote",
		access.ScopeSelf:     "what is about them",
	} {
		s := member(access.Owner)
		s.Overrides = []access.Rule{set(access.RosterView, false, scope)}
		// Everything at once, so that every scope reaches it.
		r := access.Resource{Group: practice, Clinician: me, Branch: myBranch, Subject: me}
		if scope == access.ScopeAssists {
			r.Clinician = assisted
		}
		e := access.Explain(s, access.RosterView, r, now)
		require.Equal(t, access.RuleUserDeny, e.Rule, scope)
		require.Contains(t, e.Steps[len(e.Steps)-1].Why, ", for "+words+".")
	}
	require.Contains(t, access.Explain(member(access.Owner), access.RosterView, access.Resource{Group: practice}, now).String(), ": allowed (role:owner/group)\n")
	require.Contains(t, access.Explain(access.Subject{Kind: access.KindOperator}, access.RosterView, access.Resource{Group: practice}, now).String(), "Operators run the installation and do nothing else.")
}
