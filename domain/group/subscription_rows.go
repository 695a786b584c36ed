package group

import (
	"slices"

	"praxis/domain/es"
)

func (SubscriptionStarted) isEvent()               {}
func (SubscriptionCancellationScheduled) isEvent() {}
func (SubscriptionKept) isEvent()                  {}
func (SubscriptionCancelled) isEvent()             {}
func (ChargeCredited) isEvent()                    {}
func (TrialStarted) isEvent()                      {}
func (TrialExpired) isEvent()                      {}
func (BillingPeriodStarted) isEvent()              {}
func (SubscriptionCharged) isEvent()               {}
func (ProratedChargeRaised) isEvent()              {}
func (ChargeLinesAdded) isEvent()                  {}
func (CollectionStarted) isEvent()                 {}
func (ChargeCollected) isEvent()                   {}
func (ChargeFailed) isEvent()                      {}
func (ChargeCancelled) isEvent()                   {}
func (PaymentMethodReplaced) isEvent()             {}
func (OvertakenAttemptFailed) isEvent()            {}
func (RefundDue) isEvent()                         {}
func (ChargeRefunded) isEvent()                    {}
func (RefundFailed) isEvent()                      {}
func (LicencesPurchased) isEvent()                 {}
func (LicencesActivated) isEvent()                 {}
func (LicencePurchaseCancelled) isEvent()          {}
func (LicenceReserved) isEvent()                   {}
func (LicenceUnreserved) isEvent()                 {}
func (LicenceAssigned) isEvent()                   {}
func (LicenceUnassigned) isEvent()                 {}
func (ProfessionRecorded) isEvent()                {}
func (ClinicalWorkStarted) isEvent()               {}
func (ClinicalWorkEnded) isEvent()                 {}
func (LicencePlanChanged) isEvent()                {}
func (PlanChangeScheduled) isEvent()               {}
func (PlanChangeCancelled) isEvent()               {}
func (LicenceReleaseScheduled) isEvent()           {}
func (LicenceReleaseCancelled) isEvent()           {}
func (LicencesReleased) isEvent()                  {}
func (LicencesRepriced) isEvent()                  {}
func (TraineeProofSubmitted) isEvent()             {}
func (TraineeProofVerified) isEvent()              {}
func (TraineeProofExpiring) isEvent()              {}
func (TraineeProofExpired) isEvent()               {}

// subscriptionRows is the table of the event types of licences and money.
func subscriptionRows() []es.Row {
	return slices.Concat([]es.Row{
		es.Define[SubscriptionStarted]("group.subscription_started", 1),
		es.Define[SubscriptionCancellationScheduled]("group.subscription_cancellation_scheduled", 1),
		es.Define[SubscriptionKept]("group.subscription_kept", 1),
		es.Define[SubscriptionCancelled]("group.subscription_cancelled", 1),
		es.Define[TrialStarted]("group.trial_started", 1),
		es.Define[TrialExpired]("group.trial_expired", 1),
		es.Define[BillingPeriodStarted]("group.billing_period_started", 1),
		es.Define[SubscriptionCharged]("group.subscription_charged", 1),
		es.Define[ProratedChargeRaised]("group.prorated_charge_raised", 1),
		es.Define[ChargeLinesAdded]("group.charge_lines_added", 1),
		es.Define[CollectionStarted]("group.collection_started", 1),
		es.Define[ChargeCollected]("group.charge_collected", 1),
		es.Define[ChargeFailed]("group.charge_failed", 1),
		es.Define[ChargeCancelled]("group.charge_cancelled", 1),
		es.Define[ChargeCredited]("group.charge_credited", 1),
		es.Define[PaymentMethodReplaced]("group.payment_method_replaced", 1),
		es.Define[OvertakenAttemptFailed]("group.overtaken_attempt_failed", 1),
		es.Define[RefundDue]("group.refund_due", 1),
		es.Define[ChargeRefunded]("group.charge_refunded", 1),
		es.Define[RefundFailed]("group.refund_failed", 1),
	}, licenceRows(), []es.Row{
		es.Define[TraineeProofSubmitted]("group.trainee_proof_submitted", 1),
		es.Define[TraineeProofVerified]("group.trainee_proof_verified", 1),
		es.Define[TraineeProofExpiring]("group.trainee_proof_expiring", 1),
		es.Define[TraineeProofExpired]("group.trainee_proof_expired", 1),
	})
}

func licenceRows() []es.Row {
	return []es.Row{
		es.Define[LicencesPurchased]("group.licences_purchased", 1),
		es.Define[LicencesActivated]("group.licences_activated", 1),
		es.Define[LicencePurchaseCancelled]("group.licence_purchase_cancelled", 1),
		es.Define[LicenceReserved]("group.licence_reserved", 1),
		es.Define[LicenceUnreserved]("group.licence_unreserved", 1),
		es.Define[LicenceAssigned]("group.licence_assigned", 1),
		es.Define[LicenceUnassigned]("group.licence_unassigned", 1),
		es.Define[ProfessionRecorded]("group.profession_recorded", 1),
		es.Define[ClinicalWorkStarted]("group.clinical_work_started", 1),
		es.Define[ClinicalWorkEnded]("group.clinical_work_ended", 1),
		es.Define[LicencePlanChanged]("group.licence_plan_changed", 1),
		es.Define[PlanChangeScheduled]("group.plan_change_scheduled", 1),
		es.Define[PlanChangeCancelled]("group.plan_change_cancelled", 1),
		es.Define[LicenceReleaseScheduled]("group.licence_release_scheduled", 1),
		es.Define[LicenceReleaseCancelled]("group.licence_release_cancelled", 1),
		es.Define[LicencesReleased]("group.licences_released", 1),
		es.Define[LicencesRepriced]("group.licences_repriced", 1),
	}
}
