package commands_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestFaults_AFailedAppendIsNeverSwallowed(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	call, c := p.by(p.owner), p.charge()
	p.store.FailAppend(func(es.Stream, []es.Proposed) error { return es.ErrStoreUnavailable })

	p.unchanged(func() {
		receipt, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Zero(t, receipt)
	})
	p.store.Mend()
	receipt, err := commands.RecordCharge.Give(t.Context(), p.engine, call, l, c)
	require.NoError(t, err, "the cache would say charge_exists, had it kept what the store did not")
	require.False(t, receipt.Replayed)
	require.Len(t, p.log(l.Stream()), 1)
}

func TestFaults_ABrokenReadIsNotTheEndOfAStream(t *testing.T) {
	broken := errors.New("connection reset")

	t.Run("of the group", func(t *testing.T) {
		p := newPractice(t)
		cold := p.newEngine()
		for after := range 2 {
			p.store.BreakReadAfter(after, broken)
			p.unchanged(func() {
				_, err := commands.CreateBranch.Give(t.Context(), cold, p.by(p.owner), group.CreateBranch{Branch: id.Derive[id.Branch]("n"), Name: "North"})
				require.ErrorIs(t, err, broken)
			})
		}
		p.store.Mend()
		_, err := commands.CreateBranch.Give(t.Context(), cold, p.by(p.owner), group.CreateBranch{Branch: id.Derive[id.Branch]("n"), Name: "North"})
		require.NoError(t, err)
	})
	t.Run("of the target", func(t *testing.T) {
		p := newPractice(t)
		l := p.ledger()
		c := p.charge()
		_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, c)
		require.NoError(t, err)
		_, err = commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
		require.NoError(t, err)
		// A warm group needs no events, so that the read of the ledger is the one that breaks.
		cold := p.newEngine()
		_, err = commands.UpdatePracticeInfo.Give(t.Context(), cold, dry(p.by(p.owner)), group.UpdatePracticeInfo{})
		require.NoError(t, err)
		p.store.BreakReadAfter(1, broken)
		p.unchanged(func() {
			_, err = commands.RecordCharge.Give(t.Context(), cold, p.by(p.owner), l, c)
			require.ErrorIs(t, err, broken)
		})
		p.store.Mend()
		_, err = commands.RecordCharge.Give(t.Context(), cold, p.by(p.owner), l, c)
		requireFault(t, err, "charge_exists")
	})
	t.Run("of the gate", func(t *testing.T) {
		p := newPractice(t)
		p.store.BreakReadAfter(0, broken)
		_, err := p.engine.Admit(t.Context(), p.by(p.owner), question)
		require.ErrorIs(t, err, broken)
	})
}

func TestFaults_AnEventThatCannotBeReadStopsEverything(t *testing.T) {
	for name, event := range map[string]es.Proposed{
		"an unknown name":    {Type: "chart.teleported", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`)},
		"a newer version":    {Type: "chart.archived", Data: []byte(`{"reason":"x","statusAtArchive":"active"}`), Metadata: []byte(`{"schemaVersion":"99"}`)},
		"bytes that are not": {Type: "chart.archived", Data: []byte(`{"reason":`), Metadata: []byte(`{"schemaVersion":"1"}`)},
		"an unknown field":   {Type: "chart.archived", Data: []byte(`{"secret":1}`), Metadata: []byte(`{"schemaVersion":"1"}`)},
		"no version":         {Type: "chart.archived", Data: []byte(`{"reason":"x","statusAtArchive":"active"}`), Metadata: []byte(`{}`)},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPractice(t)
			c := p.patient(p.owner)
			event.ID = id.Derive[id.Event](name)
			_, err := p.store.Append(t.Context(), chart.Stream(p.group, c), es.AnyRevision, []es.Proposed{event})
			require.NoError(t, err)
			p.unchanged(func() {
				_, err := commands.ChangeChartStatus.Give(t.Context(), p.newEngine(), p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
				requireFault(t, err, "event_unreadable")
				_, err = commands.ChangeChartStatus.Give(t.Context(), p.engine, p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
				requireFault(t, err, "event_unreadable")
			})
		})
	}
	t.Run("an event of another aggregate", func(t *testing.T) {
		p := newPractice(t)
		c := p.patient(p.owner)
		_, err := p.store.Append(t.Context(), chart.Stream(p.group, c), es.AnyRevision, []es.Proposed{{
			ID: id.Derive[id.Event]("foreign"), Type: "group.branch_renamed",
			Data: []byte(`{"branch":"` + p.branch.String() + `","from":"a","to":"b"}`), Metadata: []byte(`{"schemaVersion":"1"}`),
		}})
		require.NoError(t, err)
		p.unchanged(func() {
			_, err = commands.ChangeChartStatus.Give(t.Context(), p.newEngine(), p.by(p.owner), c, chart.ChangeStatus{To: chart.Inactive})
			require.ErrorContains(t, err, "foreign event")
		})
	})
}

func TestFaults_ACancelledRequestAppendsNothing(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.unchanged(func() {
		_, err := commands.RecordCharge.Give(ctx, p.engine, p.by(p.owner), l, p.charge())
		require.ErrorIs(t, err, context.Canceled)
	})
}

// A typed error without Is never matches under errors.Is, and no linter tells.
func TestFaults_EveryTypedErrorMatchesByType(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("load chart: %w", err) }
	for name, c := range map[string]struct{ err, target, stranger error }{
		"es.WrongRevisionError": {
			&es.WrongRevisionError{Stream: "chart-1", Expected: 1, Actual: 2}, &es.WrongRevisionError{}, es.ErrStoreUnavailable,
		},
		"fault.Error": {
			fault.New(fault.Stale, "stale_revision", "you saw %d", 1).With("actual", "2").Because(errors.New("cause")),
			fault.New(fault.Internal, "stale_revision", ""), fault.New(fault.Stale, "another_code", ""),
		},
		"es.ErrOutcomeUnknown":   {es.ErrOutcomeUnknown.Because(context.DeadlineExceeded), es.ErrOutcomeUnknown, es.ErrStoreUnavailable},
		"es.ErrStoreUnavailable": {es.ErrStoreUnavailable.Because(context.DeadlineExceeded), es.ErrStoreUnavailable, es.ErrOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, c.err, c.target)
			require.ErrorIs(t, wrap(c.err), c.target)
			require.ErrorIs(t, errors.Join(errors.New("other"), wrap(c.err)), c.target)
			require.NotErrorIs(t, wrap(c.err), c.stranger)
		})
	}
}
