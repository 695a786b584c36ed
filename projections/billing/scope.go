package billing

import (
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
}

// scope names what access is decided over: money belongs to the ledger's
// clinician, no matter who else treats the patient.
var scope = reachsql.Columns{Group: "group_id", Clinician: "clinician_id", Chart: "chart_id"}

// where returns what every row of the answer must meet.
func (s Selection) where() *read.Where {
	return read.Within(s.Reach, scope).Filter("clinician_id = any(?)", s.Clinicians).Filter("chart_id = ?", s.Chart)
}
