package pricing

import (
	"slices"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/money"
)

// BookCategory is the category of the operator's price books.
const BookCategory es.Category = "priceBook"

// BookStream names the stream of the price book of one currency. It belongs to
// no practice: prices are the operator's, and the same for everybody (L-1).
func BookStream(c money.Currency) es.Stream { return es.Stream(string(BookCategory) + "-" + string(c)) }

// Event is a fact of a price book.
//
//sumtype:decl
type Event interface{ isEvent() }

// PriceBookPublished sets every price anew from a day on. What was charged keeps
// the version that it was charged by.
type PriceBookPublished struct {
	// Version counts from 1 within the currency.
	Version  int            `json:"version"`
	Currency money.Currency `json:"currency"`
	// EffectiveFrom is a calendar day, read in the billing zone of each practice.
	EffectiveFrom civil.Date `json:"effectiveFrom"`
	Prices        []Price    `json:"prices"`
	// CreditUnused gives back the days that a licence is not kept for (BIL-A7).
	CreditUnused bool `json:"creditUnused,omitempty"`
	// TaxBasisPoints is the tax on top of prices, in hundredths of a percent.
	TaxBasisPoints int `json:"taxBasisPoints,omitempty"`
}

// Price is what one clinician pays for a plan per billing period: the published
// solo price, without surcharge or discount for groups (L-1, BIL-1).
type Price struct {
	Plan  PlanID `json:"plan"`
	Minor int64  `json:"minor"`
}

func (PriceBookPublished) isEvent() {}

// Events is the table of the price book's event types.
func Events() []es.Row {
	return []es.Row{es.Define[PriceBookPublished]("price_book.published", 1)}
}

// Book is every published version of one currency's prices. It is a value that
// commands of a practice take as a fact; it is never changed in place.
type Book struct {
	versions []PriceBookPublished
}

// Aggregate says how a price book's events fold.
func Aggregate() es.Aggregate[Book, Event] {
	return es.Aggregate[Book, Event]{Category: BookCategory, New: func() Book { return Book{} }, Evolve: Evolve}
}

// Evolve applies one event. Facts are never refused.
func Evolve(b *Book, event Event) {
	switch e := event.(type) { //nolint:gocritic // A second kind of event needs a case here; gochecksumtype sees when it is missing.
	case PriceBookPublished:
		b.versions = append(slices.Clone(b.versions), e)
	}
}

// IsZero reports whether nothing was published yet.
func (b Book) IsZero() bool { return len(b.versions) == 0 }

// HoldsOn reports whether there are prices on a day.
func (b Book) HoldsOn(day civil.Date) bool { return b.at(day).Version > 0 }

// Versions returns every version, the oldest first.
func (b Book) Versions() []PriceBookPublished { return slices.Clone(b.versions) }

// Price returns what a plan costs on a day at full price, as the terms of a
// licence; ok is false for a plan that has no price then.
func (b Book) Price(p PlanID, on civil.Date) (t Terms, ok bool) {
	v := b.at(on)
	for _, price := range v.Prices {
		if price.Plan == p {
			return Terms{
				Plan: p, Price: money.Of(price.Minor, v.Currency), Discount: FullPrice(), Book: v.Version, TaxBasisPoints: v.TaxBasisPoints,
			}, true
		}
	}
	return Terms{}, false
}

// CreditsUnused reports whether a licence that is released on a day is paid back
// for the days after it (BIL-A7, AMB-8). By default it is not.
func (b Book) CreditsUnused(on civil.Date) bool { return b.at(on).CreditUnused }

// at returns the version that holds on a day; the zero value if none does.
func (b Book) at(on civil.Date) PriceBookPublished {
	for _, v := range slices.Backward(b.versions) {
		if !v.EffectiveFrom.After(on) {
			return v
		}
	}
	return PriceBookPublished{}
}

// Cheapest returns the terms of the cheapest plan for a profession on a day.
func (b Book) Cheapest(c Category, on civil.Date) (cheapest Terms, ok bool) {
	for _, plan := range Plans() {
		if plan.Category != c {
			continue
		}
		if t, priced := b.Price(plan.ID, on); priced && (!ok || t.Price.Minor < cheapest.Price.Minor) {
			cheapest, ok = t, true
		}
	}
	return cheapest, ok
}
