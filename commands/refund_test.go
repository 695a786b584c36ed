package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/pricing"
)

func TestRecordRefund_IsForProcessesOnly(t *testing.T) {
	p := subscribed(t)
	quote, err := p.engine.QuoteLicences(t.Context(), p.by(p.owner), pricing.ERxLite, 1, nil)
	require.NoError(t, err)
	receipt, err := commands.PurchaseLicences.Give(t.Context(), p.engine, p.by(p.owner), group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: quote.Today})
	require.NoError(t, err)
	charge := receipt.Events[1].Event.(group.ProratedChargeRaised).Charge
	p.collect(charge, false)
	_, err = commands.StartCollection.Give(t.Context(), p.engine, p.by(p.owner), group.StartCollection{Charge: charge})
	require.NoError(t, err)
	for attempt := 1; attempt <= 2; attempt++ {
		receipt, err = commands.RecordCollection.Give(t.Context(), p.engine, p.clockwork(), group.RecordCollection{Charge: charge, Attempt: attempt, Collected: true})
		require.NoError(t, err)
	}
	due := receipt.Events[0].Event.(group.RefundDue)
	require.Equal(t, quote.Today, due.Amount)

	back := group.RecordRefund{Refund: due.Refund, Refunded: true}
	_, err = commands.RecordRefund.Give(t.Context(), p.engine, p.by(p.owner), back)
	requireFault(t, err, "process_only")
	receipt, err = commands.RecordRefund.Give(t.Context(), p.engine, p.clockwork(), back)
	require.NoError(t, err)
	require.IsType(t, group.ChargeRefunded{}, receipt.Events[0].Event)
	receipt, err = commands.RecordRefund.Give(t.Context(), p.engine, p.clockwork(), back)
	require.NoError(t, err)
	require.Empty(t, receipt.Events, "the processor may report it again")
}
