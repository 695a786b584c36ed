package charts

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// patientAccount is an account that may act for the patient, as the practice reads it.
type patientAccount struct {
	Account       id.Account          `json:"account"`
	Name          string              `json:"name,omitempty"`
	Relation      chart.Relation      `json:"relation,omitempty"`
	May           []access.Capability `json:"may"`
	Until         time.Time           `json:"until,omitzero"`
	Holds         bool                `json:"holds"`
	InvitedBy     *id.Member          `json:"invitedBy,omitempty"`
	InvitedByName string              `json:"invitedByName,omitempty"`
}

// patientInvitation is an open invitation to the portal.
type patientInvitation struct {
	ID            id.Invitation       `json:"id"`
	Email         string              `json:"email"`
	Relation      chart.Relation      `json:"relation"`
	May           []access.Capability `json:"may"`
	Until         time.Time           `json:"until,omitzero"`
	ExpiresAt     time.Time           `json:"expiresAt"`
	InvitedBy     *id.Member          `json:"invitedBy,omitempty"`
	InvitedByName string              `json:"invitedByName,omitempty"`
}

// listPatientAccess tells who may act for the patient, and who is invited to.
func listPatientAccess(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	call, err := x.Call()
	if err != nil {
		return err
	}
	found, err := x.API.Engine.PatientAccess(x.Ctx(), call, c)
	if err != nil {
		return err
	}
	var wanted names.Wanted
	accounts := make([]id.Account, 0, len(found.Accounts))
	for _, a := range found.Accounts {
		accounts = append(accounts, a.Account)
		wanted.Member(&a.InvitedBy)
	}
	for _, i := range found.Invitations {
		wanted.Member(&i.InvitedBy)
	}
	staff, err := names.Look(x, call.Viewing.Subject, wanted)
	if err != nil {
		return err
	}
	people, err := x.API.Contacts.Of(x.Ctx(), accounts...)
	if err != nil {
		return err
	}
	x.W.Header().Set("ETag", httpapi.ETag(found.Revision))
	return x.Reply(map[string]any{
		"accounts": httpapi.Views(found.Accounts, func(a chart.PatientAccount) patientAccount {
			return patientAccount{
				Account: a.Account, Name: people[a.Account].Name, Relation: a.Relation, May: a.May, Until: a.Until,
				Holds: access.Link{Until: a.Until}.InForce(found.At), InvitedBy: given(a.InvitedBy), InvitedByName: staff.Members[a.InvitedBy],
			}
		}),
		"invitations": httpapi.Views(found.Invitations, func(i chart.PatientInvitation) patientInvitation { return invitationOf(i, staff) }),
	})
}

var errNoInvitation = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation that can still be accepted, or you may not see it.")

// getPatientInvitation tells one invitation to the portal that can be accepted.
func getPatientInvitation(x *httpapi.Exchange) error {
	c, which := httpapi.PathID[id.Chart](x, "chart"), httpapi.PathID[id.Invitation](x, "invitation")
	call, err := x.Call()
	if err != nil {
		return err
	}
	found, err := x.API.Engine.PatientAccess(x.Ctx(), call, c)
	if err != nil {
		return err
	}
	for _, i := range found.Invitations {
		if i.ID != which {
			continue
		}
		var wanted names.Wanted
		wanted.Member(&i.InvitedBy)
		staff, err := names.Look(x, call.Viewing.Subject, wanted)
		return x.Answer(invitationOf(i, staff), err)
	}
	return errNoInvitation
}

func invitationOf(i chart.PatientInvitation, staff names.Found) patientInvitation {
	return patientInvitation{
		ID: i.ID, Email: i.Address, Relation: i.Relation, May: i.May, Until: i.Until, ExpiresAt: i.ExpiresAt,
		InvitedBy: given(i.InvitedBy), InvitedByName: staff.Members[i.InvitedBy],
	}
}

// given is a member, if there is one.
func given(m id.Member) *id.Member {
	if m.IsZero() {
		return nil
	}
	return &m
}

// portalToken is what the mail of an invitation to the portal says.
type portalToken struct {
	Token string `json:"token"`
}

// accepted is the command of who has the token: their own account is linked.
func accepted(in *httpapi.Input, b portalToken) chart.AcceptPatientInvitation {
	return chart.AcceptPatientInvitation{
		Invitation: httpapi.PathID[id.Invitation](in.Exchange, "invitation"), TokenHash: notification.TokenHash(b.Token), Account: in.Call.Account,
	}
}
