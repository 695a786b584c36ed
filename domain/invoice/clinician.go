package invoice

import (
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Action is something about money that belongs to one clinician.
type Action string

// The actions that need exactly one clinician.
const (
	// ToRecordPayment is BIL-17.
	ToRecordPayment Action = "record a payment"
	// ToGenerateStatement is BIL-18.
	ToGenerateStatement Action = "generate a statement"
	// ToDraftInvoice is BIL-19.
	ToDraftInvoice Action = "create an invoice"
)

// RequireOneClinician returns the one clinician selected (BIL-17 to BIL-19). None
// selected means the whole group, which is as little one clinician as several
// are. Naming one twice is naming one. Fault: "select_one_clinician".
func RequireOneClinician(to Action, selected []id.Member) (id.Member, error) {
	var one id.Member
	for _, m := range selected {
		if m.IsZero() || !one.IsZero() && m != one {
			one = id.Member{}
			break
		}
		one = m
	}
	if one.IsZero() {
		return id.Member{}, fault.New(fault.Rejected, "select_one_clinician", "Select exactly one clinician to %s.", to)
	}
	return one, nil
}
