package commands_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

func TestRaces_ALostRaceIsDecidedAgain(t *testing.T) {
	change := func(t *testing.T, e *commands.Engine, p *practice, c id.Chart, to chart.Status) error {
		t.Helper()
		_, err := commands.ChangeChartStatus.Give(t.Context(), e, p.by(p.owner), c, chart.ChangeStatus{To: to})
		return err
	}

	t.Run("and appended after the winner", func(t *testing.T) {
		p := newPractice(t)
		l := p.ledger()
		other := p.newEngine()
		p.store.meanwhile(l.Stream(), func() {
			_, err := commands.RecordCharge.Give(t.Context(), other, p.by(p.owner), l, p.charge())
			require.NoError(t, err)
		})
		receipt, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
		require.NoError(t, err)
		require.Equal(t, es.Revision(1), receipt.Revision)
		require.Len(t, p.log(l.Stream()), 2)
	})
	t.Run("and rejected if the winner made it wrong", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		other := p.newEngine()
		p.store.meanwhile(chart.Stream(p.group, c), func() {
			require.NoError(t, change(t, other, p, c, chart.Inactive))
		})
		requireFault(t, change(t, p.engine, p, c, chart.Inactive), "same_status")
		require.Len(t, p.log(chart.Stream(p.group, c)), 2)
	})
	t.Run("and stale if the caller named a revision", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		other := p.newEngine()
		p.store.meanwhile(chart.Stream(p.group, c), func() {
			require.NoError(t, change(t, other, p, c, chart.Inactive))
		})
		_, err := commands.ArchiveChart.Give(t.Context(), p.engine, matching(p.by(p.owner), 0), c, chart.Archive{Reason: "moved"})
		requireFault(t, err, "stale_revision")
		require.Len(t, p.log(chart.Stream(p.group, c)), 2)
	})
	t.Run("and refused if the winner took the permission away", func(t *testing.T) {
		p := newPractice(t)
		ann := p.join("ann", "user", true)
		c := p.patient(ann)
		other := p.newEngine()
		p.store.meanwhile(chart.Stream(p.group, c), func() {
			require.NoError(t, change(t, other, p, c, chart.Inactive))
			p.remove(other, ann)
		})
		_, err := commands.UpdateDemographics.Give(t.Context(), p.engine, p.by(ann), c, chart.UpdateDemographics{Patient: chart.Demographics{FamilyName: "Roe"}})
		requireFault(t, err, "permission_denied")
		require.Len(t, p.log(chart.Stream(p.group, c)), 2)
	})
}

func TestRaces_AStaleCacheDecidesNothing(t *testing.T) {
	p := newPractice(t)
	c := p.patient(p.owner)
	other := p.newEngine()

	t.Run("it does not reject what is right by now", func(t *testing.T) {
		_, err := commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err)
		_, err = commands.ChangeChartStatus.Give(t.Context(), other, p.by(p.owner), c, chart.ChangeStatus{To: chart.Active})
		require.NoError(t, err)
		_, err = commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
		require.NoError(t, err, "this engine's cache still says inactive")
	})
	t.Run("it does not accept what is wrong by now", func(t *testing.T) {
		_, err := commands.ArchiveChart.Give(t.Context(), other, p.by(p.owner), c, chart.Archive{Reason: "moved"})
		require.NoError(t, err)
		p.unchanged(func() {
			_, err = commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(p.owner), c, chart.ChangeStatus{To: chart.Active})
			requireFault(t, err, "chart_archived")
		})
	})
	t.Run("it does not take something for unchanged that changed", func(t *testing.T) {
		_, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, p.by(p.owner), group.UpdatePracticeInfo{Phone: text("1")})
		require.NoError(t, err)
		_, err = commands.UpdatePracticeInfo.Give(t.Context(), other, p.by(p.owner), group.UpdatePracticeInfo{Phone: text("2")})
		require.NoError(t, err)
		receipt, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, p.by(p.owner), group.UpdatePracticeInfo{Phone: text("1")})
		require.NoError(t, err)
		require.Len(t, receipt.Events, 1)
	})
	t.Run("it does not refuse who is on the team by now", func(t *testing.T) {
		ann, ben := p.join("ann", "user", true), p.join("ben", "user", true)
		c := p.patient(ann)
		update := chart.UpdateDemographics{Patient: chart.Demographics{FamilyName: "Roe"}}
		_, err := commands.UpdateDemographics.Give(t.Context(), p.engine, p.by(ben), c, update)
		requireFault(t, err, "chart_not_found")
		_, err = commands.AddTeamMember.Give(t.Context(), other, p.by(ann), c, chart.AddTeamMember{Member: ben.member, Role: "clinician"})
		require.NoError(t, err)
		_, err = commands.UpdateDemographics.Give(t.Context(), p.engine, p.by(ben), c, update)
		require.NoError(t, err)
	})
}

