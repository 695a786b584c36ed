package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
)

// AddContact puts a person on the chart beside the patient.
var AddContact = declareOn(chartSpec[chart.AddContact, None]{
	On: onChart, Name: "chart.add_contact", Operation: "addContact", Needs: access.ChartClinicalWrite,
	Sample: chart.AddContact{ContactDetails: chart.ContactDetails{Name: "Beth Abbott", Relation: "Mother", Emergency: true}},
	Decide: alone(chart.AddContact.Decide),
})

// ChangeContact replaces what is known about a contact.
var ChangeContact = declareOn(chartSpec[chart.ChangeContact, None]{
	On: onChart, Name: "chart.change_contact", Operation: "changeContact", Needs: access.ChartClinicalWrite,
	Sample: chart.ChangeContact{Contact: sampleID[id.Contact]("contact"), ContactDetails: chart.ContactDetails{Name: "Beth Ames", Relation: "Mother"}},
	Decide: alone(chart.ChangeContact.Decide),
})

// RemoveContact takes a person off the chart.
var RemoveContact = declareOn(chartSpec[chart.RemoveContact, None]{
	On: onChart, Name: "chart.remove_contact", Operation: "removeContact", Needs: access.ChartClinicalWrite,
	Sample: chart.RemoveContact{Contact: sampleID[id.Contact]("contact")},
	Decide: alone(chart.RemoveContact.Decide),
})

// NameResponsibleParty says who answers for the patient's bills and consents. The chart
// of another patient must be one that the actor may open.
var NameResponsibleParty = declareOn(chartSpec[chart.NameResponsibleParty, bool]{
	On: onChart, Name: "chart.name_responsible_party", Operation: "nameResponsibleParty", Needs: access.ChartClinicalWrite,
	Sample: chart.NameResponsibleParty{Responsible: chart.Responsible{Contact: sampleID[id.Contact]("contact")}},
	Facts: func(ctx context.Context, w *World, c id.Chart, n chart.NameResponsibleParty) (known bool, err error) {
		if n.Chart.IsZero() || n.Chart == c {
			return true, nil
		}
		other, err := w.engine.chartAsItIs(ctx, w.Call.Group, n.Chart)
		if err != nil {
			return false, err
		}
		return access.Sees(w.Actor, *other, w.Now), nil
	},
	Decide: chart.NameResponsibleParty.Decide,
})

// ClearResponsibleParty says that patients answer for themselves again.
var ClearResponsibleParty = declareOn(chartSpec[chart.ClearResponsibleParty, None]{
	On: onChart, Name: "chart.clear_responsible_party", Operation: "clearResponsibleParty", Needs: access.ChartClinicalWrite,
	Decide: alone(chart.ClearResponsibleParty.Decide),
})
