package httpapi

import (
	"cmp"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

// MemberHandlers are those of members and how they come, work, leave and come back
// (ADR 0011).
func MemberHandlers() map[string]handler {
	return map[string]handler{
		"listMembers":      listMembers,
		"getMember":        getMember,
		"getMemberRemoval": getMemberRemoval,
		"listFormerCharts": listFormerCharts,
		"listInvitations":  listInvitations,
		"getInvitation":    getInvitation,

		"inviteMember":      give(commands.InviteMember, invite),
		"acceptInvitation":  give(commands.AcceptInvitation, func(in *input, _ nothing) id.Invitation { return named[id.Invitation](in, "invitation") }),
		"declineInvitation": give(commands.DeclineInvitation, func(in *input, _ nothing) id.Invitation { return named[id.Invitation](in, "invitation") }),
		"revokeInvitation": give(commands.RevokeInvitation, completed(func(in *input, c *group.RevokeInvitation) {
			c.Invitation = named[id.Invitation](in, "invitation")
		})),

		"changeMemberRole":     give(commands.ChangeMemberRole, completed(func(in *input, c *group.ChangeMemberRole) { c.Member = onMember(in) })),
		"assignManager":        give(commands.AssignManager, completed(func(in *input, c *group.AssignManager) { c.Manager = onMember(in) })),
		"assignAssistant":      give(commands.AssignAssistant, completed(func(in *input, c *group.AssignAssistant) { c.Assistant = onMember(in) })),
		"setClinicianBranches": give(commands.SetClinicianBranches, completed(func(in *input, c *group.SetClinicianBranches) { c.Clinician = onMember(in) })),

		"removeMember":        give(commands.RemoveMember, completed(func(in *input, c *group.RemoveMember) { c.Member = onMember(in) })),
		"startMemberRemoval":  give(commands.StartMemberRemoval, completed(func(in *input, c *group.StartMemberRemoval) { c.Member = onMember(in) })),
		"replanMemberRemoval": give(commands.ReplanMemberRemoval, completed(func(in *input, c *group.ReplanMemberRemoval) { c.Member = onMember(in) })),
		"reinstateMember":     give(commands.ReinstateMember, completed(func(in *input, c *group.ReinstateMember) { c.Member = onMember(in) })),
		"relinkCharts":        give(commands.RelinkCharts, completed(func(in *input, c *group.RelinkCharts) { c.Member = onMember(in) })),
	}
}

// onMember is the member whom the path names.
func onMember(in *input) id.Member { return named[id.Member](in, "member") }

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

func invite(in *input, b newInvitation) commands.Invite {
	address := parsed(in.exchange, text.Email("e-mail address", 254).Read, b.Email)
	return commands.Invite{
		InviteMember: group.InviteMember{
			Invitation: made[id.Invitation](in, "invitation"), EmailHash: commands.EmailHash(address), Role: b.Role,
			Clinician: b.Clinician, Branches: b.Branches, Clinicians: b.Clinicians,
			Licence: b.Licence, Profession: b.Profession,
		},
		ValidDays: cmp.Or(b.ValidDays, defaultValidDays), Address: address,
	}
}
