package invoice

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Number is an invoice's place in its clinician's series, from 1 (BIL-A22).
type Number int64

// With returns what people read, such as "KM-000042": the prefix of the clinician
// in front. It grows beyond six digits rather than wrap. Numbers from before there
// were prefixes begin with "INV".
func (n Number) With(prefix string) string { return fmt.Sprintf("%s-%06d", prefix, int64(n)) }

// SeriesEvent is a fact of a number series.
//
//sumtype:decl
type SeriesEvent interface{ isSeriesEvent() }

// NumberAssigned says that a number is kept for one invoice, before that is
// issued: a crash in between can neither lose the number nor give it twice.
type NumberAssigned struct {
	Sequence Number     `json:"sequence"`
	Number   string     `json:"number"`
	Invoice  id.Invoice `json:"invoice"`
	// Chart says in which of the clinician's ledgers the invoice is; zero in events
	// from before it was noted.
	Chart id.Chart `json:"chart,omitzero"`
}

// NumberReleased says that a kept number will be taken by another invoice: its draft
// was discarded and so can never be issued, or not under this keeping (NumberWithdrawn).
type NumberReleased struct {
	Sequence Number     `json:"sequence"`
	Number   string     `json:"number"`
	Invoice  id.Invoice `json:"invoice"`
}

func (NumberAssigned) isSeriesEvent() {}
func (NumberReleased) isSeriesEvent() {}

// Series is the number series of one clinician at one revision.
type Series struct {
	// Last is the highest number ever assigned.
	Last Number
	held map[id.Invoice]Number
	// kept counts how often a number was assigned, and keepings says the how manieth
	// time an invoice got the number that it holds.
	kept     int
	keepings map[id.Invoice]int
	// texts are the held numbers as people read them.
	texts map[Number]string
	// free are the released numbers, ascending: they are assigned again first.
	free []Number
}

// SeriesAggregate says how the events of a number series fold.
func SeriesAggregate() es.Aggregate[Series, SeriesEvent] {
	return es.Aggregate[Series, SeriesEvent]{
		Category: SeriesCategory,
		New: func() Series {
			return Series{held: map[id.Invoice]Number{}, keepings: map[id.Invoice]int{}, texts: map[Number]string{}}
		},
		Evolve: EvolveSeries,
	}
}

// EvolveSeries applies one event.
func EvolveSeries(s *Series, e SeriesEvent) {
	switch e := e.(type) {
	case NumberAssigned:
		s.kept++
		s.held[e.Invoice], s.keepings[e.Invoice] = e.Sequence, s.kept
		s.texts[e.Sequence] = e.Number
		s.Last = max(s.Last, e.Sequence)
		s.free = slices.DeleteFunc(s.free, func(n Number) bool { return n == e.Sequence })
	case NumberReleased:
		delete(s.held, e.Invoice)
		delete(s.keepings, e.Invoice)
		delete(s.texts, e.Sequence)
		s.free = append(s.free, e.Sequence)
		slices.Sort(s.free)
	}
}

// NumberOf returns the number kept for an invoice, or with its text left out the one
// that it would get now.
func (s Series) NumberOf(i id.Invoice) (n Numbered, held bool) {
	if number, held := s.held[i]; held {
		return Numbered{Number: number, Text: s.texts[number], Keeping: s.keepings[i]}, true
	}
	return Numbered{Number: s.Next(), Keeping: s.kept + 1}, false
}

// Next returns the number that the next invoice without one gets: the lowest
// released, else the one after the last.
func (s Series) Next() Number {
	if len(s.free) > 0 {
		return s.free[0]
	}
	return s.Last + 1
}

// Held returns the numbers of all invoices that have one, ascending.
func (s Series) Held() []Number { return slices.Sorted(maps.Values(s.held)) }

// AssignNumber keeps the next number for an invoice that is about to be issued.
type AssignNumber struct {
	Invoice id.Invoice `json:"invoice"`
}

// Decide assigns the lowest released number, else the one after the last. An
// invoice that has a number keeps it: no event. Fault: "prefix_required".
func (c AssignNumber) Decide(s Series, f Keeping, _ time.Time) ([]SeriesEvent, error) {
	if _, has := s.held[c.Invoice]; has {
		return nil, nil
	}
	if f.Prefix == "" {
		return nil, fault.New(fault.Internal, "prefix_required", "A number is assigned only under the prefix of its clinician.")
	}
	n := s.Next()
	return []SeriesEvent{NumberAssigned{Sequence: n, Number: n.With(f.Prefix), Invoice: c.Invoice, Chart: f.Chart}}, nil
}

// ReleaseNumber gives back the number of an invoice that will never be issued under it,
// so that the series stays without gaps.
type ReleaseNumber struct {
	Invoice id.Invoice `json:"invoice"`
}

// Decide releases; an invoice without a number leads to no event. Fault:
// "draft_not_discarded".
func (c ReleaseNumber) Decide(s Series, f Fence, _ time.Time) ([]SeriesEvent, error) {
	n, has := s.held[c.Invoice]
	switch {
	case !has:
		return nil, nil
	case !f.Discarded && f.Withdrawn < s.keepings[c.Invoice]:
		return nil, fault.New(fault.Rejected, "draft_not_discarded", "Invoice %s may still be issued and keeps its number. Discard the draft first.", s.texts[n])
	}
	return []SeriesEvent{NumberReleased{Sequence: n, Number: s.texts[n], Invoice: c.Invoice}}, nil
}
