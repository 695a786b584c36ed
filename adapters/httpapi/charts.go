package httpapi

import (
	"praxis/commands"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
)

func (a *api) chartHandlers() map[string]handler {
	return map[string]handler{
		"createChart":          command(a.createChart),
		"listCharts":           a.listCharts,
		"exportRoster":         a.exportRoster,
		"getChart":             a.getChart,
		"updateDemographics":   command(a.updateDemographics),
		"assignClinician":      command(a.assignClinician),
		"assignBranch":         command(a.assignBranch),
		"changeChartStatus":    command(a.changeChartStatus),
		"archiveChart":         command(a.archiveChart),
		"unarchiveChart":       command(a.unarchiveChart),
		"addTeamMember":        command(a.addTeamMember),
		"changeTeamRole":       command(a.changeTeamRole),
		"removeTeamMember":     command(a.removeTeamMember),
		"linkPatientAccount":   command(a.linkPatientAccount),
		"unlinkPatientAccount": command(a.unlinkPatientAccount),
	}
}

type newChart struct {
	Patient chart.Demographics `json:"patient"`
	Branch  id.Branch          `json:"branch"`
	Primary id.Member          `json:"primary"`
}

func (a *api) createChart(x *exchange, call commands.Call, b newChart) (string, commands.Receipt, error) {
	c := practiceThing[id.Chart](call, "chart")
	receipt, err := a.Engine.CreateChart(x.ctx(), call, chart.CreateChart{
		Chart: c, Patient: b.Patient, Branch: b.Branch, Primary: b.Primary,
	})
	return c.String(), receipt, err
}

// onChart reads the chart from the path and answers with its id.
func onChart(x *exchange, run func(id.Chart) (commands.Receipt, error)) (string, commands.Receipt, error) {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := run(c)
	return c.String(), receipt, err
}

func (a *api) updateDemographics(x *exchange, call commands.Call, b chart.Demographics) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.UpdateDemographics(x.ctx(), call, c, chart.UpdateDemographics{Patient: b})
	})
}

type assignment struct {
	Clinician     id.Member     `json:"clinician"`
	FormerBecomes careteam.Role `json:"formerBecomes"`
}

func (a *api) assignClinician(x *exchange, call commands.Call, b assignment) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.AssignClinician(x.ctx(), call, c, chart.AssignClinician{Clinician: b.Clinician, FormerBecomes: b.FormerBecomes})
	})
}

type chartBranch struct {
	Branch id.Branch `json:"branch"`
}

func (a *api) assignBranch(x *exchange, call commands.Call, b chartBranch) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.AssignBranch(x.ctx(), call, c, chart.AssignBranch{Branch: b.Branch})
	})
}

type chartStatus struct {
	Status chart.Status `json:"status"`
}

func (a *api) changeChartStatus(x *exchange, call commands.Call, b chartStatus) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.ChangeChartStatus(x.ctx(), call, c, chart.ChangeStatus{To: b.Status})
	})
}

type reason struct {
	Reason string `json:"reason"`
}

func (a *api) archiveChart(x *exchange, call commands.Call, b reason) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.ArchiveChart(x.ctx(), call, c, chart.Archive{Reason: b.Reason})
	})
}

func (a *api) unarchiveChart(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	return onChart(x, func(c id.Chart) (commands.Receipt, error) { return a.Engine.UnarchiveChart(x.ctx(), call, c) })
}

type teamRole struct {
	Role careteam.Role `json:"role"`
}

func (a *api) addTeamMember(x *exchange, call commands.Call, b teamRole) (string, commands.Receipt, error) {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.AddTeamMember(x.ctx(), call, c, chart.AddTeamMember{Member: member, Role: b.Role})
	})
}

func (a *api) changeTeamRole(x *exchange, call commands.Call, b teamRole) (string, commands.Receipt, error) {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.ChangeTeamRole(x.ctx(), call, c, chart.ChangeTeamRole{Member: member, Role: b.Role})
	})
}

func (a *api) removeTeamMember(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	member, err := pathID[id.Member](x, "member")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.RemoveTeamMember(x.ctx(), call, c, chart.RemoveTeamMember{Member: member})
	})
}

func (a *api) linkPatientAccount(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	account, err := pathID[id.Account](x, "account")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.LinkPatientAccount(x.ctx(), call, c, chart.LinkPatientAccount{Account: account})
	})
}

func (a *api) unlinkPatientAccount(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	account, err := pathID[id.Account](x, "account")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	return onChart(x, func(c id.Chart) (commands.Receipt, error) {
		return a.Engine.UnlinkPatientAccount(x.ctx(), call, c, chart.UnlinkPatientAccount{Account: account})
	})
}