func TestRaces_ManyWritersOnOneStream(t *testing.T) {
	const writers = 32
	p := newPractice(t)
	l := p.ledger()
	engines := []*commands.Engine{p.engine, p.newEngine()}
	before := p.length()
	want := map[id.Command]bool{}
	calls := make([]commands.Call, writers)
	charges := make([]invoice.RecordCharge, writers)
	for i := range writers {
		calls[i], charges[i] = p.by(p.owner), p.charge()
		want[calls[i].Command] = true
	}

	var all errgroup.Group
	for i := range writers {
		all.Go(func() error {
			_, err := commands.RecordCharge.Give(t.Context(), engines[i%2], calls[i], l, charges[i])
			return err
		})
	}
	require.NoError(t, all.Wait())
	require.Equal(t, before+writers, p.length())
	got := map[id.Command]bool{}
	for i, env := range p.log(l.Stream()) {
		require.Equal(t, es.Revision(i), env.Revision)
		got[env.Meta.Command] = true
	}
	require.Equal(t, want, got, "each command exactly once")
}

func TestRaces_OneCommandSentManyTimesAtOnce(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	engines := []*commands.Engine{p.engine, p.newEngine()}
	call, c := p.by(p.owner), p.charge()
	var all errgroup.Group
	for i := range 16 {
		all.Go(func() error {
			_, err := commands.RecordCharge.Give(t.Context(), engines[i%2], call, l, c)
			return err
		})
	}
	require.NoError(t, all.Wait())
	require.Len(t, p.log(l.Stream()), 1)
}

