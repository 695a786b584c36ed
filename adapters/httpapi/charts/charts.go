// Package charts is the API of charts and of the roster.
package charts

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/id"
)

// Handlers are those of charts, their teams and their roster.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"listCharts":   listCharts,
		"exportRoster": exportRoster,
		"getChart":     getChart,
		"getCareTeam":  getTeam,

		"createChart": httpapi.Give(commands.CreateChart, httpapi.Making("chart", func(c *chart.CreateChart, i id.Chart) { c.Chart = i })),
		"updateDemographics": httpapi.GiveTo(inChart, commands.UpdateDemographics, func(_ *httpapi.Input, b chart.Demographics) chart.UpdateDemographics {
			return chart.UpdateDemographics{Patient: b}
		}),
		"assignClinician":      httpapi.GiveTo(inChart, commands.AssignClinician, httpapi.AsSent),
		"cancelPlannedPrimary": httpapi.GiveTo(inChart, commands.CancelPlannedPrimary, httpapi.Alone),
		"assignBranch":         httpapi.GiveTo(inChart, commands.AssignBranch, httpapi.AsSent),
		"placeInCustody":       httpapi.GiveTo(inChart, commands.PlaceInCustody, httpapi.AsSent),
		"changeChartStatus": httpapi.GiveTo(inChart, commands.ChangeChartStatus, func(_ *httpapi.Input, b chartStatus) chart.ChangeStatus {
			return chart.ChangeStatus{To: b.Status}
		}),
		"listDuplicates":  listDuplicates,
		"tellChartsApart": httpapi.GiveTo(inChart, commands.TellChartsApart, httpapi.AsSent),
		"getMerge":        getMerge,
		"mergeChart":      httpapi.GiveTo(inChart, commands.MergeChart, httpapi.AsSent),
		"undoMerge":       httpapi.GiveTo(inChart, commands.UndoMerge, httpapi.Alone),

		"archiveChart":   httpapi.GiveTo(inChart, commands.ArchiveChart, httpapi.AsSent),
		"unarchiveChart": httpapi.GiveTo(inChart, commands.UnarchiveChart, httpapi.Alone),

		"startBulk":  httpapi.HandleCommand(startBulk),
		"getBulk":    getBulk,
		"cancelBulk": httpapi.GiveTo(onBulk, commands.CancelBulk, httpapi.Alone),
		"undoBulk":   httpapi.HandleCommand(undoBulk),

		"listContacts":          listContacts,
		"getContact":            getContact,
		"addContact":            httpapi.GiveTo(withinChart, commands.AddContact, httpapi.Making("contact", func(c *chart.AddContact, i id.Contact) { c.Contact = i })),
		"changeContact":         httpapi.GiveTo(inChart, commands.ChangeContact, httpapi.On("contact", func(c *chart.ChangeContact, i id.Contact) { c.Contact = i })),
		"removeContact":         httpapi.GiveTo(inChart, commands.RemoveContact, httpapi.On("contact", func(c *chart.RemoveContact, i id.Contact) { c.Contact = i })),
		"nameResponsibleParty":  httpapi.GiveTo(inChart, commands.NameResponsibleParty, httpapi.AsSent),
		"clearResponsibleParty": httpapi.GiveTo(inChart, commands.ClearResponsibleParty, httpapi.Alone),

		"getChartGuard":   getChartGuard,
		"restrictChart":   httpapi.GiveTo(inChart, commands.RestrictChart, httpapi.AsSent),
		"liftRestriction": httpapi.GiveTo(inChart, commands.LiftRestriction, httpapi.Alone),
		"excludeMember":   httpapi.GiveTo(inChart, commands.ExcludeMember, httpapi.On("member", func(c *chart.ExcludeMember, m id.Member) { c.Member = m })),
		"readmitMember":   httpapi.GiveTo(inChart, commands.ReadmitMember, httpapi.On("member", func(c *chart.ReadmitMember, m id.Member) { c.Member = m })),

		"listBreakGlass":   listBreakGlass,
		"getBreakGlass":    getBreakGlass,
		"openBreakGlass":   httpapi.GiveTo(inChart, commands.OpenBreakGlass, httpapi.AsSent),
		"closeBreakGlass":  httpapi.GiveTo(inChart, commands.CloseBreakGlass, httpapi.Alone),
		"revokeBreakGlass": httpapi.GiveTo(inChart, commands.RevokeBreakGlass, httpapi.On("glass", func(c *chart.RevokeBreakGlass, g id.Event) { c.Glass = g })),
		"reviewBreakGlass": httpapi.GiveTo(inChart, commands.ReviewBreakGlass, httpapi.On("glass", func(c *chart.ReviewBreakGlass, g id.Event) { c.Glass = g })),

		"addTeamMember":           httpapi.GiveTo(inChart, commands.AddTeamMember, httpapi.On("member", func(c *chart.AddTeamMember, m id.Member) { c.Member = m })),
		"changeTeamRole":          httpapi.GiveTo(inChart, commands.ChangeTeamRole, httpapi.On("member", func(c *chart.ChangeTeamRole, m id.Member) { c.Member = m })),
		"changeTeamWindow":        httpapi.GiveTo(inChart, commands.ChangeTeamWindow, httpapi.On("member", func(c *chart.ChangeTeamWindow, m id.Member) { c.Member = m })),
		"removeTeamMember":        httpapi.GiveTo(inChart, commands.RemoveTeamMember, httpapi.On("member", func(c *chart.RemoveTeamMember, m id.Member) { c.Member = m })),
		"linkPatientAccount":      httpapi.GiveTo(inChart, commands.LinkPatientAccount, httpapi.On("account", func(c *chart.LinkPatientAccount, a id.Account) { c.Account = a })),
		"changePatientAccess":     httpapi.GiveTo(inChart, commands.ChangePatientAccess, httpapi.On("account", func(c *chart.ChangePatientAccess, a id.Account) { c.Account = a })),
		"getPatientInvitation":    getPatientInvitation,
		"listPatientAccess":       listPatientAccess,
		"invitePatient":           httpapi.GiveTo(withinChart, commands.InvitePatient, httpapi.Making("invitation", func(c *chart.InvitePatient, i id.Invitation) { c.Invitation = i })),
		"resendPatientInvitation": httpapi.GiveTo(inChart, commands.ResendPatientInvitation, httpapi.On("invitation", func(c *chart.ResendPatientInvitation, i id.Invitation) { c.Invitation = i })),
		"revokePatientInvitation": httpapi.GiveTo(inChart, commands.RevokePatientInvitation, httpapi.On("invitation", func(c *chart.RevokePatientInvitation, i id.Invitation) { c.Invitation = i })),
		"acceptPatientInvitation": httpapi.GiveTo(inChart, commands.AcceptPatientInvitation, accepted),
		"unlinkPatientAccount":    httpapi.GiveTo(inChart, commands.UnlinkPatientAccount, httpapi.On("account", func(c *chart.UnlinkPatientAccount, a id.Account) { c.Account = a })),
	}
}

// inChart is the chart that the path names.
func inChart(in *httpapi.Input) id.Chart { return httpapi.Named[id.Chart](in, "chart") }

// onBulk is the operation on many charts that the path names.
func onBulk(in *httpapi.Input) id.Bulk { return httpapi.Named[id.Bulk](in, "bulk") }

// withinChart is inChart for a command that makes something within the chart, which its
// receipt names.
func withinChart(in *httpapi.Input) id.Chart {
	c := httpapi.PathID[id.Chart](in.Exchange, "chart")
	in.Within = append(in.Within, c)
	return c
}

type chartStatus struct {
	Status chart.Status `json:"status"`
}
