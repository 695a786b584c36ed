package billing

import (
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/projections/reachsql"
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

// conditions returns what every row of the answer must meet.
func (s Selection) conditions(args *reachsql.Args) []string {
	where := []string{reachsql.Condition(s.Reach, scope, args)}
	if len(s.Clinicians) > 0 {
		where = append(where, "clinician_id = any("+args.Add(s.Clinicians)+")")
	}
	if !s.Chart.IsZero() {
		where = append(where, "chart_id = "+args.Add(s.Chart))
	}
	return where
}

// civilDate reads a date column that was selected as text; null is unset.
func civilDate(s *string) (civil.Date, error) {
	if s == nil {
		return civil.Date{}, nil
	}
	return civil.ParseDate(*s)
}
