package commands_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// crowd makes an engine forget the groups it knew: it keeps a thousand.
func (p *practice) crowd(e *commands.Engine) error {
	for range 1_001 {
		call := commands.Call{Account: p.owner.account, Group: id.New[id.Group](), Command: id.New[id.Command]()}
		if _, err := e.Admit(p.ctx(), call, question); err == nil {
			return errAdmitted
		}
	}
	return nil
}

var errAdmitted = errors.New("admitted to a group that does not exist")

func TestForgetting_CostsAReadAndNothingElse(t *testing.T) {
	p := newPractice(t)
	c := p.patient(p.owner)
	require.NoError(t, p.crowd(p.engine))
	_, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
	require.NoError(t, err)
	require.NoError(t, p.crowd(p.engine))
	_, err = commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: p.branch, Name: "Main"})
	requireFault(t, err, "branch_exists")
}

func TestForgetting_WhileCommandsRun(t *testing.T) {
	const writers, each = 4, 10
	p := newPractice(t)
	before := p.length()
	calls := make([][each]commands.Call, writers)
	for i := range calls {
		for j := range each {
			calls[i][j] = p.by(p.owner)
		}
	}
	var all errgroup.Group
	all.Go(func() error { return p.crowd(p.engine) })
	all.Go(func() error { return p.crowd(p.engine) })
	for i := range writers {
		all.Go(func() error {
			for j := range each {
				branch := id.Derive[id.Branch](calls[i][j].Command.String())
				if _, err := commands.CreateBranch.Give(t.Context(), p.engine, calls[i][j], group.CreateBranch{Branch: branch, Name: branch.String()}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, all.Wait())
	require.Equal(t, before+writers*each, p.length()-uint64(len(p.outsiders())))
}
