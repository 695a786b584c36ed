package httpapi

import (
	"praxis/domain/money"
	"praxis/domain/pricing"
)

func getPriceBook(x *exchange) error {
	currency := parsed(x, money.ParseCurrency, x.inPath("currency"))
	if x.err != nil {
		return x.err
	}
	versions, err := x.api.Engine.PriceBook(x.ctx(), currency)
	return x.answer(map[string]any{"versions": append([]pricing.PriceBookPublished{}, versions...)}, err)
}
