package pricing

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/money"
)

// maxPrice bounds a price, in minor units; it keeps every sum far from 64 bits.
const maxPrice = 100_000_000

// maxTax bounds a tax, in basis points: it is never more than the price.
const maxTax = 10_000

// maxLead bounds how far ahead prices begin: two years.
const maxLead = 2 * 366

// Publish makes a new version of a currency's price book. It names every plan,
// so that a version needs no other to be read. Only the first may begin in the
// past; later ones begin after today (UTC), so that no day is ever priced twice. None
// begins more than two years ahead: until it begins, no other could begin before it.
// Rejections: "unknown_plan", "plan_not_priced", "price_out_of_range", "tax_out_of_range",
// "effective_in_past", "effective_too_far", "effective_not_later", "currency_mismatch" and those of
// unknown currencies.
type Publish struct {
	Currency      money.Currency `json:"currency"`
	EffectiveFrom civil.Date     `json:"effectiveFrom"`
	Prices        []Price        `json:"prices"`
	// CreditUnused and TaxBasisPoints hold from the same day on as the prices.
	CreditUnused   bool `json:"creditUnused,omitempty"`
	TaxBasisPoints int  `json:"taxBasisPoints,omitempty"`
}

// FirstCurrency is the one currency that has prices before an operator publishes
// any: the numbers of one currency are no prices in another.
const FirstCurrency money.Currency = "USD"

// FirstPrices returns the solo prices in FirstCurrency that an installation begins
// with. The price of e-Rx lite is the published one (L-2); the others are
// placeholders that an operator replaces by publishing their own.
func FirstPrices() []Price {
	return []Price{{TherapistBasic, 4900}, {TherapistPremium, 6900}, {ERxLite, 8900}, {PrescriberPremium, 11900}}
}

// Decide publishes the version.
func (c Publish) Decide(b Book, now time.Time) ([]Event, error) {
	if _, err := money.ParseCurrency(string(c.Currency)); err != nil {
		return nil, err
	}
	if c.EffectiveFrom.IsZero() {
		return nil, fault.New(fault.Invalid, "effective_required", "Say from which day on the prices hold.")
	}
	if c.EffectiveFrom.After(civil.DateOf(now.UTC()).Add(maxLead)) {
		return nil, fault.New(fault.Rejected, "effective_too_far", "Prices are published at most two years ahead: later ones could not begin before them. Check the year.")
	}
	if c.TaxBasisPoints < 0 || c.TaxBasisPoints > maxTax {
		return nil, fault.New(fault.Invalid, "tax_out_of_range", "A tax lies between 0 and %d basis points; 2500 are 25 %%.", maxTax)
	}
	seen := map[PlanID]bool{}
	for _, p := range c.Prices {
		if _, known := PlanOf(p.Plan); !known || seen[p.Plan] {
			return nil, fault.New(fault.Invalid, "unknown_plan", "A price must be for a plan that exists, and each plan has one price.")
		}
		if p.Minor < 0 || p.Minor > maxPrice {
			return nil, fault.New(fault.Invalid, "price_out_of_range", "A price per period lies between 0 and %s.", money.Of(maxPrice, c.Currency))
		}
		seen[p.Plan] = true
	}
	for _, plan := range Plans() {
		if !seen[plan.ID] {
			return nil, fault.New(fault.Invalid, "plan_not_priced", "The plan %s has no price. A price book names every plan.", plan.Name).With("plan", string(plan.ID))
		}
	}
	if n := len(b.versions); n > 0 {
		last := b.versions[n-1]
		switch {
		case last.Currency != c.Currency:
			return nil, fault.New(fault.Rejected, "currency_mismatch", "This price book is in %s.", last.Currency)
		case !c.EffectiveFrom.After(civil.DateOf(now.UTC())):
			return nil, fault.New(fault.Rejected, "effective_in_past", "New prices begin after today: what was priced stays priced.")
		case !c.EffectiveFrom.After(last.EffectiveFrom):
			return nil, fault.New(fault.Rejected, "effective_not_later", "Prices from %s on are published already. New ones begin after that day.", last.EffectiveFrom)
		}
	}
	return []Event{PriceBookPublished{
		Version: len(b.versions) + 1, Currency: c.Currency, EffectiveFrom: c.EffectiveFrom, Prices: c.Prices,
		CreditUnused: c.CreditUnused, TaxBasisPoints: c.TaxBasisPoints,
	}}, nil
}
