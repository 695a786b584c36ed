package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/household"
	"praxis/domain/id"
)

// OfferHouseholdTransfer offers a household to another practice (H-7).
var OfferHouseholdTransfer = declareOn(householdSpec[household.OfferTransfer, household.Group]{
	On: onHousehold, Name: "household.offer_transfer", Operation: "offerHouseholdTransfer", Needs: access.TeamReassignPrimary,
	Sample: household.OfferTransfer{To: "River Practice"},
	Facts:  inHousehold[household.OfferTransfer], Decide: household.OfferTransfer.Decide,
})

// WithdrawHouseholdTransfer takes the offer back.
var WithdrawHouseholdTransfer = declareOn(householdSpec[household.WithdrawTransfer, None]{
	On: onHousehold, Name: "household.withdraw_transfer", Operation: "withdrawHouseholdTransfer", Needs: access.TeamReassignPrimary,
	Decide: alone(household.WithdrawTransfer.Decide),
})

// CompleteHouseholdTransfer records that the other practice has the household.
var CompleteHouseholdTransfer = declareOn(householdSpec[household.CompleteTransfer, None]{
	On: onHousehold, Name: "household.complete_transfer", Operation: "completeHouseholdTransfer", Needs: access.TeamReassignPrimary,
	Decide: alone(household.CompleteTransfer.Decide), Around: spreading[household.CompleteTransfer](nil),
})

// LapseHouseholdTransfer records that no patient confirmed in time. It is for the process
// that does so. Faults: "process_only".
var LapseHouseholdTransfer = declareOn(householdSpec[household.LapseTransfer, None]{
	On: onHousehold, Name: "household.lapse_transfer", Needs: access.TeamReassignPrimary, Actors: ProcessesOnly,
	Decide: alone(household.LapseTransfer.Decide),
})

// ConfirmHouseholdTransfer agrees to it, as the patient of a linked chart or as who speaks
// for them: those are who may be told who has looked at the chart (H-7).
var ConfirmHouseholdTransfer = declareOn(householdSpec[household.ConfirmTransfer, household.Confirming]{
	On: onHousehold, Name: "household.confirm_transfer", Needs: access.AccessReportOwn,
	Patient: &Portal[household.ConfirmTransfer]{
		Operation: "portalConfirmHouseholdTransfer", Needs: access.AccessReportOwn,
		Used: func(household.ConfirmTransfer) bool { return true },
	},
	Chart: func(_ id.Household, c household.ConfirmTransfer) id.Chart { return c.Chart },
	Resource: func(g id.Group, _ id.Household, c household.ConfirmTransfer, _ household.Confirming, _ household.State) access.Resource {
		return access.Resource{Group: g, Chart: c.Chart}
	},
	Facts: func(ctx context.Context, w *World, _ id.Household, c household.ConfirmTransfer) (by household.Confirming, err error) {
		by.Account = w.Actor.Account
		read := w.Chart(ctx, c.Chart, func(s chart.State) { by.Represents = s.Represents(by.Account, w.Now) })
		return by, read
	},
	Decide: household.ConfirmTransfer.Decide,
})
