package chart

import (
	"crypto/sha256"
	"slices"
	"strings"

	"praxis/domain/id"
	"praxis/domain/text"
)

// Likeness is what two charts have in common that may well be of one person.
type Likeness string

// The likenesses: any two of the name in some spelling, the birth date and a way to be
// reached, but for the ways alone, which families share.
const (
	NameAndBirthDate  Likeness = "name_and_birth_date"
	NameAndEmail      Likeness = "name_and_email"
	NameAndPhone      Likeness = "name_and_phone"
	BirthDateAndEmail Likeness = "birth_date_and_email"
	BirthDateAndPhone Likeness = "birth_date_and_phone"
)

// likenesses has them in the order in which Signs are told apart by.
var likenesses = [...]Likeness{NameAndBirthDate, NameAndEmail, NameAndPhone, BirthDateAndEmail, BirthDateAndPhone}

// Sign stands for one thing that a patient can be found by, such as a name with a birth
// date: two charts of a practice that have a sign in common are alike. It is a hash; its
// first byte says which Likeness it is of. It is personal data: who knows the name and the
// date can make it.
type Sign [16]byte

// Of returns what it is that charts with this sign have in common.
func (s Sign) Of() Likeness { return likenesses[int(s[0])%len(likenesses)] }

// Signs returns the signs of a patient of a practice, in their order.
func (d Demographics) Signs(g id.Group) []Sign {
	names, birth, mail, phone := text.Spellings(d.GivenName, d.FamilyName), "", mailbox(d.Email), dialled(d.Phone)
	if !d.BirthDate.IsZero() {
		birth = d.BirthDate.String()
	}
	var signs []Sign
	add := func(of int, one, other string) {
		if one == "" || other == "" {
			return
		}
		sum := sha256.Sum256([]byte(g.String() + "\n" + one + "\n" + other))
		s := Sign(sum[:16])
		s[0] = byte(of)
		signs = append(signs, s)
	}
	for _, name := range names {
		add(0, name, birth)
		add(1, name, mail)
		add(2, name, phone)
	}
	add(3, birth, mail)
	add(4, birth, phone)
	slices.SortFunc(signs, func(a, b Sign) int { return slices.Compare(a[:], b[:]) })
	return signs
}

// InCommon returns what charts with these signs have in common, each likeness once.
func InCommon(one, other []Sign) (in []Likeness) {
	for _, s := range one {
		if slices.Contains(other, s) && !slices.Contains(in, s.Of()) {
			in = append(in, s.Of())
		}
	}
	return in
}

// mailbox is an address as it is compared: without regard to case, and to what people put
// behind a + to have several addresses of one mailbox.
func mailbox(address string) string {
	local, host, _ := strings.Cut(strings.ToLower(address), "@")
	before, _, _ := strings.Cut(local, "+")
	if before == "" {
		before = local
	}
	return strings.TrimSuffix(before+"@"+host, "@")
}

// The digits that a number is compared by. Fewer are an extension and not a person's; more
// are those of the country and of long distance, which people leave out or write as they like.
const (
	fewestDigits = 6
	comparedEnd  = 9
)

// dialled is a number as it is compared: its last digits; "" for one that is too short.
func dialled(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if len(digits) < fewestDigits {
		return ""
	}
	return digits[max(0, len(digits)-comparedEnd):]
}

// Alike is a chart that may be of the same person.
type Alike struct {
	Chart id.Chart
	// Name is the patient's; personal data.
	Name string
	// In is what the charts have in common.
	In []Likeness
}
