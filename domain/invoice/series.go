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

// String returns what people read, such as "INV-000042". It grows beyond six
// digits rather than wrap.
func (n Number) String() string { return fmt.Sprintf("INV-%06d", int64(n)) }

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
}

// NumberReleased says that a kept number will be taken by another invoice,
// because its draft was discarded and so can never be issued.
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
	// free are the released numbers, ascending: they are assigned again first.
	free []Number
}

// SeriesAggregate says how the events of a number series fold.
func SeriesAggregate() es.Aggregate[Series, SeriesEvent] {
	return es.Aggregate[Series, SeriesEvent]{
		Category: SeriesCategory,
		New:      func() Series { return Series{held: map[id.Invoice]Number{}} },
		Evolve:   EvolveSeries,
	}
}

// EvolveSeries applies one event.
func EvolveSeries(s *Series, e SeriesEvent) {
	switch e := e.(type) {
	case NumberAssigned:
		s.held[e.Invoice] = e.Sequence
		s.Last = max(s.Last, e.Sequence)
		s.free = slices.DeleteFunc(s.free, func(n Number) bool { return n == e.Sequence })
	case NumberReleased:
		delete(s.held, e.Invoice)
		s.free = append(s.free, e.Sequence)
		slices.Sort(s.free)
	}
}

// NumberOf returns the number kept for an invoice.
func (s Series) NumberOf(i id.Invoice) (Number, bool) {
	n, ok := s.held[i]
	return n, ok
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
// invoice that has a number keeps it: no event.
func (c AssignNumber) Decide(s Series, _ time.Time) ([]SeriesEvent, error) {
	if _, has := s.held[c.Invoice]; has {
		return nil, nil
	}
	n := s.Next()
	return []SeriesEvent{NumberAssigned{Sequence: n, Number: n.String(), Invoice: c.Invoice}}, nil
}

// ReleaseNumber gives back the number of an invoice that will never be issued,
// so that the series stays without gaps.
type ReleaseNumber struct {
	Invoice id.Invoice `json:"invoice"`

	// DraftIsDiscarded is the ledger's word that the invoice can never be issued.
	DraftIsDiscarded bool `json:"-"`
}

// Decide releases; an invoice without a number leads to no event. Fault:
// "draft_not_discarded".
func (c ReleaseNumber) Decide(s Series, _ time.Time) ([]SeriesEvent, error) {
	n, has := s.held[c.Invoice]
	switch {
	case !has:
		return nil, nil
	case !c.DraftIsDiscarded:
		return nil, fault.New(fault.Rejected, "draft_not_discarded", "Invoice %s may still be issued and keeps its number. Discard the draft first.", n)
	}
	return []SeriesEvent{NumberReleased{Sequence: n, Number: n.String(), Invoice: c.Invoice}}, nil
}
