package group_test

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// ledger is an accountant who knows nothing but the events.
type ledger struct {
	trials  int
	end     string
	covered map[id.Licence]map[string]id.SeatCharge // by the start of the period
	totals  map[id.SeatCharge]money.Money
	// charged is what a licence was charged for and got back, by the start of the period.
	charged map[id.Licence]map[string]int64
	// owed is what of a release must still be given back by the same decision.
	owed map[id.Licence]int64
	// worth is what a charge is worth: its lines less all that was given back; kept is
	// what was collected for it and not refunded.
	worth, kept map[id.SeatCharge]int64
}

func newLedger() *ledger {
	return &ledger{
		covered: map[id.Licence]map[string]id.SeatCharge{}, totals: map[id.SeatCharge]money.Money{},
		charged: map[id.Licence]map[string]int64{}, owed: map[id.Licence]int64{},
		worth: map[id.SeatCharge]int64{}, kept: map[id.SeatCharge]int64{},
	}
}

func (b *ledger) enter(t *rapid.T, s group.State, event group.Event) {
	switch e := event.(type) {
	case group.TrialStarted:
		b.trials++
		require.Equal(t, 1, b.trials, "L-11 BIL-7 one trial for life")
	case group.SubscriptionCancelled:
		b.end = ""
	case group.BillingPeriodStarted:
		if b.end != "" {
			require.Equal(t, b.end, e.Period.Start.String(), "periods follow each other without gap or repetition")
		}
		b.end = e.Period.End.String()
	case group.SubscriptionCharged:
		b.charge(t, e.Charge, e.Lines, e.Total)
	case group.ProratedChargeRaised:
		b.charge(t, e.Charge, e.Lines, e.Total)
	case group.ChargeLinesAdded:
		b.charge(t, e.Charge, e.Lines, e.Total)
	case group.CollectionStarted:
		require.Equal(t, b.totals[e.Charge], e.Amount, "what is collected is what is due")
	case group.ChargeFailed:
		c, _ := s.Charge(e.Charge)
		for _, l := range s.Licences() {
			require.False(t, c.Kind == group.ChargePurchase && l.Pending && l.Charge == e.Charge && !l.Holder.IsZero(), "BIL-A11 a failed charge never leaves an assigned licence")
		}
	case group.LicencesPurchased:
		for _, l := range e.Licences {
			require.True(t, l.Discount.Full() || !l.Discount.Proof.IsZero(), "no discount without proof")
		}
	case group.ChargeCollected:
		b.kept[e.Charge] += e.Amount.Minor
	case group.ChargeCancelled:
		b.worth[e.Charge], b.totals[e.Charge] = 0, usd(0)
	case group.ChargeCredited:
		b.back(t, e.Line, e.Credit)
		b.worth[e.Charge] -= e.Credit.Minor
		require.Equal(t, b.totals[e.Charge].Minor-e.Credit.Minor, e.Total.Minor)
		require.GreaterOrEqual(t, e.Total.Minor, int64(0))
		b.totals[e.Charge] = e.Total
	case group.RefundDue:
		if e.Reason == group.Unused {
			b.kept[e.Charge] -= e.Amount.Minor
		}
		if e.Line != nil {
			b.back(t, *e.Line, e.Amount)
			b.worth[e.Charge] -= e.Amount.Minor
		}
	default:
	}
}

// back enters a part of what a release gives back.
func (b *ledger) back(t *rapid.T, line pricing.Line, part money.Money) {
	gross, err := line.Gross()
	require.NoError(t, err)
	require.Positive(t, part.Minor)
	if _, known := b.owed[line.Licence]; !known {
		b.owed[line.Licence] = -gross.Minor
	}
	b.owed[line.Licence] -= part.Minor
	b.charged[line.Licence][line.Period.Start.String()] -= part.Minor
	require.GreaterOrEqual(t, b.charged[line.Licence][line.Period.Start.String()], int64(0), "BIL-A7 no more is given back than was charged")
}

// balance looks at the books between decisions.
func (b *ledger) balance(t *rapid.T, s group.State) {
	for _, rest := range b.owed {
		require.Zero(t, rest, "BIL-A7 what a release gives back is credited or refunded to the cent")
	}
	for _, c := range s.Charges() {
		if c.Status == group.ChargePaid {
			require.Equal(t, b.worth[c.ID], b.kept[c.ID], "what is kept of a paid charge is what it is worth")
		} else {
			require.Zero(t, b.kept[c.ID], "of a charge that is not paid nothing is kept")
			require.Equal(t, b.worth[c.ID], c.Total.Minor, "what is due is what it is worth")
		}
	}
}

func (b *ledger) charge(t *rapid.T, c id.SeatCharge, lines []pricing.Line, total money.Money) {
	sum := b.totals[c]
	for _, l := range lines {
		gross, err := l.Gross()
		require.NoError(t, err)
		sum, err = sum.Plus(gross)
		require.NoError(t, err)
		b.worth[c] += gross.Minor
		require.True(t, l.Days >= 1 && l.Days <= l.PeriodDays)
		if b.covered[l.Licence] == nil {
			b.covered[l.Licence], b.charged[l.Licence] = map[string]id.SeatCharge{}, map[string]int64{}
		}
		b.charged[l.Licence][l.Period.Start.String()] += gross.Minor
		if l.Kind == pricing.LineUpgradeCredit || l.Kind == pricing.LineUpgradeCharge {
			continue
		}
		_, twice := b.covered[l.Licence][l.Period.Start.String()]
		require.False(t, twice, "a licence is charged once per period")
		b.covered[l.Licence][l.Period.Start.String()] = c
	}
	require.Equal(t, total, sum, "the lines of a charge are its total")
	require.GreaterOrEqual(t, total.Minor, int64(0), "nothing is ever owed to the practice")
	b.totals[c] = total
}
