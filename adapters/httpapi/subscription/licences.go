package subscription

import (
	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/licences"
	"praxis/projections/page"
)

// ownedLicence is a licence with what it costs now and from the next period on.
type ownedLicence struct {
	ID           id.Licence       `json:"id"`
	State        licences.State   `json:"state"`
	Plan         pricing.PlanID   `json:"plan"`
	Price        money.Money      `json:"price"`
	Discount     pricing.Discount `json:"discount"`
	Book         int              `json:"book"`
	ProofUntil   civil.Date       `json:"proofUntil,omitzero"`
	Holder       *id.Member       `json:"holder,omitempty"`
	HolderName   string           `json:"holderName,omitempty"`
	Invitation   *id.Invitation   `json:"invitation,omitempty"`
	Charge       *id.SeatCharge   `json:"charge,omitempty"`
	PeriodCharge money.Money      `json:"periodCharge"`
	Next         nextView         `json:"next"`
}

// nextView is what the next period does to a licence.
type nextView struct {
	On        civil.Date     `json:"on,omitzero"`
	Releasing bool           `json:"releasing"`
	Plan      pricing.PlanID `json:"plan,omitempty"`
	// ProofEnds reports that the proof behind the discount does not last until then.
	ProofEnds bool `json:"proofEnds"`
	// Charge is what the next period will cost as things are, with its sentence;
	// unset for licences that it will not be charged for.
	Charge *httpapi.LineView `json:"charge,omitempty"`
}

func ownedLicenceOf(l licences.Licence, holder string, renews civil.Date) ownedLicence {
	return ownedLicence{
		ID: l.ID, State: l.State, Plan: l.Terms.Plan, Price: l.Terms.Price, Discount: l.Terms.Discount, Book: l.Terms.Book, ProofUntil: l.ProofUntil,
		Holder: l.Holder, HolderName: holder, Invitation: l.Invitation, Charge: l.Charge, PeriodCharge: l.PeriodCharge,
		Next: nextView{
			On: renews, Releasing: l.Releasing, Plan: l.NextPlan,
			ProofEnds: !l.ProofUntil.IsZero() && l.ProofUntil.Before(renews),
		},
	}
}

