package commands

import (
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
)

// RestrictChart leaves sections of a chart to the primary and to the members named.
var RestrictChart = declareOn(chartSpec[chart.RestrictChart, chart.Group]{
	On: onChart, Name: "chart.restrict", Operation: "restrictChart", Needs: access.ChartRestrict,
	Sample: chart.RestrictChart{Sections: []access.Section{access.Billing}, Allow: []id.Member{sampleID[id.Member]("colleague")}, Reason: "Known in town"},
	Facts:  inGroup[chart.RestrictChart], Decide: chart.RestrictChart.Decide,
})

// LiftRestriction restricts nothing of a chart any more.
var LiftRestriction = declareOn(chartSpec[chart.LiftRestriction, None]{
	On: onChart, Name: "chart.lift_restriction", Operation: "liftRestriction", Needs: access.ChartRestrict,
	Decide: alone(chart.LiftRestriction.Decide),
})

// ExcludeMember keeps a member out of a chart.
var ExcludeMember = declareOn(chartSpec[chart.ExcludeMember, chart.Group]{
	On: onChart, Name: "chart.exclude_member", Operation: "excludeMember", Needs: access.ChartRestrict,
	Sample: chart.ExcludeMember{Member: sampleID[id.Member]("assistant"), ReasonCode: chart.ConflictOfInterest},
	Facts:  inGroup[chart.ExcludeMember], Decide: chart.ExcludeMember.Decide,
})

// ReadmitMember ends the exclusion of a member from a chart.
var ReadmitMember = declareOn(chartSpec[chart.ReadmitMember, None]{
	On: onChart, Name: "chart.readmit_member", Operation: "readmitMember", Needs: access.ChartRestrict,
	Sample: chart.ReadmitMember{Member: sampleID[id.Member]("assistant")},
	Decide: alone(chart.ReadmitMember.Decide),
})
