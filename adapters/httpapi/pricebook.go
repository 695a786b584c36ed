package httpapi

import (
	"net/http"

	"github.com/gorilla/mux"

	"praxis/commands"
	"praxis/domain/civil"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

func (a *api) priceBookHandlers() map[string]handler {
	return map[string]handler{
		"getPriceBook":  a.getPriceBook,
		"publishPrices": command(a.publishPrices),
	}
}

type newPrices struct {
	EffectiveFrom civil.Date      `json:"effectiveFrom"`
	Prices        []pricing.Price `json:"prices"`
	CreditUnused  bool            `json:"creditUnused"`
	TaxPoints     int             `json:"taxBasisPoints"`
}

func (a *api) publishPrices(x *exchange, call commands.Call, b newPrices) (string, commands.Receipt, error) {
	currency, err := money.ParseCurrency(mux.Vars(x.r)["currency"])
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.PublishPrices(x.ctx(), call, pricing.Publish{
		Currency: currency, EffectiveFrom: b.EffectiveFrom, Prices: b.Prices, CreditUnused: b.CreditUnused, TaxBasisPoints: b.TaxPoints,
	})
	return string(currency), receipt, err
}

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
	return x.reply(http.StatusOK, map[string]any{"versions": versions})
}
