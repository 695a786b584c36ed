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
// without a gap and without a number twice (BIL-A22).
func (l eventLog) checkNumbers() error {
	numbers := map[id.Member][]invoice.Number{}
	for _, e := range l {
		if issued, ok := e.Event.(invoice.Issued); ok {
			ledger, err := invoice.ParseLedger(e.Stream)
			if err != nil {
				return err
			}
			numbers[ledger.Clinician] = append(numbers[ledger.Clinician], issued.Sequence)
		}
	}
	for clinician, issued := range numbers {
		slices.Sort(issued)
		for n, number := range issued {
			if number != invoice.Number(n+1) {
				return fmt.Errorf("clinician %s has issued number %d where %d should be", clinician, number, invoice.Number(n+1))
			}
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
