package commands

import (
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// errProcessOnly refuses people what only the clock and the payment processor may say.
var errProcessOnly = fault.New(fault.Forbidden, "process_only", "This is done by Praxis' own processes only.")

// ExpireTrial ends the trial when its end is reached, and charges the first period.
var ExpireTrial = declare(groupSpec[group.ExpireTrial, priceList]{
	On: onGroup, Name: "group.expire_trial", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Actors: ProcessesOnly,
	Facts:  prices[group.ExpireTrial], Decide: priced(group.ExpireTrial.Decide), First: publishFirst[group.ExpireTrial],
})

// RollBillingPeriod starts the next period once the present one is over, and
// charges it. After a long silence it is given once per period missed, each time
// with a command id of its own.
var RollBillingPeriod = declare(groupSpec[group.RollBillingPeriod, priceList]{
	On: onGroup, Name: "group.roll_billing_period", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Actors: ProcessesOnly,
	Facts:  prices[group.RollBillingPeriod], Decide: priced(group.RollBillingPeriod.Decide), First: publishFirst[group.RollBillingPeriod],
})

// WatchTraineeProofs warns before proofs of training end, and says when they have.
var WatchTraineeProofs = declare(groupSpec[group.WatchTraineeProofs, None]{
	On: onGroup, Name: "group.watch_trainee_proofs", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Actors: ProcessesOnly,
	Decide: alone(group.WatchTraineeProofs.Decide),
})

// StartCollection closes a charge and fixes what the payment processor is asked
// for. A process gives it when a charge is due; who may buy licences gives it to use
// them at once.
var StartCollection = declare(groupSpec[group.StartCollection, None]{
	On: onGroup, Name: "group.start_collection", Operation: "collectCharge", Needs: access.LicencePurchase, Denied: group.ErrLicencesOwnerOnly,
	Sample: group.StartCollection{Charge: sampleID[id.SeatCharge]("seat charge")},
	Decide: alone(group.StartCollection.Decide),
})

// RecordCollection says how an attempt ended, as the payment processor reports it.
var RecordCollection = declare(groupSpec[group.RecordCollection, priceList]{
	On: onGroup, Name: "group.record_collection", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Actors: ProcessesOnly, Lifecycle: ClosedToo,
	Facts: prices[group.RecordCollection], Decide: priced(group.RecordCollection.Decide), First: publishFirst[group.RecordCollection],
})

// RecordRefund records the outcome of a refund, as the payment processor
// reports it.
var RecordRefund = declare(groupSpec[group.RecordRefund, None]{
	On: onGroup, Name: "group.record_refund", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Actors: ProcessesOnly, Lifecycle: ClosedToo,
	Decide: alone(group.RecordRefund.Decide),
})

// CancelUnpaid undoes one purchase that stayed unpaid; the clock comes again for
// the next.
var CancelUnpaid = declare(groupSpec[group.CancelUnpaid, None]{
	On: onGroup, Name: "group.cancel_unpaid", Needs: access.SubscriptionManage, Denied: group.ErrLicencesOwnerOnly,
	Actors: ProcessesOnly,
	Decide: alone(group.CancelUnpaid.Decide),
})
