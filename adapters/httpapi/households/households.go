// Package households is the API of households, their teams and their charts.
package households

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/household"
	"praxis/domain/id"
)

// Handlers are those of households.
func Handlers() httpapi.Handlers {
	return httpapi.Handlers{
		"listHouseholds":              listHouseholds,
		"getHousehold":                getHousehold,
		"getHouseholdPerson":          getHouseholdPerson,
		"printHouseholdSummary":       printHouseholdSummary(),
		"getHouseholdSummary":         getHouseholdSummary,
		"getHouseholdSummaryDocument": getHouseholdSummaryDocument,

		"createHousehold":       httpapi.Give(commands.CreateHousehold, httpapi.Making("household", func(c *household.CreateHousehold, i id.Household) { c.Household = i })),
		"renameHousehold":       httpapi.GiveTo(inHousehold, commands.RenameHousehold, httpapi.AsSent),
		"dissolveHousehold":     httpapi.GiveTo(inHousehold, commands.DissolveHousehold, httpapi.Alone),
		"addHouseholdPerson":    httpapi.GiveTo(withinHousehold, commands.AddHouseholdPerson, httpapi.Making("person", func(c *household.AddPerson, i id.Person) { c.Person = i })),
		"removeHouseholdPerson": httpapi.GiveTo(inHousehold, commands.RemoveHouseholdPerson, httpapi.On("person", func(c *household.RemovePerson, i id.Person) { c.Person = i })),
		"linkChart":             httpapi.GiveTo(inHousehold, commands.LinkChart, httpapi.On("chart", func(c *household.LinkChart, i id.Chart) { c.Chart = i })),
		"unlinkChart":           httpapi.GiveTo(inHousehold, commands.UnlinkChart, httpapi.On("chart", func(c *household.UnlinkChart, i id.Chart) { c.Chart = i })),

		"reassignHousehold":          httpapi.GiveTo(inHousehold, commands.ReassignHousehold, httpapi.AsSent),
		"setSecondaryProfessional":   httpapi.GiveTo(inHousehold, commands.SetSecondaryProfessional, httpapi.AsSent),
		"clearSecondaryProfessional": httpapi.GiveTo(inHousehold, commands.ClearSecondaryProfessional, httpapi.Alone),
		"addHouseholdTeamMember":     httpapi.GiveTo(inHousehold, commands.AddHouseholdTeamMember, httpapi.On("member", func(c *household.AddTeamMember, m id.Member) { c.Member = m })),
		"changeHouseholdTeamRole":    httpapi.GiveTo(inHousehold, commands.ChangeHouseholdTeamRole, httpapi.On("member", func(c *household.ChangeTeamRole, m id.Member) { c.Member = m })),
		"changeHouseholdTeamWindow":  httpapi.GiveTo(inHousehold, commands.ChangeHouseholdTeamWindow, httpapi.On("member", func(c *household.ChangeTeamWindow, m id.Member) { c.Member = m })),
		"removeHouseholdTeamMember":  httpapi.GiveTo(inHousehold, commands.RemoveHouseholdTeamMember, httpapi.On("member", func(c *household.RemoveTeamMember, m id.Member) { c.Member = m })),

		"offerHouseholdTransfer":    httpapi.GiveTo(inHousehold, commands.OfferHouseholdTransfer, httpapi.AsSent),
		"withdrawHouseholdTransfer": httpapi.GiveTo(inHousehold, commands.WithdrawHouseholdTransfer, httpapi.Alone),
		"completeHouseholdTransfer": httpapi.GiveTo(inHousehold, commands.CompleteHouseholdTransfer, httpapi.Alone),
		"portalConfirmHouseholdTransfer": httpapi.GiveTo(inHousehold, commands.ConfirmHouseholdTransfer, func(in *httpapi.Input, _ httpapi.Nothing) household.ConfirmTransfer {
			in.ForPatient = true
			return household.ConfirmTransfer{Chart: httpapi.PathID[id.Chart](in.Exchange, "chart")}
		}),

		"declineHouseholdTeams": httpapi.GiveTo(inChart, commands.DeclineHouseholdTeams, httpapi.Alone),
		"allowHouseholdTeams":   httpapi.GiveTo(inChart, commands.AllowHouseholdTeams, httpapi.Alone),
	}
}

// inHousehold is the household that the path names.
func inHousehold(in *httpapi.Input) id.Household { return httpapi.Named[id.Household](in, "household") }

func inChart(in *httpapi.Input) id.Chart { return httpapi.Named[id.Chart](in, "chart") }

// withinHousehold is inHousehold for a command that makes something within it, which its
// receipt names.
func withinHousehold(in *httpapi.Input) id.Household {
	h := httpapi.PathID[id.Household](in.Exchange, "household")
	in.Within = append(in.Within, h)
	return h
}
