package commands_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/commands/notification"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// holding is an outbox that lets something happen while an invitation's mail is held.
type holding struct {
	notification.Outbox
	meanwhile func()
}

func (h holding) HoldInvitation(context.Context, notification.Invitation) error {
	h.meanwhile()
	return nil
}

func (h holding) Release(context.Context, notification.ID) error { return nil }

// The log under an engine is exchanged for another, and what it remembers is forgotten:
// whatever it decides from then on, it decides on that log.
func TestForget_NothingIsDecidedOnAnotherLog(t *testing.T) {
	t.Run("a state that was read from it is gone", func(t *testing.T) {
		p := newPractice(t)
		p.patient(p.owner)
		c := p.patient(p.owner)
		older := newPractice(t)
		p.store.Store = older.store.Store
		p.engine.Forget()
		p.unchanged(func() {
			_, err := commands.ArchiveChart.Give(t.Context(), p.engine, p.by(p.owner), c, chart.Archive{Reason: "moved"})
			requireFault(t, err, "chart_not_found")
		})
		c = p.patient(p.owner)
		require.Len(t, p.log(chart.Stream(p.group, c)), 1)
	})
	t.Run("a command that has decided on it decides again", func(t *testing.T) {
		p, other := newPractice(t), emptyHouse(t)
		other.owner = someone("another owner")
		other.owner.member = id.Derive[id.Member]("another owner")
		_, err := commands.CreateGroup.Give(t.Context(), other.engine, other.by(other.owner), other.founding())
		require.NoError(t, err)
		config := p.config()
		var e *commands.Engine
		config.Outbox = holding{meanwhile: func() {
			p.store.Store = other.store.Store
			e.Forget()
		}}
		e = commands.NewEngine(config)
		_, err = commands.InviteMember.Give(t.Context(), e, p.by(p.owner), commands.Invite{
			InviteMember: group.InviteMember{Invitation: id.New[id.Invitation](), EmailHash: commands.EmailHash("new@example.org"), Role: "user", Clinician: true},
			ValidDays:    7, Address: "new@example.org",
		})
		requireFault(t, err, "group_not_found")
		require.Equal(t, id.Derive[id.Member]("another owner"), other.log(group.Stream(p.group))[0].Event.(group.GroupCreated).Owner)
		require.Len(t, other.log(group.Stream(p.group)), 2, "both logs have the practice at the same revision, and nothing was added")
	})
}
