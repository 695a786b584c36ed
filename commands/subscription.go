package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// What is about licences and their money is the owner's matter: members without the
// permission are answered so.

var startSubscription = declare(groupSpec[group.StartSubscription, priceList]{
	On: onGroup, Name: "group.start_subscription", Operation: "startSubscription", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Facts: prices[group.StartSubscription], Decide: priced(group.StartSubscription.Decide), First: publishFirst[group.StartSubscription],
})

// StartSubscription begins to charge the practice, with a licence for every
// present clinician.
func (e *Engine) StartSubscription(ctx context.Context, call Call, c group.StartSubscription) (Receipt, error) {
	return startSubscription.do(ctx, e, call, call.Group, c)
}

var startTrial = declare(groupSpec[group.StartTrial, trialAt]{
	On: onGroup, Name: "group.start_trial", Operation: "startTrial", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Facts: func(ctx context.Context, w *World, g id.Group, c group.StartTrial) (f trialAt, err error) {
		w.Practice(func(g group.State) {
			if owner, known := g.Member(g.Owner()); known && w.engine.ownTrial > 0 {
				f.ownerEnds = owner.JoinedAt.Add(w.engine.ownTrial)
			}
		})
		f.priceList, err = prices(ctx, w, g, c)
		return f, err
	},
	Decide: func(c group.StartTrial, s group.State, f trialAt, now time.Time) ([]group.Event, error) {
		return c.Decide(s, group.TrialFacts{OwnerTrialEnds: f.ownerEnds, Book: f.book}, now)
	},
	First: func(ctx context.Context, w *World, g id.Group, c group.StartTrial, f trialAt, events []group.Event) error {
		return publishFirst(ctx, w, g, c, f.priceList, events)
	},
})

// trialAt are the prices, and when the owner's own trial ends.
type trialAt struct {
	priceList
	ownerEnds time.Time
}

// StartTrial starts the subscription with the owner's own trial (L-10, L-11),
// which began when they joined and lasts Config.OwnTrial.
func (e *Engine) StartTrial(ctx context.Context, call Call, c group.StartTrial) (Receipt, error) {
	return startTrial.do(ctx, e, call, call.Group, c)
}

var purchaseLicences = declare(groupSpec[group.PurchaseLicences, priceList]{
	On: onGroup, Name: "group.purchase_licences", Operation: "purchaseLicences", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Facts: prices[group.PurchaseLicences], Decide: priced(group.PurchaseLicences.Decide), First: publishFirst[group.PurchaseLicences],
})

// PurchaseLicences buys licences on one plan at the total that was shown.
func (e *Engine) PurchaseLicences(ctx context.Context, call Call, c group.PurchaseLicences) (Receipt, error) {
	return purchaseLicences.do(ctx, e, call, call.Group, c)
}

var changeLicencePlan = declare(groupSpec[group.ChangeLicencePlan, priceList]{
	On: onGroup, Name: "group.change_licence_plan", Operation: "changeLicencePlan", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Facts: prices[group.ChangeLicencePlan], Decide: priced(group.ChangeLicencePlan.Decide), First: publishFirst[group.ChangeLicencePlan],
})

// ChangeLicencePlan puts a licence on another plan, now or with the next period.
func (e *Engine) ChangeLicencePlan(ctx context.Context, call Call, c group.ChangeLicencePlan) (Receipt, error) {
	return changeLicencePlan.do(ctx, e, call, call.Group, c)
}

var assignLicence = declare(groupSpec[group.AssignLicence, None]{
	On: onGroup, Name: "group.assign_licence", Operation: "assignLicence", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.AssignLicence.Decide),
})

// AssignLicence gives a free licence to a member, who becomes a clinician by it.
func (e *Engine) AssignLicence(ctx context.Context, call Call, c group.AssignLicence) (Receipt, error) {
	return assignLicence.do(ctx, e, call, call.Group, c)
}

// charts are the practice's, for what takes a licence away: only when it is decided is
// it known whose charts count. Fault: "rosters_unavailable".
func charts[C any](ctx context.Context, w *World, g id.Group, _ C) ([]group.ChartFacts, error) {
	return w.engine.needRoster(ctx, g)
}

// chartsOfHolder counts the charts whose primary holds a licence.
func chartsOfHolder(s group.State, l id.Licence, charts []group.ChartFacts) int {
	licence, _ := s.Licence(l)
	return primaryOf(charts, licence.Holder)
}

var unassignLicence = declare(groupSpec[group.UnassignLicence, []group.ChartFacts]{
	On: onGroup, Name: "group.unassign_licence", Operation: "unassignLicence", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Facts: charts[group.UnassignLicence], Decide: func(c group.UnassignLicence, s group.State, charts []group.ChartFacts, now time.Time) ([]group.Event, error) {
		return c.Decide(s, chartsOfHolder(s, c.Licence, charts), now)
	},
})

// UnassignLicence frees a licence whose holder no longer treats patients.
func (e *Engine) UnassignLicence(ctx context.Context, call Call, c group.UnassignLicence) (Receipt, error) {
	return unassignLicence.do(ctx, e, call, call.Group, c)
}

