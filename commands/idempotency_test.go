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
	"praxis/domain/invoice"
)

// answers requires that a repeated command is answered with its first receipt.
func answers(t *testing.T, first, again commands.Receipt) {
	t.Helper()
	require.True(t, again.Replayed)
	require.Empty(t, again.Events)
	require.Equal(t, first.Stream, again.Stream)
	require.Equal(t, first.Revision, again.Revision)
	require.Equal(t, first.Position, again.Position)
	require.Equal(t, first.Command, again.Command)
}

func TestIdempotency_ARetryAnswersTheFirstReceipt(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	call, c := p.by(p.owner), p.charge()
	first, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
	require.NoError(t, err)
	p.Pass(time.Minute)
	_, err = commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
	require.NoError(t, err)

	engines := map[string]*commands.Engine{"the same engine": p.engine, "another engine, or the same after a restart": p.newEngine()}
	for name, engine := range engines {
		t.Run("from "+name, func(t *testing.T) {
			p.unchanged(func() {
				again, err := commands.RecordCharge.Give(t.Context(), engine, call, l, c)
				require.NoError(t, err)
				answers(t, first, again)
			})
		})
		t.Run("another input is refused by "+name, func(t *testing.T) {
			other := c
			other.Units = 2
			p.unchanged(func() {
				_, err := commands.RecordCharge.Give(t.Context(), engine, call, l, other)
				requireFault(t, err, "idempotency_key_reused")
			})
		})
	}
}

func TestIdempotency_OfACommandOfSeveralEvents(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	i := p.draft(l)
	_, err := commands.IssueInvoice.Give(t.Context(), p.engine, p.by(p.owner), l, invoice.IssueInvoice{Invoice: i})
	require.NoError(t, err)
	call := p.by(p.owner)
	pay := invoice.RecordPayment{Payment: id.Derive[id.Payment]("p"), Amount: usd(100_00), Method: invoice.Cash, ReceivedOn: foundingDay}
	first, err := commands.RecordPayment.Give(t.Context(), p.engine, call, l, pay)
	require.NoError(t, err)
	require.Len(t, first.Events, 2)
	again, err := commands.RecordPayment.Give(t.Context(), p.newEngine(), call, l, pay)
	require.NoError(t, err)
	answers(t, first, again)
}

// An engine whose cache is older than the command's first success must find the
// command in the log, not have the store tell it that its own events were kept.
func TestIdempotency_OnAStaleCache(t *testing.T) {
	warm := func(t *testing.T) (*practice, *commands.Engine, id.Chart) {
		p := newPractice(t)
		c := p.patient(p.owner)
		stale := p.newEngine()
		_, err := commands.ChangeChartStatus.Give(t.Context(), stale, dry(p.by(p.owner)), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		return p, stale, c
	}

	t.Run("a retry finds the first receipt", func(t *testing.T) {
		p, stale, c := warm(t)
		call := p.by(p.owner)
		first, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, call, c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		p.Pass(time.Minute)
		p.unchanged(func() {
			again, err := commands.ChangeChartStatus.Give(t.Context(), stale, call, c, chart.ChangeStatus{To: chart.Inactive})
			require.NoError(t, err)
			answers(t, first, again)
		})
	})
	t.Run("another input is refused, even at the same instant", func(t *testing.T) {
		p, stale, c := warm(t)
		call := p.by(p.owner)
		_, err := commands.ArchiveChart.Give(t.Context(), p.engine, call, c, chart.Archive{Reason: "moved"})
		require.NoError(t, err)
		p.unchanged(func() {
			_, err := commands.ArchiveChart.Give(t.Context(), stale, call, c, chart.Archive{Reason: "died"})
			requireFault(t, err, "idempotency_key_reused")
		})
	})
	t.Run("instants inside events are those of the log", func(t *testing.T) {
		p := newPractice(t)
		who := someone("ann")
		call := p.by(p.owner)
		invite := commands.Invite{ValidDays: 1, InviteMember: group.InviteMember{
			Invitation: id.Derive[id.Invitation]("ann"), EmailHash: commands.EmailHash(who.email), Role: access.User, Clinician: true,
		}}
		p.store.LoseAnswer(func(es.Stream, []es.Proposed) error { return es.ErrOutcomeUnknown })
		_, err := commands.InviteMember.Give(t.Context(), p.engine, call, invite)
		require.ErrorIs(t, err, es.ErrOutcomeUnknown)
		p.store.Mend()
		p.Pass(23 * time.Hour)
		_, err = commands.InviteMember.Give(t.Context(), p.engine, call, invite)
		require.NoError(t, err)
		p.Pass(2 * time.Hour)
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(who), invite.Invitation)
		requireFault(t, err, "invitation_expired")
	})
}

