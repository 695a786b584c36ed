package roster

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

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
// times; the last line says as of when. Text that a spreadsheet would run as a
// formula is made inert.
func (s Sheet) CSV(entries []Entry) ([]byte, error) {
	var out bytes.Buffer
	if s.BOM {
		out.WriteString("\ufeff")
	}
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	header := []string{
		"chart", "family name", "given name", "birth date", "email", "phone", "status", "archived",
		"primary clinician", "primary clinician id", "team", "branch", "branch id", "opened at",
	}
	rows := [][]string{header}
	for _, e := range entries {
		birth := ""
		if e.BirthDate != nil {
			birth = *e.BirthDate
		}
		rows = append(rows, []string{
			e.Chart.String(), inert(e.FamilyName), inert(e.GivenName), birth, inert(e.Email), phone(e.Phone),
			string(e.Status), fmt.Sprint(e.Archived), inert(s.Clinicians[e.Primary]), e.Primary.String(), s.team(e.Team),
			inert(s.Branches[e.Branch]), e.Branch.String(), e.CreatedAt.UTC().Format(time.RFC3339),
		})
	}
	last := make([]string, len(header))
	last[0] = "as of " + s.AsOf.UTC().Format(time.RFC3339) + ", position " + s.Position
	if err := w.WriteAll(append(rows, last)); err != nil {
		return nil, fmt.Errorf("roster: %w", err)
	}
	return out.Bytes(), nil
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
	return inert(strings.Join(names, "; "))
}

// inert keeps a spreadsheet from taking a text for a formula.
func inert(cell string) string {
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, sign) {
			return "'" + cell
		}
	}
	return cell
}

// phone writes a number so that a spreadsheet shows it as it is: digits alone would
// be a number, without + and leading zeros, and +1-555-0100 a sum. Blanks between
// the digits make it text and mean nothing in a phone number.
func phone(number string) string {
	groups := strings.FieldsFunc(number, func(r rune) bool { return strings.ContainsRune("-.() ", r) })
	plain := strings.Join(groups, " ")
	if len(groups) == 1 && len(plain) > 4 {
		return plain[:len(plain)-4] + " " + plain[len(plain)-4:]
	}
	return plain
}
