package httpapi

import (
	"github.com/gorilla/mux"

	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

// subscriptionHandlers are those of what a practice pays for Praxis, and of its prices.
func (a *api) subscriptionHandlers() map[string]handler {
	return map[string]handler{
		"getSubscription":         a.getSubscription,
		"quoteSubscription":       a.quoteSubscription,
		"quoteLicences":           a.quoteLicences,
		"quotePlanChange":         a.quotePlanChange,
		"listSubscriptionCharges": a.listSubscriptionCharges,
		"getSubscriptionCharge":   a.getSubscriptionCharge,
		"listLicences":            a.listLicences,
		"getLicence":              a.getLicence,
		"seatLedger":              a.seatLedger,
		"getTraineeProof":         a.getTraineeProof,
		"getPriceBook":            a.getPriceBook,

		"startSubscription":    charging(give(commands.StartSubscription, startSubscription)),
		"startTrial":           give(commands.StartTrial, ofPractice),
		"cancelSubscription":   give(commands.CancelSubscription, ofPractice),
		"keepSubscription":     give(commands.KeepSubscription, ofPractice),
		"replacePaymentMethod": charging(give(commands.ReplacePaymentMethod, ofPractice)),
		"collectCharge": charging(give(commands.StartCollection, completed(func(in *input, c *group.StartCollection) {
			c.Charge = named[id.SeatCharge](in, "seatCharge")
		}))),

		"purchaseLicences":       charging(give(commands.PurchaseLicences, asSent)),
		"assignLicence":          command(a.assignLicence),
		"unassignLicence":        give(commands.UnassignLicence, completed(func(in *input, c *group.UnassignLicence) { c.Licence = onLicence(in) })),
		"changeLicencePlan":      charging(give(commands.ChangeLicencePlan, completed(func(in *input, c *group.ChangeLicencePlan) { c.Licence = onLicence(in) }))),
		"scheduleLicenceRelease": give(commands.ScheduleLicenceRelease, completed(func(in *input, c *group.ScheduleLicenceRelease) { c.Licence = onLicence(in) })),
		"cancelLicenceRelease":   give(commands.CancelRelease, completed(func(in *input, c *group.CancelRelease) { c.Licence = onLicence(in) })),
		"releaseLicenceNow":      charging(give(commands.ReleaseLicenceNow, completed(func(in *input, c *group.ReleaseLicenceNow) { c.Licence = onLicence(in) }))),

		"submitTraineeProof": give(commands.SubmitTraineeProof, completed(func(in *input, c *group.SubmitTraineeProof) {
			c.Proof, c.Member = made[id.TraineeProof](in, "proof"), read[id.Member](in, "member")
		})),
		"submitProofBeforeInvited": give(commands.SubmitTraineeProof, func(in *input, b proofOfInvited) group.SubmitTraineeProof {
			email, err := text.Email("e-mail address", 254).Read(b.Email)
			in.fail(err)
			b.Proof, b.EmailHash = made[id.TraineeProof](in, "proof"), commands.EmailHash(email)
			return b.SubmitTraineeProof
		}),
		"verifyTraineeProof": give(commands.VerifyTraineeProof, completed(func(in *input, c *group.VerifyTraineeProof) {
			c.Proof = named[id.TraineeProof](in, "proof")
		})),

		"publishPrices": give(commands.PublishPrices, completed(func(in *input, c *pricing.Publish) {
			var err error
			c.Currency, err = money.ParseCurrency(mux.Vars(in.r)["currency"])
			in.fail(err)
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

func (a *api) assignLicence(in *input, b newHolder) (commands.Receipt, error) {
	l := onLicence(in)
	switch {
	case in.err != nil:
		return commands.Receipt{}, in.err
	case b.Move:
		return commands.MoveLicence.Give(in.ctx(), a.Engine, in.call, group.MoveLicence{Licence: l, To: b.Member, Profession: b.Profession})
	default:
		return commands.AssignLicence.Give(in.ctx(), a.Engine, in.call, group.AssignLicence{Licence: l, Member: b.Member, Profession: b.Profession})
	}
}

// proofOfInvited is a proof of somebody who is not a member yet.
type proofOfInvited struct {
	Email string `json:"email"`
	group.SubmitTraineeProof
}
