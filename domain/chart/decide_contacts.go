package chart

import (
	"cmp"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// MostContacts is how many contacts a chart has at the most.
const MostContacts = 50

var (
	errContactUnknown = fault.New(fault.NotFound, "contact_not_found", "This chart has no such contact.")
	errTooManyOnChart = fault.New(fault.Rejected, "too_many_contacts", "A chart has %d contacts at the most. Remove one first.", MostContacts)
)

// AddContact puts a person on the chart beside the patient.
type AddContact struct {
	Contact id.Contact `json:"contact"`
	ContactDetails
}

// Decide adds. Faults: "chart_not_found", "chart_archived", "contact_exists",
// "too_many_contacts", and what is wrong with the details.
func (c AddContact) Decide(s State, _ time.Time) ([]Event, error) {
	details, err := c.read()
	_, at := s.contact(c.Contact)
	err = cmp.Or(s.writable(),
		fault.When(c.Contact.IsZero() || at >= 0, fault.New(fault.Rejected, "contact_exists", "This contact is on the chart already.")),
		fault.When(len(s.Contacts) >= MostContacts, errTooManyOnChart), err)
	return es.Decided[Event](err, false, saved(c.Contact, details))
}

// ChangeContact replaces what is known about a contact.
type ChangeContact struct {
	Contact id.Contact `json:"contact"`
	ContactDetails
}

// Decide changes; the same data again leads to no event. Faults: "chart_not_found",
// "chart_archived", "contact_not_found", and what is wrong with the details.
func (c ChangeContact) Decide(s State, _ time.Time) ([]Event, error) {
	details, err := c.read()
	known, at := s.contact(c.Contact)
	err = cmp.Or(s.writable(), fault.When(at < 0, errContactUnknown), err)
	return es.Decided[Event](err, known.ContactDetails == details, saved(c.Contact, details))
}

func saved(c id.Contact, d ContactDetails) ContactSaved {
	return ContactSaved{
		Contact: c, Name: d.Name, Relation: d.Relation, Phone: d.Phone, Email: d.Email, Emergency: d.Emergency, MayBeCalled: d.MayBeCalled,
	}
}

// RemoveContact takes a person off the chart.
type RemoveContact struct {
	Contact id.Contact `json:"contact"`
}

// Decide removes. Faults: "chart_not_found", "chart_archived", "contact_not_found",
// "contact_is_responsible".
func (c RemoveContact) Decide(s State, _ time.Time) ([]Event, error) {
	_, at := s.contact(c.Contact)
	return es.Decided[Event](cmp.Or(s.writable(), fault.When(at < 0, errContactUnknown),
		fault.When(s.Responsible.Contact == c.Contact, fault.New(fault.Rejected, "contact_is_responsible",
			"This contact answers for the patient's bills and consents. Name somebody else first, or nobody."))), false, ContactRemoved(c))
}

// NameResponsibleParty says who answers for the patient's bills and consents: a contact
// of the chart, or the patient of another one, such as a partner.
type NameResponsibleParty struct{ Responsible }

// Decide names them; the same again leads to no event. known reports that the other
// chart is one of the practice that the actor may see. Faults: "chart_not_found",
// "chart_archived", "responsible_party_unclear", "contact_not_found",
// "responsible_for_themselves", "responsible_chart_not_found".
func (c NameResponsibleParty) Decide(s State, known bool, _ time.Time) ([]Event, error) {
	_, at := s.contact(c.Contact)
	err := cmp.Or(s.writable(),
		fault.When(c.Contact.IsZero() == c.Chart.IsZero(), fault.New(fault.Invalid, "responsible_party_unclear",
			"Name one person: a contact of this chart, or the chart of another patient.")),
		fault.When(!c.Contact.IsZero() && at < 0, errContactUnknown),
		fault.When(c.Chart == s.Chart && s.Exists(), fault.New(fault.Rejected, "responsible_for_themselves",
			"Patients answer for themselves where nobody else is named. Name nobody.")),
		fault.When(!c.Chart.IsZero() && !known, fault.New(fault.NotFound, "responsible_chart_not_found",
			"There is no such chart to answer for this patient, or it is beyond what you may see.")))
	return es.Decided[Event](err, c.Responsible == s.Responsible, ResponsiblePartyNamed(c.Responsible))
}

// ClearResponsibleParty says that patients answer for themselves again.
type ClearResponsibleParty struct{}

// Decide clears. Faults: "chart_not_found", "chart_archived", "no_responsible_party".
func (ClearResponsibleParty) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](cmp.Or(s.writable(), fault.When(s.Responsible.IsZero(), fault.New(fault.Rejected, "no_responsible_party",
		"Nobody answers for this patient but the patient."))), false, ResponsiblePartyCleared{})
}
