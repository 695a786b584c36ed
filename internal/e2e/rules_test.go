package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// requireNumbersWithoutGap proves that the invoices of each clinician are
// numbered 1, 2, 3 … without a gap and without a number twice (BIL-A22).
func (l eventLog) requireNumbersWithoutGap(t *testing.T) {
	t.Helper()
	numbers := map[id.Member][]invoice.Number{}
	for _, e := range l {
		if issued, ok := e.Event.(invoice.Issued); ok {
			ledger, err := invoice.ParseLedger(e.Stream)
			require.NoError(t, err)
			numbers[ledger.Clinician] = append(numbers[ledger.Clinician], issued.Sequence)
		}
	}
	require.Len(t, numbers, len(clinicians))
	for clinician, issued := range numbers {
		slices.Sort(issued)
		for n, number := range issued {
			require.Equal(t, invoice.Number(n+1), number, "invoice numbers of clinician %s", clinician)
		}
	}
}

// requireNoDoubleBooking proves that no two appointments that stand take the
// same time of a calendar, padding included (BKG-I1).
func (l eventLog) requireNoDoubleBooking(t *testing.T) {
	t.Helper()
	type span struct{ from, until time.Time }
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
	require.Len(t, calendars, len(clinicians))
	for stream, appointments := range calendars {
		var spans []span
		for _, s := range appointments {
			spans = append(spans, s)
		}
		slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
		for n := 1; n < len(spans); n++ {
			require.False(t, spans[n].from.Before(spans[n-1].until), "two appointments of %s at %s", stream, spans[n].from)
		}
	}
}
