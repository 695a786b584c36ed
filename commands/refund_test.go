package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/pricing"
)

func TestRecordRefund_IsForProcessesOnly(t *testing.T) {
	p := subscribed(t)
	quote, err := p.engine.QuoteLicences(t.Context(), p.by(p.owner), pricing.ERxLite, 1, nil)
	require.NoError(t, err)
	receipt, err := p.engine.PurchaseLicences(t.Context(), p.by(p.owner), group.PurchaseLicences{Plan: pricing.ERxLite, Quantity: 1, QuotedTotal: quote.Today})
	require.NoError(t, err)
	charge := receipt.Events[1].Event.(group.ProratedChargeRaised).Charge
	p.collect(charge, false)
	_, err = p.engine.StartCollection(t.Context(), p.by(p.owner), group.StartCollection{Charge: charge})
	require.NoError(t, err)
	for attempt := 1; attempt <= 2; attempt++ {
		receipt, err = p.engine.RecordCollection(t.Context(), p.clockwork(), group.RecordCollection{Charge: charge, Attempt: attempt, Collected: true})
		require.NoError(t, err)
	}
	due := receipt.Events[0].Event.(group.RefundDue)
	require.Equal(t, quote.Today, due.Amount)

	back := group.RecordRefund{Refund: due.Refund, Refunded: true}
	_, err = p.engine.RecordRefund(t.Context(), p.by(p.owner), back)
	requireFault(t, err, "process_only")
	receipt, err = p.engine.RecordRefund(t.Context(), p.clockwork(), back)
	require.NoError(t, err)
	require.IsType(t, group.ChargeRefunded{}, receipt.Events[0].Event)
	receipt, err = p.engine.RecordRefund(t.Context(), p.clockwork(), back)
	require.NoError(t, err)
	require.Empty(t, receipt.Events, "the processor may report it again")
}
