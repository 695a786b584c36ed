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

		"createChart": httpapi.Give(commands.CreateChart, httpapi.Completed(func(in *httpapi.Input, c *chart.CreateChart) { c.Chart = httpapi.Made[id.Chart](in, "chart") })),
		"updateDemographics": httpapi.GiveTo(inChart, commands.UpdateDemographics, func(_ *httpapi.Input, b chart.Demographics) chart.UpdateDemographics {
			return chart.UpdateDemographics{Patient: b}
		}),
		"assignClinician": httpapi.GiveTo(inChart, commands.AssignClinician, httpapi.AsSent),
		"assignBranch":    httpapi.GiveTo(inChart, commands.AssignBranch, httpapi.AsSent),
		"placeInCustody":  httpapi.GiveTo(inChart, commands.PlaceInCustody, httpapi.AsSent),
		"changeChartStatus": httpapi.GiveTo(inChart, commands.ChangeChartStatus, func(_ *httpapi.Input, b chartStatus) chart.ChangeStatus {
			return chart.ChangeStatus{To: b.Status}
		}),
		"archiveChart":   httpapi.GiveTo(inChart, commands.ArchiveChart, httpapi.AsSent),
		"unarchiveChart": httpapi.GiveTo(inChart, commands.UnarchiveChart, httpapi.Alone),

		"addTeamMember": httpapi.GiveTo(inChart, commands.AddTeamMember, httpapi.Completed(func(in *httpapi.Input, c *chart.AddTeamMember) {
			c.Member = httpapi.PathID[id.Member](in.Exchange, "member")
		})),
		"changeTeamRole": httpapi.GiveTo(inChart, commands.ChangeTeamRole, httpapi.Completed(func(in *httpapi.Input, c *chart.ChangeTeamRole) {
			c.Member = httpapi.PathID[id.Member](in.Exchange, "member")
		})),
		"removeTeamMember": httpapi.GiveTo(inChart, commands.RemoveTeamMember, httpapi.Completed(func(in *httpapi.Input, c *chart.RemoveTeamMember) {
			c.Member = httpapi.PathID[id.Member](in.Exchange, "member")
		})),
		"linkPatientAccount": httpapi.GiveTo(inChart, commands.LinkPatientAccount, httpapi.Completed(func(in *httpapi.Input, c *chart.LinkPatientAccount) {
			c.Account = httpapi.PathID[id.Account](in.Exchange, "account")
		})),
		"unlinkPatientAccount": httpapi.GiveTo(inChart, commands.UnlinkPatientAccount, httpapi.Completed(func(in *httpapi.Input, c *chart.UnlinkPatientAccount) {
			c.Account = httpapi.PathID[id.Account](in.Exchange, "account")
		})),
	}
}

// inChart is the chart that the path names.
func inChart(in *httpapi.Input) id.Chart { return httpapi.Named[id.Chart](in, "chart") }

type chartStatus struct {
	Status chart.Status `json:"status"`
}
