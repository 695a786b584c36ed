package chart

import (
	"strings"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/text"
)

// Demographics is who the patient is. All of it is personal data. Only a name
// is required; the rest may be empty.
type Demographics struct {
	GivenName  string     `json:"givenName"`
	FamilyName string     `json:"familyName"`
	BirthDate  civil.Date `json:"birthDate"`
	// Email is contact data, never an identity: families share addresses.
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// What is kept about a patient.
var (
	givenName  = text.Line("given name", 100)
	familyName = text.Line("family name", 100)
	email      = text.Email("e-mail address", 254)
	phone      = text.Line("phone number", 32)
)

// read returns the demographics as they are kept. Faults, none of which repeats
// what is wrong: "name_required", "malformed_phone",
// "birth_date_in_future", and those of package text.
func (d Demographics) read(now time.Time, zone *time.Location) (Demographics, error) {
	for _, f := range []struct {
		field text.Field
		at    *string
	}{{givenName, &d.GivenName}, {familyName, &d.FamilyName}, {email, &d.Email}, {phone, &d.Phone}} {
		s, err := f.field.Read(*f.at)
		if err != nil {
			return Demographics{}, err
		}
		*f.at = s
	}
	if zone == nil {
		zone = time.UTC
	}
	return d, d.check(civil.In(now, zone))
}

func (d Demographics) check(today civil.Date) error {
	switch {
	case d.GivenName == "" && d.FamilyName == "":
		return fault.New(fault.Invalid, "name_required", "A patient needs a given name or a family name.")
	case d.Phone != "" && !phoneLike(d.Phone):
		return errPhone
	case d.BirthDate.After(today):
		return fault.New(fault.Invalid, "birth_date_in_future", "The birth date lies in the future.")
	}
	return nil
}

var errPhone = fault.New(fault.Invalid, "malformed_phone", "A phone number may hold digits, blanks and + - . ( ), and has at least three digits.")

func phoneLike(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-.() ", r):
			return false
		}
	}
	return digits >= 3
}
