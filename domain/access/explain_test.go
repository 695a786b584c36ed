package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
)

func TestExplainAnswersExactlyAsDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(append(capabilities(), access.GroupFound, access.InvitationAnswer, "fly")).Draw(t, "capability")
		s, r := anySubject(c).Draw(t, "subject"), anyResource().Draw(t, "resource")
		e := access.Explain(s, c, r, now)

		require.Equal(t, access.Decide(s, c, r, now), e.Decision)
		require.NotEmpty(t, e.Steps)
		for i, step := range e.Steps {
			require.Equal(t, i == len(e.Steps)-1, step.Matched, "the last step decides, and only it")
			require.NotEmpty(t, step.Name)
			require.True(t, strings.HasSuffix(step.Why, "."), step.Why)
		}
	})
}

func explained(s access.Subject, c access.Capability, r access.Resource) []string {
	var lines []string
	for _, step := range access.Explain(s, c, r, now).Steps {
		lines = append(lines, step.Name+": "+step.Why)
	}
	return lines
}

func TestExplain(t *testing.T) {
	own := access.Resource{Group: practice, Clinician: me, Chart: myChart}
	others := access.Resource{Group: practice, Clinician: other, Chart: farChart}
	start := []string{
		"practice: This belongs to the member's own practice.",
		"membership: The member's access holds.",
		"guardrail: The permission can be had by a user.",
	}
	t.Run("R-2 a denial set for the member names who set it, where and for how long", func(t *testing.T) {
		s := member(access.User)
		denial := set(access.ChartClinicalView, false, access.ScopeGroup)
		denial.Until = now.Add(time.Hour)
		s.Overrides = []access.Rule{denial}
		require.Equal(t, append(start,
			"denied to the member: Set by member "+grantor.String()+" in event "+ruleEvent.String()+", for the whole practice until 2025-03-03T10:00:00Z.",
		), explained(s, access.ChartClinicalView, own))
		require.Equal(t, access.Decision{Rule: access.RuleUserDeny, Event: ruleEvent, Grantor: grantor}, access.Explain(s, access.ChartClinicalView, own, now).Decision)
	})
	t.Run("R-6 what the role holds, and that nothing else applied", func(t *testing.T) {
		require.Equal(t, append(start,
			"denied to the member: No rule about this permission is set.",
			"granted to the member: No rule about this permission is set.",
			"denied to the role: No rule about this permission is set.",
			"held by the role: A user has this permission for what is their own, their care teams' or about them.",
		), explained(member(access.User), access.ChartClinicalView, own))
	})
	t.Run("rules that exist and do not help say why", func(t *testing.T) {
		s := member(access.User)
		ended, later, elsewhere := set(access.ChartClinicalView, false, access.ScopeGroup), set(access.ChartClinicalView, false, access.ScopeGroup), set(access.ChartClinicalView, true, access.ScopeOwn)
		ended.Until, later.From = now, now.Add(time.Hour)
		s.Overrides, s.RoleRules = []access.Rule{ended, elsewhere}, []access.Rule{later}
		require.Equal(t, append(start,
			"denied to the member: A rule about this permission has ended.",
			"granted to the member: A rule about this permission is in force, but does not reach this.",
			"denied to the role: A rule about this permission has not begun yet.",
			"held by the role: A user has this permission for what is their own, their care teams' or about them only, and this is something else.",
			"granted to the role: No rule about this permission is set.",
			"shared charts: The practice shares no charts.",
			"default: What nothing allows is denied.",
		), explained(s, access.ChartClinicalView, others))
	})
	t.Run("guardrails, ended access and other practices end it at once", func(t *testing.T) {
		require.Equal(t, append(start[:2:2], "guardrail: No user can ever have this permission, whoever grants it."), explained(member(access.User), access.GroupClose, own))
		left := member(access.User)
		left.Active = false
		require.Equal(t, []string{start[0], "membership: The member's access has ended."}, explained(left, access.RosterView, own))
		require.Equal(t, []string{"practice: This belongs to another practice."}, explained(member(access.Owner), access.RosterView, access.Resource{Group: elsewhere}))
	})
	t.Run("people who are no members", func(t *testing.T) {
		stranger := access.Subject{Kind: access.KindStranger, Group: practice}
		require.Equal(t, []string{"membership: The account is no member of this practice.", "default: What nothing allows is denied."}, explained(stranger, access.RosterView, own))
		patient := access.Subject{Kind: access.KindPatient, Group: practice, Links: []access.Link{{Chart: myChart, May: []access.Capability{access.AppointmentBookOwn}}}}
		require.Contains(t, explained(patient, access.SlotsView, own), "linked chart: The account is linked to this chart.")
		require.Contains(t, explained(patient, access.SlotsView, others), "linked chart: The account is not linked to this chart.")
		require.Contains(t, explained(patient, access.AccessReportOwn, own), "limit: The account's link to this chart does not include this permission.")
	})
	t.Run("as text, a line a step", func(t *testing.T) {
		left := member(access.User)
		left.Active = false
		require.Equal(t, "roster.view at 2025-03-03T09:00:00Z: denied (inactive)\n"+
			" 1. no   practice: This belongs to the member's own practice.\n"+
			" 2. yes  membership: The member's access has ended.", access.Explain(left, access.RosterView, own, now).String())
	})
}
