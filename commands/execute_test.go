package commands_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

func text(s string) *string { return &s }

func TestExecute_Appends(t *testing.T) {
	p := newPractice(t)
	stream := group.Stream(p.group)

	t.Run("at the exact revision, and the receipt says where", func(t *testing.T) {
		call := p.by(p.owner)
		receipt, err := commands.CreateBranch.Give(t.Context(), p.engine, call, group.CreateBranch{Branch: id.Derive[id.Branch]("north"), Name: "North"})
		require.NoError(t, err)
		log := p.log(stream)
		last := log[len(log)-1]
		require.Equal(t, stream, receipt.Stream)
		require.Equal(t, last.Revision, receipt.Revision)
		require.Equal(t, last.Position, receipt.Position)
		require.Equal(t, call.Command, receipt.Command)
		require.False(t, receipt.Replayed)
		require.Equal(t, "role:owner/group", receipt.Decision.Rule)
		require.Len(t, receipt.Events, 1)
		require.Equal(t, "group.branch_created", receipt.Events[0].Name)
		require.Equal(t, last.Event, receipt.Events[0].Event)
	})
	t.Run("nothing when nothing changes", func(t *testing.T) {
		p.unchanged(func() {
			receipt, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, p.by(p.owner), group.UpdatePracticeInfo{Name: text("Elm Street")})
			require.NoError(t, err)
			require.Empty(t, receipt.Events)
			require.Equal(t, es.Position{}, receipt.Position)
		})
	})
	t.Run("nothing without a command id", func(t *testing.T) {
		call := p.by(p.owner)
		call.Command = id.Command{}
		p.unchanged(func() {
			_, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, call, group.UpdatePracticeInfo{Phone: text("1")})
			requireFault(t, err, "command_id_required")
		})
	})
	t.Run("nothing that a rule rejects", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: p.branch, Name: "Again"})
			requireFault(t, err, "branch_exists")
		})
	})
}

func TestExecute_Metadata(t *testing.T) {
	p := newPractice(t)
	c := p.patient(p.owner)
	at := time.Date(2026, 5, 1, 12, 0, 0, 123456789, time.FixedZone("EDT", -4*3600))
	p.Set(at)
	call := p.by(p.owner)
	call.Correlation, call.Causation, call.Request = "correlation", "causation", "request"
	call.Purpose, call.Reason = "treatment", "moved away"
	_, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, call, c, chart.ChangeStatus{To: chart.Inactive})
	require.NoError(t, err)

	log := p.log(chart.Stream(p.group, c))
	last := log[len(log)-1]
	require.NotEmpty(t, last.Meta.Fingerprint)
	want := es.Metadata{
		Actor: "member:" + p.owner.member.String(), ActorRole: "owner", Group: p.group,
		Command: call.Command, CommandName: "chart.change_status", Fingerprint: last.Meta.Fingerprint,
		Correlation: "correlation", Causation: "causation", Request: "request",
		Purpose: "treatment", Reason: "moved away", Decision: "role:owner/group",
		OccurredAt: at.UTC(), RecordedAt: at.UTC().Truncate(time.Microsecond), SchemaVersion: 1,
	}
	require.Equal(t, want, last.Meta)
	require.Equal(t, want.RecordedAt, last.RecordedAt)
	require.Equal(t, byte(5), last.ID.UUID()[6]>>4, "the event's id is a UUIDv5")
}

func TestExecute_EventIDsFollowFromTheAttempt(t *testing.T) {
	founders := [2]*practice{newPractice(t), newPractice(t)}
	first, second := founders[0].log(group.Stream(founders[0].group)), founders[1].log(group.Stream(founders[1].group))
	require.Len(t, first, 2)
	for i := range first {
		require.Equal(t, first[i].ID, second[i].ID, "the same intention at the same instant names the same events")
	}
	require.NotEqual(t, first[0].ID, first[1].ID)
}

