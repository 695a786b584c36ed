package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// share sets how widely the practice shares its charts.
func (p *practice) share(by person, w access.Width) (commands.Receipt, error) {
	return commands.SetChartSharing.Give(p.ctx(), p.engine, p.by(by), group.SetChartSharing{Sharing: w})
}

func TestSetChartSharing(t *testing.T) {
	p := withRosters(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	ada, sam := p.join("ada", access.Assistant, false, bob.member), p.join("sam", access.SuperAdmin, false)
	c := p.patient(ann)
	opened := p.recorded(chart.Stream(p.group, c))
	p.Pass(time.Minute)
	can := func(who person, to access.Capability) access.Decision {
		t.Helper()
		answer, err := p.engine.ExplainAccess(t.Context(), p.by(p.owner), commands.AccessQuestion{Member: who.member, Capability: to, Chart: c})
		require.NoError(t, err)
		return answer.Decision
	}
	require.False(t, can(bob, access.ChartClinicalView).Allowed)

	t.Run("LH3 a dry run shows who gains which charts", func(t *testing.T) {
		receipt, err := commands.SetChartSharing.Give(t.Context(), p.engine, dry(p.by(p.owner)), group.SetChartSharing{Sharing: access.ShareGroup})
		require.NoError(t, err)
		gain := func(who person, c access.Capability, charts ...id.Chart) group.Change {
			return group.Change{Member: who.member, Capability: c, Shift: group.Gained, Charts: charts}
		}
		require.Equal(t, []group.Change{
			gain(p.owner, access.ChartClinicalView, c),
			gain(bob, access.ChartClinicalView, c), gain(bob, access.RosterView, c),
		}, receipt.Effects)
		require.False(t, can(bob, access.ChartClinicalView).Allowed)
	})
	t.Run("LH3 the owner shares, and every answer names the event and who did", func(t *testing.T) {
		receipt, err := p.share(p.owner, access.ShareGroup)
		require.NoError(t, err)
		log := p.log(group.Stream(p.group))
		last := log[len(log)-1]
		require.Equal(t, receipt.Revision, last.Revision)
		require.Equal(t, group.ChartSharingChanged{Rule: last.ID, From: access.AssignedOnly, To: access.ShareGroup, ChangedBy: p.owner.member}, last.Event)
		require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleChartSharing, Event: last.ID, Grantor: p.owner.member}, can(bob, access.ChartClinicalView))
	})
	t.Run("looking only, and clinicians only", func(t *testing.T) {
		for _, closed := range []access.Capability{access.ChartClinicalWrite, access.NoteView, access.BillingView, access.TeamAdd, access.TeamView, access.ChartArchive} {
			require.False(t, can(bob, closed).Allowed, closed)
		}
		require.False(t, can(ada, access.ChartClinicalView).Allowed, "who assists a clinician sees no more than their own")
		require.False(t, can(sam, access.ChartClinicalView).Allowed, "who treats nobody sees none")
	})
	t.Run("never over a denial", func(t *testing.T) {
		_, err := commands.DenyPermission.Give(t.Context(), p.engine, p.by(p.owner), group.DenyPermission{Member: bob.member, Capability: access.ChartClinicalView, Scope: access.ScopeGroup})
		require.NoError(t, err)
		require.Equal(t, access.RuleUserDeny, can(bob, access.ChartClinicalView).Rule)
		_, err = commands.ClearOverride.Give(t.Context(), p.engine, p.by(p.owner), group.ClearOverride{Member: bob.member, Capability: access.ChartClinicalView})
		require.NoError(t, err)
	})
	t.Run("who could open the chart on day D, and through which rule", func(t *testing.T) {
		shared := p.recorded(group.Stream(p.group))
		p.Pass(time.Minute)
		_, err := p.share(p.owner, access.AssignedOnly)
		require.NoError(t, err)
		q := commands.AccessQuestion{Member: bob.member, Capability: access.ChartClinicalView, Chart: c}
		var rules []string
		for _, at := range []time.Time{opened, shared, p.Now()} {
			answer, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), q, at)
			require.NoError(t, err)
			rules = append(rules, answer.Members[0].Rule)
		}
		require.Equal(t, []string{access.RuleDefaultDeny, access.RuleChartSharing, access.RuleDefaultDeny}, rules)
	})
	t.Run("AMB-11 a super admin needs the permission to grant, and all that sharing opens", func(t *testing.T) {
		p.unchangedButRefusal(func() {
			_, err := p.share(sam, access.ShareBranch)
			requireFault(t, err, "permission_denied")
		})
		for _, c := range []access.Capability{access.PermissionGrant, access.ChartClinicalView} {
			_, err := p.share(sam, access.ShareBranch)
			require.Error(t, err)
			_, err = commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: sam.member, Capability: c, Scope: access.ScopeGroup})
			require.NoError(t, err)
		}
		_, err := p.share(sam, access.ShareBranch)
		require.NoError(t, err)
	})
}

// alone founds a solo practice.
func alone(t testing.TB) *practice {
	t.Helper()
	p := emptyHouse(t)
	c := p.founding()
	c.Solo = true
	_, err := commands.CreateGroup.Give(p.ctx(), p.engine, p.by(p.owner), c)
	require.NoError(t, err)
	return p
}

func (p *practice) convert(call commands.Call, plan pricing.PlanID) error {
	_, err := commands.ConvertSoloToGroup.Give(p.ctx(), p.engine, call, group.ConvertSoloToGroup{Plan: plan})
	return err
}

