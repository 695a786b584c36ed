package chart

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"praxis/domain/civil"
	"praxis/domain/fault"
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

// The limits of what is kept about a patient, in characters.
const (
	maxName  = 100
	maxEmail = 254
	maxPhone = 32
)

// normalized returns the demographics without surrounding blanks.
func (d Demographics) normalized() Demographics {
	for _, s := range [...]*string{&d.GivenName, &d.FamilyName, &d.Email, &d.Phone} {
		*s = strings.TrimSpace(*s)
	}
	return d
}

// check says what is wrong with normalized demographics, without repeating it.
func (d Demographics) check(now time.Time) error {
	switch {
	case d.GivenName == "" && d.FamilyName == "":
		return fault.New(fault.Invalid, "name_required", "A patient needs a given name or a family name.")
	case !plain(d.GivenName, maxName) || !plain(d.FamilyName, maxName):
		return fault.New(fault.Invalid, "malformed_name", "A name must be at most %d characters of plain text.", maxName)
	case d.Email != "" && !emailLike(d.Email):
		return fault.New(fault.Invalid, "malformed_email", "An e-mail address must look like name@example.org.")
	case d.Phone != "" && !phoneLike(d.Phone):
		return fault.New(fault.Invalid, "malformed_phone", "A phone number may hold digits, blanks and + - . ( ), at most %d characters.", maxPhone)
	case d.BirthDate.After(latestToday(now)):
		return fault.New(fault.Invalid, "birth_date_in_future", "The birth date lies in the future.")
	}
	return nil
}

// latestToday is the date in the time zone furthest ahead (UTC+14): later dates
// are in the future everywhere.
func latestToday(now time.Time) civil.Date { return civil.In(now.Add(14*time.Hour), time.UTC) }

func plain(s string, limit int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= limit && strings.IndexFunc(s, unicode.IsControl) < 0
}

func emailLike(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && host != "" && plain(s, maxEmail) && !strings.ContainsAny(host, "@") && strings.IndexFunc(s, unicode.IsSpace) < 0
}

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
	return digits >= 3 && len(s) <= maxPhone
}
