package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
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
func (e *Engine) pricesFor(ctx context.Context, g id.Group) (priceList, error) {
	var list priceList
	err := e.groups.view(ctx, group.Stream(g), func(s group.State, _ es.Revision) error {
		list.currency = s.Currency()
		return nil
	})
	if err != nil || list.currency == "" {
		return list, err
	}
	err = e.books.view(ctx, pricing.BookStream(list.currency), func(b pricing.Book, _ es.Revision) error {
		list.book = b
		return nil
	})
	if err != nil || !list.book.IsZero() || list.currency != pricing.FirstCurrency {
		return list, err
	}
	list.first = true
	events, err := firstPrices().Decide(list.book, e.clock())
	for _, event := range events {
		pricing.Evolve(&list.book, event)
	}
	return list, err
}

// publishFirst puts the first prices of a currency into the log, before anything
// that was decided by them. Whoever comes first does it; for the others it is the
// same command once more. Fault: "too_much_contention" if an operator has
// published other prices meanwhile.
func (e *Engine) publishFirst(ctx context.Context, call Call, list priceList) error {
	if !list.first || call.DryRun {
		return nil
	}
	publish := firstPrices()
	call = Call{
		Process: "price_book", Group: call.Group, Command: id.Derive[id.Command]("first_prices", string(list.currency)),
		Correlation: call.Correlation, Causation: call.Causation, Request: call.Request,
	}
	_, err := execute(ctx, e, call, useCase[pricing.Book, pricing.Event]{
		name: "price_book.publish", command: publish, capability: access.PriceBookPublish,
		repository: e.books, stream: pricing.BookStream(list.currency),
		decide: func(b pricing.Book, now time.Time) ([]pricing.Event, error) {
			if !b.IsZero() {
				return nil, errContended
			}
			return publish.Decide(b, now)
		},
	})
	return err
}

// PublishPrices makes a new version of a price book. It is for operators of the
// installation; before their first, only pricing.FirstCurrency has prices. Fault: "operators_only".
func (e *Engine) PublishPrices(ctx context.Context, call Call, c pricing.Publish) (Receipt, error) {
	call.Group = id.Group{}
	return execute(ctx, e, call, useCase[pricing.Book, pricing.Event]{
		name: "price_book.publish", command: c, capability: access.PriceBookPublish, operating: true,
		repository: e.books, stream: pricing.BookStream(c.Currency), decide: c.Decide,
	})
}

// PriceBook returns every version of a currency's prices, the oldest first; none
// before the first was published. Prices are no secret: no permission is needed.
func (e *Engine) PriceBook(ctx context.Context, c money.Currency) (versions []pricing.PriceBookPublished, err error) {
	err = e.books.view(ctx, pricing.BookStream(c), func(b pricing.Book, _ es.Revision) error {
		versions = b.Versions()
		return nil
	})
	return versions, err
}

// priced completes a use case whose command depends on the price book: with makes
// the command for the present book.
func (e *Engine) priced(call Call, u useCase[group.State, group.Event], with func(pricing.Book) groupCommand) useCase[group.State, group.Event] {
	var list priceList
	u.gather = func(ctx context.Context) (err error) { list, err = e.pricesFor(ctx, call.Group); return err }
	u.requires = func(ctx context.Context) error { return e.publishFirst(ctx, call, list) }
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) { return with(list.book).Decide(s, now) }
	return u
}
