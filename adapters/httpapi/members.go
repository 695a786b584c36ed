package httpapi

import (
	"context"
	"time"

	"github.com/gorilla/mux"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func (a *api) memberHandlers() map[string]handler {
	return map[string]handler{
		"listMembers":           a.listMembers,
		"getMember":             a.getMember,
		"getMemberRemoval":      a.getMemberRemoval,
		"listInvitations":       a.listInvitations,
		"getInvitation":         a.getInvitation,
		"listPermissions":       a.listPermissions,
		"getMemberPermissions":  a.getMemberPermissions,
		"inviteMember":          command(a.inviteMember),
		"acceptInvitation":      command(a.answer((*commands.Engine).AcceptInvitation)),
		"declineInvitation":     command(a.answer((*commands.Engine).DeclineInvitation)),
		"revokeInvitation":      command(a.revokeInvitation),
		"removeMember":          command(a.removeMember),
		"changeMemberRole":      command(a.changeMemberRole),
		"assignManager":         command(a.assignManager),
		"assignAssistant":       command(a.assignAssistant),
		"setClinicianBranches":  command(a.setClinicianBranches),
		"setClinicianZone":      command(a.setClinicianZone),
		"setMemberPermission":   command(a.setMemberPermission),
		"clearMemberPermission": command(a.clearMemberPermission),
		"setRolePermission":     command(a.setRolePermission),
	}
}

type newInvitation struct {
	Email      string           `json:"email"`
	Role       access.Role      `json:"role"`
	Clinician  bool             `json:"clinician"`
	Branches   []id.Branch      `json:"branches"`
	Clinicians []id.Member      `json:"clinicians"`
	ValidDays  int              `json:"validDays"`
	Licence    id.Licence       `json:"licence"`
	Profession pricing.Category `json:"profession"`
}

// defaultValidDays is how long an invitation holds unless it says otherwise.
const defaultValidDays = 14

func (a *api) inviteMember(x *exchange, call commands.Call, b newInvitation) (string, commands.Receipt, error) {
	if b.ValidDays == 0 {
		b.ValidDays = defaultValidDays
	}
	invitation := practiceThing[id.Invitation](call, "invitation")
	receipt, err := a.Engine.InviteMember(x.ctx(), call, commands.Invite{
		InviteMember: group.InviteMember{
			Invitation: invitation, EmailHash: commands.EmailHash(b.Email), Role: b.Role,
			Clinician: b.Clinician, Branches: b.Branches, Clinicians: b.Clinicians,
			Licence: b.Licence, Profession: b.Profession,
		},
		ValidDays: b.ValidDays, Address: b.Email,
	})
	return invitation.String(), receipt, err
}

// answer makes the handler of an invited person's yes or no.
func (a *api) answer(with func(*commands.Engine, context.Context, commands.Call, id.Invitation) (commands.Receipt, error)) func(*exchange, commands.Call, nothing) (string, commands.Receipt, error) {
	return func(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
		invitation, err := pathID[id.Invitation](x, "invitation")
		if err != nil {
			return "", commands.Receipt{}, err
		}
		receipt, err := with(a.Engine, x.ctx(), call, invitation)
		return invitation.String(), receipt, err
	}
}

func (a *api) revokeInvitation(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	invitation, err := pathID[id.Invitation](x, "invitation")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.RevokeInvitation(x.ctx(), call, group.RevokeInvitation{Invitation: invitation})
	return invitation.String(), receipt, err
}

// onMember reads the member from the path and answers with their id.
func onMember(x *exchange, run func(id.Member) (commands.Receipt, error)) (string, commands.Receipt, error) {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := run(member)
	return member.String(), receipt, err
}

func (a *api) removeMember(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.RemoveMember(x.ctx(), call, group.RemoveMember{Member: m})
	})
}

type newRole struct {
	Role       access.Role `json:"role"`
	Clinicians []id.Member `json:"clinicians"`
}

func (a *api) changeMemberRole(x *exchange, call commands.Call, b newRole) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.ChangeMemberRole(x.ctx(), call, group.ChangeMemberRole{Member: m, Role: b.Role, Clinicians: b.Clinicians})
	})
}

type clinicians struct {
	Clinicians []id.Member `json:"clinicians"`
}

func (a *api) assignManager(x *exchange, call commands.Call, b clinicians) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.AssignManager(x.ctx(), call, group.AssignManager{Manager: m, Clinicians: b.Clinicians})
	})
}

func (a *api) assignAssistant(x *exchange, call commands.Call, b clinicians) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.AssignAssistant(x.ctx(), call, group.AssignAssistant{Assistant: m, Clinicians: b.Clinicians})
	})
}

type branches struct {
	Branches []id.Branch `json:"branches"`
}

// calendarZone is the zone of calendars; null means that of the next wider place.
type calendarZone struct {
	Zone *civil.Zone `json:"zone"`
}

func (z calendarZone) value() civil.Zone {
	if z.Zone == nil {
		return ""
	}
	return *z.Zone
}

func (a *api) setClinicianZone(x *exchange, call commands.Call, b calendarZone) (string, commands.Receipt, error) {
	clinician, err := pathID[id.Member](x, "clinician")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.SetClinicianZone(x.ctx(), call, group.SetClinicianZone{Clinician: clinician, Zone: b.value()})
	return clinician.String(), receipt, err
}

func (a *api) setClinicianBranches(x *exchange, call commands.Call, b branches) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.SetClinicianBranches(x.ctx(), call, group.SetClinicianBranches{Clinician: m, Branches: b.Branches})
	})
}

type permission struct {
	Effect group.Effect `json:"effect"`
	Scope  access.Scope `json:"scope"`
	From   *time.Time   `json:"from"`
	Until  *time.Time   `json:"until"`
}

func capabilityOf(x *exchange) access.Capability {
	return access.Capability(mux.Vars(x.r)["capability"])
}

func (a *api) setMemberPermission(x *exchange, call commands.Call, b permission) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		if b.Effect == group.EffectDeny {
			return a.Engine.DenyPermission(x.ctx(), call, group.DenyPermission{
				Member: m, Capability: capabilityOf(x), Scope: b.Scope, From: b.From, Until: b.Until,
			})
		}
		return a.Engine.GrantPermission(x.ctx(), call, group.GrantPermission{
			Member: m, Capability: capabilityOf(x), Scope: b.Scope, From: b.From, Until: b.Until,
		})
	})
}

func (a *api) clearMemberPermission(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onMember(x, func(m id.Member) (commands.Receipt, error) {
		return a.Engine.ClearOverride(x.ctx(), call, group.ClearOverride{Member: m, Capability: capabilityOf(x)})
	})
}

func (a *api) setRolePermission(x *exchange, call commands.Call, b permission) (string, commands.Receipt, error) {
	role := access.Role(mux.Vars(x.r)["role"])
	receipt, err := a.Engine.SetRolePermission(x.ctx(), call, group.SetRolePermission{
		Role: role, Capability: capabilityOf(x), Effect: b.Effect, Scope: b.Scope,
	})
	return string(role), receipt, err
}
