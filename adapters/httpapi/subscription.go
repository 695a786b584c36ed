package httpapi

import (
	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

// SubscriptionHandlers are those of what a practice pays for Praxis, and of its prices.
func SubscriptionHandlers() map[string]handler {
	return map[string]handler{
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

		"startSubscription":    charging(give(commands.StartSubscription, startSubscription)),
		"startTrial":           give(commands.StartTrial, ofPractice),
		"cancelSubscription":   give(commands.CancelSubscription, ofPractice),
		"keepSubscription":     give(commands.KeepSubscription, ofPractice),
		"replacePaymentMethod": charging(give(commands.ReplacePaymentMethod, ofPractice)),
		"collectCharge": charging(give(commands.StartCollection, completed(func(in *input, c *group.StartCollection) {
			c.Charge = named[id.SeatCharge](in, "seatCharge")
		}))),

		"purchaseLicences":       charging(give(commands.PurchaseLicences, asSent)),
		"assignLicence":          command(assignLicence),
		"unassignLicence":        give(commands.UnassignLicence, completed(func(in *input, c *group.UnassignLicence) { c.Licence = onLicence(in) })),
		"changeLicencePlan":      charging(give(commands.ChangeLicencePlan, completed(func(in *input, c *group.ChangeLicencePlan) { c.Licence = onLicence(in) }))),
		"scheduleLicenceRelease": give(commands.ScheduleLicenceRelease, completed(func(in *input, c *group.ScheduleLicenceRelease) { c.Licence = onLicence(in) })),
		"cancelLicenceRelease":   give(commands.CancelRelease, completed(func(in *input, c *group.CancelRelease) { c.Licence = onLicence(in) })),
		"releaseLicenceNow":      charging(give(commands.ReleaseLicenceNow, completed(func(in *input, c *group.ReleaseLicenceNow) { c.Licence = onLicence(in) }))),

		"submitTraineeProof": give(commands.SubmitTraineeProof, completed(func(in *input, c *group.SubmitTraineeProof) {
			c.Proof, c.Member = made[id.TraineeProof](in, "proof"), pathID[id.Member](in.exchange, "member")
		})),
		"submitProofBeforeInvited": give(commands.SubmitTraineeProof, func(in *input, b proofOfInvited) group.SubmitTraineeProof {
			email := parsed(in.exchange, text.Email("e-mail address", 254).Read, b.Email)
			b.Proof, b.EmailHash = made[id.TraineeProof](in, "proof"), commands.EmailHash(email)
			return b.SubmitTraineeProof
		}),
		"verifyTraineeProof": give(commands.VerifyTraineeProof, completed(func(in *input, c *group.VerifyTraineeProof) {
			c.Proof = named[id.TraineeProof](in, "proof")
		})),

		"publishPrices": give(commands.PublishPrices, completed(func(in *input, c *pricing.Publish) {
			c.Currency = parsed(in.exchange, money.ParseCurrency, in.inPath("currency"))
			in.about = string(c.Currency)
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

func startSubscription(in *input, b newSubscription) group.StartSubscription {
	in.naming(in.call.Group)
	return group.StartSubscription{Seats: b.Seats, QuotedTotal: b.QuotedTotal, Method: b.PaymentMethod.Method, Label: b.PaymentMethod.Label}
}

// onLicence is the licence that the path names.
func onLicence(in *input) id.Licence { return named[id.Licence](in, "licence") }

type newHolder struct {
	Member     id.Member        `json:"member"`
	Profession pricing.Category `json:"profession"`
	// Move takes the licence from its present holder.
	Move bool `json:"move"`
}

func assignLicence(in *input, b newHolder) (commands.Receipt, error) {
	l := onLicence(in)
	switch {
	case in.err != nil:
		return commands.Receipt{}, in.err
	case b.Move:
		return commands.MoveLicence.Give(in.ctx(), in.api.Engine, in.call, group.MoveLicence{Licence: l, To: b.Member, Profession: b.Profession})
	default:
		return commands.AssignLicence.Give(in.ctx(), in.api.Engine, in.call, group.AssignLicence{Licence: l, Member: b.Member, Profession: b.Profession})
	}
}

// proofOfInvited is a proof of somebody who is not a member yet.
type proofOfInvited struct {
	Email string `json:"email"`
	group.SubmitTraineeProof
}

// charging marks a command that leads to charges: its receipt says whether money
// moves.
func charging(h handler) handler {
	return func(x *exchange) error {
		x.cardMode = x.api.Cards.Mode()
		return h(x)
	}
}
