package pdf

import (
	"fmt"

	"praxis/domain/careteam"
	"praxis/domain/household"
	"praxis/domain/id"
)

// Household prints the summary of a household: who is responsible for it, who else has
// access and who belongs to it, as of one revision (H-3).
func Household(h id.Household, printed household.SummaryPrinted) ([]byte, error) {
	s := printed.Shown
	p := newPage("Household summary", fmt.Sprintf("Revision %d of household %s, printed on %s", printed.Revision, h, s.Day))
	p.SetTextColor(110, 110, 110)
	p.text("", 10, line, s.Group)
	p.SetTextColor(0, 0, 0)
	p.text("B", 18, 9, s.Household)
	p.text("", 10, line, "Household summary, "+s.Day.String())

	p.heading("Primary professional")
	p.text("B", 13, 7, s.Primary)
	if s.Secondary != "" {
		p.row(s.Secondary, "stands in for the primary")
	}
	p.heading("Also has access")
	for _, m := range s.Team {
		role := roles[m.Role]
		if !m.Until.IsZero() {
			role += ", until " + m.Until.String()
		}
		p.row(m.Name, role)
	}
	if len(s.Team) == 0 {
		p.row("No one else.", "")
	}
	p.heading("Members of the household")
	for _, r := range s.People {
		p.row(r.Name, r.Relation)
	}
	switch {
	case s.Withheld == 1:
		p.row("One more, whose chart is not open to the member who printed this.", "")
	case s.Withheld > 1:
		p.row(fmt.Sprintf("%d more, whose charts are not open to the member who printed this.", s.Withheld), "")
	case len(s.People) == 0:
		p.row("None are named.", "")
	}
	return p.bytes()
}

var roles = map[careteam.Role]string{
	careteam.Primary: "primary professional", careteam.Clinician: "clinician", careteam.Support: "support",
}
