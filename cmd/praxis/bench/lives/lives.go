// Package lives makes up years of practices for measurements: people, licences,
// charts, bookings and billing. Every event was decided by the domain; the same
// number of a practice always has the same life. It imports the domain only.
package lives

import (
	"errors"
	"time"

	"praxis/domain/booking"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// Stream is what happened in one stream, in order.
type Stream struct {
	Name   es.Stream
	Events []any
}

const currency = "USD"

// life is one practice while its events are decided.
type life struct {
	Shape
	group id.Group
	main  id.Branch
	book  pricing.Book
	staff []id.Member
	facts chart.Group
	emit  func(Stream) error
	err   error
}

// Of returns what happened in the n-th practice, about 12,000 events.
func Of(n int) (streams []Stream, err error) {
	err = Tell(n, usual, func(s Stream) error {
		streams = append(streams, s)
		return nil
	})
	return streams, err
}

// Tell decides what happened in the n-th practice, which is of a shape of its own, and
// hands out each stream as it is whole: the practice's first.
func Tell(n int, shape Shape, emit func(Stream) error) error {
	l := &life{Shape: shape, group: Group(n), emit: emit}
	l.book = pricing.Aggregate().Fold(pricing.PriceBookPublished{
		Version: 1, Currency: currency, EffectiveFrom: civil.MustDate("2022-01-01"), Prices: pricing.FirstPrices(),
	})
	l.practice()
	for m := range l.Clinicians {
		if l.err != nil {
			return l.err
		}
		l.clinician(m)
	}
	return l.err
}

// stream folds what is decided about one aggregate.
type stream[S, E any] struct {
	life   *life
	state  S
	evolve func(*S, E)
	events []any
}

func about[S, E any](l *life, a es.Aggregate[S, E], evolve func(*S, E)) *stream[S, E] {
	return &stream[S, E]{life: l, state: a.New(), evolve: evolve}
}

// did takes a decision.
func (s *stream[S, E]) did(events []E, err error) {
	s.life.err = errors.Join(s.life.err, err)
	for _, e := range events {
		s.evolve(&s.state, e)
		s.events = append(s.events, e)
	}
}

func (s *stream[S, E]) end(name es.Stream) {
	if s.life.err == nil {
		s.life.err = s.life.emit(Stream{name, s.events})
	}
}

// clinician treats a share of the patients: charts, ledgers, and one calendar.
func (l *life) clinician(n int) {
	m := l.staff[n]
	visit := booking.Terms{Type: VisitType(l.group), Name: "Visit", LengthMin: 50, PaddingMin: 10, StartEveryMin: 30}
	settings := about(l, booking.PolicyAggregate(), booking.EvolvePolicy)
	settings.did(booking.AddAppointmentType{Terms: visit}.Decide(settings.state, l.Began))
	settings.did(booking.TurnOnlineBookingOn{}.Decide(settings.state, l.Began))
	settings.did(booking.AllowSelfService{}.Decide(settings.state, l.Began))
	facts := booking.Facts{Policy: settings.state.Snapshot(0), Zone: time.UTC, ClinicianOnChart: true}
	if n == 0 {
		settings.end(booking.PolicyStream(l.group))
	}
	calendar := about(l, booking.CalendarAggregate(), booking.EvolveCalendar)
	l.week(calendar)
	at := l.Began
	for p := range l.Charts / l.Clinicians {
		c := Chart(l.group, n, p)
		l.chart(c, n, p)
		l.ledger(c, m, p)
		for v := range l.Visits {
			a := Visit[id.Appointment](l.group, "appointment", c, v)
			calendar.did(booking.BookAppointment{Appointment: a, Clinician: m, Chart: c, Type: visit.Type, Start: at, Channel: booking.ByStaff}.Decide(calendar.state, facts, l.Began.AddDate(0, 0, -7)))
			switch (p + v) % 3 {
			case 1:
				calendar.did(booking.RescheduleAppointment{Appointment: a, Chart: c, Start: at.Add(30 * time.Minute), By: booking.ByStaff, OverlapReason: "asked for"}.Decide(calendar.state, facts, l.Began.AddDate(0, 0, -6)))
			case 2:
				calendar.did(booking.CancelAppointment{Appointment: a, Chart: c, By: booking.ByStaff}.Decide(calendar.state, facts, l.Began.AddDate(0, 0, -6)))
			}
			at = at.Add(2 * time.Hour)
		}
	}
	calendar.end(booking.CalendarID{Group: l.group, Clinician: m}.Stream())
}

// week offers every afternoon, and keeps some hours free.
func (l *life) week(calendar *stream[booking.CalendarState, booking.CalendarEvent]) {
	today := civil.DateOf(l.Began)
	calendar.did(booking.ReserveTime{
		Reserve: Named[id.Reserve](l.group, "afternoons"), FirstDate: today, Start: civil.MustClock("13:00"), End: civil.MustClock("18:00"), Zone: "UTC",
		Repeat: booking.Repeat{Frequency: booking.Weekly, Days: []booking.Weekday{booking.Monday, booking.Tuesday, booking.Wednesday, booking.Thursday, booking.Friday}},
		Types:  []id.AppointmentType{VisitType(l.group)},
	}.Decide(calendar.state, l.Began))
	for n := range 4 {
		from := l.Began.AddDate(0, 0, 30+7*n).Truncate(time.Hour)
		calendar.did(booking.BlockTime{Block: Named[id.Block](l.group, "block", n), Span: booking.Span{Start: from, End: from.Add(2 * time.Hour)}}.Decide(calendar.state, l.Began))
	}
}

// chart opens the p-th chart of the n-th clinician; in a practice that changes, it
// changes hands and comes back.
func (l *life) chart(c id.Chart, n, p int) {
	m, other := l.staff[n], l.staff[(n+1)%l.Clinicians]
	s := about(l, chart.Aggregate(), chart.Evolve)
	givenName, familyName := name(n*l.Charts/l.Clinicians + p)
	patient := chart.Demographics{GivenName: givenName, FamilyName: familyName, BirthDate: civil.MustDate("1990-02-03"), Email: "mia@example.org", Phone: "555 0100"}
	s.did(chart.CreateChart{Chart: c, Group: l.group, Patient: patient, Branch: l.main, Primary: m, PrimaryRule: chart.ByChoice}.Decide(s.state, l.facts, l.Began))
	s.did(chart.AddTeamMember{Member: other, Role: careteam.Clinician}.Decide(s.state, l.facts, l.Began))
	if n == 0 && p == l.PatientChart() && !l.Patient.IsZero() {
		s.did(chart.LinkPatientAccount{Account: l.Patient}.Decide(s.state, l.Began))
	}
	switch {
	case l.Changes:
		patient.Phone = "555 0101"
		s.did(chart.UpdateDemographics{Patient: patient}.Decide(s.state, l.facts, l.Began))
		s.did(chart.AssignClinician{Clinician: other, FormerBecomes: careteam.Clinician}.Decide(s.state, l.facts, l.Began))
		s.did(chart.AssignClinician{Clinician: m, FormerBecomes: careteam.Support}.Decide(s.state, l.facts, l.Began))
		s.did(chart.RemoveTeamMember{Member: other}.Decide(s.state, l.facts, l.Began))
		s.did(chart.ChangeStatus{To: chart.Inactive}.Decide(s.state, l.Began))
		s.did(chart.ChangeStatus{To: chart.Active}.Decide(s.state, l.Began))
	case p%10 == 9:
		s.did(chart.ChangeStatus{To: chart.Inactive}.Decide(s.state, l.Began))
	case p%40 == 8:
		s.did(chart.Archive{Reason: "moved away"}.Decide(s.state, nil, l.Began))
	}
	s.end(chart.Stream(l.group, c))
}

// ledger charges, invoices and pays every visit to the p-th chart; in a practice that
// does not change some are not paid, and some of those invoices void.
func (l *life) ledger(c id.Chart, m id.Member, p int) {
	s := about(l, invoice.Aggregate(), invoice.Evolve)
	for v := range l.Visits {
		now := l.Began.AddDate(0, 0, 7*v-p%l.Days)
		today := civil.DateOf(now)
		intake, days := invoice.Intake{Currency: currency}, invoice.Days{}
		charge, bill := Visit[id.Charge](l.group, "charge", c, v), Visit[id.Invoice](l.group, "invoice", c, v)
		price := money.Of(15_000+int64(v), currency)
		s.did(invoice.RecordCharge{Charge: charge, ServiceDate: today, Code: "90837", Description: "Session of 53 minutes or more", Units: 1, UnitPrice: price}.Decide(s.state, intake, now))
		s.did(invoice.DraftInvoice{Invoice: bill, Date: today, Terms: invoice.Terms{Kind: invoice.Net, Days: 30}, Charges: []id.Charge{charge}}.Decide(s.state, days, now))
		sequence := invoice.Number(p*l.Visits + v + 1)
		s.did(invoice.IssueInvoice{Invoice: bill}.Decide(s.state, invoice.Numbered{Number: sequence, Text: sequence.With("INV"), Keeping: 1}, now))
		if !l.Changes && p%5 == 4 {
			if p%50 == 4 {
				s.did(invoice.VoidInvoice{Invoice: bill, Reason: "entered twice", Date: today}.Decide(s.state, days, now))
			}
			continue
		}
		s.did(invoice.RecordPayment{Payment: Visit[id.Payment](l.group, "payment", c, v), Amount: price, Method: invoice.Check, ReceivedOn: today, ExternalRef: "1042"}.Decide(s.state, intake, now))
	}
	s.end(invoice.LedgerID{Group: l.group, Chart: c, Clinician: m}.Stream())
}
