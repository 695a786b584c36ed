package household

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Summary is what a printed summary of a household says: what the member who printed it could see
// then, by name (H-3).
type Summary struct {
	Group     string `json:"group"`
	Household string `json:"household"`
	// Day is that of the printing in the practice's zone.
	Day       civil.Date `json:"day"`
	Primary   string     `json:"primary"`
	Secondary string     `json:"secondary,omitempty"`
	// Team are the others who have access, and People who belongs to the household.
	Team   []OnTeam   `json:"team"`
	People []Relative `json:"people"`
	// Withheld is how many people the summary leaves out, because their charts were beyond the member
	// who printed it.
	Withheld int `json:"withheld,omitempty"`
}

// OnTeam is a member of the team in a printed summary.
type OnTeam struct {
	Name string        `json:"name"`
	Role careteam.Role `json:"role"`
	// Until is the last day of the place, in the practice's zone; unset is for always.
	Until civil.Date `json:"until,omitzero"`
}

// Relative is somebody of the household in a printed summary.
type Relative struct {
	Name     string `json:"name"`
	Relation string `json:"relation,omitempty"`
}

// PrintSummary records that a summary was printed. Praxis itself makes what is printed, out
// of the household as it was read at Revision.
type PrintSummary struct {
	Summary  id.Document `json:"summary"`
	Revision es.Revision `json:"-"`
	Charts   []id.Chart  `json:"-"`
	SHA256   string      `json:"-"`
	Shown    Summary     `json:"-"`
}

// Decide records it, of a household that has ended as well. Fault: "household_not_found".
func (c PrintSummary) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](fault.When(!s.Exists(), errNotFound), false, SummaryPrinted{
		Summary: c.Summary, Revision: c.Revision, Primary: s.Primary(), Charts: c.Charts, SHA256: c.SHA256, Shown: c.Shown,
	})
}
