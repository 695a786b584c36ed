package billing

import (
	"reflect"
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// Selection is whose billing a query is about.
type Selection struct {
	// Reach is what the reader may see (patient_billing.view).
	Reach access.Reach
	// Clinicians are those selected; none selected is the whole group.
	Clinicians []id.Member
	// Chart is the one patient asked for; zero is every patient.
	Chart id.Chart
	// Merged are charts that were merged into Chart: they are the same patient's.
	Merged []id.Chart
}

// scope names what access is decided over: money belongs to the ledger's
// clinician, no matter who else treats the patient.
var scope = reachsql.Columns{Group: "group_id", Clinician: "clinician_id", Chart: "chart_id"}

// where returns what every row of the answer must meet.
func (s Selection) where() *read.Where {
	where := read.Within(s.Reach, scope).Filter("clinician_id = any(?)", s.Clinicians)
	if len(s.Merged) > 0 {
		return where.And("chart_id = any(?)", append([]id.Chart{s.Chart}, s.Merged...))
	}
	return where.Filter("chart_id = ?", s.Chart)
}

// ofWholeClinicians reports whether the selection, and what the reader may see of it, has
// all ledgers of a clinician or none. What of a reach is not known here to be about
// clinicians counts as being about single ledgers.
func (s Selection) ofWholeClinicians() bool {
	if !s.Chart.IsZero() {
		return false
	}
	for _, p := range s.Reach.Parts {
		for _, a := range []*access.Area{&p.Within, &p.Except} {
			// A ledger has no branch, team or subject that these could be met by.
			a.All, a.Clinicians, a.Branches, a.TeamOf, a.About = false, nil, nil, id.Member{}, nil
		}
		if !reflect.ValueOf(p).IsZero() {
			return false
		}
	}
	// A ledger has no places on teams either, which its instant would be for.
	s.Reach.Group, s.Reach.Parts, s.Reach.At = id.Group{}, nil, time.Time{}
	return reflect.ValueOf(s.Reach).IsZero()
}
