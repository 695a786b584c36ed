package httpapi_test

import (
	"log/slog"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
)

// subscriptionRules says who may what about licences and their money
// (the owner, and whom the owner delegates it to).
func subscriptionRules() map[string]rule {
	rules := map[string]rule{
		"getSubscription": {}, "listSubscriptionCharges": {}, "listLicences": {},
		"getSubscriptionCharge": {}, "getLicence": {}, "getTraineeProof": {},
		"seatLedger":        {path: about(func(*scene) string { return "?from=2026-03-01&to=2026-03-31" })},
		"quoteSubscription": {path: func(s *scene) string { return s.startQuery(s.seats("therapist_basic", "therapist")) }},
		"quoteLicences":     {path: about(func(*scene) string { return "?plan=therapist_basic&quantity=2" })},
		"quotePlanChange":   {path: about(func(*scene) string { return "?plan=therapist_premium" })},

		"startSubscription":      {code: "subscription_started", denied: "owner_only"},
		"startTrial":             {code: "subscription_started", denied: "owner_only"},
		"replacePaymentMethod":   {denied: "owner_only"},
		"purchaseLicences":       {denied: "owner_only"},
		"collectCharge":          {denied: "owner_only"},
		"assignLicence":          {denied: "owner_only"},
		"unassignLicence":        {denied: "owner_only"},
		"changeLicencePlan":      {denied: "owner_only"},
		"scheduleLicenceRelease": {denied: "owner_only"},
		"cancelLicenceRelease":   {denied: "owner_only"},
		"releaseLicenceNow":      {denied: "owner_only", code: "unused_not_credited"},
		"cancelSubscription":     {denied: "owner_only"},
		"keepSubscription":       {denied: "owner_only"},
		"submitTraineeProof":     {denied: "owner_only"},
		"submitProofBeforeInvited": {denied: "owner_only", body: saying(object{ // The command knows the hash of the address only.
			"email": "intern@example.org", "kind": "non_prescriber", "programme": "Internship", "validFrom": "2026-03-01", "validUntil": "2026-12-31", "docHash": docHash,
		})},
		"verifyTraineeProof": {denied: "owner_only"},
	}
	for operation, r := range rules {
		r.may = "O"
		rules[operation] = r
	}
	rules["getPriceBook"] = rule{may: everybody}
	rules["publishPrices"] = rule{}
	return rules
}

// newPrices are prices of every plan from a day on.
func newPrices(from string) object {
	var prices []object
	for i, plan := range []string{"therapist_basic", "therapist_premium", "erx_lite", "prescriber_premium"} {
		prices = append(prices, object{"plan": plan, "minor": 50_00 + 20_00*i})
	}
	return object{"effectiveFrom": from, "prices": prices}
}

// docHash is the hash of some document.
const docHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// seats puts every active clinician on one plan.
func (p *practice) seats(plan, profession string) []object {
	p.t.Helper()
	var list struct {
		Members []struct {
			ID                string
			Clinician, Active bool
		}
	}
	p.get(p.owner, p.path("/members")).into(&list)
	var seats []object
	for _, m := range list.Members {
		if m.Clinician && m.Active {
			seats = append(seats, object{"member": m.ID, "plan": plan, "profession": profession})
		}
	}
	return seats
}

// startQuery asks what starting with the seats costs.
func (p *practice) startQuery(seats []object) string {
	query := "?"
	for _, s := range seats {
		query += "seat=" + s["member"].(string) + "." + s["plan"].(string) + "." + s["profession"].(string) + "&"
	}
	return query[:len(query)-1]
}

// subscribe starts the subscription with every clinician on one plan, at the
// total that is quoted, and returns it.
func (p *practice) subscribe(plan, profession string) amount {
	p.t.Helper()
	seats := p.seats(plan, profession)
	var quote struct{ Today amount }
	p.get(p.owner, p.path("/subscription/start-quote", p.startQuery(seats))).into(&quote)
	p.post(p.owner, p.path("/subscription"), object{
		"seats": seats, "paymentMethod": object{"method": "pm_1", "label": "Visa ending 4242"}, "quotedTotal": quote.Today,
	}).done()
	return quote.Today
}

// process carries out what the clock and the payment processor say.
func (s *stack) process() (*commands.Engine, func(*practice) commands.Call) {
	engine := commands.NewEngine(commands.Config{Store: s.store, Registry: s.registry, Clock: s.clock.Now, Logger: slog.New(slog.DiscardHandler)})
	return engine, func(p *practice) commands.Call {
		return commands.Call{Process: "billing", Group: id.MustParse[id.Group](p.group), Command: id.New[id.Command]()}
	}
}

// collected has a charge collected.
func (p *practice) collected(charge string) {
	p.t.Helper()
	p.post(p.owner, p.path("/subscription/charges/", charge, "/collection"), nil).done()
	engine, as := p.process()
	_, err := commands.RecordCollection.Give(p.t.Context(), engine, as(p), group.RecordCollection{Charge: id.MustParse[id.SeatCharge](charge), Attempt: 1, Collected: true})
	require.NoError(p.t, err)
}

type boughtLicence struct {
	ID, Plan, Holder, Invitation, Charge, NextPlan string
	Pending, Releasing                             bool
}

type subscription struct {
	Started     bool
	Trial       *struct{ Over bool }
	Period      struct{ Start, End string }
	Utilisation struct{ Owned, Pending, Assigned, Reserved, Free int }
	Licences    []boughtLicence
	NextInvoice struct {
		Total amount
		Lines []struct {
			Amount      amount
			Explanation string
		}
	}
	PaymentMethod struct{ Method, Label string }
}

func (p *practice) subscription() subscription {
	p.t.Helper()
	var s subscription
	p.get(p.owner, p.path("/subscription")).into(&s)
	return s
}

// buy buys and pays licences at the total that is quoted, and returns them.
func (p *practice) buy(plan string, quantity int, proofs ...string) ([]boughtLicence, amount) {
	p.t.Helper()
	query := "?plan=" + plan + "&quantity=" + string(rune('0'+quantity))
	for _, proof := range proofs {
		query += "&proof=" + proof
	}
	var quote struct{ Today amount }
	p.get(p.owner, p.path("/subscription/quote", query)).into(&quote)
	body := object{"plan": plan, "quantity": quantity, "quotedTotal": quote.Today}
	if len(proofs) > 0 {
		body["proofs"] = proofs
	}
	p.post(p.owner, p.path("/licences"), body).done()
	owned := p.subscription().Licences
	bought := owned[len(owned)-quantity:]
	if quote.Today.Minor > 0 {
		p.collected(bought[0].Charge)
	}
	return bought, quote.Today
}

// prove keeps a proof that somebody is in training, to be verified.
func (p *practice) prove(path, kind, until string, more object) string {
	p.t.Helper()
	body := object{"kind": kind, "programme": "Residency", "validFrom": "2026-01-01", "validUntil": until, "docHash": docHash}
	for name, value := range more {
		body[name] = value
	}
	return p.post(p.owner, p.path(path), body).done().ID
}

// withLicences gives the scene's practice a subscription, two free licences and a
// proof to verify.
func (s *scene) withLicences() {
	s.t.Helper()
	s.subscribe("therapist_premium", "therapist")
	free, _ := s.buy("therapist_basic", 3)
	s.ids["licence"], s.ids["seatCharge"] = free[0].ID, free[0].Charge
	s.ids["currency"] = "USD"
	s.ids["proof"] = s.prove("/members/"+s.members["emma"]+"/trainee-proofs", "prescriber", "2026-12-31", nil)
}
