package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// recorded is when the last event of a stream was recorded.
func (p *practice) recorded(stream es.Stream) time.Time {
	p.t.Helper()
	log := p.log(stream)
	return log[len(log)-1].RecordedAt
}

func TestAccessAsOf(t *testing.T) {
	p := newPractice(t)
	founding := p.recorded(group.Stream(p.group))
	p.Pass(time.Minute)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	c := p.patient(ann)
	opened := p.recorded(chart.Stream(p.group, c))
	p.Pass(time.Minute)
	_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: bob.member, Capability: access.ChartClinicalView, Scope: access.ScopeGroup})
	require.NoError(t, err)
	granted := p.recorded(group.Stream(p.group))
	p.Pass(time.Minute)
	_, err = commands.AssignClinician.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignClinician{Clinician: p.owner.member})
	require.NoError(t, err)
	moved := p.recorded(chart.Stream(p.group, c))
	p.Pass(time.Minute)
	p.remove(p.engine, bob)
	view := commands.AccessQuestion{Capability: access.ChartClinicalView, Chart: c}

	// rules returns by which rule each member could or could not.
	rules := func(t *testing.T, at time.Time) map[id.Member]string {
		t.Helper()
		answer, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), view, at)
		require.NoError(t, err)
		found := map[id.Member]string{}
		for _, m := range answer.Members {
			found[m.Member] = m.Rule
		}
		return found
	}
	t.Run("who could open the chart on day D, and through which rule", func(t *testing.T) {
		require.Equal(t, map[id.Member]string{p.owner.member: access.RuleDefaultDeny, ann.member: "role:user/own", bob.member: access.RuleDefaultDeny}, rules(t, opened))
		require.Equal(t, map[id.Member]string{p.owner.member: access.RuleDefaultDeny, ann.member: "role:user/own", bob.member: access.RuleUserGrant}, rules(t, granted))
		require.Equal(t, map[id.Member]string{p.owner.member: "role:owner/own", ann.member: access.RuleDefaultDeny, bob.member: access.RuleUserGrant}, rules(t, moved))
		require.Equal(t, map[id.Member]string{p.owner.member: "role:owner/own", ann.member: access.RuleDefaultDeny, bob.member: access.RuleInactive}, rules(t, p.Now()))
	})
	t.Run("the answer names the grant, its author, and what it rests on", func(t *testing.T) {
		q := view
		q.Member = bob.member
		answer, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), q, granted)
		require.NoError(t, err)
		require.Len(t, answer.Members, 1)
		log := p.log(group.Stream(p.group))
		event := log[answer.Group]
		require.IsType(t, group.PermissionGranted{}, event.Event)
		require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleUserGrant, Event: event.ID, Grantor: p.owner.member}, answer.Members[0].Decision)
		require.Equal(t, es.Revision(0), answer.Chart)
		require.Equal(t, granted, answer.Members[0].At)
	})
	t.Run("about the practice as a whole", func(t *testing.T) {
		answer, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), commands.AccessQuestion{Member: p.owner.member, Capability: access.GroupClose}, founding)
		require.NoError(t, err)
		require.True(t, answer.Members[0].Allowed)
		require.Equal(t, es.NoStream, answer.Chart)
	})
	t.Run("before somebody joined they were nobody", func(t *testing.T) {
		answer, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), commands.AccessQuestion{Member: ann.member, Capability: access.GroupInfoView}, founding)
		require.NoError(t, err)
		require.Equal(t, access.RuleDefaultDeny, answer.Members[0].Rule)
	})
	t.Run("what was not there yet cannot be asked about", func(t *testing.T) {
		ask := func(q commands.AccessQuestion, at time.Time) error {
			_, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), q, at)
			return err
		}
		requireFault(t, ask(view, opened.Add(-time.Nanosecond)), "chart_not_found")
		requireFault(t, ask(view, founding.Add(-time.Hour)), "group_not_founded_yet")
		requireFault(t, ask(view, p.Now().Add(time.Nanosecond)), "instant_in_future")
		requireFault(t, ask(commands.AccessQuestion{Capability: "fly"}, opened), "unknown_capability")
	})
	t.Run("it takes audit.history.view, and a refusal is on record", func(t *testing.T) {
		p.unchangedButRefusal(func() {
			_, err := p.engine.AccessAsOf(t.Context(), p.by(ann), view, opened)
			requireFault(t, err, "permission_denied")
		})
	})
	t.Run("a store that breaks off is no answer", func(t *testing.T) {
		require.NoError(t, p.warm())
		p.store.BreakReadAfter(1, es.ErrStoreUnavailable)
		defer p.store.Mend()
		_, err := p.engine.AccessAsOf(t.Context(), p.by(p.owner), view, opened)
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
	})
}

// warm reads the practice, so that the next request reads only its tail.
func (p *practice) warm() error {
	_, err := p.engine.Admit(p.ctx(), p.by(p.owner), question)
	return err
}

func TestExplainAccess(t *testing.T) {
	p := newPractice(t)
	ann, bob := p.join("ann", access.User, true), p.join("bob", access.User, true)
	c := p.patient(ann)
	explain := func(by, about person, c id.Chart) (commands.MemberAccess, error) {
		return p.engine.ExplainAccess(t.Context(), p.by(by), commands.AccessQuestion{Member: about.member, Capability: access.ChartClinicalView, Chart: c})
	}
	t.Run("everybody may ask about themselves", func(t *testing.T) {
		answer, err := explain(ann, ann, c)
		require.NoError(t, err)
		require.Equal(t, "role:user/own", answer.Rule)
		require.True(t, answer.Steps[len(answer.Steps)-1].Matched)
		answer, err = explain(bob, bob, c)
		require.NoError(t, err)
		require.Equal(t, access.RuleUnseenChart, answer.Rule)
	})
	t.Run("about others, whoever may see their permissions", func(t *testing.T) {
		answer, err := explain(p.owner, bob, c)
		require.NoError(t, err)
		require.False(t, answer.Allowed)
		_, err = explain(ann, bob, c)
		requireFault(t, err, "permission_denied")
	})
	t.Run("a chart that does not exist tells nothing", func(t *testing.T) {
		unknown, err := explain(bob, bob, id.Derive[id.Chart]("unknown"))
		require.NoError(t, err)
		known, err := explain(bob, bob, c)
		require.NoError(t, err)
		require.Equal(t, known, unknown)
	})
	t.Run("unknown permissions are none", func(t *testing.T) {
		_, err := p.engine.ExplainAccess(t.Context(), p.by(ann), commands.AccessQuestion{Member: ann.member, Capability: "fly"})
		requireFault(t, err, "unknown_capability")
	})
}