func TestExecute_DryRun(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	c := p.charge()

	t.Run("shows the events and appends nothing", func(t *testing.T) {
		p.unchanged(func() {
			receipt, err := commands.RecordCharge.Give(t.Context(), p.engine, dry(p.by(p.owner)), l, c)
			require.NoError(t, err)
			require.True(t, receipt.DryRun)
			require.Equal(t, es.NoStream, receipt.Revision)
			require.Equal(t, es.Position{}, receipt.Position)
			require.Len(t, receipt.Events, 1)
			require.Equal(t, "invoice.charge_recorded", receipt.Events[0].Name)
		})
	})
	t.Run("rejects what would be rejected", func(t *testing.T) {
		p.unchanged(func() {
			wrong := c
			wrong.Units = 0
			_, err := commands.RecordCharge.Give(t.Context(), p.engine, dry(p.by(p.owner)), l, wrong)
			requireFault(t, err, "units_out_of_range")
		})
	})
	t.Run("does not use up the command id", func(t *testing.T) {
		call := p.by(p.owner)
		_, err := commands.RecordCharge.Give(t.Context(), p.engine, dry(call), l, c)
		require.NoError(t, err)
		receipt, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
		require.NoError(t, err)
		require.False(t, receipt.Replayed)
	})
	t.Run("of a command that was carried out is decided anew", func(t *testing.T) {
		call, again := p.by(p.owner), p.charge()
		_, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, again)
		require.NoError(t, err)
		_, err = commands.RecordCharge.Give(t.Context(), p.engine, dry(call), l, again)
		requireFault(t, err, "charge_exists")
	})
	t.Run("is shown on a state read to its tail", func(t *testing.T) {
		other := p.newEngine()
		mine := p.charge()
		_, err := commands.RecordCharge.Give(t.Context(), other, p.by(p.owner), l, mine)
		require.NoError(t, err)
		p.unchanged(func() {
			_, err = commands.RecordCharge.Give(t.Context(), p.engine, dry(p.by(p.owner)), l, mine)
			requireFault(t, err, "charge_exists")
		})
	})
}

func TestExecute_IfMatch(t *testing.T) {
	p := newPractice(t)
	c := p.patient(p.owner)

	t.Run("the present revision is changed", func(t *testing.T) {
		receipt, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, matching(p.by(p.owner), 0), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		require.Equal(t, es.Revision(1), receipt.Revision)
	})
	stale := func(t *testing.T, err error, expected, actual string) {
		t.Helper()
		requireFault(t, err, "stale_revision")
		require.Equal(t, fault.Stale, fault.KindOf(err))
		require.Equal(t, map[string]string{"expected": expected, "actual": actual}, fault.From(err).Details)
	}
	t.Run("an old one is stale, and nothing is appended", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, matching(p.by(p.owner), 0), c, chart.ChangeStatus{To: chart.Active})
			stale(t, err, "0", "1")
		})
	})
	t.Run("what another process changed is stale too", func(t *testing.T) {
		_, err := commands.ChangeChartStatus.Give(t.Context(), p.newEngine(), p.by(p.owner), c, chart.ChangeStatus{To: chart.Active})
		require.NoError(t, err)
		p.unchanged(func() {
			_, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, matching(p.by(p.owner), 1), c, chart.ChangeStatus{To: chart.Inactive})
			stale(t, err, "1", "2")
		})
	})
	t.Run("what another process sees is not stale for a cache that is", func(t *testing.T) {
		_, err := commands.ChangeChartStatus.Give(t.Context(), p.newEngine(), p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		receipt, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, matching(p.by(p.owner), 3), c, chart.ChangeStatus{To: chart.Active})
		require.NoError(t, err)
		require.Equal(t, es.Revision(4), receipt.Revision)
	})
	t.Run("a retry is answered with its receipt, not as stale", func(t *testing.T) {
		call := matching(p.by(p.owner), 4)
		first, err := commands.ChangeChartStatus.Give(t.Context(), p.newEngine(), call, c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		p.Pass(time.Second)
		again, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, call, c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, first.Revision, again.Revision)
	})
}

func TestExecute_Limits(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()

	t.Run("a command that would append too many events is refused", func(t *testing.T) {
		var chosen []invoice.Allocation
		for range es.MaxAppendSize {
			i := p.draft(l)
			_, err := commands.IssueInvoice.Give(t.Context(), p.engine, p.by(p.owner), l, invoice.IssueInvoice{Invoice: i})
			require.NoError(t, err)
			chosen = append(chosen, invoice.Allocation{Invoice: i, Amount: usd(1)})
		}
		pay := invoice.RecordPayment{
			Payment: id.Derive[id.Payment]("large"), Amount: usd(es.MaxAppendSize), Method: invoice.Cash,
			ReceivedOn: foundingDay, Allocations: chosen,
		}
		p.unchanged(func() {
			_, err := commands.RecordPayment.Give(t.Context(), p.engine, p.by(p.owner), l, pay)
			requireFault(t, err, "append_too_large")
			require.Equal(t, fault.TooLarge, fault.KindOf(err))
		})
		pay.Allocations = chosen[:es.MaxAppendSize-1]
		receipt, err := commands.RecordPayment.Give(t.Context(), p.engine, p.by(p.owner), l, pay)
		require.NoError(t, err)
		require.Len(t, receipt.Events, es.MaxAppendSize)
	})
	t.Run("a reason beyond all measure is refused", func(t *testing.T) {
		call := p.by(p.owner)
		call.Reason = strings.Repeat("x", es.MaxEventBytes)
		p.unchanged(func() {
			_, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, p.charge())
			requireFault(t, err, "event_too_large")
		})
	})
}
