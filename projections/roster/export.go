package roster

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"praxis/domain/id"
)

// Sheet is what a file for spreadsheets says beside its entries.
type Sheet struct {
	// Clinicians and Branches are the names of ids; an id without one stands alone.
	Clinicians map[id.Member]string
	Branches   map[id.Branch]string
	// AsOf is when the file was made, Position how far in the log it reflects.
	AsOf     time.Time
	Position string
	// BOM puts the byte order mark first, without which some spreadsheets take UTF-8
	// for something else.
	BOM bool
}

// CSV returns entries as a file for spreadsheets: RFC 4180, UTF-8, ISO dates, UTC
// times; the last line says as of when. Every text is in quotes, and what a
// spreadsheet would run as a formula in it is made inert.
func (s Sheet) CSV(entries []Entry) []byte {
	var out bytes.Buffer
	if s.BOM {
		out.WriteString("\ufeff")
	}
	line := func(cells ...string) { out.WriteString(strings.Join(cells, ",") + "\r\n") }
	header := []string{
		"chart", "family name", "given name", "birth date", "email", "phone", "status", "archived",
		"primary clinician", "primary clinician id", "team", "branch", "branch id", "opened at",
	}
	line(header...)
	for _, e := range entries {
		birth := ""
		if e.BirthDate != nil {
			birth = *e.BirthDate
		}
		line(
			e.Chart.String(), quoted(inert(e.FamilyName)), quoted(inert(e.GivenName)), birth, quoted(inert(e.Email)), quoted(phone(e.Phone)),
			string(e.Status), fmt.Sprint(e.Archived), quoted(inert(s.Clinicians[e.Primary])), e.Primary.String(), quoted(inert(s.team(e.Team))),
			quoted(inert(s.Branches[e.Branch])), e.Branch.String(), e.CreatedAt.UTC().Format(time.RFC3339),
		)
	}
	last := make([]string, len(header))
	last[0] = quoted("as of " + s.AsOf.UTC().Format(time.RFC3339) + ", position " + s.Position)
	line(last...)
	return out.Bytes()
}

// team lists the other members of a care team by name, by id where there is none.
func (s Sheet) team(members []id.Member) string {
	names := make([]string, 0, len(members))
	for _, m := range members {
		name := s.Clinicians[m]
		if name == "" {
			name = m.String()
		}
		names = append(names, name)
	}
	return strings.Join(names, "; ")
}

// quoted writes a text as a cell.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// inert keeps a spreadsheet from taking a text, or a part of it, for a formula: an
// apostrophe stands before whatever begins with the sign of one. Parts begin behind
// each character that a spreadsheet may have been told to split cells at. It may
// leave out blanks and what cannot be seen, so these do not count as a beginning.
func inert(text string) string {
	var out, skipped strings.Builder
	begins := true
	for _, r := range text {
		switch {
		case strings.ContainsRune(";,|\t\r\n\"", r):
			out.WriteString(skipped.String())
			skipped.Reset()
			out.WriteRune(r)
			begins = true
		case begins && unseen(r):
			skipped.WriteRune(r)
		default:
			if begins && strings.ContainsRune("=+-@＝＋－＠", r) {
				out.WriteByte('\'')
			}
			out.WriteString(skipped.String())
			skipped.Reset()
			out.WriteRune(r)
			begins = false
		}
	}
	return out.String() + skipped.String()
}

// unseen reports whether a program may show, or keep, nothing in the place of r.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Z, unicode.C, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
}

// phone writes a number so that a spreadsheet shows it as it is: digits alone would
// be a number, without + and leading zeros, and +1-555-0100 a sum. Blanks between
// the digits make it text and mean nothing in a phone number, nor does a + behind one.
func phone(number string) string {
	groups := strings.FieldsFunc(number, func(r rune) bool { return strings.ContainsRune("+-.() ", r) })
	plain := inert(strings.Join(groups, " "))
	if plain != "" && strings.HasPrefix(strings.TrimLeft(number, "-.() "), "+") {
		plain = "+" + plain
	}
	if len(groups) == 1 && len(plain) > 4 {
		return plain[:len(plain)-4] + " " + plain[len(plain)-4:]
	}
	return plain
}
