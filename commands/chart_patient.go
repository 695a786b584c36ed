package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// LinkPatientAccount lets an account act for the patient.
var LinkPatientAccount = declareOn(chartSpec[chart.LinkPatientAccount, None]{
	On: onChart, Name: "chart.link_patient_account", Operation: "linkPatientAccount", Needs: access.AppointmentManage,
	Sample: chart.LinkPatientAccount{Account: sampleID[id.Account]("account"), Relation: chart.Self},
	Facts: func(ctx context.Context, w *World, _ id.Chart, c chart.LinkPatientAccount) (None, error) {
		return None{}, w.engine.requireAccount(ctx, c.Account)
	},
	Decide: alone(chart.LinkPatientAccount.Decide),
})

// ChangePatientAccess says anew what a linked account is to the patient and may do.
var ChangePatientAccess = declareOn(chartSpec[chart.ChangePatientAccess, None]{
	On: onChart, Name: "chart.change_patient_access", Operation: "changePatientAccess", Needs: access.AppointmentManage,
	Sample: chart.ChangePatientAccess{Account: sampleID[id.Account]("account"), Relation: chart.Guardian, May: []access.Capability{access.AppointmentViewOwn}},
	Decide: alone(chart.ChangePatientAccess.Decide),
})

// UnlinkPatientAccount ends what an account may do for the patient.
var UnlinkPatientAccount = declareOn(chartSpec[chart.UnlinkPatientAccount, None]{
	On: onChart, Name: "chart.unlink_patient_account", Operation: "unlinkPatientAccount", Needs: access.AppointmentManage,
	Sample: chart.UnlinkPatientAccount{Account: sampleID[id.Account]("account")},
	Decide: alone(chart.UnlinkPatientAccount.Decide),
})

// Accounts says which accounts exist, as far as this installation can know: the
// sign-in service has them, not Praxis.
type Accounts interface {
	// Known reports whether anybody has ever signed in with the account.
	Known(ctx context.Context, a id.Account) (bool, error)
}

// requireAccount refuses an account that nobody has ever signed in with.
func (e *Engine) requireAccount(ctx context.Context, a id.Account) error {
	if e.config.Accounts == nil {
		return nil
	}
	known, err := e.config.Accounts.Known(ctx, a)
	if err == nil && !known {
		err = fault.New(fault.Rejected, "account_unknown", "Nobody has signed in with the account %s yet. Let the patient sign in once, and link the account that they are shown then.", a).With("account", a.String())
	}
	return err
}
