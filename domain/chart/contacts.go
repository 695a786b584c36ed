package chart

import (
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

// ContactDetails is who a contact of the patient is. All of it but the flags is
// personal data. Only a name is required.
type ContactDetails struct {
	Name string `json:"name"`
	// Relation is what they are to the patient, in the practice's words.
	Relation string `json:"relation"`
	Phone    string `json:"phone"`
	Email    string `json:"email"`
	// Emergency: they are to be reached in an emergency.
	Emergency bool `json:"emergency"`
	// MayBeCalled: the practice may call them about the patient.
	MayBeCalled bool `json:"mayBeCalled"`
}

// What is kept about a contact.
var (
	contactName     = text.Line("contact's name", 200)
	contactRelation = text.Line("relation", 100)
)

// read returns the details as they are kept. Faults, none of which repeats what is
// wrong: "contact_name_required", "malformed_phone", and those of package text.
func (d ContactDetails) read() (ContactDetails, error) {
	for _, f := range []struct {
		field text.Field
		at    *string
	}{{contactName, &d.Name}, {contactRelation, &d.Relation}, {email, &d.Email}, {phone, &d.Phone}} {
		s, err := f.field.Read(*f.at)
		if err != nil {
			return ContactDetails{}, err
		}
		*f.at = s
	}
	switch {
	case d.Name == "":
		return ContactDetails{}, fault.New(fault.Invalid, "contact_name_required", "A contact needs a name.")
	case d.Phone != "" && !phoneLike(d.Phone):
		return ContactDetails{}, errPhone
	}
	return d, nil
}

// Contact is a person on the chart beside the patient.
type Contact struct {
	ID id.Contact
	ContactDetails
}

// Responsible is who answers for the patient's bills and consents: a contact of the
// chart or the patient of another chart of the practice; zero for nobody.
type Responsible struct {
	Contact id.Contact `json:"contact,omitzero"`
	Chart   id.Chart   `json:"chart,omitzero"`
}

// IsZero reports whether nobody is named.
func (r Responsible) IsZero() bool { return r == Responsible{} }

// AgeOfMajority is the age in full years from which patients answer for themselves.
const AgeOfMajority = 18

// Minor reports whether a patient is not of age yet on a day, which is the practice's
// today; false for those whose birth date is not known. Who is born on 29 February
// comes of age on 1 March.
func Minor(born, today civil.Date) bool {
	return !born.IsZero() && today.Before(civil.DateOf(time.Date(born.Year+AgeOfMajority, born.Month, born.Day, 0, 0, 0, 0, time.UTC)))
}

// contact returns a contact of the chart, and where it stands; -1 for none.
func (s State) contact(c id.Contact) (Contact, int) {
	i := slices.IndexFunc(s.Contacts, func(x Contact) bool { return x.ID == c })
	if i < 0 {
		return Contact{}, i
	}
	return s.Contacts[i], i
}

// save puts a contact in its place, or at the end.
func (s *State) save(c Contact) {
	s.Contacts = slices.Clone(s.Contacts)
	if _, i := s.contact(c.ID); i >= 0 {
		s.Contacts[i] = c
		return
	}
	s.Contacts = append(s.Contacts, c)
}
