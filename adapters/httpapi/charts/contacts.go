package charts

import (
	"strings"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/chartdetail"
	"praxis/projections/roster"
)

// responsibleParty is who answers for a patient. Of another chart, a reader who may not
// see it learns neither the id nor the name: only that it is the patient of one.
type responsibleParty struct {
	Contact *id.Contact `json:"contact,omitempty"`
	Chart   *id.Chart   `json:"chart,omitempty"`
	Name    string      `json:"name,omitempty"`
}

// The warnings about a chart.
const responsibleMissing = "responsible_party_missing"

// listContacts tells the people on a chart, who answers for the patient, and what is
// missing there.
func listContacts(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	var today civil.Date
	var zone error
	admission, err := x.AdmitTo(chartdetail.Name, commands.Question{
		Action: "chart.contacts", Capability: access.RosterView, Target: chart.Stream(x.Group(), c),
		Look: func(g group.State) {
			place, err := g.Zone().Load()
			if zone = err; err == nil {
				today = civil.In(x.JudgedAt(), place)
			}
		},
	})
	if err == nil {
		err = x.Await(roster.Name)
	}
	if err != nil {
		return err
	}
	if zone != nil {
		return zone
	}
	patient, err := roster.Find(x.Ctx(), x.API.Pool, admission.Reach, c)
	if err != nil {
		return err
	}
	contacts, err := chartdetail.Contacts(x.Ctx(), x.API.Pool, x.Group(), c)
	if err != nil {
		return err
	}
	party, err := partyOf(x, admission.Reach, c, contacts)
	if err != nil {
		return err
	}
	minor, warnings := false, []string{}
	if patient.BirthDate != nil {
		born, err := civil.ParseDate(*patient.BirthDate)
		if err != nil {
			return err
		}
		minor = chart.Minor(born, today)
	}
	if minor && party == nil {
		warnings = append(warnings, responsibleMissing)
	}
	x.W.Header().Set("ETag", httpapi.ETag(es.Revision(patient.Revision)))
	return x.Reply(struct {
		Contacts    []chartdetail.Contact `json:"contacts"`
		Responsible *responsibleParty     `json:"responsibleParty,omitempty"`
		Minor       bool                  `json:"minor"`
		Warnings    []string              `json:"warnings"`
	}{httpapi.List(contacts), party, minor, warnings})
}

// partyOf says who answers for the patient of a chart; nil for nobody.
func partyOf(x *httpapi.Exchange, reach access.Reach, c id.Chart, contacts []chartdetail.Contact) (*responsibleParty, error) {
	named, err := chartdetail.ResponsibleFor(x.Ctx(), x.API.Pool, x.Group(), c)
	switch {
	case err != nil:
		return nil, err
	case named.Contact != nil:
		party := &responsibleParty{Contact: named.Contact}
		for _, contact := range contacts {
			if contact.Contact == *named.Contact {
				party.Name = contact.Name
			}
		}
		return party, nil
	case named.Chart != nil:
		names, err := roster.Names(x.Ctx(), x.From, reach, []id.Chart{*named.Chart})
		party := &responsibleParty{}
		if name, seen := names[*named.Chart]; seen {
			party.Chart, party.Name = named.Chart, strings.TrimSpace(name)
		}
		return party, err
	}
	return nil, nil
}

var errNoContact = fault.New(fault.NotFound, "contact_not_found", "This chart has no such contact.")

// getContact tells one of the people on a chart.
func getContact(x *httpapi.Exchange) error {
	c, which := httpapi.PathID[id.Chart](x, "chart"), httpapi.PathID[id.Contact](x, "contact")
	admission, err := x.AdmitTo(chartdetail.Name, commands.Question{Action: "chart.contacts", Capability: access.RosterView, Target: chart.Stream(x.Group(), c)})
	if err == nil {
		err = x.Await(roster.Name)
	}
	if err != nil {
		return err
	}
	patient, err := roster.Find(x.Ctx(), x.API.Pool, admission.Reach, c)
	if err != nil {
		return err
	}
	contacts, err := chartdetail.Contacts(x.Ctx(), x.API.Pool, x.Group(), c)
	if err != nil {
		return err
	}
	for _, contact := range contacts {
		if contact.Contact == which {
			x.W.Header().Set("ETag", httpapi.ETag(es.Revision(patient.Revision)))
			return x.Reply(contact)
		}
	}
	return errNoContact
}
