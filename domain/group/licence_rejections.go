package group

import (
	"praxis/domain/fault"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// ErrLicencesOwnerOnly is what everybody hears who may not change licences.
var ErrLicencesOwnerOnly = fault.New(fault.Forbidden, "owner_only", "Only the group owner can change licences.")

// The rejections about licences and money that more than one command gives.
var (
	errNoSubscription  = fault.New(fault.Rejected, "no_subscription", "The practice has no subscription. Start it first.")
	errSubscribed      = fault.New(fault.Rejected, "subscription_started", "The subscription of this practice has started already.")
	errPeriodDue       = fault.New(fault.Conflict, "period_due", "A new billing period is just beginning. Repeat the request in a moment.")
	errNoLicence       = fault.New(fault.NotFound, "licence_not_found", "The practice owns no such licence.")
	errNoCharge        = fault.New(fault.NotFound, "charge_not_found", "The subscription has no such charge.")
	errNoRefund        = fault.New(fault.NotFound, "refund_not_found", "The subscription has no such refund.")
	errUnknownPlan     = fault.New(fault.Invalid, "unknown_plan", "There is no such plan, or it has no price at present.")
	errLicencePending  = fault.New(fault.Rejected, "licence_pending_payment", "This licence is not paid yet, so nobody can hold it. Collect its charge or replace the payment method.")
	errLicenceReserved = fault.New(fault.Rejected, "licence_reserved", "This licence is reserved for somebody who is invited. Revoke the invitation first.")
	errUnusedNotPaid   = fault.New(fault.Rejected, "unused_not_credited", "Days that a licence is not used for are not paid back here. Schedule its release for the end of the period.")
	errCollecting      = fault.New(fault.Rejected, "charge_collecting", "A charge of this licence is with the payment processor. Release the licence when it is known what became of it.")
	errReleasing       = fault.New(fault.Rejected, "licence_release_scheduled", "This licence ends with the billing period. Cancel its release first.")
	errPlanCategory    = fault.New(fault.Rejected, "plan_category_mismatch", "A prescriber plan needs a prescriber. Choose a therapist plan for this clinician.")
	errTraineeLicence  = fault.New(fault.Rejected, "trainee_licence", "This licence is paid at a trainee's price for the present period. Only a trainee with the same discount can hold it until then; buy another one for others.")
	errRoleFree        = fault.New(fault.Rejected, "role_needs_no_licence", "The role assistant is free and needs no licence. Give a clinician another role, or unassign the licence first.")
	errNoPaymentMethod = fault.New(fault.Rejected, "no_payment_method", "There is nothing to charge. Add a payment method first.")
	errUnpaidUpgrade   = fault.New(fault.Rejected, "charge_unpaid", "The last change of this licence's plan is not paid yet. Collect its charge first.")
	errUnknownJob      = fault.New(fault.Invalid, "unknown_profession", "A clinician's profession is therapist or prescriber.")
	errNoProof         = fault.New(fault.NotFound, "proof_not_found", "There is no such proof of training.")
)

// checkQuote refuses a purchase at another total than the one that was shown.
func checkQuote(quoted, current money.Money) error {
	if quoted.Minor == current.Minor && quoted.Same(current) {
		return nil
	}
	return fault.New(fault.Rejected, "price_changed", "The total is %s now, not %s. Look at the new quote and confirm it.", current, quoted).
		With("quoted", quoted.String()).With("current", current.String())
}

// noFreeLicence says that a licence must be bought first, and for how much.
func (s State) noFreeLicence(offer pricing.Line, offered bool) error {
	refusal := fault.New(fault.Rejected, "no_free_licence", "No free licence: buy one before inviting a clinician.")
	if !offered {
		return refusal
	}
	price, err := offer.Gross()
	if err != nil {
		return err
	}
	refusal.Message += " " + "One on " + offer.Plan.Name() + " costs " + price.String() + " until " + offer.Until().String() + "."
	return refusal.With("plan", string(offer.Plan)).With("quote", price.String()).With("until", offer.Until().String())
}
