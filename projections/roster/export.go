package roster

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"
)

// CSV returns entries as a file for spreadsheets: RFC 4180, UTF-8, ISO dates,
// UTC times. Text that a spreadsheet would run as a formula is made inert.
func CSV(entries []Entry) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	rows := [][]string{{"chart", "family name", "given name", "birth date", "email", "phone", "status", "archived", "primary clinician", "branch", "opened at"}}
	for _, e := range entries {
		birth := ""
		if e.BirthDate != nil {
			birth = *e.BirthDate
		}
		rows = append(rows, []string{
			e.Chart.String(), inert(e.FamilyName), inert(e.GivenName), birth, inert(e.Email), inert(e.Phone),
			string(e.Status), fmt.Sprint(e.Archived), e.Primary.String(), e.Branch.String(), e.CreatedAt.UTC().Format(time.RFC3339),
		})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("roster: %w", err)
	}
	return out.Bytes(), nil
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
