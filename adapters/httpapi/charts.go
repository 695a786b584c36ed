package httpapi

import (
	"praxis/domain/chart"
	"praxis/domain/id"
)

func (a *api) chartHandlers() map[string]handler {
	return map[string]handler{
		"listCharts":   a.listCharts,
		"exportRoster": a.exportRoster,
		"getChart":     a.getChart,

		"createChart": give(a.Engine.CreateChart, completed(func(in *input, c *chart.CreateChart) { c.Chart = made[id.Chart](in, "chart") })),
		"updateDemographics": giveTo(inChart, a.Engine.UpdateDemographics, func(_ *input, b chart.Demographics) chart.UpdateDemographics {
			return chart.UpdateDemographics{Patient: b}
		}),
		"assignClinician": giveTo(inChart, a.Engine.AssignClinician, asSent),
		"assignBranch":    giveTo(inChart, a.Engine.AssignBranch, asSent),
		"placeInCustody":  giveTo(inChart, a.Engine.PlaceInCustody, asSent),
		"changeChartStatus": giveTo(inChart, a.Engine.ChangeChartStatus, func(_ *input, b chartStatus) chart.ChangeStatus {
			return chart.ChangeStatus{To: b.Status}
		}),
		"archiveChart":   giveTo(inChart, a.Engine.ArchiveChart, asSent),
		"unarchiveChart": give(a.Engine.UnarchiveChart, func(in *input, _ nothing) id.Chart { return inChart(in) }),

		"addTeamMember": giveTo(inChart, a.Engine.AddTeamMember, completed(func(in *input, c *chart.AddTeamMember) {
			c.Member = read[id.Member](in, "member")
		})),
		"changeTeamRole": giveTo(inChart, a.Engine.ChangeTeamRole, completed(func(in *input, c *chart.ChangeTeamRole) {
			c.Member = read[id.Member](in, "member")
		})),
		"removeTeamMember": giveTo(inChart, a.Engine.RemoveTeamMember, completed(func(in *input, c *chart.RemoveTeamMember) {
			c.Member = read[id.Member](in, "member")
		})),
		"linkPatientAccount": giveTo(inChart, a.Engine.LinkPatientAccount, completed(func(in *input, c *chart.LinkPatientAccount) {
			c.Account = read[id.Account](in, "account")
		})),
		"unlinkPatientAccount": giveTo(inChart, a.Engine.UnlinkPatientAccount, completed(func(in *input, c *chart.UnlinkPatientAccount) {
			c.Account = read[id.Account](in, "account")
		})),
	}
}

// inChart is the chart that the path names.
func inChart(in *input) id.Chart { return named[id.Chart](in, "chart") }

type chartStatus struct {
	Status chart.Status `json:"status"`
}
