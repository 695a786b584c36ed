package pricing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/money"
	"praxis/domain/pricing"
)

func TestEveryCentExplainsItself(t *testing.T) {
	june := period("2024-06-01", "2024-07-01")
	sentence := func(t *testing.T, k pricing.LineKind, terms pricing.Terms, from string) string {
		t.Helper()
		terms.Plan, terms.Book = pricing.TherapistBasic, 2
		l, err := pricing.NewLine(licence, k, terms, day(from), june)
		require.NoError(t, err)
		return l.Explain("")[len("Licence "+licence.String()+" on Therapist basic: "):]
	}
	full := pricing.Terms{Price: usd(4900), Discount: pricing.FullPrice()}
	trainee := func(d pricing.Discount) pricing.Terms { return pricing.Terms{Price: usd(4900), Discount: d} }
	taxed := func(points int) pricing.Terms {
		return pricing.Terms{Price: usd(4900), Discount: pricing.FullPrice(), TaxBasisPoints: points}
	}
	for _, c := range []struct {
		name  string
		kind  pricing.LineKind
		terms pricing.Terms
		from  string
		want  string
	}{
		{"a whole period has nothing to calculate", pricing.LineRenewal, full, "2024-06-01", "$49.00 for the period from 2024-06-01 to 2024-06-30 (price book version 2)."},
		{"BIL-A9 the first period after a trial is a whole period like every other", pricing.LineRenewal, full, "2024-06-01", "$49.00 for the period from 2024-06-01 to 2024-06-30 (price book version 2)."},
		{"BIL-5 a part is calculated", pricing.LinePurchase, full, "2024-06-16", "$49.00 × 15/30 days = $24.50 for 2024-06-16 to 2024-06-30, bought on 2024-06-16 (price book version 2)."},
		{"a purchase on the first day", pricing.LinePurchase, full, "2024-06-01", "$49.00 for the period from 2024-06-01 to 2024-06-30, bought on 2024-06-01 (price book version 2)."},
		{"BIL-A1 a purchase on the last day", pricing.LinePurchase, full, "2024-06-30", "$49.00 × 1/30 days = $1.63 for 2024-06-30, the last day of the period, bought on 2024-06-30 (price book version 2)."},
		{"BIL-11 half a price names its proof", pricing.LinePurchase, trainee(half), "2024-06-16", "$49.00 × 1/2 × 15/30 days = $12.25 for 2024-06-16 to 2024-06-30, bought on 2024-06-16; half price for a trainee with proof " + proof.String() + " (price book version 2)."},
		{"BIL-T32 a line at 0 says why", pricing.LineRenewal, trainee(free), "2024-06-01", "$49.00 × 0/1 = $0.00 for the period from 2024-06-01 to 2024-06-30; free for a trainee with proof " + proof.String() + " (price book version 2)."},
		{"BIL-A8 what an upgrade gives back", pricing.LineUpgradeCredit, full, "2024-06-16", "−$49.00 × 15/30 days = −$24.50 for 2024-06-16 to 2024-06-30, given back because the plan was left on 2024-06-16 (price book version 2)."},
		{"BIL-A8 what an upgrade charges", pricing.LineUpgradeCharge, full, "2024-06-16", "$49.00 × 15/30 days = $24.50 for 2024-06-16 to 2024-06-30, on this plan since 2024-06-16 (price book version 2)."},
		{"a purchase that was paid late", pricing.LineActivation, full, "2024-06-02", "$49.00 × 29/30 days = $47.37 for 2024-06-02 to 2024-06-30, because its purchase was paid on 2024-06-02, after the period had begun (price book version 2)."},
		{"BIL-A7 unused days", pricing.LineUnusedCredit, full, "2024-06-16", "−$49.00 × 15/30 days = −$24.50 for 2024-06-16 to 2024-06-30, given back because the licence was released on 2024-06-15 (price book version 2)."},
		{"tax", pricing.LineRenewal, taxed(2500), "2024-06-01", "$49.00 for the period from 2024-06-01 to 2024-06-30; 25 % tax of $12.25 makes it $61.25 (price book version 2)."},
		{"tax of a part of a percent", pricing.LineRenewal, taxed(825), "2024-06-01", "$49.00 for the period from 2024-06-01 to 2024-06-30; 8.25 % tax of $4.04 makes it $53.04 (price book version 2)."},
		{"tax on what is given back", pricing.LineUnusedCredit, taxed(2000), "2024-06-16", "−$49.00 × 15/30 days = −$24.50 for 2024-06-16 to 2024-06-30, given back because the licence was released on 2024-06-15; 20 % tax of −$4.90 makes it −$29.40 (price book version 2)."},
		{"a line of a kind that this version does not know", "gift", full, "2024-06-01", "$49.00 for the period from 2024-06-01 to 2024-06-30, for an unknown reason (price book version 2)."},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, sentence(t, c.kind, c.terms, c.from)) })
	}
	t.Run("other currencies have their code", func(t *testing.T) {
		require.Contains(t, sentence(t, pricing.LineUnusedCredit, pricing.Terms{Price: money.Of(4900, "EUR"), Discount: pricing.FullPrice()}, "2024-06-01"), "EUR −49.00")
	})
}
