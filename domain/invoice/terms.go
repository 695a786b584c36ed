package invoice

import (
	"strconv"
	"strings"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

// TermsKind is how a due date follows from an invoice date (BIL-A14).
type TermsKind string

// The kinds of payment terms.
const (
	// OnReceipt makes an invoice due on its date.
	OnReceipt TermsKind = "on_receipt"
	// Net makes it due a number of calendar days after its date.
	Net TermsKind = "net"
	// EndOfMonth makes it due on the last day of its month.
	EndOfMonth TermsKind = "eom"
	// AfterEndOfMonth makes it due a number of days after the last day of its month.
	AfterEndOfMonth TermsKind = "after_eom"
	// FixedDate makes it due on a day agreed.
	FixedDate TermsKind = "fixed"
	// NoDueDate makes it never overdue.
	NoDueDate TermsKind = "none"
)

// maxTermDays bounds the days of terms to ten years.
const maxTermDays = 3650

// Terms say when an invoice is due. They are copied into the invoice: changing
// a default never moves what was issued. In JSON, SQL and HTTP they are one
// word: on_receipt, net_30, eom, 30_after_eom, fixed_2026-05-01 or none.
type Terms struct {
	Kind TermsKind
	// Days counts calendar days, for Net and AfterEndOfMonth.
	Days int
	// Date is the day agreed, for FixedDate.
	Date civil.Date
}

// ParseTerms reads the one-word form. Fault: "malformed_terms".
func ParseTerms(s string) (Terms, error) {
	t := Terms{Kind: TermsKind(s)}
	if days, ok := strings.CutPrefix(s, "net_"); ok {
		t = Terms{Kind: Net, Days: atoi(days)}
	} else if days, ok := strings.CutSuffix(s, "_after_eom"); ok {
		t = Terms{Kind: AfterEndOfMonth, Days: atoi(days)}
	} else if day, ok := strings.CutPrefix(s, "fixed_"); ok {
		// A malformed day leaves the date unset, which is refused below.
		date, _ := civil.ParseDate(day)
		t = Terms{Kind: FixedDate, Date: date}
	}
	if err := t.check(); err != nil || t.String() != s {
		return Terms{}, errTerms
	}
	return t, nil
}

// String returns the one-word form.
func (t Terms) String() string {
	switch t.Kind {
	case Net:
		return "net_" + strconv.Itoa(t.Days)
	case AfterEndOfMonth:
		return strconv.Itoa(t.Days) + "_after_eom"
	case FixedDate:
		return "fixed_" + t.Date.String()
	case OnReceipt, EndOfMonth, NoDueDate:
	}
	return string(t.Kind)
}

// MarshalText writes the one-word form; JSON uses it too.
func (t Terms) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the one-word form.
func (t *Terms) UnmarshalText(b []byte) error {
	v, err := ParseTerms(string(b))
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// DueDate returns the day on which an invoice of the given date is due, and the
// zero date for NoDueDate (BIL-A14).
func (t Terms) DueDate(invoice civil.Date) civil.Date {
	switch t.Kind {
	case OnReceipt:
		return invoice
	case Net:
		return invoice.Add(t.Days)
	case EndOfMonth:
		return invoice.EndOfMonth()
	case AfterEndOfMonth:
		return invoice.EndOfMonth().Add(t.Days)
	case FixedDate:
		return t.Date
	case NoDueDate:
	}
	return civil.Date{}
}

// check says whether the terms are among those that Praxis knows.
func (t Terms) check() error {
	ok := false
	switch t.Kind {
	case OnReceipt, EndOfMonth, NoDueDate:
		ok = t.Days == 0 && t.Date.IsZero()
	case Net, AfterEndOfMonth:
		ok = t.Days >= 0 && t.Days <= maxTermDays && t.Date.IsZero()
	case FixedDate:
		ok = t.Days == 0 && !t.Date.IsZero()
	}
	return fault.When(!ok, errTerms)
}

// atoi reads a number of days; whatever is none becomes one that check refuses.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

var errTerms = fault.New(fault.Invalid, "malformed_terms", "Terms must be on_receipt, net_<days>, eom, <days>_after_eom, fixed_<YYYY-MM-DD> or none, with at most %d days.", maxTermDays)
