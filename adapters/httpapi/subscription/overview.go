package subscription

import (
	"maps"
	"slices"
	"strings"

	"praxis/adapters/cards"
	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
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
	Period pricing.Period     `json:"period"`
	Lines  []httpapi.LineView `json:"lines"`
	Total  money.Money        `json:"total"`
}

type subscriptionView struct {
	Started       bool              `json:"started"`
	CardMode      cards.Mode        `json:"cardMode"`
	EndsOn        civil.Date        `json:"endsOn,omitzero"`
	EndedOn       civil.Date        `json:"endedOn,omitzero"`
	Trial         *group.Trial      `json:"trial,omitempty"`
	Period        *pricing.Period   `json:"period,omitempty"`
	PaymentMethod *paymentMethod    `json:"paymentMethod,omitempty"`
	Utilisation   group.Utilisation `json:"utilisation"`
	Licences      []licenceView     `json:"licences"`
	Proofs        []proofView       `json:"proofs"`
	NextInvoice   *nextInvoiceView  `json:"nextInvoice,omitempty"`
}

func getSubscription(x *httpapi.Exchange) error {
	call, err := x.Call()
	if err != nil {
		return err
	}
	s, err := x.API.Engine.Subscription(x.Ctx(), call)
	if err != nil {
		return err
	}
	view := subscriptionView{
		Started: s.Started, EndsOn: s.EndsOn, EndedOn: s.EndedOn, CardMode: x.API.Cards.Mode(), Utilisation: s.Utilisation, Licences: []licenceView{},
	}
	if s.Trial.Used {
		view.Trial = &s.Trial
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
		view.NextInvoice = &nextInvoiceView{s.Next.Period, httpapi.Lines(s.Next.Lines, held.of), s.Next.Total}
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
	return x.Reply(view)
}

// proofs puts names beside the ids of trainees.
func proofs(x *httpapi.Exchange, reader access.Subject, found []group.Proof) ([]proofView, error) {
	return names.Beside(x, reader, found, func(n *names.Wanted, p group.Proof) { n.Member(&p.Member) }, func(p group.Proof, n names.Found) proofView {
		return proofView{
			ID: p.ID, Member: p.Member, MemberName: n.Of(&p.Member), Kind: p.Kind, Programme: p.Programme,
			ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, Verified: p.Verified, Expired: p.Expired,
		}
	})
}

var errNoProof = fault.New(fault.NotFound, "proof_not_found", "There is no such proof of training.")

func getTraineeProof(x *httpapi.Exchange) error {
	proof := httpapi.PathID[id.TraineeProof](x, "proof")
	var found []group.Proof
	admission, err := x.Admit(commands.Question{
		Action: "trainee_proof.get", Capability: access.SubscriptionView, Target: group.Stream(x.Group()),
		Look: func(g group.State) {
			found = slices.DeleteFunc(g.Proofs(), func(p group.Proof) bool { return p.ID != proof })
		},
	}, access.Resource{Group: x.Group()})
	if err != nil {
		return err
	}
	views, err := proofs(x, admission.Subject, found)
	if len(views) > 0 {
		x.W.Header().Set("ETag", httpapi.ETag(admission.Revision))
	}
	return httpapi.ReplyOne(x, views, errNoProof, err)
}

type quoteView struct {
	Lines     []httpapi.LineView `json:"lines"`
	Today     money.Money        `json:"today"`
	Until     civil.Date         `json:"until"`
	PerPeriod money.Money        `json:"perPeriod"`
	// Explanation says when what is due.
	Explanation string `json:"explanation"`
}

// replyQuote answers with a quote, unless it failed.
func replyQuote(x *httpapi.Exchange, q group.Quote, err error) error {
	return x.Answer(quoteView{
		Lines: httpapi.Lines(q.Lines, nil), Today: q.Today, Until: q.Until, PerPeriod: q.PerPeriod,
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
	s.Member, err = httpapi.ParseID[id.Member](parts[0])
	return s, err
}

func quoteSubscription(x *httpapi.Exchange) error {
	seats := httpapi.QueriedAll(x, parseSeat, "seat")
	call, err := x.Call()
	if err != nil {
		return err
	}
	total, err := x.API.Engine.QuoteSubscription(x.Ctx(), call, seats)
	return x.Answer(map[string]money.Money{"today": total}, err)
}

func quoteLicences(x *httpapi.Exchange) error {
	proofs, quantity := httpapi.QueryIDs[id.TraineeProof](x, "proof"), httpapi.QueryNumber(x, "quantity", 1)
	call, err := x.Call()
	if err != nil {
		return err
	}
	quote, err := x.API.Engine.QuoteLicences(x.Ctx(), call, pricing.PlanID(x.InQuery("plan")), quantity, proofs)
	return replyQuote(x, quote, err)
}

func quotePlanChange(x *httpapi.Exchange) error {
	licence := httpapi.PathID[id.Licence](x, "licence")
	call, err := x.Call()
	if err != nil {
		return err
	}
	quote, err := x.API.Engine.QuotePlanChange(x.Ctx(), call, licence, pricing.PlanID(x.InQuery("plan")))
	return replyQuote(x, quote, err)
}

// holdersOf looks up who held the licences of lines on the first day of each, for
// the sentences of charges.
func holdersOf(x *httpapi.Exchange, reader access.Subject, lines []pricing.Line) (held holders, err error) {
	if len(lines) == 0 {
		return held, nil
	}
	of, from, to := map[id.Licence]bool{}, lines[0].From, lines[0].From
	for _, l := range lines {
		of[l.Licence] = true
		if l.From.Before(from) {
			from = l.From
		}
		if to.Before(l.From) {
			to = l.From
		}
	}
	reach := access.ReachOf(reader, access.SubscriptionView, x.API.Clock())
	found, err := licences.Holders(x.Ctx(), x.API.Pool, reach, slices.Collect(maps.Keys(of)), from, to)
	if err != nil {
		return held, err
	}
	return named(x, reader, found)
}

// presentHolders names who holds licences now, for what the next period will cost.
func presentHolders(x *httpapi.Exchange, reader access.Subject, owned []group.Licence) (holders, error) {
	var held []licences.Holding
	for _, l := range owned {
		if !l.Holder.IsZero() {
			held = append(held, licences.Holding{Licence: l.ID, Holder: &l.Holder})
		}
	}
	return named(x, reader, held)
}

func named(x *httpapi.Exchange, reader access.Subject, held []licences.Holding) (holders, error) {
	h := holders{seats: map[id.Licence][]licences.Holding{}}
	var n names.Wanted
	for _, s := range held {
		h.seats[s.Licence] = append(h.seats[s.Licence], s)
		n.Member(s.Holder)
	}
	var err error
	h.names, err = names.Look(x, reader, n)
	return h, err
}

// holders are who held licences when.
type holders struct {
	seats map[id.Licence][]licences.Holding
	names names.Found
}

// of returns the name of who held the licence of a line on its first day.
func (h holders) of(l pricing.Line) string {
	for _, s := range h.seats[l.Licence] {
		if s.Holds(l.From) {
			return h.names.Of(s.Holder)
		}
	}
	return ""
}
