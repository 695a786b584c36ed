package httpapi

import (
	"github.com/gorilla/mux"

	"praxis/domain/money"
	"praxis/domain/pricing"
)

func (a *api) getPriceBook(x *exchange) error {
	currency, err := money.ParseCurrency(mux.Vars(x.r)["currency"])
	if err != nil {
		return err
	}
	versions, err := a.Engine.PriceBook(x.ctx(), currency)
	if err != nil {
		return err
	}
	if versions == nil {
		versions = []pricing.PriceBookPublished{}
	}
	return x.reply(map[string]any{"versions": versions})
}