func TestIdempotency_AfterAnUnknownOutcome(t *testing.T) {
	for name, kept := range map[string]bool{"the append was kept": true, "the append was not kept": false} {
		t.Run(name, func(t *testing.T) {
			for _, where := range []string{"the same engine", "another engine"} {
				t.Run("a retry through "+where, func(t *testing.T) {
					p := newPractice(t)
					l := p.ledger()
					call, c := p.by(p.owner), p.charge()
					before := p.length()
					unknown := func(es.Stream, []es.Proposed) error { return es.ErrOutcomeUnknown }
					if kept {
						p.store.LoseAnswer(unknown)
					} else {
						p.store.FailAppend(unknown)
					}
					_, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
					require.ErrorIs(t, err, es.ErrOutcomeUnknown)
					p.store.Mend()
					p.Pass(time.Minute)

					engine := p.engine
					if where == "another engine" {
						engine = p.newEngine()
					}
					receipt, err := commands.RecordCharge.Give(t.Context(), engine, call, l, c)
					require.NoError(t, err)
					require.Equal(t, kept, receipt.Replayed)
					require.Equal(t, es.Revision(0), receipt.Revision)
					require.Equal(t, before+1, p.length(), "exactly one charge")

					other := c
					other.Units = 7
					_, err = commands.RecordCharge.Give(t.Context(), engine, call, l, other)
					requireFault(t, err, "idempotency_key_reused")
				})
			}
		})
	}
	t.Run("one lost answer is found out within the request", func(t *testing.T) {
		p := newPractice(t)
		l := p.ledger()
		before, lost := p.length(), false
		p.store.LoseAnswer(func(es.Stream, []es.Proposed) error {
			if lost {
				return nil
			}
			lost = true
			return es.ErrOutcomeUnknown
		})
		receipt, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
		require.NoError(t, err)
		require.Equal(t, es.Revision(0), receipt.Revision)
		require.Equal(t, before+1, p.length())
	})
}

func TestIdempotency_ARetryIsNotRejudged(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	l := invoice.LedgerID{Group: p.group, Chart: p.patient(ann), Clinician: ann.member}
	call := p.by(p.owner)
	c := chart.CreateChart{Chart: id.Derive[id.Chart]("late"), Primary: ann.member, Patient: chart.Demographics{FamilyName: "Doe"}}
	_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{Member: p.owner.member, Capability: access.ChartCreate, Scope: access.ScopeGroup})
	require.NoError(t, err)
	first, err := commands.CreateChart.Give(t.Context(), p.engine, call, c)
	require.NoError(t, err)
	p.remove(p.engine, ann)

	again, err := commands.CreateChart.Give(t.Context(), p.engine, call, c)
	require.NoError(t, err, "the clinician left after the chart was opened")
	answers(t, first, again)

	_, err = commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
	require.NoError(t, err, "what a former clinician earned may still be charged")
}

// A receipt tells ids and streams: who may not do a thing today hears no receipt of
// having done it.
func TestFoundP2_AReplayIsAuthorisedFirst(t *testing.T) {
	t.Run("a removed member", func(t *testing.T) {
		p := newPractice(t)
		ann := p.join("ann", access.User, true)
		c := p.patient(ann)
		call, update := p.by(ann), chart.UpdateDemographics{Patient: chart.Demographics{FamilyName: "Roe"}}
		_, err := commands.UpdateDemographics.Give(t.Context(), p.engine, call, c, update)
		require.NoError(t, err)
		p.remove(p.engine, ann)
		p.unchangedButRefusal(func() {
			receipt, err := commands.UpdateDemographics.Give(t.Context(), p.engine, call, c, update)
			requireFault(t, err, "permission_denied")
			require.False(t, receipt.Replayed)
		})
	})
	t.Run("a member who is denied it since", func(t *testing.T) {
		p := newPractice(t)
		helper := p.join("helper", access.Assistant, false, p.owner.member)
		allow := group.GrantPermission{Member: helper.member, Capability: access.BillingManage, Scope: access.ScopeAssists}
		_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), allow)
		require.NoError(t, err)
		l, call, c := p.ledger(), p.by(helper), p.charge()
		first, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
		require.NoError(t, err)
		again, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
		require.NoError(t, err)
		answers(t, first, again)
		_, err = commands.DenyPermission.Give(t.Context(), p.engine, p.by(p.owner), group.DenyPermission{Member: helper.member, Capability: access.BillingManage, Scope: access.ScopeGroup})
		require.NoError(t, err)
		p.unchangedButRefusal(func() {
			_, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
			requireFault(t, err, "permission_denied")
		})
	})
	t.Run("a patient whose account is no longer linked", func(t *testing.T) {
		c := openClinic(t)
		call, wish := c.call(c.mia), c.wish(c.miaChart, "2026-01-06T15:00:00Z")
		c.done(commands.BookAppointment.Give(t.Context(), c.engine, call, c.calendar(), wish))
		c.done(commands.UnlinkPatientAccount.Give(t.Context(), c.engine, c.call(c.owner), c.miaChart, chart.UnlinkPatientAccount{Account: c.mia}))
		c.refused("group_not_found")(commands.BookAppointment.Give(t.Context(), c.engine, call, c.calendar(), wish))
	})
}
