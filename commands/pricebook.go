package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// priceList is the operator's price book in a practice's currency.
type priceList struct {
	book     pricing.Book
	currency money.Currency
	// first reports that nothing was published yet in pricing.FirstCurrency. The book
	// then holds the prices that an installation begins with, and whatever is decided
	// by them publishes them before. In other currencies nothing has a price before an
	// operator publishes one.
	first bool
}

// firstEffective is the day from which the first prices hold: before every
// practice, so that each finds a price on each of its days. It is the same in
// every process, because the event must be.
var firstEffective = civil.Date{Year: 2000, Month: time.January, Day: 1}

// firstPrices is the command that publishes what an installation begins with.
func firstPrices() pricing.Publish {
	return pricing.Publish{Currency: pricing.FirstCurrency, EffectiveFrom: firstEffective, Prices: pricing.FirstPrices()}
}

// pricesFor returns the price book of a practice's currency, which never changes;
// the zero priceList for a practice that does not exist.
func (e *Engine) pricesFor(ctx context.Context, g id.Group) (list priceList, err error) {
	list.currency, err = lookUp(ctx, e.groups, group.Stream(g), group.State.Currency)
	if err != nil || list.currency == "" {
		return list, err
	}
	list.book, err = lookUp(ctx, e.books, pricing.BookStream(list.currency), func(b pricing.Book) pricing.Book { return b })
	if err != nil || !list.book.IsZero() || list.currency != pricing.FirstCurrency {
		return list, err
	}
	list.first = true
	events, err := firstPrices().Decide(list.book, e.Clock())
	for _, event := range events {
		pricing.Evolve(&list.book, event)
	}
	return list, err
}

// prices are the facts of what is decided by the price book.
func prices[C any](ctx context.Context, w *World, g id.Group, _ C) (priceList, error) {
	return w.engine.pricesFor(ctx, g)
}

// priced is a decision by the price book.
func priced[C any](decide func(C, group.State, pricing.Book, time.Time) ([]group.Event, error)) func(C, group.State, priceList, time.Time) ([]group.Event, error) {
	return func(c C, s group.State, list priceList, now time.Time) ([]group.Event, error) {
		return decide(c, s, list.book, now)
	}
}

// PublishPrices makes a new version of a price book. It is for operators of the
// installation; before their first, only pricing.FirstCurrency has prices. Fault: "operators_only".
var PublishPrices = declareFrom(bookSpec[pricing.Publish]{
	On: onBook, Name: "price_book.publish", Operation: "publishPrices", Needs: access.PriceBookPublish, Lifecycle: NoGroup,
	Sample: pricing.Publish{Currency: pricing.FirstCurrency, EffectiveFrom: civil.MustDate("2026-05-01"), Prices: pricing.FirstPrices()},
	Decide: alone(pricing.Publish.Decide),
}, func(call Call, c pricing.Publish) (Call, money.Currency, pricing.Publish, error) {
	call.Group = id.Group{}
	return call, c.Currency, c, nil
})

var publishFirstPrices = declareOn(bookSpec[pricing.Publish]{
	On: onBook, Name: "price_book.publish", Needs: access.PriceBookPublish,
	Decide: func(c pricing.Publish, b pricing.Book, _ None, now time.Time) ([]pricing.Event, error) {
		if !b.IsZero() {
			return nil, errContended
		}
		return c.Decide(b, now)
	},
})

// publishFirst puts the first prices of a currency into the log, before anything
// that was decided by them. The command that comes first does it; for the others it
// is the same command once more. Fault: "too_much_contention" if an operator has
// published other prices meanwhile.
func publishFirst[C any](ctx context.Context, w *World, g id.Group, _ C, list priceList, _ []group.Event) error {
	if !list.first || w.Call.DryRun {
		return nil
	}
	call := w.Call.byPraxis("price_book", g, "first_prices", string(list.currency))
	_, err := publishFirstPrices.Give(ctx, w.engine, call, list.currency, firstPrices())
	return err
}

// PriceBook returns every version of a currency's prices, the oldest first; none
// before the first was published. Prices are no secret: no permission is needed.
func (e *Engine) PriceBook(ctx context.Context, c money.Currency) ([]pricing.PriceBookPublished, error) {
	return lookUp(ctx, e.books, pricing.BookStream(c), pricing.Book.Versions)
}
