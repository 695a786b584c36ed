package subscription

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/licences"
)

// seatCreditView is what lowered a charge before it was paid.
type seatCreditView struct {
	On          civil.Date  `json:"on"`
	Amount      money.Money `json:"amount"`
	Explanation string      `json:"explanation"`
}

// chargedAmounts add up: what was charged is what was collected, credited,
// cancelled and is still due.
type chargedAmounts struct {
	Charged    money.Money `json:"charged"`
	Collected  money.Money `json:"collected"`
	Credited   money.Money `json:"credited"`
	Cancelled  money.Money `json:"cancelled"`
	Due        money.Money `json:"due"`
	RefundsDue money.Money `json:"refundsDue"`
	Refunded   money.Money `json:"refunded"`
}

func chargedAmountsOf(a licences.Amounts, c money.Currency) chargedAmounts {
	return chargedAmounts{
		Charged: a.Charged.Of(c), Collected: a.Collected.Of(c), Credited: a.Credited.Of(c),
		Cancelled: a.Cancelled.Of(c), Due: a.Due.Of(c), RefundsDue: a.RefundsDue.Of(c), Refunded: a.Refunded.Of(c),
	}
}

// listedCharge is a charge without its lines, of which each may have as many as the
// practice has licences.
type listedCharge struct {
	ID        id.SeatCharge      `json:"id"`
	Kind      group.ChargeKind   `json:"kind"`
	On        civil.Date         `json:"on"`
	Period    pricing.Period     `json:"period"`
	Status    group.ChargeStatus `json:"status"`
	LineCount int                `json:"lineCount"`
	Credits   []seatCreditView   `json:"credits,omitempty"`
	Total     money.Money        `json:"total"`
	Amounts   chargedAmounts     `json:"amounts"`
	// Attempts counts the collections that were started. PaidBy is the one that
	// brought the money, and CardMode says whether money really moved.
	Attempts  int               `json:"attempts"`
	PaidBy    int               `json:"paidBy,omitempty"`
	CardMode  string            `json:"cardMode,omitempty"`
	Movements []licences.Moved  `json:"movements"`
	Refunds   []licences.Refund `json:"refunds"`
}

// seatChargeView is a charge with its lines.
type seatChargeView struct {
	listedCharge
	Lines []httpapi.LineView `json:"lines"`
}

func listedChargeOf(c licences.Charge, held holders) listedCharge {
	v := listedCharge{
		ID: c.ID, Kind: c.Kind, On: c.On, Period: c.Period, Status: c.Status, LineCount: c.LineCount,
		Total:   (c.Charged - c.Credited - c.Cancelled).Of(c.Total.Currency),
		Amounts: chargedAmountsOf(c.Amounts, c.Total.Currency), Movements: []licences.Moved{}, Refunds: httpapi.List(c.Refunds()),
	}
	for _, m := range c.Movements {
		shown := m
		shown.Mode, shown.Line = "", nil // CardMode and Credits say those.
		v.Movements = append(v.Movements, shown)
		switch m.Kind {
		case licences.Asked:
			v.Attempts++
		case licences.Collected:
			v.PaidBy, v.CardMode = m.Attempt, m.Mode
		case licences.Credited:
			v.Credits = append(v.Credits, seatCreditView{m.On, m.Amount, m.Line.Explain(held.of(*m.Line))})
		case licences.Failed, licences.Overtaken, licences.Cancelled, licences.RefundDue, licences.Refunded, licences.RefundFailed:
		}
	}
	return v
}

// asSubscriber asks the gate for the practice's subscription as a whole (BIL-13) and
// waits for the model.
func asSubscriber(x *httpapi.Exchange, action string) (r subscriptionReader, err error) {
	r.Admission, err = x.AdmitTo(licences.Name, commands.Question{
		Action: action, Capability: access.SubscriptionView, Target: licences.Name,
		Look: func(g group.State) { r.currency = g.Currency() },
	}, access.Resource{Group: x.Group()})
	return r, err
}

// subscriptionReader is who may read about the subscription.
type subscriptionReader struct {
	commands.Admission
	currency money.Currency
}

func listSubscriptionCharges(x *httpapi.Exchange) error {
	q := licences.ChargesQuery{
		Kinds: httpapi.QueryWords[group.ChargeKind](x, "kind"), Statuses: httpapi.QueryWords[group.ChargeStatus](x, "status"),
		Within: httpapi.Queried(x, civil.ParseDate, "within"), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	q.From, q.To = httpapi.QueryDays(x)
	reader, err := asSubscriber(x, "subscription.charges")
	if err != nil {
		return err
	}
	q.Reach = reader.Reach
	page, err := licences.Charges(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return err
	}
	held, err := holdersOf(x, reader.Subject, explained(page.Charges))
	if err != nil {
		return err
	}
	views := httpapi.Views(page.Charges, func(c licences.Charge) listedCharge { return listedChargeOf(c, held) })
	return x.Reply(struct {
		CardMode any                `json:"cardMode"`
		Charges  []listedCharge     `json:"charges"`
		Totals   chargedAmounts     `json:"totals"`
		Next     httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf     string             `json:"asOf"`
	}{x.API.Cards.Mode(), views, chargedAmountsOf(page.Totals, reader.currency), x.Next(page.Next), x.AsOf()})
}

var errNoSeatCharge = fault.New(fault.NotFound, "charge_not_found", "The subscription has no such charge.")

func getSubscriptionCharge(x *httpapi.Exchange) error {
	charge := httpapi.PathID[id.SeatCharge](x, "seatCharge")
	reader, err := asSubscriber(x, "subscription.get_charge")
	if err != nil {
		return err
	}
	page, err := licences.Charges(x.Ctx(), x.API.Pool, licences.ChargesQuery{Reach: reader.Reach, Charge: charge, Lines: true, Limit: 1})
	if err != nil {
		return err
	}
	held, err := holdersOf(x, reader.Subject, explained(page.Charges))
	views := httpapi.Views(page.Charges, func(c licences.Charge) seatChargeView {
		return seatChargeView{listedChargeOf(c, held), httpapi.Lines(c.Lines, held.of)}
	})
	return httpapi.ReplyOne(x, views, errNoSeatCharge, err)
}

// explained are the lines that charges are told in sentences with.
func explained(charges []licences.Charge) (lines []pricing.Line) {
	for _, c := range charges {
		lines = append(lines, c.Lines...)
		for _, m := range c.Movements {
			if m.Line != nil {
				lines = append(lines, *m.Line)
			}
		}
	}
	return lines
}
