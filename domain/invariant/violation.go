package invariant

import (
	"cmp"
	"slices"

	"praxis/domain/es"
	"praxis/domain/id"
)

// Place is one event, or how far a stream was when it was looked at.
type Place struct {
	Stream   es.Stream   `json:"stream"`
	Revision es.Revision `json:"revision"`
}

// Thing is something that a violation is about, by its kind and id.
type Thing struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Violation is one place in which a rule does not hold. It names ids only.
type Violation struct {
	Rule Rule `json:"rule"`
	// Group is the practice; zero where it belongs to none.
	Group id.Group `json:"group,omitzero"`
	// Places are the events that led to it, the one to blame first.
	Places []Place `json:"places"`
	Things []Thing `json:"things,omitempty"`
}

// ID returns the id of the first thing of a kind; "" if there is none.
func (v Violation) ID(kind string) string {
	for _, t := range v.Things {
		if t.Kind == kind {
			return t.ID
		}
	}
	return ""
}

// The kinds of things.
const (
	KindEvent       = "event"
	KindMember      = "member"
	KindAccount     = "account"
	KindLicence     = "licence"
	KindCharge      = "charge"
	KindBranch      = "branch"
	KindChart       = "chart"
	KindInvoice     = "invoice"
	KindPayment     = "payment"
	KindAppointment = "appointment"
)

func thing[K any](kind string, i id.Of[K]) Thing { return Thing{kind, i.String()} }

func compare(a, b Violation) int {
	return cmp.Or(
		cmp.Compare(order(a.Rule), order(b.Rule)),
		slices.Compare(a.Group[:], b.Group[:]),
		slices.CompareFunc(a.Places, b.Places, func(a, b Place) int {
			return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Revision, b.Revision))
		}),
		slices.CompareFunc(a.Things, b.Things, func(a, b Thing) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
		}),
	)
}

func order(r Rule) int {
	return slices.IndexFunc(Rules(), func(e Explanation) bool { return e.Rule == r })
}
