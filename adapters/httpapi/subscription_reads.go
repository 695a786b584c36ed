package httpapi

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/adapters/cards"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

type trialView struct {
	On     civil.Date `json:"on"`
	EndsAt time.Time  `json:"endsAt"`
	Over   bool       `json:"over"`
}

type licenceView struct {
	ID         id.Licence       `json:"id"`
	Plan       pricing.PlanID   `json:"plan"`
	Price      money.Money      `json:"price"`
	Discount   pricing.Discount `json:"discount"`
	Pending    bool             `json:"pending"`
	Holder     id.Member        `json:"holder,omitzero"`
	HolderName string           `json:"holderName,omitempty"`
	Invitation id.Invitation    `json:"invitation,omitzero"`
	Charge     id.SeatCharge    `json:"charge,omitzero"`
	NextPlan   pricing.PlanID   `json:"nextPlan,omitempty"`
	Releasing  bool             `json:"releasing"`
}

type utilisationView struct {
	Owned    int `json:"owned"`
	Pending  int `json:"pending"`
	Assigned int `json:"assigned"`
	Reserved int `json:"reserved"`
	Free     int `json:"free"`
}

type proofView struct {
	ID         id.TraineeProof     `json:"id"`
	Member     id.Member           `json:"member,omitzero"`
	MemberName string              `json:"memberName,omitempty"`
	Kind       pricing.TraineeKind `json:"kind"`
	Programme  string              `json:"programme"`
	ValidFrom  civil.Date          `json:"validFrom"`
	ValidUntil civil.Date          `json:"validUntil"`
	Verified   bool                `json:"verified"`
	Expired    bool                `json:"expired"`
}

// lineView is one line of a charge with the sentence that explains it; the lines
// of a quote have no licence yet.
type lineView struct {
	Licence    id.Licence       `json:"licence,omitzero"`
	Kind       pricing.LineKind `json:"kind"`
	Plan       pricing.PlanID   `json:"plan"`
	Price      money.Money      `json:"price"`
	Discount   pricing.Discount `json:"discount"`
	Book       int              `json:"book"`
	From       civil.Date       `json:"from"`
	Days       int              `json:"days"`
	PeriodDays int              `json:"periodDays"`
	Amount     money.Money      `json:"amount"`
	TaxPoints  int              `json:"taxBasisPoints,omitempty"`
	Tax        money.Money      `json:"tax,omitzero"`
	// HolderName is the name of the member who held the licence on the first of the days.
	HolderName  string `json:"holderName,omitempty"`
	Explanation string `json:"explanation,omitempty"`
}

func linesOf(lines []pricing.Line, held holders) []lineView {
	views := []lineView{}
	for _, l := range lines {
		v := lineView{
			Licence: l.Licence, Kind: l.Kind, Plan: l.Plan, Price: l.Price, Discount: l.Discount, Book: l.Book,
			From: l.From, Days: l.Days, PeriodDays: l.PeriodDays, Amount: l.Amount,
			TaxPoints: l.TaxBasisPoints, Tax: l.Tax, HolderName: held.of(l), Explanation: l.Explain(held.of(l)),
		}
		views = append(views, v)
	}
	return views
}

type nextInvoiceView struct {
	Period pricing.Period `json:"period"`
	Lines  []lineView     `json:"lines"`
	Total  money.Money    `json:"total"`
}

type subscriptionView struct {
	Started       bool             `json:"started"`
	CardMode      cards.Mode       `json:"cardMode"`
	EndsOn        civil.Date       `json:"endsOn,omitzero"`
	EndedOn       civil.Date       `json:"endedOn,omitzero"`
	Trial         *trialView       `json:"trial,omitempty"`
	Period        *pricing.Period  `json:"period,omitempty"`
	PaymentMethod *paymentMethod   `json:"paymentMethod,omitempty"`
	Utilisation   utilisationView  `json:"utilisation"`
	Licences      []licenceView    `json:"licences"`
	Proofs        []proofView      `json:"proofs"`
	NextInvoice   *nextInvoiceView `json:"nextInvoice,omitempty"`
}

