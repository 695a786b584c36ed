package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// What is about licences and their money is the owner's matter: members without the
// permission are answered so.

// sampleSeats are the seats of the samples.
var sampleSeats = []group.Seat{{Member: sampleID[id.Member]("clinician"), Plan: pricing.TherapistBasic, Profession: pricing.Therapist}}

// StartSubscription begins to charge the practice, with a licence for every
// present clinician.
var StartSubscription = declare(groupSpec[group.StartSubscription, priceList]{
	On: onGroup, Name: "group.start_subscription", Operation: "startSubscription", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.StartSubscription{Seats: sampleSeats, QuotedTotal: money.Money{Currency: "USD"}},
	Facts:  prices[group.StartSubscription], Decide: priced(group.StartSubscription.Decide), First: publishFirst[group.StartSubscription],
})

// StartTrial starts the subscription with the owner's own trial (L-10, L-11),
// which began when they joined and lasts Config.OwnTrial.
var StartTrial = declare(groupSpec[group.StartTrial, trialAt]{
	On: onGroup, Name: "group.start_trial", Operation: "startTrial", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.StartTrial{Seats: sampleSeats},
	Facts: func(ctx context.Context, w *World, g id.Group, c group.StartTrial) (f trialAt, err error) {
		w.Group(func(g group.State) {
			if owner, known := g.Member(g.Owner()); known && w.engine.config.OwnTrial > 0 {
				f.ownerEnds = owner.JoinedAt.Add(w.engine.config.OwnTrial)
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

// PurchaseLicences buys licences on one plan at the total that was shown.
var PurchaseLicences = declare(groupSpec[group.PurchaseLicences, priceList]{
	On: onGroup, Name: "group.purchase_licences", Operation: "purchaseLicences", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.PurchaseLicences{Plan: pricing.TherapistBasic, Quantity: 1, QuotedTotal: money.Money{Minor: 4900, Currency: "USD"}},
	Facts:  prices[group.PurchaseLicences], Decide: priced(group.PurchaseLicences.Decide), First: publishFirst[group.PurchaseLicences],
})

// ChangeLicencePlan puts a licence on another plan, now or with the next period.
var ChangeLicencePlan = declare(groupSpec[group.ChangeLicencePlan, priceList]{
	On: onGroup, Name: "group.change_licence_plan", Operation: "changeLicencePlan", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.ChangeLicencePlan{Licence: sampleID[id.Licence]("licence"), Plan: pricing.TherapistPremium, QuotedTotal: money.Money{Minor: 2000, Currency: "USD"}},
	Facts:  prices[group.ChangeLicencePlan], Decide: priced(group.ChangeLicencePlan.Decide), First: publishFirst[group.ChangeLicencePlan],
})

// AssignLicence gives a free licence to a member, who becomes a clinician by it.
var AssignLicence = declare(groupSpec[group.AssignLicence, None]{
	On: onGroup, Name: "group.assign_licence", Operation: "assignLicence", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.AssignLicence{Licence: sampleID[id.Licence]("licence"), Member: sampleID[id.Member]("administrator")},
	Decide: alone(group.AssignLicence.Decide),
})

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

// UnassignLicence frees a licence whose holder no longer treats patients.
var UnassignLicence = declare(groupSpec[group.UnassignLicence, []group.ChartFacts]{
	On: onGroup, Name: "group.unassign_licence", Operation: "unassignLicence", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.UnassignLicence{Licence: sampleID[id.Licence]("licence")},
	Facts:  charts[group.UnassignLicence], Decide: func(c group.UnassignLicence, s group.State, charts []group.ChartFacts, now time.Time) ([]group.Event, error) {
		return c.Decide(s, chartsOfHolder(s, c.Licence, charts), now)
	},
})

// MoveLicence takes a licence from its holder and gives it to another member.
var MoveLicence = declare(groupSpec[group.MoveLicence, []group.ChartFacts]{
	On: onGroup, Name: "group.move_licence", Operation: "assignLicence", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.MoveLicence{Licence: sampleID[id.Licence]("licence"), To: sampleID[id.Member]("administrator")},
	Facts:  charts[group.MoveLicence], Decide: func(c group.MoveLicence, s group.State, charts []group.ChartFacts, now time.Time) ([]group.Event, error) {
		return c.Decide(s, chartsOfHolder(s, c.Licence, charts), now)
	},
})

// ScheduleLicenceRelease gives a free licence up at the end of the period.
var ScheduleLicenceRelease = declare(groupSpec[group.ScheduleLicenceRelease, None]{
	On: onGroup, Name: "group.schedule_licence_release", Operation: "scheduleLicenceRelease", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.ScheduleLicenceRelease{Licence: sampleID[id.Licence]("licence")},
	Decide: alone(group.ScheduleLicenceRelease.Decide),
})

// ReleaseLicenceNow gives a free licence up today and pays its unused days back,
// where the price book says so.
var ReleaseLicenceNow = declare(groupSpec[group.ReleaseLicenceNow, priceList]{
	On: onGroup, Name: "group.release_licence_now", Operation: "releaseLicenceNow", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.ReleaseLicenceNow{Licence: sampleID[id.Licence]("licence")},
	Facts:  prices[group.ReleaseLicenceNow], Decide: priced(group.ReleaseLicenceNow.Decide), First: publishFirst[group.ReleaseLicenceNow],
})

// CancelSubscription lets the subscription end with the period, or the trial.
var CancelSubscription = declare(groupSpec[group.CancelSubscription, None]{
	On: onGroup, Name: "group.cancel_subscription", Operation: "cancelSubscription", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.CancelSubscription.Decide),
})

// KeepSubscription calls off a cancellation that was scheduled.
var KeepSubscription = declare(groupSpec[group.KeepSubscription, None]{
	On: onGroup, Name: "group.keep_subscription", Operation: "keepSubscription", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Decide: alone(group.KeepSubscription.Decide),
})

// CancelRelease keeps a licence that was to be released.
var CancelRelease = declare(groupSpec[group.CancelRelease, None]{
	On: onGroup, Name: "group.cancel_release", Operation: "cancelLicenceRelease", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.CancelRelease{Licence: sampleID[id.Licence]("licence")},
	Decide: alone(group.CancelRelease.Decide),
})

// ReplacePaymentMethod names what is charged from now on.
var ReplacePaymentMethod = declare(groupSpec[group.ReplacePaymentMethod, None]{
	On: onGroup, Name: "group.replace_payment_method", Operation: "replacePaymentMethod", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.ReplacePaymentMethod{Method: "pm_2"},
	Decide: alone(group.ReplacePaymentMethod.Decide),
})

// submitProof keeps a claim about a member, or about somebody who is not yet invited.
func submitProof(operation string) groupSpec[group.SubmitTraineeProof, id.Member] {
	return groupSpec[group.SubmitTraineeProof, id.Member]{
		On: onGroup, Name: "group.submit_trainee_proof", Operation: operation, Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
		Sample: group.SubmitTraineeProof{
			Member: sampleID[id.Member]("member"), Kind: pricing.NonPrescriberTrainee, Programme: "Internship",
			ValidFrom: civil.MustDate("2026-03-01"), ValidUntil: civil.MustDate("2026-12-31"), DocHash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		},
		Facts: acting[group.SubmitTraineeProof], Decide: group.SubmitTraineeProof.Decide,
	}
}

var (
	submitTraineeProof       = declare(submitProof("submitTraineeProof"))
	submitProofBeforeInvited = declare(submitProof("submitProofBeforeInvited"))
)

// SubmitTraineeProof keeps a claim that somebody is in training.
var SubmitTraineeProof = &Command[group.SubmitTraineeProof]{
	submitTraineeProof.Description,
	func(ctx context.Context, e *Engine, call Call, c group.SubmitTraineeProof) (Receipt, error) {
		if c.Member.IsZero() {
			return submitProofBeforeInvited.Give(ctx, e, call, c)
		}
		return submitTraineeProof.Give(ctx, e, call, c)
	},
}

// VerifyTraineeProof says that a proof was checked, by somebody else than the trainee.
var VerifyTraineeProof = declare(groupSpec[group.VerifyTraineeProof, id.Member]{
	On: onGroup, Name: "group.verify_trainee_proof", Operation: "verifyTraineeProof", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.VerifyTraineeProof{Proof: sampleID[id.TraineeProof]("proof"), Accredited: true},
	Facts:  acting[group.VerifyTraineeProof], Decide: group.VerifyTraineeProof.Decide,
})
