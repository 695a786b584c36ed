package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// byProcess is a call of one of Praxis' own processes.
func (p *practice) byProcess(name string) commands.Call {
	return commands.Call{Process: name, Group: p.group, Command: id.Derive[id.Command]("spec", p.next()), Correlation: "spec", Causation: "spec"}
}

func TestProcessesActUnderTheirOwnName(t *testing.T) {
	t.Run("the log names the process and the rule that lets it act", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		_, err := commands.ChangeChartStatus.Give(p.ctx(), p.engine, p.byProcess("quiet_charts"), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		log := p.log(chart.Stream(p.group, c))
		last := log[len(log)-1]
		require.Equal(t, "chart.status_changed", last.Type)
		require.Equal(t, "system:quiet_charts", last.Meta.Actor)
		require.Empty(t, last.Meta.ActorRole)
		require.Equal(t, access.RuleSystem, last.Meta.Decision)
	})
	t.Run("repeating its command answers with the first result", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		call := p.byProcess("quiet_charts")
		first, err := commands.ChangeChartStatus.Give(p.ctx(), p.engine, call, c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		p.unchanged(func() {
			again, err := commands.ChangeChartStatus.Give(p.ctx(), p.newEngine(), call, c, chart.ChangeStatus{To: chart.Inactive})
			require.NoError(t, err)
			require.True(t, again.Replayed)
			require.Equal(t, first.Position, again.Position)
		})
	})
	t.Run("the rules of the domain hold for it too", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		p.unchanged(func() {
			_, err := commands.UnarchiveChart.Give(p.ctx(), p.engine, p.byProcess("quiet_charts"), c, chart.Unarchive{})
			require.Error(t, err)
		})
	})
	t.Run("it may see the group that it works for", func(t *testing.T) {
		p := newPractice(t)
		a, err := p.engine.Admit(p.ctx(), p.byProcess("renewal"), commands.Question{Action: "spec", Capability: access.SubscriptionView})
		require.NoError(t, err)
		require.Equal(t, access.Subject{Kind: access.KindSystem, Group: p.group, Process: "renewal"}, a.Subject)
	})
}

func TestNobodyBorrowsTheNameOfAProcess(t *testing.T) {
	t.Run("a call of an account that names a process too is refused", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		both := p.by(p.owner)
		both.Process = "quiet_charts"
		p.unchanged(func() {
			_, err := commands.ChangeChartStatus.Give(p.ctx(), p.engine, both, c, chart.ChangeStatus{To: chart.Inactive})
			requireFault(t, err, "two_actors")
			_, err = p.engine.Admit(p.ctx(), both, commands.Question{Action: "spec", Capability: access.SubscriptionView})
			requireFault(t, err, "two_actors")
		})
	})
	t.Run("a process founds no practice and acts in none that does not exist", func(t *testing.T) {
		p := emptyHouse(t)
		p.unchanged(func() {
			_, err := commands.CreateGroup.Give(p.ctx(), p.engine, p.byProcess("renewal"), p.founding())
			requireFault(t, err, "group_not_found")
			_, err = commands.RemoveMember.Give(p.ctx(), p.engine, p.byProcess("renewal"), group.RemoveMember{Member: p.owner.member})
			requireFault(t, err, "group_not_found")
		})
	})
}
