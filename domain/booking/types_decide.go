package booking

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

var typeName = text.Line("name of the appointment type", 100)

// AddAppointmentType offers a new kind of appointment (BKG-8, BKG-9). Faults:
// "already_exists", "name_required", "name_taken", "length_out_of_range", and those
// of package text for the name.
type AddAppointmentType struct {
	Terms
	// Clinicians are those who offer it; none means all.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// Decide adds the type.
func (c AddAppointmentType) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	_, exists := s.Types[c.Type]
	terms, err := s.checkTerms(c.Terms)
	err = cmp.Or(fault.When(exists, errAlreadyExists), err)
	return es.Decided[PolicyEvent](err, false, AppointmentTypeAdded{Terms: terms, Clinicians: sorted(c.Clinicians)})
}

// ReviseAppointmentType replaces a type's terms for later bookings (BKG-A12).
// Faults: "type_unknown" and those of AddAppointmentType.
type ReviseAppointmentType struct {
	Terms
	// Clinicians are those who offer it; none means all.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// Decide revises the type, unless nothing would change.
func (c ReviseAppointmentType) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	present, exists := s.Types[c.Type]
	terms, err := s.checkTerms(c.Terms)
	revised := AppointmentTypeRevised{Terms: terms, Clinicians: sorted(c.Clinicians)}
	isSo := terms == present.Terms && slices.Equal(revised.Clinicians, present.Clinicians)
	return es.Decided[PolicyEvent](cmp.Or(fault.When(!exists || present.Retired, errTypeUnknown), err), isSo, revised)
}

// RetireAppointmentType stops offering a type; its appointments stand
// (BKG-A12). Retiring twice is a no-op. Fault: "type_unknown".
type RetireAppointmentType struct {
	Type id.AppointmentType `json:"type"`
}

// Decide retires the type.
func (c RetireAppointmentType) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	present, exists := s.Types[c.Type]
	return es.Decided[PolicyEvent](fault.When(!exists, errTypeUnknown), present.Retired, AppointmentTypeRetired(c))
}

// checkTerms returns the terms as they are recorded. Names are compared without
// regard to case, because patients tell types apart by them; a retired type's
// name is free again.
func (s PolicyState) checkTerms(t Terms) (Terms, error) {
	var err error
	if t.Name, err = typeName.Read(t.Name); err != nil {
		return Terms{}, err
	}
	if err := cmp.Or(
		fault.When(t.Name == "", fault.New(fault.Invalid, "name_required", "An appointment type needs a name.")),
		inRange("length", t.LengthMin, 5, 480),
		inRange("padding", t.PaddingMin, 0, 240),
	); err != nil {
		return Terms{}, err
	}
	if t.StartEveryMin != 0 {
		if err := inRange("distance of starts", t.StartEveryMin, 5, 120); err != nil {
			return Terms{}, err
		}
	}
	for _, other := range s.Types {
		if other.Type != t.Type && !other.Retired && strings.EqualFold(other.Name, t.Name) {
			return Terms{}, fault.New(fault.Rejected, "name_taken", "Another appointment type has this name already. Choose another name, so that patients can tell them apart.")
		}
	}
	return t, nil
}

func inRange(what string, minutes, least, most int) error {
	if minutes < least || minutes > most {
		return fault.New(fault.Invalid, "length_out_of_range", "The %s must be %d to %d minutes.", what, least, most)
	}
	return nil
}

// sorted returns the ids in order, none twice, nil for none.
func sorted[K any](ids []id.Of[K]) []id.Of[K] { return id.Sorted(slices.Values(ids)) }
