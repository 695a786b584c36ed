package pricing_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/pricing"
)

func published(version int, from string, lite int64) pricing.PriceBookPublished {
	prices := pricing.FirstPrices()
	for i := range prices {
		if prices[i].Plan == pricing.ERxLite {
			prices[i].Minor = lite
		}
	}
	return pricing.PriceBookPublished{Version: version, Currency: "USD", EffectiveFrom: day(from), Prices: prices}
}

func given(t testing.TB, history ...pricing.Event) estest.Spec[pricing.Book, pricing.Event] {
	return estest.Given(t, pricing.Aggregate(), history...)
}

func TestPublish(t *testing.T) {
	first := pricing.Publish{Currency: "USD", EffectiveFrom: day("2024-01-01"), Prices: pricing.FirstPrices()}
	second := pricing.Publish{Currency: "USD", EffectiveFrom: day("2024-06-17"), Prices: pricing.FirstPrices()}
	t.Run("L-1 the first prices hold from any day on; e-Rx lite costs $89", func(t *testing.T) {
		given(t).When(first, now).Then(published(1, "2024-01-01", 8900))
	})
	t.Run("versions count, and begin after today and after each other", func(t *testing.T) {
		history := published(1, "2024-01-01", 8900)
		given(t, history).When(second, now).Then(published(2, "2024-06-17", 8900))
		today := second
		today.EffectiveFrom = day("2024-06-16")
		given(t, history).When(today, now).ThenRejected("effective_in_past")
		given(t, history, published(2, "2024-06-17", 9900)).When(second, now).ThenRejected("effective_not_later")
		euro := second
		euro.Currency = "EUR"
		given(t, history).When(euro, now).ThenRejected("currency_mismatch")
	})
	t.Run("a version names every plan once, at a price in range", func(t *testing.T) {
		prices := pricing.FirstPrices()
		for code, list := range map[string][]pricing.Price{
			"plan_not_priced":    prices[1:],
			"unknown_plan":       append(prices[:len(prices):len(prices)], pricing.Price{Plan: "gold", Minor: 1}),
			"price_out_of_range": {{Plan: pricing.ERxLite, Minor: -1}},
		} {
			given(t).When(pricing.Publish{Currency: "USD", EffectiveFrom: day("2024-01-01"), Prices: list}, now).ThenRejected(code)
		}
		twice := slices.Concat(prices, prices[:1])
		given(t).When(pricing.Publish{Currency: "USD", EffectiveFrom: day("2024-01-01"), Prices: twice}, now).ThenRejected("unknown_plan")
		for _, tax := range []int{-1, 10_001} {
			given(t).When(pricing.Publish{Currency: "USD", EffectiveFrom: day("2024-01-01"), Prices: prices, TaxBasisPoints: tax}, now).ThenRejected("tax_out_of_range")
		}
		given(t).When(pricing.Publish{Currency: "XXX", EffectiveFrom: day("2024-01-01"), Prices: prices}, now).ThenRejected("unknown_currency")
		given(t).When(pricing.Publish{Currency: "USD", Prices: prices}, now).ThenRejected("effective_required")
	})
}

func TestFoundM4_PricesBeginWithinTwoYears(t *testing.T) {
	history := published(1, "2024-01-01", 8900)
	publish := func(from string) pricing.Publish {
		return pricing.Publish{Currency: "USD", EffectiveFrom: day(from), Prices: pricing.FirstPrices()}
	}
	// 732 days after 2024-06-16.
	given(t, history).When(publish("2026-06-18"), now).Then(published(2, "2026-06-18", 8900))
	for _, from := range []string{"2026-06-19", "2062-06-17", "9999-12-31"} {
		given(t, history).When(publish(from), now).ThenRejected("effective_too_far")
		given(t).When(publish(from), now).ThenRejected("effective_too_far")
	}
}

func TestBook(t *testing.T) {
	book := pricing.Aggregate().Fold(published(1, "2024-01-01", 8900), published(2, "2024-07-01", 9500))
	t.Run("each day has the version that was effective", func(t *testing.T) {
		_, before := book.Price(pricing.ERxLite, day("2023-12-31"))
		require.False(t, before)
		old, _ := book.Price(pricing.ERxLite, day("2024-06-30"))
		require.Equal(t, pricing.Terms{Plan: pricing.ERxLite, Price: usd(8900), Discount: pricing.FullPrice(), Book: 1}, old)
		fresh, _ := book.Price(pricing.ERxLite, day("2024-07-01"))
		require.Equal(t, pricing.Terms{Plan: pricing.ERxLite, Price: usd(9500), Discount: pricing.FullPrice(), Book: 2}, fresh)
		_, unknown := book.Price("gold", day("2024-07-01"))
		require.False(t, unknown)
	})
	t.Run("the cheapest plan of a profession", func(t *testing.T) {
		cheapest, ok := book.Cheapest(pricing.Prescriber, day("2024-06-30"))
		require.True(t, ok)
		require.Equal(t, pricing.ERxLite, cheapest.Plan)
		_, ok = pricing.Book{}.Cheapest(pricing.Prescriber, day("2024-06-30"))
		require.False(t, ok)
	})
	t.Run("BIL-A7 AMB-8 tax and the credit of unused days are terms of a version, by default there is neither", func(t *testing.T) {
		terms := pricing.Publish{Currency: "USD", EffectiveFrom: day("2024-07-01"), Prices: pricing.FirstPrices(), CreditUnused: true, TaxBasisPoints: 2500}
		events, err := terms.Decide(pricing.Aggregate().Fold(published(1, "2024-01-01", 8900)), now)
		require.NoError(t, err)
		book := pricing.Aggregate().Fold(published(1, "2024-01-01", 8900), events[0])
		require.False(t, book.CreditsUnused(day("2023-12-31")))
		require.False(t, book.CreditsUnused(day("2024-06-30")))
		require.True(t, book.CreditsUnused(day("2024-07-01")))
		old, _ := book.Price(pricing.ERxLite, day("2024-06-30"))
		fresh, _ := book.Price(pricing.ERxLite, day("2024-07-01"))
		require.Equal(t, []int{0, 2500}, []int{old.TaxBasisPoints, fresh.TaxBasisPoints})
	})
	t.Run("folding on leaves an earlier book alone", func(t *testing.T) {
		earlier := book
		pricing.Evolve(&book, published(3, "2024-08-01", 9900))
		require.Len(t, earlier.Versions(), 2)
		require.Len(t, book.Versions(), 3)
	})
	require.True(t, pricing.Book{}.IsZero())
	stream := pricing.BookStream("USD")
	require.Equal(t, es.Stream("priceBook-USD"), stream)
	require.Equal(t, pricing.BookCategory, stream.Category())
	_, tenant := stream.Group()
	require.False(t, tenant, "prices belong to no practice")
}

func TestStoredFormOfEvents(t *testing.T) {
	estest.Golden[pricing.Event](t, pricing.Events(), published(1, "2024-01-01", 8900))
}
