// Package members is the API of members: how they come, work, leave and come back (ADR 11).
package members

import (
	"cmp"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/text"
)

// Handlers are those of members and how they come, work, leave and come back
// (ADR 0011).
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"listMembers":      listMembers,
		"getMember":        getMember,
		"getMemberRemoval": getMemberRemoval,
		"listFormerCharts": listFormerCharts,
		"listInvitations":  listInvitations,
		"getInvitation":    getInvitation,

		"inviteMember":      httpapi.Give(commands.InviteMember, invite),
		"acceptInvitation":  httpapi.Give(commands.AcceptInvitation, onInvitation),
		"declineInvitation": httpapi.Give(commands.DeclineInvitation, onInvitation),
		"revokeInvitation":  httpapi.Give(commands.RevokeInvitation, httpapi.On("invitation", func(c *group.RevokeInvitation, i id.Invitation) { c.Invitation = i })),

		"changeMemberRole":     httpapi.Give(commands.ChangeMemberRole, httpapi.On("member", func(c *group.ChangeMemberRole, m id.Member) { c.Member = m })),
		"assignManager":        httpapi.Give(commands.AssignManager, httpapi.On("member", func(c *group.AssignManager, m id.Member) { c.Manager = m })),
		"assignAssistant":      httpapi.Give(commands.AssignAssistant, httpapi.On("member", func(c *group.AssignAssistant, m id.Member) { c.Assistant = m })),
		"setClinicianBranches": httpapi.Give(commands.SetClinicianBranches, httpapi.On("member", func(c *group.SetClinicianBranches, m id.Member) { c.Clinician = m })),

		"removeMember":        httpapi.Give(commands.RemoveMember, httpapi.On("member", func(c *group.RemoveMember, m id.Member) { c.Member = m })),
		"startMemberRemoval":  httpapi.Give(commands.StartMemberRemoval, httpapi.On("member", func(c *group.StartMemberRemoval, m id.Member) { c.Member = m })),
		"replanMemberRemoval": httpapi.Give(commands.ReplanMemberRemoval, httpapi.On("member", func(c *group.ReplanMemberRemoval, m id.Member) { c.Member = m })),
		"reinstateMember":     httpapi.Give(commands.ReinstateMember, httpapi.On("member", func(c *group.ReinstateMember, m id.Member) { c.Member = m })),
		"relinkCharts":        httpapi.Give(commands.RelinkCharts, httpapi.On("member", func(c *group.RelinkCharts, m id.Member) { c.Member = m })),
	}
}

// onInvitation is the invitation that the path names: who accepts or declines it says no more.
func onInvitation(in *httpapi.Input, _ httpapi.Nothing) id.Invitation {
	return httpapi.Named[id.Invitation](in, "invitation")
}

type newInvitation struct {
	Email string `json:"email"`
	commands.Invite
}

// defaultValidDays is how long an invitation holds unless it says otherwise.
const defaultValidDays = 14

func invite(in *httpapi.Input, b newInvitation) commands.Invite {
	b.Address = httpapi.Parsed(in.Exchange, text.Email("e-mail address", 254).Read, b.Email)
	b.Invitation, b.EmailHash = httpapi.Made[id.Invitation](in, "invitation"), commands.EmailHash(b.Address)
	b.ValidDays = cmp.Or(b.ValidDays, defaultValidDays)
	return b.Invite
}
