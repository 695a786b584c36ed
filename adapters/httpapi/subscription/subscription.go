// Package subscription is the API of what a practice pays for Praxis, and of its prices.
package subscription

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

// Handlers are those of what a practice pays for Praxis, and of its prices.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"getSubscription":         getSubscription,
		"quoteSubscription":       quoteSubscription,
		"quoteLicences":           quoteLicences,
		"quotePlanChange":         quotePlanChange,
		"listSubscriptionCharges": listSubscriptionCharges,
		"getSubscriptionCharge":   getSubscriptionCharge,
		"listLicences":            listLicences,
		"getLicence":              getLicence,
		"seatLedger":              seatLedger,
		"getTraineeProof":         getTraineeProof,
		"getPriceBook":            getPriceBook,

		"startSubscription":    charging(httpapi.Give(commands.StartSubscription, startSubscription)),
		"startTrial":           httpapi.Give(commands.StartTrial, httpapi.OfGroup),
		"cancelSubscription":   httpapi.Give(commands.CancelSubscription, httpapi.OfGroup),
		"keepSubscription":     httpapi.Give(commands.KeepSubscription, httpapi.OfGroup),
		"replacePaymentMethod": charging(httpapi.Give(commands.ReplacePaymentMethod, httpapi.OfGroup)),
		"collectCharge":        charging(httpapi.Give(commands.StartCollection, httpapi.On("seatCharge", func(c *group.StartCollection, s id.SeatCharge) { c.Charge = s }))),

		"purchaseLicences":       charging(httpapi.Give(commands.PurchaseLicences, httpapi.AsSent)),
		"assignLicence":          httpapi.HandleCommand(assignLicence),
		"unassignLicence":        httpapi.Give(commands.UnassignLicence, httpapi.On("licence", func(c *group.UnassignLicence, l id.Licence) { c.Licence = l })),
		"changeLicencePlan":      charging(httpapi.Give(commands.ChangeLicencePlan, httpapi.On("licence", func(c *group.ChangeLicencePlan, l id.Licence) { c.Licence = l }))),
		"scheduleLicenceRelease": httpapi.Give(commands.ScheduleLicenceRelease, httpapi.On("licence", func(c *group.ScheduleLicenceRelease, l id.Licence) { c.Licence = l })),
		"cancelLicenceRelease":   httpapi.Give(commands.CancelRelease, httpapi.On("licence", func(c *group.CancelRelease, l id.Licence) { c.Licence = l })),
		"releaseLicenceNow":      charging(httpapi.Give(commands.ReleaseLicenceNow, httpapi.On("licence", func(c *group.ReleaseLicenceNow, l id.Licence) { c.Licence = l }))),

		"submitTraineeProof": httpapi.Give(commands.SubmitTraineeProof, httpapi.Completed(func(in *httpapi.Input, c *group.SubmitTraineeProof) {
			c.Proof, c.Member = httpapi.Made[id.TraineeProof](in, "proof"), httpapi.PathID[id.Member](in.Exchange, "member")
		})),
		"submitProofBeforeInvited": httpapi.Give(commands.SubmitTraineeProof, func(in *httpapi.Input, b proofOfInvited) group.SubmitTraineeProof {
			email := httpapi.Parsed(in.Exchange, text.Email("e-mail address", 254).Read, b.Email)
			b.Proof, b.EmailHash = httpapi.Made[id.TraineeProof](in, "proof"), commands.EmailHash(email)
			return b.SubmitTraineeProof
		}),
		"verifyTraineeProof": httpapi.Give(commands.VerifyTraineeProof, httpapi.On("proof", func(c *group.VerifyTraineeProof, t id.TraineeProof) { c.Proof = t })),

		"publishPrices": httpapi.Give(commands.PublishPrices, httpapi.Completed(func(in *httpapi.Input, c *pricing.Publish) {
			c.Currency = httpapi.Parsed(in.Exchange, money.ParseCurrency, in.InPath("currency"))
			in.About = string(c.Currency)
		})),
	}
}

func getPriceBook(x *httpapi.Exchange) error {
	currency := httpapi.Parsed(x, money.ParseCurrency, x.InPath("currency"))
	if x.Err != nil {
		return x.Err
	}
	versions, err := x.API.Engine.PriceBook(x.Ctx(), currency)
	return x.Answer(map[string]any{"versions": httpapi.List(versions)}, err)
}

type paymentMethod struct {
	Method string `json:"method"`
	Label  string `json:"label"`
}

type newSubscription struct {
	Seats         []group.Seat  `json:"seats"`
	PaymentMethod paymentMethod `json:"paymentMethod"`
	QuotedTotal   money.Money   `json:"quotedTotal"`
}

func startSubscription(in *httpapi.Input, b newSubscription) group.StartSubscription {
	in.Naming(in.Call.Group)
	return group.StartSubscription{Seats: b.Seats, QuotedTotal: b.QuotedTotal, Method: b.PaymentMethod.Method, Label: b.PaymentMethod.Label}
}

type newHolder struct {
	Member     id.Member        `json:"member"`
	Profession pricing.Category `json:"profession"`
	// Move takes the licence from its present holder.
	Move bool `json:"move"`
}

func assignLicence(in *httpapi.Input, b newHolder) (commands.Receipt, error) {
	l := httpapi.Named[id.Licence](in, "licence")
	switch {
	case in.Err != nil:
		return commands.Receipt{}, in.Err
	case b.Move:
		return commands.MoveLicence.Give(in.Ctx(), in.API.Engine, in.Call, group.MoveLicence{Licence: l, To: b.Member, Profession: b.Profession})
	default:
		return commands.AssignLicence.Give(in.Ctx(), in.API.Engine, in.Call, group.AssignLicence{Licence: l, Member: b.Member, Profession: b.Profession})
	}
}

// proofOfInvited is a proof of somebody who is not a member yet.
type proofOfInvited struct {
	Email string `json:"email"`
	group.SubmitTraineeProof
}

// charging marks a command that leads to charges: its receipt says whether money
// moves.
func charging(h httpapi.Handler) httpapi.Handler {
	return func(x *httpapi.Exchange) error {
		x.CardMode = x.API.Cards.Mode()
		return h(x)
	}
}
