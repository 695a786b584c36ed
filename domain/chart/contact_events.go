package chart

import "praxis/domain/id"

// ContactSaved says who a contact of the patient is from now on, whole: a new one, or
// one that is known.
type ContactSaved struct {
	Contact     id.Contact `json:"contact"`
	Name        string     `json:"name" personal:"true"`
	Relation    string     `json:"relation" personal:"true"`
	Phone       string     `json:"phone" personal:"true"`
	Email       string     `json:"email" personal:"true"`
	Emergency   bool       `json:"emergency"`
	MayBeCalled bool       `json:"mayBeCalled"`
}

// ContactRemoved says that a contact is none any more.
type ContactRemoved struct {
	Contact id.Contact `json:"contact"`
}

// ResponsiblePartyNamed says who answers for the patient's bills and consents: one of
// the chart's contacts, or the patient of another chart.
type ResponsiblePartyNamed struct {
	Contact id.Contact `json:"contact,omitzero"`
	Chart   id.Chart   `json:"chart,omitzero"`
}

// ResponsiblePartyCleared says that nobody answers for the patient but the patient.
type ResponsiblePartyCleared struct{}

func (ContactSaved) isEvent()            {}
func (ContactRemoved) isEvent()          {}
func (ResponsiblePartyNamed) isEvent()   {}
func (ResponsiblePartyCleared) isEvent() {}
