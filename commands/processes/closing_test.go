package processes_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/postgres/pgtest"
	journal "praxis/adapters/processes"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/fault"
	"praxis/domain/group"
)

// close closes the practice, once its records are exported.
func (h *house) close() {
	h.t.Helper()
	q := commands.Question{Action: "roster.export", Capability: access.RosterExport, Target: "roster"}
	a, err := h.engine.Admit(h.t.Context(), h.by(h.owner), q)
	require.NoError(h.t, err)
	c := group.CloseGroup{ExportManifestHash: strings.Repeat("e", 64)}
	require.NoError(h.t, h.engine.RecordExport(h.t.Context(), h.by(h.owner), a, accesslog.DataExported{What: "roster", SHA256: c.ExportManifestHash}))
	_, err = commands.CloseGroup.Give(h.t.Context(), h.engine, h.by(h.owner), c)
	require.NoError(h.t, err)
}

// timers counts what a process still waits for.
func (h *house) timers(name string) int64 {
	h.t.Helper()
	entries, err := journal.New(h.Pool).Entries(h.t.Context(), []string{name})
	require.NoError(h.t, err)
	return entries[name].Timers
}

func (h *house) refusals(name string) []process.Refusal {
	h.t.Helper()
	all, err := journal.New(h.Pool).Refusals(h.t.Context(), name, 100)
	require.NoError(h.t, err)
	return all
}

func TestClosing_TheClockOfAClosedPracticeStops(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.invite("late", access.User, false)
	h.live(never, subscription, processes.Collection, invitations)
	require.Positive(t, h.timers("subscription"))
	require.Positive(t, h.timers("invitations"))
	h.close()
	skip := len(h.events())
	h.live(never, subscription, processes.Collection, invitations)
	require.Zero(t, h.timers("subscription"), "no period is charged any more")
	require.Zero(t, h.timers("invitations"))
	h.Pass(95 * day)
	h.live(never, subscription, processes.Collection, invitations)
	require.Empty(t, h.happened(skip))
	require.Empty(t, h.refusals("subscription"))
	require.Empty(t, h.refusals("invitations"))

	t.Run("also if it closed before the processes ever ran", func(t *testing.T) {
		h := newHouse(t, h.Pool)
		h.subscribe(simulated.MethodOK, 89_00)
		h.close()
		skip := len(h.events())
		h.Pass(95 * day)
		h.live(never, subscription, processes.Collection)
		require.Zero(t, h.timers("subscription"))
		require.Empty(t, h.happened(skip))
	})
}

func TestClosing_MoneyThatIsOnItsWayIsStillRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		last processes.Payment
		want string
	}{
		"collected": {processes.Payment{Moved: true}, "ChargeCollected"},
		"declined":  {processes.Payment{Reason: "card_declined"}, "ChargeFailed"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, pgtest.New(t))
			h.subscribe(simulated.MethodOK, 89_00)
			h.live(never, subscription)
			require.Equal(t, "CollectionStarted", h.happened(0)[len(h.events())-1])
			h.close()
			skip := len(h.events())
			m := &moody{answers: []any{fault.New(fault.Unavailable, "card_processor_unavailable", "No answer."), processes.Payment{IsPending: true}, c.last}}
			h.live(never, subscription, m.define)
			h.Pass(time.Hour)
			h.live(never, subscription, m.define)
			require.Equal(t, []string{c.want}, h.happened(skip))
			h.Pass(95 * day)
			h.live(never, subscription, m.define)
			require.Equal(t, []string{c.want}, h.happened(skip), "nothing is tried again")
			require.Zero(t, h.timers("subscription"))
			require.Zero(t, h.timers("collection"))
		})
	}
}

func TestClosing_BILA11_MoneyForAPurchaseThatNobodyCouldUseGoesBack(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	h.live(never, subscription, processes.Collection)
	charge := h.buys(89_00)
	_, err := commands.StartCollection.Give(t.Context(), h.engine, h.by(h.owner), group.StartCollection{Charge: charge})
	require.NoError(t, err)
	m := &moody{answers: []any{processes.Payment{IsPending: true}, processes.Payment{Moved: true}}}
	h.live(never, subscription, m.define)
	skip := len(h.events())
	h.close()
	h.live(never, subscription, m.define)
	h.Pass(time.Hour)
	h.live(never, subscription, m.define)
	require.Equal(t, []string{"LicencePurchaseCancelled", "ChargeCancelled", "GroupClosed", "RefundDue", "ChargeRefunded"}, h.happened(skip))
	require.Zero(t, h.timers("collection"))
}
