package processes_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

func invitations(c processes.Config) process.Process { return processes.Invitations(c) }

// expired lists the invitations that the log says expired.
func (h *house) expired() []id.Invitation {
	h.t.Helper()
	var list []id.Invitation
	for _, event := range h.events() {
		if e, ok := event.(group.InvitationExpired); ok {
			list = append(list, e.Invitation)
		}
	}
	return list
}

func TestInvitations_ExpireOnceAndOnlyIfNobodyAnswered(t *testing.T) {
	var open id.Invitation
	h := everywhere(t, pgtest.New(t), 8, func(h *house) {
		open = h.invite("ann", access.User, true)
		h.join("bob", access.User, true)
		declined := h.invite("cat", access.User, true)
		_, err := commands.DeclineInvitation.Give(t.Context(), h.engine, h.by(person("cat")), declined)
		require.NoError(t, err)
		revoked := h.invite("dan", access.User, true)
		_, err = commands.RevokeInvitation.Give(t.Context(), h.engine, h.by(h.owner), group.RevokeInvitation{Invitation: revoked})
		require.NoError(t, err)
		h.Pass(8 * day)
	}, invitations)
	require.Equal(t, []id.Invitation{open}, h.expired())
}

func TestInvitations_ExpireAtTheirInstantAndNotBefore(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.Pass(7) // The instant of expiry is no whole microsecond.
	open := h.invite("ann", access.User, true)
	h.Pass(7*day - 1)
	h.live(never, invitations)
	require.Empty(t, h.expired())
	h.Pass(1000)
	h.live(never, invitations)
	require.Equal(t, []id.Invitation{open}, h.expired(), "one refused as too early would stay open for ever")
}
