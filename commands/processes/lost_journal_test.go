package processes_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/postgres/pgtest"
	journal "praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/pricing"
)

// buy buys a therapist's licence at the total that is quoted.
func (h *house) buy() {
	h.t.Helper()
	quote, err := h.engine.QuoteLicences(h.t.Context(), h.by(h.owner), pricing.TherapistBasic, 1, nil)
	require.NoError(h.t, err)
	_, err = commands.PurchaseLicences.Give(h.t.Context(), h.engine, h.by(h.owner), group.PurchaseLicences{Plan: pricing.TherapistBasic, Quantity: 1, QuotedTotal: quote.Today})
	require.NoError(h.t, err)
}

// TestALostJournalIsMadeAnew lives through months, loses the journal at every turn
// and goes through the whole history again: what was done is found done.
func TestALostJournalIsMadeAnew(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	all := []definition{
		subscription, processes.Collection, processes.Removals, processes.Branches,
		processes.Invitations,
	}
	relive := func(t *testing.T) {
		t.Helper()
		h.live(never, all...)
		before := h.Log()
		h.Forget()
		h.live(never, all...)
		require.Equal(t, before, h.Log(), "nothing is done a second time")
	}

	t.Run("a charge that is declined, tried again and cancelled", func(t *testing.T) {
		h.subscribe(simulated.MethodOK, 89_00)
		relive(t)
		h.Pass(12 * day)
		h.pay(simulated.MethodDeclined)
		h.buy()
		for range 10 {
			h.Pass(day)
			relive(t)
		}
		require.Contains(t, h.happened(0), "ChargeCancelled")
	})
	t.Run("periods that are charged, and an invitation that nobody answers", func(t *testing.T) {
		h.pay(simulated.MethodOK)
		h.invite("nora", access.User, false)
		for range 3 {
			h.Pass(20 * day)
			relive(t)
		}
		require.Contains(t, h.happened(0), "InvitationExpired")
	})
	t.Run("a clinician who left, and whose charts moved", func(t *testing.T) {
		h.buy()
		h.Pass(day)
		h.live(never, all...)
		ann := h.join("ann", access.User, true)
		h.open(ann)
		_, err := commands.StartMemberRemoval.Give(t.Context(), h.engine, h.by(h.owner), group.StartMemberRemoval{
			Member: ann.member, Rehoming: group.Rehoming{Default: h.owner.member},
		})
		require.NoError(t, err)
		relive(t)
		require.Contains(t, h.happened(0), "MemberRemoved")
	})
}

// TestAfterALongSilenceATimerFiresOnce counts what the processes did after they
// were away: what a day would have brought is asked for once, not once per day.
func TestAfterALongSilenceATimerFiresOnce(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.Pass(400 * day)
	h.live(never, subscription, processes.Collection, processes.Sweep)
	entries, err := journal.New(h.Pool).Entries(t.Context(), []string{"subscription", "sweep"})
	require.NoError(t, err)
	require.Equal(t, int64(1), entries["subscription"].Fired)
	require.Equal(t, int64(1), entries["sweep"].Fired)
	require.Equal(t, founded.Add(401*day), *entries["sweep"].NextDue, "it keeps its time of day")
}