func (a *api) getSubscription(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	s, err := a.Engine.Subscription(x.ctx(), call)
	if err != nil {
		return err
	}
	view := subscriptionView{
		Started: s.Started, EndsOn: s.EndsOn, EndedOn: s.EndedOn, CardMode: a.Cards.Mode(), Utilisation: utilisationView(s.Utilisation), Licences: []licenceView{},
	}
	if s.Trial.Used {
		view.Trial = &trialView{On: s.Trial.On, EndsAt: s.Trial.EndsAt, Over: s.Trial.Over}
	}
	if !s.Period.Start.IsZero() {
		view.Period = &s.Period
	}
	if s.Method != "" {
		view.PaymentMethod = &paymentMethod{Method: s.Method, Label: s.Label}
	}
	held, err := a.presentHolders(x, s.Reader, s.Licences)
	if err != nil {
		return err
	}
	if s.Started {
		view.NextInvoice = &nextInvoiceView{s.Next.Period, linesOf(s.Next.Lines, held), s.Next.Total}
	}
	for _, l := range s.Licences {
		view.Licences = append(view.Licences, licenceView{
			ID: l.ID, Plan: l.Plan, Price: l.Price, Discount: l.Discount, Pending: l.Pending, Holder: l.Holder,
			HolderName: held.names.of(&l.Holder), Invitation: l.Invitation, Charge: l.Charge, NextPlan: l.Next,
			Releasing: l.Releasing,
		})
	}
	if view.Proofs, err = proofs(x, s.Reader, s.Proofs); err != nil {
		return err
	}
	return x.reply(view)
}

// proofs puts names beside the ids of trainees.
func proofs(x *exchange, reader access.Subject, found []group.Proof) ([]proofView, error) {
	return shown(x, reader, found, func(n *wanted, p group.Proof) { n.member(&p.Member) }, func(p group.Proof, n names) proofView {
		return proofView{
			ID: p.ID, Member: p.Member, MemberName: n.of(&p.Member), Kind: p.Kind, Programme: p.Programme,
			ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, Verified: p.Verified, Expired: p.Expired,
		}
	})
}

var errNoProof = fault.New(fault.NotFound, "proof_not_found", "There is no such proof of training.")

func (a *api) getTraineeProof(x *exchange) error {
	proof, err := pathID[id.TraineeProof](x, "proof")
	if err != nil {
		return err
	}
	call, err := x.call()
	if err != nil {
		return err
	}
	var found []group.Proof
	admission, err := a.Engine.AdmitTo(x.ctx(), call, commands.Question{
		Action: "trainee_proof.get", Capability: access.SubscriptionView, Target: group.Stream(call.Group),
		Look: func(g group.State) {
			found = slices.DeleteFunc(g.Proofs(), func(p group.Proof) bool { return p.ID != proof })
		},
	}, access.Resource{Group: call.Group})
	if err != nil {
		return err
	}
	views, err := proofs(x, admission.Subject, found)
	if err != nil {
		return err
	}
	if len(views) > 0 {
		x.w.Header().Set("ETag", etag(admission.Revision))
	}
	return replyOne(x, views, errNoProof)
}

type quoteView struct {
	Lines     []lineView  `json:"lines"`
	Today     money.Money `json:"today"`
	Until     civil.Date  `json:"until"`
	PerPeriod money.Money `json:"perPeriod"`
	// Explanation says when what is due.
	Explanation string `json:"explanation"`
}

func (x *exchange) replyQuote(q group.Quote) error {
	return x.reply(quoteView{
		Lines: linesOf(q.Lines, holders{}), Today: q.Today, Until: q.Until, PerPeriod: q.PerPeriod,
		Explanation: q.Explain(),
	})
}

var errSeat = fault.New(fault.Invalid, "malformed_seat", "A seat is written as member.plan.profession.")

func (a *api) quoteSubscription(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	var seats []group.Seat
	for _, raw := range x.r.URL.Query()["seat"] {
		parts := strings.Split(raw, ".")
		if len(parts) != 3 {
			return errSeat
		}
		member, err := parseID[id.Member](parts[0])
		if err != nil {
			return err
		}
		seats = append(seats, group.Seat{Member: member, Plan: pricing.PlanID(parts[1]), Profession: pricing.Category(parts[2])})
	}
	total, err := a.Engine.QuoteSubscription(x.ctx(), call, seats)
	if err != nil {
		return err
	}
	return x.reply(map[string]money.Money{"today": total})
}

func (a *api) quoteLicences(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	query := x.r.URL.Query()
	proofs, err := queryIDs[id.TraineeProof](query["proof"])
	if err != nil {
		return err
	}
	quantity := 1
	if raw := query.Get("quantity"); raw != "" {
		if quantity, err = strconv.Atoi(raw); err != nil {
			return fault.New(fault.Invalid, "invalid_request", "The quantity must be a number.")
		}
	}
	quote, err := a.Engine.QuoteLicences(x.ctx(), call, pricing.PlanID(query.Get("plan")), quantity, proofs)
	if err != nil {
		return err
	}
	return x.replyQuote(quote)
}

func (a *api) quotePlanChange(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	licence, err := pathID[id.Licence](x, "licence")
	if err != nil {
		return err
	}
	quote, err := a.Engine.QuotePlanChange(x.ctx(), call, licence, pricing.PlanID(x.r.URL.Query().Get("plan")))
	if err != nil {
		return err
	}
	return x.replyQuote(quote)
}
