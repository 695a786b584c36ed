// Package lives makes up years of practices for measurements: people, licences,
// charts, bookings and billing. Every event was decided by the domain; the same
// number of a practice always has the same life. It imports the domain only.
package lives

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
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

const (
	currency   = "USD"
	clinicians = 10
	charts     = 200
	// visits is how often each patient comes.
	visits = 7
)

var (
	began = time.Date(2025, 1, 6, 15, 0, 0, 0, time.UTC)
	visit = booking.Terms{Name: "Visit", LengthMin: 50, PaddingMin: 10, StartEveryMin: 30}
)

// life is one practice while its events are decided.
type life struct {
	group   id.Group
	book    pricing.Book
	state   group.State
	staff   []id.Member
	facts   chart.Group
	streams []Stream
	err     error
}

// Of returns what happened in the n-th practice, about 12,000 events.
func Of(n int) ([]Stream, error) {
	l := &life{group: id.Derive[id.Group]("bench", strconv.Itoa(n)), state: group.Aggregate().New()}
	l.book = pricing.Aggregate().Fold(pricing.PriceBookPublished{
		Version: 1, Currency: currency, EffectiveFrom: civil.MustDate("2022-01-01"), Prices: pricing.FirstPrices(),
	})
	l.practice()
	for m := range l.staff {
		l.clinician(m)
	}
	return l.streams, l.err
}

// named derives an id of this practice.
func named[I ~[16]byte](l *life, parts ...any) I {
	return id.Derive[I](l.group.String(), fmt.Sprint(parts...))
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
	s.life.streams = append(s.life.streams, Stream{name, s.events})
}

// practice founds the practice, invites everybody, and lets two years of billing pass.
func (l *life) practice() {
	g := about(l, group.Aggregate(), group.Evolve)
	now, owner, main := began.AddDate(-2, -1, 0), named[id.Member](l, "clinician", 0), named[id.Branch](l, "main")
	g.did(group.CreateGroup{
		Group: l.group, Name: "Elm Practice", Owner: owner, Account: named[id.Account](l, "account", 0), OwnerIsClinician: true,
		BillingZone: "UTC", Currency: currency, DefaultBranch: main, DefaultBranchName: "Main Street",
	}.Decide(g.state, now))
	l.staff = []id.Member{owner}
	for n := 1; n < clinicians; n++ {
		m, letter, hash := named[id.Member](l, "clinician", n), named[id.Invitation](l, "letter", n), fmt.Sprint("hash ", n)
		g.did(group.InviteMember{Invitation: letter, EmailHash: hash, Role: access.User, Clinician: true, ExpiresAt: now.AddDate(0, 0, 7)}.
			Decide(g.state, group.InvitationFacts{By: owner, Book: l.book}, now))
		g.did(group.AcceptInvitation{Invitation: letter, Account: named[id.Account](l, "account", n), EmailHash: hash, Member: m}.Decide(g.state, now))
		l.staff = append(l.staff, m)
	}
	for n, m := range l.staff {
		for c, capability := range []access.Capability{access.RosterView, access.BillingView, access.ChartArchive} {
			ruling := group.Ruling{By: owner, Rule: named[id.Event](l, "rule", n, c)}
			g.did(group.GrantPermission{Member: m, Capability: capability, Scope: access.ScopeGroup}.Decide(g.state, ruling, now))
		}
	}
	l.subscription(g, now)
	l.facts = chart.Group{Branches: []chart.Branch{{ID: main, Open: true}}}
	for _, m := range l.staff {
		l.facts.Members = append(l.facts.Members, chart.Member{ID: m, Active: true, Clinician: true, Branches: []id.Branch{main}, Joined: now})
	}
	g.end(group.Stream(l.group))
}

func (l *life) subscription(g *stream[group.State, group.Event], now time.Time) {
	var seats []group.Seat
	for _, m := range l.staff {
		seats = append(seats, group.Seat{Member: m, Plan: pricing.Plans()[0].ID, Profession: pricing.Prescriber})
	}
	quoted, err := g.state.QuoteSubscription(seats, l.book, now)
	l.err = errors.Join(l.err, err)
	g.did(group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: quoted}.Decide(g.state, l.book, now))
	for n := 0; n < 24 && l.err == nil; n++ {
		for _, c := range g.state.Charges() {
			if c.Status != group.ChargeOpen {
				continue
			}
			g.did(group.StartCollection{Charge: c.ID}.Decide(g.state, now))
			g.did(group.RecordCollection{Charge: c.ID, Attempt: 1, Collected: true}.Decide(g.state, l.book, now))
		}
		for k := range 5 {
			seat := (n + k) % clinicians
			licence := g.state.Licences()[seat].ID
			g.did(group.UnassignLicence{Licence: licence}.Decide(g.state, 0, now))
			g.did(group.AssignLicence{Licence: licence, Member: l.staff[seat], Profession: pricing.Prescriber}.Decide(g.state, now))
		}
		now = now.AddDate(0, 1, 0)
		g.did(group.RollBillingPeriod{}.Decide(g.state, l.book, now))
	}
}

