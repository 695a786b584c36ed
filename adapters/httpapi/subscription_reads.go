package httpapi

import (
	"slices"
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
	"praxis/projections/licences"
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

func getSubscription(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	s, err := x.api.Engine.Subscription(x.ctx(), call)
	if err != nil {
		return err
	}
	view := subscriptionView{
		Started: s.Started, EndsOn: s.EndsOn, EndedOn: s.EndedOn, CardMode: x.api.Cards.Mode(), Utilisation: utilisationView(s.Utilisation), Licences: []licenceView{},
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
	held, err := presentHolders(x, s.Reader, s.Licences)
	if err != nil {
		return err
	}
	if s.Started {
		view.NextInvoice = &nextInvoiceView{s.Next.Period, linesOf(s.Next.Lines, held.of), s.Next.Total}
	}
	for _, l := range s.Licences {
		view.Licences = append(view.Licences, licenceView{
			ID: l.ID, Plan: l.Plan, Price: l.Price, Discount: l.Discount, Pending: l.Pending, Holder: l.Holder,
			HolderName: held.names.Of(&l.Holder), Invitation: l.Invitation, Charge: l.Charge, NextPlan: l.Next,
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
	return Beside(x, reader, found, func(n *Wanted, p group.Proof) { n.Member(&p.Member) }, func(p group.Proof, n Found) proofView {
		return proofView{
			ID: p.ID, Member: p.Member, MemberName: n.Of(&p.Member), Kind: p.Kind, Programme: p.Programme,
			ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, Verified: p.Verified, Expired: p.Expired,
		}
	})
}

var errNoProof = fault.New(fault.NotFound, "proof_not_found", "There is no such proof of training.")

func getTraineeProof(x *exchange) error {
	proof := pathID[id.TraineeProof](x, "proof")
	var found []group.Proof
	admission, err := x.admit(commands.Question{
		Action: "trainee_proof.get", Capability: access.SubscriptionView, Target: group.Stream(x.group()),
		Look: func(g group.State) {
			found = slices.DeleteFunc(g.Proofs(), func(p group.Proof) bool { return p.ID != proof })
		},
	}, access.Resource{Group: x.group()})
	if err != nil {
		return err
	}
	views, err := proofs(x, admission.Subject, found)
	if len(views) > 0 {
		x.w.Header().Set("ETag", etag(admission.Revision))
	}
	return replyOne(x, views, errNoProof, err)
}

type quoteView struct {
	Lines     []lineView  `json:"lines"`
	Today     money.Money `json:"today"`
	Until     civil.Date  `json:"until"`
	PerPeriod money.Money `json:"perPeriod"`
	// Explanation says when what is due.
	Explanation string `json:"explanation"`
}

// replyQuote answers with a quote, unless it failed.
func (x *exchange) replyQuote(q group.Quote, err error) error {
	return x.answer(quoteView{
		Lines: linesOf(q.Lines, nil), Today: q.Today, Until: q.Until, PerPeriod: q.PerPeriod,
		Explanation: q.Explain(),
	}, err)
}

var errSeat = fault.New(fault.Invalid, "malformed_seat", "A seat is written as member.plan.profession.")

func parseSeat(raw string) (s group.Seat, err error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return s, errSeat
	}
	s.Plan, s.Profession = pricing.PlanID(parts[1]), pricing.Category(parts[2])
	s.Member, err = parseID[id.Member](parts[0])
	return s, err
}

func quoteSubscription(x *exchange) error {
	var seats []group.Seat
	for _, raw := range x.r.URL.Query()["seat"] {
		seats = append(seats, parsed(x, parseSeat, raw))
	}
	call, err := x.call()
	if err != nil {
		return err
	}
	total, err := x.api.Engine.QuoteSubscription(x.ctx(), call, seats)
	return x.answer(map[string]money.Money{"today": total}, err)
}

func quoteLicences(x *exchange) error {
	proofs := queryIDs[id.TraineeProof](x, "proof")
	call, err := x.call()
	if err != nil {
		return err
	}
	return x.replyQuote(x.api.Engine.QuoteLicences(x.ctx(), call, pricing.PlanID(x.inQuery("plan")), queryNumber(x, "quantity", 1), proofs))
}

func quotePlanChange(x *exchange) error {
	licence := pathID[id.Licence](x, "licence")
	call, err := x.call()
	if err != nil {
		return err
	}
	return x.replyQuote(x.api.Engine.QuotePlanChange(x.ctx(), call, licence, pricing.PlanID(x.inQuery("plan"))))
}

// holdersOf looks up who held the licences of lines on the first day of each, for
// the sentences of charges.
func holdersOf(x *exchange, reader access.Subject, lines []pricing.Line) (holders, error) {
	reach := access.ReachOf(reader, access.SubscriptionView, x.api.Clock())
	ids := make([]id.Licence, 0, len(lines))
	for _, l := range lines {
		ids = append(ids, l.Licence)
	}
	seats, err := licences.Holders(x.ctx(), x.api.Pool, reach, ids)
	if err != nil {
		return holders{}, err
	}
	var n Wanted
	for _, s := range seats {
		n.Member(s.Holder)
	}
	names, err := Look(x, reader, n)
	return holders{seats, names}, err
}

// presentHolders names who holds licences now, for what the next period will cost.
func presentHolders(x *exchange, reader access.Subject, owned []group.Licence) (holders, error) {
	var held holders
	var n Wanted
	for _, l := range owned {
		if !l.Holder.IsZero() {
			held.seats = append(held.seats, licences.Holding{Licence: l.ID, Holder: &l.Holder})
			n.Member(&l.Holder)
		}
	}
	var err error
	held.names, err = Look(x, reader, n)
	return held, err
}

// holders are who held licences when.
type holders struct {
	seats []licences.Holding
	names Found
}

// of returns the name of who held the licence of a line on its first day.
func (h holders) of(l pricing.Line) string {
	for _, s := range h.seats {
		if s.Licence == l.Licence && s.Holds(l.From) {
			return h.names.Of(s.Holder)
		}
	}
	return ""
}
