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
		"collectCharge": charging(httpapi.Give(commands.StartCollection, httpapi.Completed(func(in *httpapi.Input, c *group.StartCollection) {
			c.Charge = httpapi.Named[id.SeatCharge](in, "seatCharge")
		}))),

		"purchaseLicences":       charging(httpapi.Give(commands.PurchaseLicences, httpapi.AsSent)),
		"assignLicence":          httpapi.HandleCommand(assignLicence),
		"unassignLicence":        httpapi.Give(commands.UnassignLicence, httpapi.Completed(func(in *httpapi.Input, c *group.UnassignLicence) { c.Licence = onLicence(in) })),
		"changeLicencePlan":      charging(httpapi.Give(commands.ChangeLicencePlan, httpapi.Completed(func(in *httpapi.Input, c *group.ChangeLicencePlan) { c.Licence = onLicence(in) }))),
		"scheduleLicenceRelease": httpapi.Give(commands.ScheduleLicenceRelease, httpapi.Completed(func(in *httpapi.Input, c *group.ScheduleLicenceRelease) { c.Licence = onLicence(in) })),
		"cancelLicenceRelease":   httpapi.Give(commands.CancelRelease, httpapi.Completed(func(in *httpapi.Input, c *group.CancelRelease) { c.Licence = onLicence(in) })),
		"releaseLicenceNow":      charging(httpapi.Give(commands.ReleaseLicenceNow, httpapi.Completed(func(in *httpapi.Input, c *group.ReleaseLicenceNow) { c.Licence = onLicence(in) }))),

		"submitTraineeProof": httpapi.Give(commands.SubmitTraineeProof, httpapi.Completed(func(in *httpapi.Input, c *group.SubmitTraineeProof) {
			c.Proof, c.Member = httpapi.Made[id.TraineeProof](in, "proof"), httpapi.PathID[id.Member](in.Exchange, "member")
		})),
		"submitProofBeforeInvited": httpapi.Give(commands.SubmitTraineeProof, func(in *httpapi.Input, b proofOfInvited) group.SubmitTraineeProof {
			email := httpapi.Parsed(in.Exchange, text.Email("e-mail address", 254).Read, b.Email)
			b.Proof, b.EmailHash = httpapi.Made[id.TraineeProof](in, "proof"), commands.EmailHash(email)
			return b.SubmitTraineeProof
		}),
		"verifyTraineeProof": httpapi.Give(commands.VerifyTraineeProof, httpapi.Completed(func(in *httpapi.Input, c *group.VerifyTraineeProof) {
			c.Proof = httpapi.Named[id.TraineeProof](in, "proof")
		})),

		"publishPrices": httpapi.Give(commands.PublishPrices, httpapi.Completed(func(in *httpapi.Input, c *pricing.Publish) {
			c.Currency = httpapi.Parsed(in.Exchange, money.ParseCurrency, in.InPath("currency"))
			in.About = string(c.Currency)
		})),
	}
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

// onLicence is the licence that the path names.
func onLicence(in *httpapi.Input) id.Licence { return httpapi.Named[id.Licence](in, "licence") }

type newHolder struct {
	Member     id.Member        `json:"member"`
	Profession pricing.Category `json:"profession"`
	// Move takes the licence from its present holder.
	Move bool `json:"move"`
}

func assignLicence(in *httpapi.Input, b newHolder) (commands.Receipt, error) {
	l := onLicence(in)
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