// byOperator is a call of an operator of the installation, who belongs to no practice.
func (p *practice) byOperator() commands.Call {
	call := p.by(someone("operator"))
	call.Operator = true
	return call
}

func TestConvertSoloToGroup(t *testing.T) {
	t.Run("G-3 AMB-2 an operator converts the practice on request", func(t *testing.T) {
		p := alone(t)
		_, err := commands.InviteMember.Give(t.Context(), p.engine, p.by(p.owner), commands.Invite{
			InviteMember: group.InviteMember{Invitation: id.Derive[id.Invitation]("x"), EmailHash: "x", Role: access.SuperAdmin}, ValidDays: 7,
		})
		requireFault(t, err, "solo_practice")
		requireFault(t, p.convert(p.byOperator(), pricing.ERxLite), "plan_required")
		_, err = commands.StartSubscription.Give(t.Context(), p.engine, p.by(p.owner), p.startBody(usd(8900)))
		require.NoError(t, err)

		p.unchanged(func() { require.NoError(t, p.convert(dry(p.byOperator()), pricing.ERxLite)) })
		call := p.byOperator()
		require.NoError(t, p.convert(call, pricing.ERxLite))
		log := p.log(group.Stream(p.group))
		last := log[len(log)-1]
		require.Equal(t, group.SoloPracticeConverted{Account: p.owner.account, Plan: pricing.ERxLite, Operator: call.Account}, last.Event)
		require.Equal(t, []string{"operator:" + call.Account.String(), access.RuleOperator}, []string{last.Meta.Actor, last.Meta.Decision})
		requireFault(t, p.convert(p.byOperator(), pricing.ERxLite), "not_solo")
		require.NoError(t, p.convert(call, pricing.ERxLite), "the same command once more is the same receipt")
		p.invite(someone("ann"), access.SuperAdmin, false)
	})
	t.Run("AMB-2 nobody else does, and the refusal is on record", func(t *testing.T) {
		p := alone(t)
		p.unchangedButRefusal(func() { requireFault(t, p.convert(p.by(p.owner), pricing.ERxLite), "operator_only") })
		refused := p.refusals()
		last := refused[len(refused)-1]
		require.Equal(t, accesslog.AccessRefused{
			Action: "group.convert_solo", Capability: access.GroupConvert, Rule: access.RuleGuardrail, Target: string(group.Stream(p.group)),
		}, last.Event)
		require.Equal(t, "member:"+p.owner.member.String(), last.Meta.Actor)
		p.practiceUnchanged(func() {
			requireFault(t, p.convert(p.by(someone("stranger")), pricing.ERxLite), "group_not_found")
		})
	})
	t.Run("AMB-2 an installation may let owners convert their own", func(t *testing.T) {
		p := alone(t)
		c := p.config()
		c.SelfServiceConversion = true
		p.engine = commands.NewEngine(c)
		requireFault(t, p.convert(p.by(p.owner), pricing.ERxLite), "plan_required")
		_, err := commands.StartSubscription.Give(t.Context(), p.engine, p.by(p.owner), p.startBody(usd(8900)))
		require.NoError(t, err)
		p.practiceUnchanged(func() {
			requireFault(t, p.convert(p.by(someone("stranger")), pricing.ERxLite), "group_not_found")
		})
		require.NoError(t, p.convert(p.by(p.owner), pricing.ERxLite))
		log := p.log(group.Stream(p.group))
		require.Equal(t, group.SoloPracticeConverted{Account: p.owner.account, Plan: pricing.ERxLite}, log[len(log)-1].Event)
		require.Equal(t, "member:"+p.owner.member.String(), log[len(log)-1].Meta.Actor)
	})
	t.Run("G-3 without an account of its owner a practice is not converted", func(t *testing.T) {
		p := emptyHouse(t)
		c := p.founding()
		c.Solo, c.Account = true, p.owner.account
		events, err := c.Decide(group.Aggregate().New(), p.Now())
		require.NoError(t, err)
		p.append(group.Stream(p.group), events) // Nobody claimed it for the account.
		requireFault(t, p.convert(p.byOperator(), pricing.ERxLite), "account_required")
	})
	t.Run("a practice that is none cannot be looked for this way", func(t *testing.T) {
		p := emptyHouse(t)
		requireFault(t, p.convert(p.byOperator(), pricing.ERxLite), "group_not_found")
	})
	t.Run("operators do nothing else to a practice", func(t *testing.T) {
		p := newPractice(t)
		p.practiceUnchanged(func() {
			_, err := commands.SetChartSharing.Give(t.Context(), p.engine, p.byOperator(), group.SetChartSharing{Sharing: access.ShareGroup})
			requireFault(t, err, "group_not_found")
		})
	})
}

// append writes events past every rule.
func (p *practice) append(stream es.Stream, events []group.Event) {
	p.t.Helper()
	var proposed []es.Proposed
	for _, event := range events {
		typ, data, meta, err := p.registry.Encode(event, es.Subject{}, es.Metadata{Group: p.group, OccurredAt: p.Now()})
		require.NoError(p.t, err)
		proposed = append(proposed, es.Proposed{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta})
	}
	_, err := p.store.Append(p.ctx(), stream, es.AnyRevision, proposed)
	require.NoError(p.t, err)
}