func listLicences(x *httpapi.Exchange) error {
	q := licences.LicencesQuery{
		Plans: httpapi.QueryWords[pricing.PlanID](x, "plan"), States: httpapi.QueryWords[licences.State](x, "state"), Holder: httpapi.QueryID[id.Member](x, "holder"),
		Now: x.API.Clock(), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	found, err := findLicences(x, "licence.list", q)
	if err != nil {
		return err
	}
	return x.Reply(struct {
		Total    licences.Counts       `json:"total"`
		Plans    []licences.PlanCounts `json:"plans"`
		RenewsOn civil.Date            `json:"renewsOn,omitzero"`
		EndsOn   civil.Date            `json:"endsOn,omitzero"`
		Licences []ownedLicence        `json:"licences"`
		Next     httpapi.NextCursor    `json:"nextCursor,omitzero"`
		AsOf     string                `json:"asOf"`
	}{found.used.Total, httpapi.List(found.used.Plans), found.used.RenewsOn, found.used.EndsOn, found.owned, x.Next(found.next), x.AsOf()})
}

var errNoLicence = fault.New(fault.NotFound, "licence_not_found", "The practice owns no such licence.")

func getLicence(x *httpapi.Exchange) error {
	licence := httpapi.PathID[id.Licence](x, "licence")
	found, err := findLicences(x, "licence.get", licences.LicencesQuery{Licence: licence, Now: x.API.Clock(), Limit: 1})
	return httpapi.ReplyOne(x, found.owned, errNoLicence, err)
}

// foundLicences is a page of licences and how many there are in all.
type foundLicences struct {
	subscriptionReader
	used  licences.Utilisation
	owned []ownedLicence
	next  page.Token
}

// findLicences answers a query for those who may see the subscription.
func findLicences(x *httpapi.Exchange, action string, q licences.LicencesQuery) (found foundLicences, err error) {
	if found.subscriptionReader, err = asSubscriber(x, action); err != nil {
		return found, err
	}
	q.Reach = found.Reach
	if found.used, err = licences.Utilise(x.Ctx(), x.API.Pool, q.Reach, q.Now); err != nil {
		return found, err
	}
	page, err := licences.Licences(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return found, err
	}
	found.next = page.Next
	found.owned, err = ownedLicences(x, found.subscriptionReader, page.Licences, found.used.RenewsOn)
	return found, err
}

// ownedLicences says who holds licences and what the next period, which starts on
// renews, does to each.
func ownedLicences(x *httpapi.Exchange, reader subscriptionReader, found []licences.Licence, renews civil.Date) ([]ownedLicence, error) {
	next, err := nextCharges(x)
	if err != nil {
		return nil, err
	}
	wanted := func(n *names.Wanted, l licences.Licence) {
		n.Member(l.Holder)
		n.Member(next[l.ID].holder)
	}
	return names.Beside(x, reader.Subject, found, wanted, func(l licences.Licence, n names.Found) ownedLicence {
		v := ownedLicenceOf(l, n.Of(l.Holder), renews)
		if c, charged := next[l.ID]; charged {
			v.Next.Charge = &httpapi.Lines([]pricing.Line{c.line}, func(pricing.Line) string { return n.Of(c.holder) })[0]
		}
		return v
	})
}

// nextCharge is what the next period will cost of a licence; holder is nil where none holds it.
type nextCharge struct {
	line   pricing.Line
	holder *id.Member
}

// nextCharges is what the next period will cost, by licence: the very calculation
// that it will be charged by, on the practice as it is in this moment.
func nextCharges(x *httpapi.Exchange) (map[id.Licence]nextCharge, error) {
	call, err := x.Call()
	if err != nil {
		return nil, err
	}
	s, err := x.API.Engine.Subscription(x.Ctx(), call)
	if err != nil {
		return nil, err
	}
	next := make(map[id.Licence]nextCharge, len(s.Next.Lines))
	for _, line := range s.Next.Lines {
		next[line.Licence] = nextCharge{line: line}
	}
	for _, l := range s.Licences {
		if c, charged := next[l.ID]; charged && !l.Holder.IsZero() {
			next[l.ID] = nextCharge{c.line, &l.Holder}
		}
	}
	return next, nil
}

type seatCost struct {
	Charge id.SeatCharge    `json:"charge"`
	Share  money.Money      `json:"share"`
	Line   httpapi.LineView `json:"line"`
}

type seatView struct {
	Licence  id.Licence       `json:"licence"`
	From     civil.Date       `json:"from"`
	Until    civil.Date       `json:"until"`
	Days     int              `json:"days"`
	Holder   *id.Member       `json:"holder,omitempty"`
	Name     string           `json:"holderName,omitempty"`
	Plan     pricing.PlanID   `json:"plan"`
	Price    money.Money      `json:"price"`
	Discount pricing.Discount `json:"discount"`
	Book     int              `json:"book"`
	Reason   licences.Reason  `json:"reason"`
	Cost     money.Money      `json:"cost"`
	Costs    []seatCost       `json:"costs"`
}

var errLedgerDays = fault.New(fault.Invalid, "invalid_range", "The seat ledger is read from a day to the same or a later one, at most ten years further on.")

// longestLedger bounds one question to the seat ledger, in days.
const longestLedger = 3660

func seatLedger(x *httpapi.Exchange) error {
	q := licences.SeatsQuery{
		Licence: httpapi.QueryID[id.Licence](x, "licence"), Holder: httpapi.QueryID[id.Member](x, "holder"), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	q.From, q.To = httpapi.QueryDays(x)
	if days := q.From.DaysUntil(q.To); days < 0 || days > longestLedger {
		x.Fail(errLedgerDays)
	}
	reader, err := asSubscriber(x, "seat_ledger.list")
	if err != nil {
		return err
	}
	q.Reach = reader.Reach
	page, err := licences.Seats(x.Ctx(), x.API.Pool, q)
	if err != nil {
		return err
	}
	var lines []pricing.Line
	for _, s := range page.Seats {
		for _, c := range s.Costs {
			lines = append(lines, c.Line)
		}
	}
	held, err := holdersOf(x, reader.Subject, lines)
	if err != nil {
		return err
	}
	views, err := names.Beside(x, reader.Subject, page.Seats, func(n *names.Wanted, s licences.Seat) { n.Member(s.Holder) }, func(s licences.Seat, n names.Found) seatView {
		return seatView{
			Licence: s.Licence, From: s.From, Until: s.Until, Days: s.Days, Holder: s.Holder, Name: n.Of(s.Holder),
			Plan: s.Plan, Price: s.Price, Discount: s.Discount, Book: s.Book, Reason: s.Reason, Cost: s.Cost,
			Costs: httpapi.Views(s.Costs, func(c licences.Cost) seatCost {
				return seatCost{c.Charge, c.Share, httpapi.Lines([]pricing.Line{c.Line}, held.of)[0]}
			}),
		}
	})
	return x.Answer(struct {
		Seats []seatView         `json:"seats"`
		Next  httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf  string             `json:"asOf"`
	}{views, x.Next(page.Next), x.AsOf()}, err)
}