// clinician treats a share of the patients: charts, ledgers, and one calendar.
func (l *life) clinician(n int) {
	m := l.staff[n]
	policy := booking.PolicyAggregate().New()
	visit.Type = named[id.AppointmentType](l, "visit")
	settings := about(l, booking.PolicyAggregate(), booking.EvolvePolicy)
	settings.did(booking.AddAppointmentType{Terms: visit}.Decide(policy, began))
	calendar := about(l, booking.CalendarAggregate(), booking.EvolveCalendar)
	facts := booking.Facts{Policy: settings.state.Snapshot(0), Zone: time.UTC, ClinicianOnChart: true}
	if n == 0 {
		settings.end(booking.PolicyStream(l.group))
	}
	at := began
	for p := range charts / clinicians {
		c := named[id.Chart](l, "chart", n, p)
		l.chart(c, m, l.staff[(n+1)%clinicians], p)
		l.ledger(c, m, int64(p*visits))
		for v := range visits {
			a := named[id.Appointment](l, "appointment", c, v)
			calendar.did(booking.BookAppointment{Appointment: a, Clinician: m, Chart: c, Type: visit.Type, Start: at, Channel: booking.ByStaff}.Decide(calendar.state, facts, began.AddDate(0, 0, -7)))
			switch v % 3 {
			case 1:
				calendar.did(booking.RescheduleAppointment{Appointment: a, Chart: c, Start: at.Add(30 * time.Minute), By: booking.ByStaff, OverlapReason: "asked for"}.Decide(calendar.state, facts, began.AddDate(0, 0, -6)))
			case 2:
				calendar.did(booking.CancelAppointment{Appointment: a, Chart: c, By: booking.ByStaff}.Decide(calendar.state, facts, began.AddDate(0, 0, -6)))
			}
			at = at.Add(2 * time.Hour)
		}
	}
	calendar.end(booking.CalendarID{Group: l.group, Clinician: m}.Stream())
}

// chart opens a chart and lets it change hands.
func (l *life) chart(c id.Chart, m, other id.Member, n int) {
	s := about(l, chart.Aggregate(), chart.Evolve)
	patient := chart.Demographics{GivenName: "Mia", FamilyName: fmt.Sprint("Lovelace ", n), BirthDate: civil.MustDate("1990-02-03"), Email: "mia@example.org", Phone: "555 0100"}
	s.did(chart.CreateChart{Chart: c, Group: l.group, Patient: patient, Branch: l.facts.Branches[0].ID, Primary: m, PrimaryRule: chart.ByChoice}.Decide(s.state, l.facts, began))
	s.did(chart.AddTeamMember{Member: other, Role: careteam.Clinician}.Decide(s.state, l.facts, began))
	patient.Phone = "555 0101"
	s.did(chart.UpdateDemographics{Patient: patient}.Decide(s.state, l.facts, began))
	s.did(chart.AssignClinician{Clinician: other, FormerBecomes: careteam.Clinician}.Decide(s.state, l.facts, began))
	s.did(chart.AssignClinician{Clinician: m, FormerBecomes: careteam.Support}.Decide(s.state, l.facts, began))
	s.did(chart.RemoveTeamMember{Member: other}.Decide(s.state, l.facts, began))
	s.did(chart.ChangeStatus{To: chart.Inactive}.Decide(s.state, began))
	s.did(chart.ChangeStatus{To: chart.Active}.Decide(s.state, began))
	s.end(chart.Stream(l.group, c))
}

// ledger charges, invoices and pays every visit.
func (l *life) ledger(c id.Chart, m id.Member, number int64) {
	s := about(l, invoice.Aggregate(), invoice.Evolve)
	for v := range visits {
		now := began.AddDate(0, 0, 7*v)
		today := civil.DateOf(now)
		intake, days := invoice.Intake{Currency: currency}, invoice.Days{}
		charge, bill := named[id.Charge](l, "charge", c, v), named[id.Invoice](l, "invoice", c, v)
		price := money.Of(15_000+int64(v), currency)
		s.did(invoice.RecordCharge{Charge: charge, ServiceDate: today, Code: "90837", Description: "Session of 53 minutes or more", Units: 1, UnitPrice: price}.Decide(s.state, intake, now))
		s.did(invoice.DraftInvoice{Invoice: bill, Date: today, Terms: invoice.Terms{Kind: invoice.Net, Days: 30}, Charges: []id.Charge{charge}}.Decide(s.state, days, now))
		sequence := invoice.Number(number + int64(v) + 1)
		s.did(invoice.IssueInvoice{Invoice: bill}.Decide(s.state, invoice.Numbered{Number: sequence, Text: sequence.With("INV"), Keeping: 1}, now))
		s.did(invoice.RecordPayment{Payment: named[id.Payment](l, "payment", c, v), Amount: price, Method: invoice.Check, ReceivedOn: today, ExternalRef: "1042"}.Decide(s.state, intake, now))
	}
	s.end(invoice.LedgerID{Group: l.group, Chart: c, Clinician: m}.Stream())
}
