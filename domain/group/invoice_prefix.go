package group

import (
	"regexp"
	"strconv"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// InvoicePrefixChosen settles what the numbers of a clinician's invoices begin
// with. It is unique in the practice and never changes, so that a number such as
// KM-000001 names one invoice (BIL-A22).
type InvoicePrefixChosen struct {
	Member id.Member `json:"member"`
	Prefix string    `json:"prefix"`
}

// ChooseInvoicePrefix settles the prefix of a clinician, once: before the first
// invoice somebody may choose it, and the first invoice takes the default. The same
// choice again changes nothing. Rejections: "member_not_found",
// "malformed_invoice_prefix", "invoice_prefix_settled", "invoice_prefix_taken".
type ChooseInvoicePrefix struct {
	Member id.Member `json:"member"`
	// Prefix is what was chosen; empty asks for the default.
	Prefix string `json:"prefix"`
}

// prefixes are what people may choose; the form of the defaults and what numbers
// began with before there were prefixes are kept for themselves.
var (
	prefixes = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,5}$`)
	reserved = regexp.MustCompile(`^(C[0-9]+|INV)$`)
)

// Decide settles the prefix.
func (c ChooseInvoicePrefix) Decide(s State, _ time.Time) ([]Event, error) {
	if _, known := s.Member(c.Member); !known {
		return nil, errNoMember
	}
	settled, has := s.prefixes[c.Member]
	switch {
	case has && (c.Prefix == "" || c.Prefix == settled):
		return nil, nil
	case has:
		return nil, fault.New(fault.Rejected, "invoice_prefix_settled", "The numbers of this clinician's invoices begin with %s. That is chosen once.", settled).With("prefix", settled)
	case c.Prefix == "":
		return []Event{InvoicePrefixChosen{Member: c.Member, Prefix: s.defaultPrefix(c.Member)}}, nil
	case !prefixes.MatchString(c.Prefix) || reserved.MatchString(c.Prefix):
		return nil, fault.New(fault.Invalid, "malformed_invoice_prefix", "A prefix is 1 to 6 capital letters and digits and begins with a letter, such as KM. INV, and C with digits, are taken by Praxis.")
	}
	for other, taken := range s.prefixes {
		if taken == c.Prefix {
			return nil, fault.New(fault.Rejected, "invoice_prefix_taken", "The invoices of another clinician of the practice begin with %s. Choose another prefix.", taken).With("member", other.String())
		}
	}
	return []Event{InvoicePrefixChosen(c)}, nil
}

// InvoicePrefix returns what the numbers of a member's invoices begin with, and
// whether that is settled; if not, it is the default. Rejection: "member_not_found".
func (s State) InvoicePrefix(m id.Member) (prefix string, settled bool, err error) {
	if _, known := s.Member(m); !known {
		return "", false, errNoMember
	}
	if prefix, settled = s.prefixes[m]; settled {
		return prefix, true, nil
	}
	return s.defaultPrefix(m), false, nil
}

// defaultPrefix names a member by their place in the order of joining, which never
// changes.
func (s State) defaultPrefix(m id.Member) string {
	return "C" + strconv.Itoa(s.byMember[m]+1)
}
