package httpapi

import (
	"net/http"

	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

type seatRefundView struct {
	ID      id.Refund          `json:"id"`
	Attempt int                `json:"attempt"`
	Amount  money.Money        `json:"amount"`
	Reason  group.RefundReason `json:"reason"`
	On      civil.Date         `json:"on"`
	Status  group.RefundStatus `json:"status"`
	Failure string             `json:"failure,omitempty"`
}

// seatCreditView is what lowered a charge before it was paid.
type seatCreditView struct {
	On          civil.Date  `json:"on"`
	Amount      money.Money `json:"amount"`
	Explanation string      `json:"explanation"`
}

type seatChargeView struct {
	ID      id.SeatCharge      `json:"id"`
	Kind    group.ChargeKind   `json:"kind"`
	On      civil.Date         `json:"on"`
	Period  pricing.Period     `json:"period"`
	Status  group.ChargeStatus `json:"status"`
	Lines   []lineView         `json:"lines"`
	Credits []seatCreditView   `json:"credits,omitempty"`
	Total   money.Money        `json:"total"`
	// Attempts counts the collections that were started. PaidBy is the one that
	// brought the money, and CardMode says whether money really moved.
	Attempts int              `json:"attempts"`
	PaidBy   int              `json:"paidBy,omitempty"`
	CardMode string           `json:"cardMode,omitempty"`
	Refunds  []seatRefundView `json:"refunds"`
}

func (a *api) listSubscriptionCharges(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	charges, refunds, err := a.Engine.SubscriptionCharges(x.ctx(), call)
	if err != nil {
		return err
	}
	views := []seatChargeView{}
	for _, c := range charges {
		v := seatChargeView{
			ID: c.ID, Kind: c.Kind, On: c.On, Period: c.Period, Status: c.Status, Lines: linesOf(c.Lines), Total: c.Total,
			Attempts: c.Attempt, PaidBy: c.PaidBy, CardMode: c.Mode, Refunds: []seatRefundView{},
		}
		for _, credit := range c.Credits {
			v.Credits = append(v.Credits, seatCreditView{credit.On, credit.Credit, credit.Line.Explain()})
		}
		for _, r := range refunds {
			if r.Charge == c.ID {
				v.Refunds = append(v.Refunds, seatRefundView{r.ID, r.Attempt, r.Amount, r.Reason, r.On, r.Status, r.Failure})
			}
		}
		views = append(views, v)
	}
	return x.reply(http.StatusOK, map[string]any{"cardMode": a.Cards.Mode(), "charges": views})
}