var moveLicence = declare(groupSpec[group.MoveLicence, []group.ChartFacts]{
	On: onGroup, Name: "group.move_licence", Operation: "assignLicence", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Facts: charts[group.MoveLicence], Decide: func(c group.MoveLicence, s group.State, charts []group.ChartFacts, now time.Time) ([]group.Event, error) {
		return c.Decide(s, chartsOfHolder(s, c.Licence, charts), now)
	},
})

// MoveLicence takes a licence from its holder and gives it to another member.
func (e *Engine) MoveLicence(ctx context.Context, call Call, c group.MoveLicence) (Receipt, error) {
	return moveLicence.do(ctx, e, call, call.Group, c)
}

var scheduleLicenceRelease = declare(groupSpec[group.ScheduleLicenceRelease, None]{
	On: onGroup, Name: "group.schedule_licence_release", Operation: "scheduleLicenceRelease", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.ScheduleLicenceRelease.Decide),
})

// ScheduleLicenceRelease gives a free licence up at the end of the period.
func (e *Engine) ScheduleLicenceRelease(ctx context.Context, call Call, c group.ScheduleLicenceRelease) (Receipt, error) {
	return scheduleLicenceRelease.do(ctx, e, call, call.Group, c)
}

var releaseLicenceNow = declare(groupSpec[group.ReleaseLicenceNow, priceList]{
	On: onGroup, Name: "group.release_licence_now", Operation: "releaseLicenceNow", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Facts: prices[group.ReleaseLicenceNow], Decide: priced(group.ReleaseLicenceNow.Decide), First: publishFirst[group.ReleaseLicenceNow],
})

// ReleaseLicenceNow gives a free licence up today and pays its unused days back,
// where the price book says so.
func (e *Engine) ReleaseLicenceNow(ctx context.Context, call Call, c group.ReleaseLicenceNow) (Receipt, error) {
	return releaseLicenceNow.do(ctx, e, call, call.Group, c)
}

var cancelSubscription = declare(groupSpec[group.CancelSubscription, None]{
	On: onGroup, Name: "group.cancel_subscription", Operation: "cancelSubscription", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.CancelSubscription.Decide),
})

// CancelSubscription lets the subscription end with the period, or the trial.
func (e *Engine) CancelSubscription(ctx context.Context, call Call, c group.CancelSubscription) (Receipt, error) {
	return cancelSubscription.do(ctx, e, call, call.Group, c)
}

var keepSubscription = declare(groupSpec[group.KeepSubscription, None]{
	On: onGroup, Name: "group.keep_subscription", Operation: "keepSubscription", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.KeepSubscription.Decide),
})

// KeepSubscription calls off a cancellation that was scheduled.
func (e *Engine) KeepSubscription(ctx context.Context, call Call, c group.KeepSubscription) (Receipt, error) {
	return keepSubscription.do(ctx, e, call, call.Group, c)
}

var cancelRelease = declare(groupSpec[group.CancelRelease, None]{
	On: onGroup, Name: "group.cancel_release", Operation: "cancelLicenceRelease", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.CancelRelease.Decide),
})

// CancelRelease keeps a licence that was to be released.
func (e *Engine) CancelRelease(ctx context.Context, call Call, c group.CancelRelease) (Receipt, error) {
	return cancelRelease.do(ctx, e, call, call.Group, c)
}

var replacePaymentMethod = declare(groupSpec[group.ReplacePaymentMethod, None]{
	On: onGroup, Name: "group.replace_payment_method", Operation: "replacePaymentMethod", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.ReplacePaymentMethod.Decide),
})

// ReplacePaymentMethod names what is charged from now on.
func (e *Engine) ReplacePaymentMethod(ctx context.Context, call Call, c group.ReplacePaymentMethod) (Receipt, error) {
	return replacePaymentMethod.do(ctx, e, call, call.Group, c)
}

// submitProof keeps a claim about a member, or about somebody who is not yet invited.
func submitProof(operation string) groupSpec[group.SubmitTraineeProof, id.Member] {
	return groupSpec[group.SubmitTraineeProof, id.Member]{
		On: onGroup, Name: "group.submit_trainee_proof", Operation: operation, Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
		Facts: acting[group.SubmitTraineeProof], Decide: group.SubmitTraineeProof.Decide,
	}
}

var (
	submitTraineeProof       = declare(submitProof("submitTraineeProof"))
	submitProofBeforeInvited = declare(submitProof("submitProofBeforeInvited"))
)

// SubmitTraineeProof keeps a claim that somebody is in training.
func (e *Engine) SubmitTraineeProof(ctx context.Context, call Call, c group.SubmitTraineeProof) (Receipt, error) {
	if c.Member.IsZero() {
		return submitProofBeforeInvited.do(ctx, e, call, call.Group, c)
	}
	return submitTraineeProof.do(ctx, e, call, call.Group, c)
}

var verifyTraineeProof = declare(groupSpec[group.VerifyTraineeProof, id.Member]{
	On: onGroup, Name: "group.verify_trainee_proof", Operation: "verifyTraineeProof", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Facts: acting[group.VerifyTraineeProof], Decide: group.VerifyTraineeProof.Decide,
})

// VerifyTraineeProof says that a proof was checked, by somebody else than the trainee.
func (e *Engine) VerifyTraineeProof(ctx context.Context, call Call, c group.VerifyTraineeProof) (Receipt, error) {
	return verifyTraineeProof.do(ctx, e, call, call.Group, c)
}
