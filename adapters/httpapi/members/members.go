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

		"inviteMember": httpapi.Give(commands.InviteMember, invite),
		"acceptInvitation": httpapi.Give(commands.AcceptInvitation, func(in *httpapi.Input, _ httpapi.Nothing) id.Invitation {
			return httpapi.Named[id.Invitation](in, "invitation")
		}),
		"declineInvitation": httpapi.Give(commands.DeclineInvitation, func(in *httpapi.Input, _ httpapi.Nothing) id.Invitation {
			return httpapi.Named[id.Invitation](in, "invitation")
		}),
		"revokeInvitation": httpapi.Give(commands.RevokeInvitation, httpapi.Completed(func(in *httpapi.Input, c *group.RevokeInvitation) {
			c.Invitation = httpapi.Named[id.Invitation](in, "invitation")
		})),

		"changeMemberRole":     httpapi.Give(commands.ChangeMemberRole, httpapi.Completed(func(in *httpapi.Input, c *group.ChangeMemberRole) { c.Member = onMember(in) })),
		"assignManager":        httpapi.Give(commands.AssignManager, httpapi.Completed(func(in *httpapi.Input, c *group.AssignManager) { c.Manager = onMember(in) })),
		"assignAssistant":      httpapi.Give(commands.AssignAssistant, httpapi.Completed(func(in *httpapi.Input, c *group.AssignAssistant) { c.Assistant = onMember(in) })),
		"setClinicianBranches": httpapi.Give(commands.SetClinicianBranches, httpapi.Completed(func(in *httpapi.Input, c *group.SetClinicianBranches) { c.Clinician = onMember(in) })),

		"removeMember":        httpapi.Give(commands.RemoveMember, httpapi.Completed(func(in *httpapi.Input, c *group.RemoveMember) { c.Member = onMember(in) })),
		"startMemberRemoval":  httpapi.Give(commands.StartMemberRemoval, httpapi.Completed(func(in *httpapi.Input, c *group.StartMemberRemoval) { c.Member = onMember(in) })),
		"replanMemberRemoval": httpapi.Give(commands.ReplanMemberRemoval, httpapi.Completed(func(in *httpapi.Input, c *group.ReplanMemberRemoval) { c.Member = onMember(in) })),
		"reinstateMember":     httpapi.Give(commands.ReinstateMember, httpapi.Completed(func(in *httpapi.Input, c *group.ReinstateMember) { c.Member = onMember(in) })),
		"relinkCharts":        httpapi.Give(commands.RelinkCharts, httpapi.Completed(func(in *httpapi.Input, c *group.RelinkCharts) { c.Member = onMember(in) })),
	}
}

// onMember is the member whom the path names.
func onMember(in *httpapi.Input) id.Member { return httpapi.Named[id.Member](in, "member") }

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