// Whatever two engines do in turn, and whatever they forget in between, every
// verdict is the one that the decision reaches on the folded log.
func TestRaces_EveryVerdictIsThatOfTheLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPractice(t)
		l := p.ledger()
		engines := []*commands.Engine{p.engine, p.newEngine()}
		invoices := make([]id.Invoice, 4)
		charges := make([]invoice.RecordCharge, 4)
		for i := range invoices {
			invoices[i], charges[i] = id.Derive[id.Invoice](p.next()), p.charge()
		}
		one := rapid.IntRange(0, 3)
		intake := invoice.Intake{Currency: "USD"}
		for range rapid.IntRange(1, 25).Draw(rt, "commands") {
			at := rapid.IntRange(0, 1).Draw(rt, "engine")
			if rapid.IntRange(0, 4).Draw(rt, "forget") == 0 {
				engines[at] = p.newEngine()
			}
			var facts []invoice.Event
			for _, env := range p.log(l.Stream()) {
				facts = append(facts, env.Event.(invoice.Event))
			}
			state := invoice.Aggregate().Fold(facts...)
			e, call := engines[at], p.by(p.owner)
			var want []invoice.Event
			var wantErr, err error
			var got commands.Receipt
			switch rapid.IntRange(0, 4).Draw(rt, "command") {
			case 0:
				c := charges[one.Draw(rt, "charge")]
				want, wantErr = c.Decide(state, intake, p.Now())
				got, err = commands.RecordCharge.Give(t.Context(), e, call, l, c)
			case 1:
				c := invoice.VoidCharge{Charge: charges[one.Draw(rt, "charge")].Charge, Reason: "wrong", Date: foundingDay}
				want, wantErr = c.Decide(state, intake.Days, p.Now())
				got, err = commands.VoidCharge.Give(t.Context(), e, call, l, c)
			case 2:
				c := invoice.DraftInvoice{
					Invoice: invoices[one.Draw(rt, "invoice")], Date: foundingDay, Terms: invoice.Terms{Kind: invoice.OnReceipt},
					Charges: []id.Charge{charges[one.Draw(rt, "charge")].Charge},
				}
				want, wantErr = c.Decide(state, intake.Days, p.Now())
				got, err = commands.DraftInvoice.Give(t.Context(), e, call, l, c)
			case 3:
				c := invoice.DiscardDraft{Invoice: invoices[one.Draw(rt, "invoice")]}
				want, wantErr = c.Decide(state, p.Now())
				got, err = commands.DiscardDraft.Give(t.Context(), e, call, l, c)
			case 4:
				c := invoice.RecordPayment{
					Payment: id.Derive[id.Payment](p.next()), Amount: usd(int64(rapid.IntRange(1, 200_00).Draw(rt, "cents"))),
					Method: invoice.Cash, ReceivedOn: foundingDay,
				}
				want, wantErr = c.Decide(state, intake, p.Now())
				got, err = commands.RecordPayment.Give(t.Context(), e, call, l, c)
			}
			if wantErr != nil {
				require.Equal(rt, fault.From(wantErr).Code, fault.From(err).Code)
				continue
			}
			require.NoError(rt, err)
			require.Len(rt, got.Events, len(want))
			for i, event := range want {
				require.Equal(rt, event, got.Events[i].Event)
			}
			p.Pass(1)
		}
	})
}

// Commands of one process on one stream wait for one another: every one decides on
// what the one before it appended, and no append is made in vain.
func TestFoundM8_WritersOnOneStreamWaitForOneAnother(t *testing.T) {
	const writers = 50
	p := newPractice(t)
	l := p.ledger()
	i := p.draft(l)
	_, err := commands.IssueInvoice.Give(t.Context(), p.engine, p.by(p.owner), l, invoice.IssueInvoice{Invoice: i})
	require.NoError(t, err)
	before := p.length()
	appends := p.store.appendsTo(l.Stream())

	var all errgroup.Group
	for n := range writers {
		call := p.by(p.owner)
		all.Go(func() error {
			_, err := commands.RecordPayment.Give(t.Context(), p.engine, call, l, invoice.RecordPayment{
				Payment: id.Derive[id.Payment](strconv.Itoa(n)), Amount: usd(int64(1 + n)), Method: invoice.Cash, ReceivedOn: foundingDay,
			})
			return err
		})
	}
	require.NoError(t, all.Wait(), "all of them are done")
	require.Equal(t, appends+writers, p.store.appendsTo(l.Stream()), "each with one append, none of them lost to a conflict")
	require.Equal(t, before+2*writers, p.length(), "a payment and its application each")
}

// The turn is bounded: a command that waits for one that does not end is told so.
func TestFoundM8_WaitingForATurnEndsWithTheCaller(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	held, free := make(chan struct{}), make(chan struct{})
	p.store.meanwhile(l.Stream(), func() { close(held); <-free })
	var first errgroup.Group
	call, c := p.by(p.owner), p.charge()
	first.Go(func() error { _, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c); return err })
	<-held

	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	second, other := p.by(p.owner), p.charge()
	go func() { _, err := commands.RecordCharge.Give(ctx, p.engine, second, l, other); waiting <- err }()
	_, err := commands.RecordCharge.Give(t.Context(), p.engine, dry(p.by(p.owner)), l, p.charge())
	require.NoError(t, err, "a dry run takes no turn")
	cancel()
	require.ErrorIs(t, <-waiting, context.Canceled)
	close(free)
	require.NoError(t, first.Wait())
	require.Len(t, p.log(l.Stream()), 1, "what gave up changed nothing")
}
