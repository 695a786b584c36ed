package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// checkNumbers says where the invoices of a clinician are not numbered 1, 2, 3 …
// without a gap and without a number twice, or not as their series says (BIL-A22).
// It is asked when nothing is under way any more, so no number waits for its draft.
func (l eventLog) checkNumbers() error {
	issued := map[id.Member]map[invoice.Number]id.Invoice{}
	given := map[id.Member][]invoice.SeriesEvent{}
	for _, e := range l {
		switch event := e.Event.(type) {
		case invoice.Issued:
			ledger, err := invoice.ParseLedger(e.Stream)
			if err != nil {
				return err
			}
			if issued[ledger.Clinician] == nil {
				issued[ledger.Clinician] = map[invoice.Number]id.Invoice{}
			}
			if _, twice := issued[ledger.Clinician][event.Sequence]; twice {
				return fmt.Errorf("clinician %s has issued number %d twice", ledger.Clinician, event.Sequence)
			}
			issued[ledger.Clinician][event.Sequence] = event.Invoice
		case invoice.SeriesEvent:
			series, err := invoice.ParseSeries(e.Stream)
			if err != nil {
				return err
			}
			given[series.Clinician] = append(given[series.Clinician], event)
		}
	}
	for clinician, numbers := range issued {
		if err := checkSeries(numbers, given[clinician]); err != nil {
			return fmt.Errorf("clinician %s %w, in a series of %+v", clinician, err, given[clinician])
		}
	}
	return nil
}

// checkSeries compares the numbers of a clinician's invoices with those that the
// series has given.
func checkSeries(issued map[invoice.Number]id.Invoice, given []invoice.SeriesEvent) error {
	for n := range invoice.Number(len(issued)) {
		if _, ok := issued[n+1]; !ok {
			return fmt.Errorf("has not issued number %d of %d", n+1, slices.Max(slices.Collect(maps.Keys(issued))))
		}
	}
	series := invoice.SeriesAggregate().Fold(given...)
	if series.Last != invoice.Number(len(issued)) {
		return fmt.Errorf("has issued %d numbers of %d", len(issued), series.Last)
	}
	for number, which := range issued {
		if kept, _ := series.NumberOf(which); kept.Number != number {
			return fmt.Errorf("has issued number %d for invoice %s, for which %d is kept", number, which, kept.Number)
		}
	}
	return nil
}

// span is the time that an appointment takes, padding included.
type span struct{ from, until time.Time }

// checkBookings says where two appointments that stand take the same time of a
// calendar (BKG-I1).
func (l eventLog) checkBookings() error {
	calendars := map[es.Stream]map[id.Appointment]span{}
	for _, e := range l {
		switch event := e.Event.(type) {
		case booking.AppointmentBooked:
			if calendars[e.Stream] == nil {
				calendars[e.Stream] = map[id.Appointment]span{}
			}
			busy := time.Duration(event.Terms.LengthMin+event.Terms.PaddingMin) * time.Minute
			calendars[e.Stream][event.Appointment] = span{event.When.Start, event.When.Start.Add(busy)}
		case booking.AppointmentCancelled:
			delete(calendars[e.Stream], event.Appointment)
		}
	}
	for stream, appointments := range calendars {
		spans := slices.SortedFunc(maps.Values(appointments), func(a, b span) int { return a.from.Compare(b.from) })
		for n := 1; n < len(spans); n++ {
			if spans[n].from.Before(spans[n-1].until) {
				return fmt.Errorf("%s has two appointments at %s", stream, spans[n].from)
			}
		}
	}
	return nil
}
