// Package id holds the identifiers of Praxis as distinct types, so that a chart
// can never be passed where a member is meant. Every identifier is a UUID. The
// package imports google/uuid and nothing of ours but fault.
package id

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"slices"

	"github.com/google/uuid"

	"praxis/domain/fault"
)

// Of is a UUID that names a thing of kind K. The kinds are phantom types: they
// cost nothing at run time and stop mix-ups at compile time.
type Of[K any] [16]byte

type (
	groupKind       struct{}
	memberKind      struct{}
	accountKind     struct{}
	invitationKind  struct{}
	branchKind      struct{}
	chartKind       struct{}
	contactKind     struct{}
	bulkKind        struct{}
	householdKind   struct{}
	personKind      struct{}
	documentKind    struct{}
	chargeKind      struct{}
	invoiceKind     struct{}
	paymentKind     struct{}
	reserveKind     struct{}
	blockKind       struct{}
	appointmentKind struct{}
	typeKind        struct{}
	licenceKind     struct{}
	seatChargeKind  struct{}
	refundKind      struct{}
	proofKind       struct{}
	commandKind     struct{}
	eventKind       struct{}
	logKind         struct{}
)

// The identifiers of the practice.
type (
	// Group names a group practice, the tenant.
	Group = Of[groupKind]
	// Member names one person's membership in one group. A clinician is a member.
	Member = Of[memberKind]
	// Account names a sign-in identity, derived from the issuer and subject of its tokens.
	Account = Of[accountKind]
	// Invitation names an invitation to join a group.
	Invitation = Of[invitationKind]
	// Branch names a location of a group.
	Branch = Of[branchKind]
	// Chart names a patient's chart in a group.
	Chart = Of[chartKind]
	// Contact names a person on a patient's chart: a parent, a neighbour, a guardian.
	Contact = Of[contactKind]
	// Bulk names one operation on many charts.
	Bulk = Of[bulkKind]
	// Household names people who are looked after together, such as a couple or a family.
	Household = Of[householdKind]
	// Person names a person of a household.
	Person = Of[personKind]
	// Document names what was printed for people.
	Document = Of[documentKind]
	// Charge names a billable item of a ledger.
	Charge = Of[chargeKind]
	// Invoice names an invoice of a ledger.
	Invoice = Of[invoiceKind]
	// Payment names a payment received on a ledger.
	Payment = Of[paymentKind]
	// Reserve names reserved time in a booking calendar.
	Reserve = Of[reserveKind]
	// Block names blocked time in a booking calendar.
	Block = Of[blockKind]
	// Appointment names a booked appointment.
	Appointment = Of[appointmentKind]
	// AppointmentType names a kind of appointment that can be booked.
	AppointmentType = Of[typeKind]
	// Licence names a clinician licence that a practice owns.
	Licence = Of[licenceKind]
	// SeatCharge names a charge of a practice's subscription, never one of a patient.
	SeatCharge = Of[seatChargeKind]
	// Refund names money of a practice's subscription that goes back to it.
	Refund = Of[refundKind]
	// TraineeProof names a proof that somebody is in training.
	TraineeProof = Of[proofKind]
	// Command names one intention of one caller; retries of it carry the same id.
	Command = Of[commandKind]
	// Event names one recorded event.
	Event = Of[eventKind]
	// Log names one event log, from its first use on.
	Log = Of[logKind]
)

// namespace is the UUIDv5 namespace of everything Praxis derives.
var namespace = uuid.MustParse("6f3a6f4e-2f0c-5d0a-9c53-7d1d1c3fbe10")

// New returns a random identifier. It is for callers at the edge: inside a
// decision, identifiers are derived from the command, so that a retry names the
// same things.
func New[I ~[16]byte]() I { return I(uuid.New()) }

// Parse reads an identifier, as in id.Parse[id.Chart](s), in the canonical
// 36-character lower-case form. Other forms of UUIDs are refused, so that one
// thing has one spelling. The error never echoes the input.
func Parse[I ~[16]byte](s string) (I, error) {
	if len(s) != 36 {
		return I{}, errMalformed
	}
	u, err := uuid.Parse(s)
	if err != nil || u.String() != s {
		return I{}, errMalformed
	}
	return I(u), nil
}

var errMalformed = fault.New(fault.Invalid, "malformed_id", "An id must be a UUID in its 36-character lower-case form, such as 018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e.")

// MustParse is Parse for constants in tests and demo data; it panics on a malformed id.
func MustParse[I ~[16]byte](s string) I { return fault.Must(Parse[I](s)) }

// Derive returns the identifier that the given parts always lead to (UUIDv5
// over their unambiguous concatenation).
func Derive[I ~[16]byte](parts ...string) I {
	h := sha256.New()
	for _, p := range parts {
		// Length prefixes keep ("ab","c") and ("a","bc") apart.
		h.Write([]byte{byte(len(p) >> 24), byte(len(p) >> 16), byte(len(p) >> 8), byte(len(p))})
		h.Write([]byte(p))
	}
	return I(uuid.NewSHA1(namespace, h.Sum(nil)))
}

// From returns the identifier of a new thing named by role that command c brings into being.
func From[I ~[16]byte](c Command, role string) I { return Derive[I]("command", c.String(), role) }

// String returns the canonical 36-character form.
func (i Of[K]) String() string { return uuid.UUID(i).String() }

// IsZero reports whether the identifier is unset.
func (i Of[K]) IsZero() bool { return i == Of[K]{} }

// Compare orders identifiers of one kind by their bytes.
func (i Of[K]) Compare(o Of[K]) int { return bytes.Compare(i[:], o[:]) }

// Sorted returns identifiers in their order, each once: a set has one spelling.
func Sorted[K any](ids iter.Seq[Of[K]]) []Of[K] {
	return slices.Compact(slices.SortedFunc(ids, Of[K].Compare))
}

// UUID returns the identifier as a plain UUID, for adapters.
func (i Of[K]) UUID() uuid.UUID { return uuid.UUID(i) }

// MarshalText writes the canonical form; JSON uses it too.
func (i Of[K]) MarshalText() ([]byte, error) { return uuid.UUID(i).MarshalText() }

// UnmarshalText reads the canonical form.
func (i *Of[K]) UnmarshalText(b []byte) error {
	v, err := Parse[Of[K]](string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}
