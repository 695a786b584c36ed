package subscription

import (
	"praxis/adapters/httpapi"
	"praxis/domain/money"
)

func getPriceBook(x *httpapi.Exchange) error {
	currency := httpapi.Parsed(x, money.ParseCurrency, x.InPath("currency"))
	if x.Err != nil {
		return x.Err
	}
	versions, err := x.API.Engine.PriceBook(x.Ctx(), currency)
	return x.Answer(map[string]any{"versions": httpapi.List(versions)}, err)
}
