package httpapi

import (
	"praxis/commands"
	"praxis/domain/chart"
	"praxis/domain/id"
)

func ChartHandlers() map[string]handler {
	return map[string]handler{
		"listCharts":   listCharts,
		"exportRoster": exportRoster,
		"getChart":     getChart,

		"createChart": give(commands.CreateChart, completed(func(in *input, c *chart.CreateChart) { c.Chart = made[id.Chart](in, "chart") })),
		"updateDemographics": giveTo(inChart, commands.UpdateDemographics, func(_ *input, b chart.Demographics) chart.UpdateDemographics {
			return chart.UpdateDemographics{Patient: b}
		}),
		"assignClinician": giveTo(inChart, commands.AssignClinician, asSent),
		"assignBranch":    giveTo(inChart, commands.AssignBranch, asSent),
		"placeInCustody":  giveTo(inChart, commands.PlaceInCustody, asSent),
		"changeChartStatus": giveTo(inChart, commands.ChangeChartStatus, func(_ *input, b chartStatus) chart.ChangeStatus {
			return chart.ChangeStatus{To: b.Status}
		}),
		"archiveChart":   giveTo(inChart, commands.ArchiveChart, asSent),
		"unarchiveChart": giveTo(inChart, commands.UnarchiveChart, alone),

		"addTeamMember": giveTo(inChart, commands.AddTeamMember, completed(func(in *input, c *chart.AddTeamMember) {
			c.Member = pathID[id.Member](in.exchange, "member")
		})),
		"changeTeamRole": giveTo(inChart, commands.ChangeTeamRole, completed(func(in *input, c *chart.ChangeTeamRole) {
			c.Member = pathID[id.Member](in.exchange, "member")
		})),
		"removeTeamMember": giveTo(inChart, commands.RemoveTeamMember, completed(func(in *input, c *chart.RemoveTeamMember) {
			c.Member = pathID[id.Member](in.exchange, "member")
		})),
		"linkPatientAccount": giveTo(inChart, commands.LinkPatientAccount, completed(func(in *input, c *chart.LinkPatientAccount) {
			c.Account = pathID[id.Account](in.exchange, "account")
		})),
		"unlinkPatientAccount": giveTo(inChart, commands.UnlinkPatientAccount, completed(func(in *input, c *chart.UnlinkPatientAccount) {
			c.Account = pathID[id.Account](in.exchange, "account")
		})),
	}
}

// inChart is the chart that the path names.
func inChart(in *input) id.Chart { return named[id.Chart](in, "chart") }

type chartStatus struct {
	Status chart.Status `json:"status"`
}
