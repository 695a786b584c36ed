package httpapi

import (
	"praxis/commands"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

func (a *api) subscriptionHandlers() map[string]handler {
	return map[string]handler{
		"getSubscription":          a.getSubscription,
		"quoteSubscription":        a.quoteSubscription,
		"startSubscription":        charging(command(a.startSubscription)),
		"startTrial":               command(a.startTrial),
		"quoteLicences":            a.quoteLicences,
		"purchaseLicences":         charging(command(a.purchaseLicences)),
		"assignLicence":            command(a.assignLicence),
		"unassignLicence":          command(a.unassignLicence),
		"quotePlanChange":          a.quotePlanChange,
		"changeLicencePlan":        charging(command(a.changeLicencePlan)),
		"scheduleLicenceRelease":   command(a.scheduleLicenceRelease),
		"cancelLicenceRelease":     command(a.cancelLicenceRelease),
		"releaseLicenceNow":        charging(command(a.releaseLicenceNow)),
		"cancelSubscription":       command(a.cancelSubscription),
		"keepSubscription":         command(a.keepSubscription),
		"replacePaymentMethod":     charging(command(a.replacePaymentMethod)),
		"listSubscriptionCharges":  a.listSubscriptionCharges,
		"getSubscriptionCharge":    a.getSubscriptionCharge,
		"listLicences":             a.listLicences,
		"getLicence":               a.getLicence,
		"seatLedger":               a.seatLedger,
		"collectCharge":            charging(command(a.collectCharge)),
		"getTraineeProof":          a.getTraineeProof,
		"submitTraineeProof":       command(a.submitTraineeProof),
		"submitProofBeforeInvited": command(a.submitProofBeforeInvited),
		"verifyTraineeProof":       command(a.verifyTraineeProof),
	}
}

type paymentMethod struct {
	Method string `json:"method"`
	Label  string `json:"label"`
}

type newSubscription struct {
	Seats         []group.Seat   `json:"seats"`
	PaymentMethod *paymentMethod `json:"paymentMethod"`
	QuotedTotal   money.Money    `json:"quotedTotal"`
}

func (a *api) startSubscription(x *exchange, call commands.Call, b newSubscription) (string, commands.Receipt, error) {
	c := group.StartSubscription{Seats: b.Seats, QuotedTotal: b.QuotedTotal}
	if b.PaymentMethod != nil {
		c.Method, c.Label = b.PaymentMethod.Method, b.PaymentMethod.Label
	}
	receipt, err := a.Engine.StartSubscription(x.ctx(), call, c)
	return call.Group.String(), receipt, err
}

type newTrial struct {
	Seats []group.Seat `json:"seats"`
}

func (a *api) startTrial(x *exchange, call commands.Call, b newTrial) (string, commands.Receipt, error) {
	receipt, err := a.Engine.StartTrial(x.ctx(), call, group.StartTrial{Seats: b.Seats})
	return call.Group.String(), receipt, err
}

func (a *api) replacePaymentMethod(x *exchange, call commands.Call, b paymentMethod) (string, commands.Receipt, error) {
	receipt, err := a.Engine.ReplacePaymentMethod(x.ctx(), call, group.ReplacePaymentMethod{Method: b.Method, Label: b.Label})
	return call.Group.String(), receipt, err
}

func (a *api) purchaseLicences(x *exchange, call commands.Call, b group.PurchaseLicences) (string, commands.Receipt, error) {
	receipt, err := a.Engine.PurchaseLicences(x.ctx(), call, b)
	return "", receipt, err
}

// onLicence reads the licence from the path and answers with its id.
func onLicence(x *exchange, run func(id.Licence) (commands.Receipt, error)) (string, commands.Receipt, error) {
	licence, err := pathID[id.Licence](x, "licence")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := run(licence)
	return licence.String(), receipt, err
}

type newHolder struct {
	Member     id.Member        `json:"member"`
	Profession pricing.Category `json:"profession"`
	// Move takes the licence from whoever holds it.
	Move bool `json:"move"`
}

func (a *api) assignLicence(x *exchange, call commands.Call, b newHolder) (string, commands.Receipt, error) {
	return onLicence(x, func(l id.Licence) (commands.Receipt, error) {
		if b.Move {
			return a.Engine.MoveLicence(x.ctx(), call, group.MoveLicence{Licence: l, To: b.Member, Profession: b.Profession})
		}
		return a.Engine.AssignLicence(x.ctx(), call, group.AssignLicence{Licence: l, Member: b.Member, Profession: b.Profession})
	})
}

func (a *api) unassignLicence(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onLicence(x, func(l id.Licence) (commands.Receipt, error) {
		return a.Engine.UnassignLicence(x.ctx(), call, group.UnassignLicence{Licence: l})
	})
}

type newPlan struct {
	Plan        pricing.PlanID `json:"plan"`
	QuotedTotal money.Money    `json:"quotedTotal"`
}

func (a *api) changeLicencePlan(x *exchange, call commands.Call, b newPlan) (string, commands.Receipt, error) {
	return onLicence(x, func(l id.Licence) (commands.Receipt, error) {
		return a.Engine.ChangeLicencePlan(x.ctx(), call, group.ChangeLicencePlan{Licence: l, Plan: b.Plan, QuotedTotal: b.QuotedTotal})
	})
}

func (a *api) scheduleLicenceRelease(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onLicence(x, func(l id.Licence) (commands.Receipt, error) {
		return a.Engine.ScheduleLicenceRelease(x.ctx(), call, group.ScheduleLicenceRelease{Licence: l})
	})
}

func (a *api) cancelLicenceRelease(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onLicence(x, func(l id.Licence) (commands.Receipt, error) {
		return a.Engine.CancelRelease(x.ctx(), call, group.CancelRelease{Licence: l})
	})
}

func (a *api) releaseLicenceNow(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onLicence(x, func(l id.Licence) (commands.Receipt, error) {
		return a.Engine.ReleaseLicenceNow(x.ctx(), call, group.ReleaseLicenceNow{Licence: l})
	})
}

func (a *api) cancelSubscription(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.CancelSubscription(x.ctx(), call, group.CancelSubscription{})
	return call.Group.String(), receipt, err
}

func (a *api) keepSubscription(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.KeepSubscription(x.ctx(), call, group.KeepSubscription{})
	return call.Group.String(), receipt, err
}

func (a *api) collectCharge(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	charge, err := pathID[id.SeatCharge](x, "seatCharge")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.StartCollection(x.ctx(), call, group.StartCollection{Charge: charge})
	return charge.String(), receipt, err
}

type newProof struct {
	Email      string              `json:"email"`
	Kind       pricing.TraineeKind `json:"kind"`
	Programme  string              `json:"programme"`
	ValidFrom  civil.Date          `json:"validFrom"`
	ValidUntil civil.Date          `json:"validUntil"`
	DocHash    string              `json:"docHash"`
}

func (a *api) submitTraineeProof(x *exchange, call commands.Call, b newProof) (string, commands.Receipt, error) {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return a.submitProof(x, call, b, group.SubmitTraineeProof{Member: member})
}

func (a *api) submitProofBeforeInvited(x *exchange, call commands.Call, b newProof) (string, commands.Receipt, error) {
	email, err := text.Email("e-mail address", 254).Read(b.Email)
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return a.submitProof(x, call, b, group.SubmitTraineeProof{EmailHash: commands.EmailHash(email)})
}

func (a *api) submitProof(x *exchange, call commands.Call, b newProof, of group.SubmitTraineeProof) (string, commands.Receipt, error) {
	of.Proof, of.Kind, of.Programme = practiceThing[id.TraineeProof](call, "proof"), b.Kind, b.Programme
	of.ValidFrom, of.ValidUntil, of.DocHash = b.ValidFrom, b.ValidUntil, b.DocHash
	receipt, err := a.Engine.SubmitTraineeProof(x.ctx(), call, of)
	return of.Proof.String(), receipt, err
}

type finding struct {
	Accredited bool `json:"accredited"`
}

func (a *api) verifyTraineeProof(x *exchange, call commands.Call, b finding) (string, commands.Receipt, error) {
	proof, err := pathID[id.TraineeProof](x, "proof")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.VerifyTraineeProof(x.ctx(), call, group.VerifyTraineeProof{Proof: proof, Accredited: b.Accredited})
	return proof.String(), receipt, err
}
