package commands

import (
	"context"
	"errors"
	"time"

	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// InvitePatient offers a patient or guardian the portal for the chart, by mail.
var InvitePatient = declareOn(chartSpec[chart.InvitePatient, chart.Inviting]{
	On: onChart, Name: "chart.invite_patient", Operation: "invitePatient", Needs: access.AppointmentManage,
	Sample: chart.InvitePatient{Address: "pat@example.org", Relation: chart.Self, ValidDays: 14},
	Facts: func(ctx context.Context, w *World, _ id.Chart, c chart.InvitePatient) (chart.Inviting, error) {
		return w.inviting(ctx, c.Invitation)
	},
	Decide: chart.InvitePatient.Decide,
})

// ResendPatientInvitation sends an invitation to the portal again, with another token.
var ResendPatientInvitation = declareOn(chartSpec[chart.ResendPatientInvitation, chart.Inviting]{
	On: onChart, Name: "chart.resend_patient_invitation", Operation: "resendPatientInvitation", Needs: access.AppointmentManage,
	Sample: chart.ResendPatientInvitation{Invitation: sampleID[id.Invitation]("portal invitation"), ValidDays: 14},
	Facts: func(ctx context.Context, w *World, _ id.Chart, c chart.ResendPatientInvitation) (chart.Inviting, error) {
		return w.inviting(ctx, c.Invitation)
	},
	Decide: chart.ResendPatientInvitation.Decide,
})

// RevokePatientInvitation takes an invitation to the portal back.
var RevokePatientInvitation = declareOn(chartSpec[chart.RevokePatientInvitation, None]{
	On: onChart, Name: "chart.revoke_patient_invitation", Operation: "revokePatientInvitation", Needs: access.AppointmentManage,
	Sample: chart.RevokePatientInvitation{Invitation: sampleID[id.Invitation]("portal invitation")},
	Decide: alone(chart.RevokePatientInvitation.Decide),
})

// ExpirePatientInvitation ends an invitation to the portal that was not accepted in time.
// It is for the process that watches the clock.
var ExpirePatientInvitation = declareOn(chartSpec[chart.ExpirePatientInvitation, None]{
	On: onChart, Name: "chart.expire_patient_invitation", Needs: access.AppointmentManage, Actors: ProcessesOnly,
	Decide: alone(chart.ExpirePatientInvitation.Decide),
})

// AcceptPatientInvitation links the caller's account to the chart that they have the token
// of an invitation for. What does not exist, and what they have no token for, answer alike.
var AcceptPatientInvitation = declareOn(chartSpec[chart.AcceptPatientInvitation, bool]{
	On: onChart, Name: "chart.accept_patient_invitation", Operation: "acceptPatientInvitation", Needs: access.InvitationAnswer,
	Sample: chart.AcceptPatientInvitation{Invitation: sampleID[id.Invitation]("portal invitation"), TokenHash: "token"},
	Facts: func(_ context.Context, w *World, _ id.Chart, _ chart.AcceptPatientInvitation) (bool, error) {
		return w.Actor.Kind == access.KindMember && w.Actor.Active, nil
	},
	Decide: chart.AcceptPatientInvitation.Decide,
	Around: func(_ context.Context, _ *Engine, call Call, _ id.Chart, _ chart.AcceptPatientInvitation, do func(Call) (Receipt, error)) (Receipt, error) {
		receipt, err := do(call)
		if errors.Is(err, errUnknownGroup) {
			err = chart.ErrNoPatientInvitation
		}
		return receipt, err
	},
	NoPreview: true,
})

var errNoOutbox = fault.New(fault.Unavailable, "mail_unavailable", "This installation sends no mail, so that nobody can be invited. Link the account instead.")

// inviting are the facts of an invitation to the portal. Its token follows from the
// command, so that what is sent again after a crash has the same.
func (w *World) inviting(ctx context.Context, i id.Invitation) (chart.Inviting, error) {
	token, err := w.engine.tokenOf(ctx, i, w.Call.Command)
	return chart.Inviting{By: w.Actor.Member, TokenHash: notification.TokenHash(token)}, err
}

func (e *Engine) tokenOf(ctx context.Context, i id.Invitation, by id.Command) (string, error) {
	if e.config.Outbox == nil {
		return "", errNoOutbox
	}
	return e.config.Outbox.Token(ctx, i.String(), by.String())
}

// SendPatientInvitation leaves the mail of an invitation in the outbox, as the command by
// made it, unless it was closed or sent again since. It is for the process of
// notifications. Fault: "process_only".
func (e *Engine) SendPatientInvitation(ctx context.Context, process string, g id.Group, c id.Chart, i id.Invitation, by id.Command) error {
	var open chart.PatientInvitation
	holds := false
	err := e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) {
		invitation, known := s.PatientInvitation(i)
		open, holds = invitation, known && invitation.OpenAt(e.Clock())
	})
	if err != nil || !holds {
		return err
	}
	token, err := e.tokenOf(ctx, i, by)
	if err != nil || notification.TokenHash(token) != open.TokenHash {
		return err
	}
	var sender notification.Sender
	if err = e.Group(ctx, process, g, func(s group.State) { sender = notification.Of(s) }); err != nil {
		return err
	}
	words := notification.PortalInvitation{
		ID: i, Group: g, Chart: c, Sender: sender, Relation: open.Relation, Token: token, ExpiresAt: open.ExpiresAt,
	}.Words(e.config.Outbox.InvitationLink())
	return e.config.Outbox.Write(ctx, notification.Letter{ID: notification.PortalInvitationID(i, open.TokenHash), To: open.Address, Words: words})
}

// PatientAccess is who may act for the patient of a chart, and who is invited to.
type PatientAccess struct {
	Revision es.Revision
	Accounts []chart.PatientAccount
	// Invitations are those that can be accepted at At.
	Invitations []chart.PatientInvitation
	At          time.Time
}

// PatientAccess tells who may act for the patient of a chart. Faults: "permission_denied",
// "chart_not_found".
func (e *Engine) PatientAccess(ctx context.Context, call Call, c id.Chart) (PatientAccess, error) {
	asked, err := e.chartNamed(ctx, call.Group, c)
	if err != nil {
		return PatientAccess{}, err
	}
	if _, err = e.AdmitTo(ctx, call, Question{Action: "chart.patient_access", Capability: access.AppointmentManage, Target: chart.Stream(call.Group, c)}, asked); err != nil {
		return PatientAccess{}, err
	}
	found := PatientAccess{At: e.Clock().UTC()}
	err = e.charts.view(ctx, chart.Stream(call.Group, c), func(s chart.State, at es.Revision) {
		found.Revision = at
		found.Accounts = append(found.Accounts, s.PatientAccounts...)
		for _, i := range s.PatientInvitations {
			if i.OpenAt(found.At) {
				found.Invitations = append(found.Invitations, i)
			}
		}
	})
	return found, err
}
