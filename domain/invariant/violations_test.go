package invariant_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/invoice"
	"praxis/domain/membership"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

type (
	places = []invariant.Place
	things = []invariant.Thing
)

func of[K any](kind string, i id.Of[K]) invariant.Thing {
	return invariant.Thing{Kind: kind, ID: i.String()}
}

// broken is a log that breaks one rule, and where.
type broken struct {
	rule  invariant.Rule
	name  string
	write func(*book) (places, things)
}

func eventThing(b *book) things { return things{of("event", b.log[len(b.log)-1].ID)} }

var meeting = id.Derive[id.Appointment]("meeting")

func booked(a id.Appointment, start time.Time, because string) booking.AppointmentBooked {
	return booking.AppointmentBooked{
		Appointment: a, Chart: file, Terms: booking.Terms{LengthMin: 50, PaddingMin: 10}, When: booking.When{Start: start}, OverlapReason: because,
	}
}

func brokenLogs() []broken {
	calendar := booking.CalendarID{Group: practice, Clinician: ann}.Stream()
	return []broken{
		{rule: invariant.EventIDRepeated, name: "two events have one id", write: func(b *book) (places, things) {
			first := b.log[1].ID
			at := b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { e.ID = first })
			return places{{own, at}, {own, 0}}, things{of("event", first)}
		}},
		{rule: invariant.RevisionGap, name: "a stream lacks a revision", write: func(b *book) (places, things) {
			at := b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { e.Revision++ })
			return places{{own, at}}, eventThing(b)
		}},
		{rule: invariant.EventMisplaced, name: "an event of a chart lies in the practice's stream", write: func(b *book) (places, things) {
			return places{{own, b.add(own, chart.Unarchived{})}}, eventThing(b)
		}},
		{rule: invariant.EventMisplaced, name: "an event says that it is another practice's", write: func(b *book) (places, things) {
			at := b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { e.Meta.Group = elsewhere })
			return places{{own, at}}, eventThing(b)
		}},
		{rule: invariant.CauseMissing, name: "an event has no correlation", write: func(b *book) (places, things) {
			at := b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { e.Meta.Correlation = "" })
			return places{{own, at}}, eventThing(b)
		}},
		{rule: invariant.CauseMissing, name: "an event has no causation", write: func(b *book) (places, things) {
			at := b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { e.Meta.Causation = "" })
			return places{{own, at}}, eventThing(b)
		}},
		{rule: invariant.CauseMissing, name: "an event has no actor", write: func(b *book) (places, things) {
			at := b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { e.Meta.Actor = "" })
			return places{{own, at}}, eventThing(b)
		}},
		{rule: invariant.AfterClosing, name: "a chart was opened when the practice had closed", write: func(b *book) (places, things) {
			closed := b.add(own, group.GroupClosed{ClosedBy: olivia})
			b.add(claimOf(olivia), membership.Released{Group: practice, Member: olivia})
			return places{{charts, filed(b, olivia, main)}, {own, closed}}, eventThing(b)
		}},
		{rule: invariant.OneOwner, name: "the owner's access was revoked", write: func(b *book) (places, things) {
			return places{{own, left(b, olivia)}}, nil
		}},
		{rule: invariant.OneOwner, name: "two members are owners", write: func(b *book) (places, things) {
			joined(b, ann)
			at := b.add(own, group.MemberRoleChanged{Member: ann, From: access.User, To: access.Owner})
			return places{{own, 0}, {own, at}}, things{of("member", olivia), of("member", ann)}
		}},
		{rule: invariant.MemberClaim, name: "a member's account was never claimed", write: func(b *book) (places, things) {
			at := b.add(own, group.MemberJoined{Member: ann, Account: accountOf(ann), Role: access.User, JoinedAt: b.now})
			return places{{own, at}}, things{of("member", ann), of("account", accountOf(ann))}
		}},
		{rule: invariant.MemberClaim, name: "a member's account is free", write: func(b *book) (places, things) {
			at := joined(b, ann)
			free := b.add(claimOf(ann), membership.Released{Group: practice, Member: ann})
			return places{{own, at}, {claimOf(ann), free}}, things{of("member", ann), of("account", accountOf(ann))}
		}},
		{rule: invariant.ClaimStray, name: "a joining was never completed", write: func(b *book) (places, things) {
			at := b.add(claimOf(ann), membership.Claimed{Group: practice, Member: ann})
			b.pass(invariant.ClaimGrace + time.Second)
			return places{{claimOf(ann), at}}, things{of("account", accountOf(ann)), of("member", ann)}
		}},
		{rule: invariant.ClaimStray, name: "an account is held by a membership that ended", write: func(b *book) (places, things) {
			joined(b, ann)
			b.add(own, group.MemberAccessRevoked{Member: ann, RevokedBy: olivia})
			b.pass(invariant.ClaimGrace + time.Second)
			return places{{claimOf(ann), 0}}, things{of("account", accountOf(ann)), of("member", ann)}
		}},
		{rule: invariant.ClaimStray, name: "an account is held by a practice that closed", write: func(b *book) (places, things) {
			b.add(own, group.GroupClosed{ClosedBy: olivia})
			b.pass(invariant.ClaimGrace + time.Second)
			return places{{claimOf(olivia), 0}}, things{of("account", accountOf(olivia)), of("member", olivia)}
		}},
		{rule: invariant.LicenceHolder, name: "somebody who left holds a licence", write: func(b *book) (places, things) {
			subscribed(b)
			joined(b, ann)
			b.add(own, group.LicencesPurchased{Licences: []group.BoughtLicence{{Licence: second, Terms: terms()}}, On: today},
				charge(id.Derive[id.SeatCharge]("more"), line(second, pricing.LinePurchase, april)), group.LicenceAssigned{Licence: second, Member: ann, On: today})
			return places{{own, left(b, ann)}}, things{of("licence", second), of("member", ann)}
		}},
		{rule: invariant.ClinicianLicence, name: "a clinician has no licence", write: func(b *book) (places, things) {
			subscribed(b)
			return places{{own, joined(b, ann)}}, things{of("member", ann)}
		}},
		{rule: invariant.ClinicianLicence, name: "a clinician has two licences", write: func(b *book) (places, things) {
			subscribed(b)
			b.add(own, group.LicencesPurchased{Licences: []group.BoughtLicence{{Licence: second, Terms: terms()}}, On: today},
				charge(id.Derive[id.SeatCharge]("more"), line(second, pricing.LinePurchase, april)), group.LicenceAssigned{Licence: second, Member: olivia, On: today})
			return places{{own, 0}}, things{of("member", olivia), of("licence", licence), of("licence", second)}
		}},
		{rule: invariant.LicenceOversold, name: "a licence was given that is not owned", write: func(b *book) (places, things) {
			at := b.add(own, group.LicenceAssigned{Licence: licence, Member: olivia, On: today})
			return places{{own, at}}, things{of("licence", licence)}
		}},
		{rule: invariant.LicenceOversold, name: "a licence was reserved that is held", write: func(b *book) (places, things) {
			subscribed(b)
			at := b.add(own, group.LicenceReserved{Licence: licence, Invitation: id.Derive[id.Invitation]("i")})
			return places{{own, at}}, things{of("licence", licence)}
		}},
		{rule: invariant.LicenceOversold, name: "a licence was reserved for two people", write: func(b *book) (places, things) {
			i := id.Derive[id.Invitation]("i")
			b.add(own, group.LicencesPurchased{Licences: []group.BoughtLicence{{Licence: second, Terms: terms()}}, On: today},
				group.MemberInvited{Invitation: i, ExpiresAt: b.now.Add(time.Hour)}, group.LicenceReserved{Licence: second, Invitation: i})
			at := b.add(own, group.LicenceReserved{Licence: second, Invitation: id.Derive[id.Invitation]("j")})
			return places{{own, at}}, things{of("licence", second)}
		}},
		{rule: invariant.RemovalStuck, name: "a removal rests for more than a day", write: func(b *book) (places, things) {
			joined(b, ann)
			at := left(b, ann)
			b.add(own, group.MemberRemovalStarted{Member: ann, Plan: group.Rehoming{Default: olivia}})
			b.pass(24*time.Hour + time.Second)
			return places{{own, at}}, things{of("member", ann)}
		}},
		{rule: invariant.BranchStuck, name: "a closing rests for more than a day", write: func(b *book) (places, things) {
			at := b.add(own, group.BranchClosed{Branch: annex, MovedTo: main})
			b.pass(24*time.Hour + time.Second)
			return places{{own, at}}, things{of("branch", annex)}
		}},
		{rule: invariant.RelinkingStuck, name: "a relinking rests for more than a day", write: func(b *book) (places, things) {
			at := joined(b, ann)
			b.add(own, group.RelinkingStarted{Member: ann})
			b.pass(24*time.Hour + time.Second)
			return places{{own, at}}, things{of("member", ann)}
		}},
		{rule: invariant.SuccessionStuck, name: "a claim fell due more than a day ago", write: func(b *book) (places, things) {
			joined(b, ann)
			b.add(own, group.SuccessorNamed{Successor: ann, NamedBy: olivia})
			at := b.add(own, group.SuccessionClaimed{By: ann, DueAt: b.now})
			b.pass(24*time.Hour + time.Second)
			return places{{own, at}}, things{of("member", ann)}
		}},
		{rule: invariant.ChargeTotal, name: "a charge is not the sum of its lines", write: func(b *book) (places, things) {
			wrong := charge(seats, line(licence, pricing.LinePurchase, april))
			wrong.Total.Minor++
			return places{{own, b.add(own, wrong)}}, things{of("charge", seats)}
		}},
		{rule: invariant.ChargeTotal, name: "added lines do not add up", write: func(b *book) (places, things) {
			subscribed(b)
			at := b.add(own, group.ChargeLinesAdded{Charge: seats, Lines: []pricing.Line{line(second, pricing.LinePurchase, april)}, Total: usd(53_90)})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.ChargeTotal, name: "a credit takes off more than it says", write: func(b *book) (places, things) {
			subscribed(b)
			at := b.add(own, group.ChargeCredited{Charge: seats, Credit: usd(3_90), Total: usd(49_00)})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.PeriodTwice, name: "a period was charged twice", write: func(b *book) (places, things) {
			subscribed(b)
			other := id.Derive[id.SeatCharge]("again")
			at := b.add(own, charge(other, line(licence, pricing.LineRenewal, april)))
			return places{{own, at}}, things{of("charge", other), of("licence", licence)}
		}},
		{rule: invariant.PeriodUncharged, name: "a period was not charged", write: func(b *book) (places, things) {
			subscribed(b)
			at := b.add(own, group.BillingPeriodStarted{Period: may, Anchor: 10})
			return places{{own, at}}, things{of("licence", licence)}
		}},
		{rule: invariant.ChargeMoney, name: "more is asked for than is due", write: func(b *book) (places, things) {
			subscribed(b)
			at := b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(54_00)})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.ChargeMoney, name: "another amount arrived than was asked for", write: func(b *book) (places, things) {
			subscribed(b)
			b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(53_90)})
			at := b.add(own, group.ChargeCollected{Charge: seats, Attempt: 1, Amount: usd(53_00)})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.ChargeMoney, name: "what was credited meanwhile does not go back", write: func(b *book) (places, things) {
			subscribed(b)
			b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(53_90)}, group.ChargeCredited{Charge: seats, Credit: usd(3_90), Total: usd(50_00)})
			at := b.add(own, group.ChargeCollected{Charge: seats, Attempt: 1, Amount: usd(53_90)})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.ChargeMoney, name: "more goes back than came", write: func(b *book) (places, things) {
			subscribed(b)
			credit := line(licence, pricing.LineUnusedCredit, april)
			b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(53_90)}, group.ChargeCollected{Charge: seats, Attempt: 1, Amount: usd(53_90)})
			at := b.add(own, group.RefundDue{Refund: id.Derive[id.Refund]("r"), Charge: seats, Attempt: 1, Amount: usd(53_91), Reason: group.Unused, Line: &credit})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.ChargeMoney, name: "a refund was made twice", write: func(b *book) (places, things) {
			subscribed(b)
			credit, refund := line(licence, pricing.LineUnusedCredit, april), id.Derive[id.Refund]("r")
			b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(53_90)}, group.ChargeCollected{Charge: seats, Attempt: 1, Amount: usd(53_90)},
				group.RefundDue{Refund: refund, Charge: seats, Attempt: 1, Amount: usd(10_00), Reason: group.Unused, Line: &credit},
				group.ChargeRefunded{Refund: refund, Charge: seats, Amount: usd(10_00)})
			at := b.add(own, group.ChargeRefunded{Refund: refund, Charge: seats, Amount: usd(10_00)})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.LedgerAllocation, name: "more of a payment is applied than it is", write: func(b *book) (places, things) {
			issued(b)
			b.add(ledger, invoice.PaymentRecorded{Payment: cash, Amount: usd(50_00)})
			at := b.add(ledger, invoice.PaymentApplied{Payment: cash, Invoice: bill, Amount: usd(50_01)})
			return places{{ledger, at}}, things{of("payment", cash), of("invoice", bill)}
		}},
		{rule: invariant.LedgerAllocation, name: "more is applied than the invoice is over", write: func(b *book) (places, things) {
			issued(b)
			b.add(ledger, invoice.PaymentRecorded{Payment: cash, Amount: usd(200_00)})
			at := b.add(ledger, invoice.PaymentApplied{Payment: cash, Invoice: bill, Amount: usd(100_01)})
			return places{{ledger, at}}, things{of("payment", cash), of("invoice", bill)}
		}},
		{rule: invariant.LedgerAllocation, name: "a void invoice keeps money", write: func(b *book) (places, things) {
			issued(b)
			b.add(ledger, invoice.PaymentRecorded{Payment: cash, Amount: usd(50_00)}, invoice.PaymentApplied{Payment: cash, Invoice: bill, Amount: usd(50_00)})
			return places{{ledger, b.add(ledger, invoice.Voided{Invoice: bill})}}, things{of("invoice", bill)}
		}},
		{rule: invariant.SumOutOfRange, name: "a ledger's charges are more than can be told exactly", write: func(b *book) (places, things) {
			b.add(ledger, invoice.ChargeRecorded{Charge: id.Derive[id.Charge]("huge"), Amount: usd(money.MaxSum)})
			at := b.add(ledger, invoice.ChargeRecorded{Charge: id.Derive[id.Charge]("last"), Amount: usd(1)})
			return places{{ledger, at}}, things{of("chart", file), of("member", olivia)}
		}},
		{rule: invariant.SumOutOfRange, name: "a ledger's payments wrap around 64 bits", write: func(b *book) (places, things) {
			b.add(ledger, invoice.PaymentRecorded{Payment: cash, Amount: usd(math.MaxInt64)})
			at := b.add(ledger, invoice.PaymentRecorded{Payment: id.Derive[id.Payment]("more"), Amount: usd(math.MaxInt64)})
			return places{{ledger, at}}, things{of("chart", file), of("member", olivia)}
		}},
		{rule: invariant.SumOutOfRange, name: "a charge of the subscription is more than can be told exactly", write: func(b *book) (places, things) {
			subscribed(b)
			l := line(licence, pricing.LineUpgradeCharge, april)
			l.Amount, l.Tax = usd(money.MaxSum+1), money.Money{}
			at := b.add(own, group.SubscriptionCharged{Charge: seats, Period: april, Lines: []pricing.Line{l}, Total: l.Amount, On: today})
			return places{{own, at}}, things{of("charge", seats)}
		}},
		{rule: invariant.NumberSeries, name: "a number is left out", write: func(b *book) (places, things) {
			issued(b)
			other := id.Derive[id.Invoice]("other")
			at := b.add(series, invoice.NumberAssigned{Sequence: 3, Invoice: other})
			return places{{series, at}}, things{of("invoice", other)}
		}},
		{rule: invariant.NumberSeries, name: "a number is given twice", write: func(b *book) (places, things) {
			issued(b)
			other := id.Derive[id.Invoice]("other")
			at := b.add(series, invoice.NumberAssigned{Sequence: 1, Invoice: other})
			return places{{series, at}}, things{of("invoice", other)}
		}},
		{rule: invariant.NumberSeries, name: "an invoice is issued under another's number", write: func(b *book) (places, things) {
			issued(b)
			other := id.Derive[id.Invoice]("other")
			b.add(ledger, invoice.Drafted{Invoice: other, Total: usd(1)})
			at := b.add(ledger, invoice.Issued{Invoice: other, Sequence: 1, Number: "INV-000001", Total: usd(1)})
			return places{{ledger, at}}, things{of("invoice", other)}
		}},
		{rule: invariant.NumberSeries, name: "an invoice is issued twice", write: func(b *book) (places, things) {
			issued(b)
			at := b.add(ledger, invoice.Issued{Invoice: bill, Sequence: 1, Number: "INV-000001", Total: usd(100_00)})
			return places{{ledger, at}}, things{of("invoice", bill)}
		}},
		{rule: invariant.NumberSeries, name: "the number of an issued invoice is given back", write: func(b *book) (places, things) {
			issued(b)
			at := b.add(series, invoice.NumberReleased{Sequence: 1, Invoice: bill})
			return places{{series, at}}, things{of("invoice", bill)}
		}},
		{rule: invariant.NumberUnissued, name: "a number waits for more than a day", write: func(b *book) (places, things) {
			at := b.add(series, invoice.NumberAssigned{Sequence: 1, Invoice: bill})
			b.pass(24*time.Hour + time.Second)
			return places{{series, at}}, things{of("invoice", bill)}
		}},
		{rule: invariant.NumberUnissued, name: "a number waits for a draft that was discarded", write: func(b *book) (places, things) {
			b.add(ledger, invoice.Drafted{Invoice: bill, Total: usd(1)})
			at := b.add(series, invoice.NumberAssigned{Sequence: 1, Invoice: bill})
			b.add(ledger, invoice.DraftDiscarded{Invoice: bill})
			return places{{series, at}}, things{of("invoice", bill)}
		}},
		{rule: invariant.ChartPrimary, name: "a chart is with somebody who left", write: func(b *book) (places, things) {
			joined(b, ann)
			gone := left(b, ann)
			return places{{charts, filed(b, ann, main)}, {own, gone}}, things{of("chart", file), of("member", ann)}
		}},
		{rule: invariant.ChartPrimary, name: "a chart is with somebody who treats no more", write: func(b *book) (places, things) {
			joined(b, ann)
			filed(b, olivia, main)
			at := b.add(charts, chart.PrimaryProfessionalChanged{From: olivia, To: ann})
			ended := b.add(own, group.ClinicalWorkEnded{Member: ann, On: today})
			return places{{charts, at}, {own, ended}}, things{of("chart", file), of("member", ann)}
		}},
		{rule: invariant.ChartPrimary, name: "a chart is in custody of somebody who left", write: func(b *book) (places, things) {
			joined(b, ann)
			filed(b, olivia, main)
			at := b.add(charts, chart.PlacedInCustody{From: olivia, Custodian: ann})
			return places{{charts, at}, {own, left(b, ann)}}, things{of("chart", file), of("member", ann)}
		}},
		{rule: invariant.ChartTeam, name: "somebody joined a team that they were on", write: func(b *book) (places, things) {
			joined(b, ann)
			filed(b, olivia, main)
			b.add(charts, chart.TeamMemberAdded{Member: ann, Role: careteam.Support})
			at := b.add(charts, chart.TeamMemberAdded{Member: ann, Role: careteam.Clinician})
			return places{{charts, at}}, things{of("chart", file), of("member", ann)}
		}},
		{rule: invariant.ChartBranch, name: "a chart is in a branch that was emptied", write: func(b *book) (places, things) {
			b.add(own, group.BranchClosed{Branch: annex, MovedTo: main})
			gone := b.add(own, group.BranchVacated{Branch: annex})
			return places{{charts, filed(b, olivia, annex)}, {own, gone}}, things{of("chart", file), of("branch", annex)}
		}},
		{rule: invariant.ChartBranch, name: "a chart is in a branch that never was", write: func(b *book) (places, things) {
			nowhere := id.Derive[id.Branch]("nowhere")
			return places{{charts, filed(b, olivia, nowhere)}, {own, 2}}, things{of("chart", file), of("branch", nowhere)}
		}},
		{rule: invariant.DoubleBooking, name: "two appointments overlap", write: func(b *book) (places, things) {
			joined(b, ann)
			other, start := id.Derive[id.Appointment]("other"), opened.Add(48*time.Hour)
			b.add(calendar, booked(meeting, start, ""))
			at := b.add(calendar, booked(other, start.Add(59*time.Minute), ""))
			return places{{calendar, at}, {calendar, 0}}, things{of("appointment", other), of("appointment", meeting)}
		}},
		{rule: invariant.PatientDoubleBooked, name: "BKG-A18 one patient is booked online with two clinicians at one time", write: func(b *book) (places, things) {
			joined(b, ann)
			other, start := id.Derive[id.Appointment]("other"), opened.Add(48*time.Hour)
			theirs := booking.CalendarID{Group: practice, Clinician: olivia}.Stream()
			b.add(calendar, booked(meeting, start, ""))
			online := booked(other, start.Add(30*time.Minute), "")
			online.Channel = booking.ByPatient
			at := b.add(theirs, online)
			return places{{theirs, at}, {calendar, 0}}, things{of("appointment", other), of("appointment", meeting)}
		}},
		{rule: invariant.AppointmentClinician, name: "an appointment is with somebody who had left", write: func(b *book) (places, things) {
			joined(b, ann)
			gone := left(b, ann)
			at := b.add(calendar, booked(meeting, opened.Add(48*time.Hour), ""))
			return places{{calendar, at}, {own, gone}}, things{of("appointment", meeting), of("member", ann)}
		}},
	}
}

func TestEveryRuleIsBrokenByALogAndReported(t *testing.T) {
	tried := map[invariant.Rule]bool{
		invariant.EventUnreadable: true, // TestAnUnreadableEventIsAFinding
		invariant.StreamDeleted:   true, // TestAStreamThatWasDamagedIsAFinding
		invariant.StreamTruncated: true, // TestAStreamThatWasDamagedIsAFinding
	}
	for _, tc := range brokenLogs() {
		tried[tc.rule] = true
		t.Run(string(tc.rule)+": "+tc.name, func(t *testing.T) {
			b := newBook(t)
			founded(b)
			require.Empty(t, b.found(id.Group{}), "the practice is well before")
			where, what := tc.write(b)
			want := []invariant.Violation{{Rule: tc.rule, Group: practice, Places: where, Things: what}}
			require.Equal(t, want, b.found(id.Group{}))
			require.Equal(t, want, b.found(practice), "also if nothing else is looked at")
			require.Empty(t, b.found(elsewhere))
		})
	}
	for _, e := range invariant.Rules() {
		require.True(t, tried[e.Rule], "no log breaks %s", e.Rule)
		require.NotEmpty(t, e.Says)
		require.NotEmpty(t, e.Mend)
	}
}

func TestAnUnreadableEventIsAFinding(t *testing.T) {
	b := newBook(t)
	founded(b)
	a := invariant.New(b.now, id.Group{})
	for _, env := range b.log[:3] {
		a.Add(env)
	}
	a.Unreadable(b.log[3].Recorded)
	found, _ := a.Violations()
	require.Equal(t, []invariant.Violation{{
		Rule: invariant.EventUnreadable, Group: practice, Places: places{{own, 2}}, Things: things{of("event", b.log[3].ID)},
	}}, found)
}

func TestAStreamThatWasDamagedIsAFinding(t *testing.T) {
	b := newBook(t)
	founded(b)
	a := invariant.New(b.now, id.Group{})
	for _, env := range b.log {
		a.Add(env)
	}
	a.Damaged(es.Damage{Stream: own, Deleted: true})
	a.Damaged(es.Damage{Stream: charts, Deleted: true})
	calendar := booking.CalendarID{Group: practice, Clinician: ann}.Stream()
	a.Damaged(es.Damage{Stream: calendar, First: 3})
	found, _ := a.Violations()
	require.ElementsMatch(t, []invariant.Violation{
		{Rule: invariant.StreamDeleted, Group: practice, Places: places{{own, b.revisions[own] - 1}}},
		{Rule: invariant.StreamDeleted, Group: practice, Places: places{{charts, es.NoStream}}},
		{Rule: invariant.StreamTruncated, Group: practice, Places: places{{calendar, 3}}},
	}, found, "also where nothing is left of it")
}

func TestAClaimForAPracticeThatWasNeverFoundedStrays(t *testing.T) {
	b := newBook(t)
	at := b.add(claimOf(ann), membership.Claimed{Group: elsewhere, Member: ann})
	b.pass(invariant.ClaimGrace)
	require.Empty(t, b.found(id.Group{}), "it may still be on its way")
	b.pass(time.Second)
	require.Equal(t, []invariant.Violation{{
		Rule: invariant.ClaimStray, Group: elsewhere, Places: places{{claimOf(ann), at}}, Things: things{of("account", accountOf(ann)), of("member", ann)},
	}}, b.found(id.Group{}))
}

// What looks wrong and is not.
func TestWhatIsAllowedIsNotReported(t *testing.T) {
	for name, write := range map[string]func(*book){
		"charts of somebody who is leaving": func(b *book) {
			joined(b, ann)
			filed(b, ann, main)
			left(b, ann)
			b.add(own, group.MemberRemovalStarted{Member: ann, Plan: group.Rehoming{Default: olivia}})
			b.pass(24 * time.Hour)
		},
		"a removal that takes long and goes on": func(b *book) {
			joined(b, ann)
			filed(b, ann, main)
			left(b, ann)
			b.add(own, group.MemberRemovalStarted{Member: ann, Plan: group.Rehoming{Default: olivia}})
			b.pass(24 * time.Hour)
			b.add(charts, chart.PrimaryProfessionalChanged{From: ann, To: olivia})
			b.pass(24 * time.Hour)
		},
		"charts of a branch that closes": func(b *book) {
			filed(b, olivia, annex)
			b.add(own, group.BranchClosed{Branch: annex, MovedTo: main})
		},
		"a chart in custody": func(b *book) {
			b.add(claimOf(ann), membership.Claimed{Group: practice, Member: ann})
			b.add(own, group.MemberJoined{Member: ann, Account: accountOf(ann), Role: access.SuperAdmin, JoinedAt: b.now})
			filed(b, olivia, main)
			b.add(charts, chart.PlacedInCustody{From: olivia, Custodian: ann})
		},
		"an overlap that somebody gave a reason for": func(b *book) {
			calendar, start := booking.CalendarID{Group: practice, Clinician: olivia}.Stream(), opened.Add(48*time.Hour)
			b.add(calendar, booked(meeting, start, ""), booked(id.Derive[id.Appointment]("other"), start, "an emergency"))
		},
		"appointments that touch, and one that was cancelled": func(b *book) {
			calendar, start := booking.CalendarID{Group: practice, Clinician: olivia}.Stream(), opened.Add(48*time.Hour)
			other := id.Derive[id.Appointment]("other")
			b.add(calendar, booked(meeting, start, ""), booked(other, start, ""), booking.AppointmentCancelled{Appointment: other},
				booked(id.Derive[id.Appointment]("next"), start.Add(time.Hour), ""))
		},
		"appointments with somebody who left afterwards": func(b *book) {
			joined(b, ann)
			b.add(booking.CalendarID{Group: practice, Clinician: ann}.Stream(), booked(meeting, opened.Add(48*time.Hour), ""))
			left(b, ann)
		},
		"money that comes and is read after the practice closed": func(b *book) {
			subscribed(b)
			b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(53_90)}, group.GroupClosed{ClosedBy: olivia})
			b.add(claimOf(olivia), membership.Released{Group: practice, Member: olivia})
			b.put(own, group.ChargeCollected{Charge: seats, Attempt: 1, Amount: usd(53_90)}, func(e *es.Envelope) { e.Meta.CommandName = "group.record_collection" })
			b.add(accesslog.Stream(practice, b.now), accesslog.AccessRefused{})
		},
		"a number that is given back and given again": func(b *book) {
			other := id.Derive[id.Invoice]("other")
			b.add(series, invoice.NumberAssigned{Sequence: 1, Invoice: other}, invoice.NumberReleased{Sequence: 1, Invoice: other})
			issued(b)
		},
		"money that is paid twice and goes back": func(b *book) {
			subscribed(b)
			b.add(own, group.CollectionStarted{Charge: seats, Attempt: 1, Amount: usd(53_90)}, group.ChargeFailed{Charge: seats, Attempt: 1},
				group.CollectionStarted{Charge: seats, Attempt: 2, Amount: usd(53_90)}, group.ChargeCollected{Charge: seats, Attempt: 1, Amount: usd(53_90), Awaited: 2},
				group.RefundDue{Refund: id.Derive[id.Refund]("r"), Charge: seats, Attempt: 2, Amount: usd(53_90), Reason: group.PaidTwice})
		},
		"ids that only begin alike": func(b *book) {
			b.put(own, group.BranchRenamed{Branch: annex, To: "Yard"}, func(e *es.Envelope) { copy(e.ID[:8], b.log[0].ID[:8]) })
		},
		"somebody who left, came back, and has their claim": func(b *book) {
			joined(b, bob)
			left(b, bob)
			b.add(claimOf(bob), membership.Claimed{Group: practice, Member: bob})
			b.add(own, group.MemberReinstated{Member: bob, Role: access.User, Branches: []id.Branch{main}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			founded(b)
			write(b)
			require.Empty(t, b.found(id.Group{}))
		})
	}
}

func TestFindingsAreBoundedAndCounted(t *testing.T) {
	a := invariant.New(opened, id.Group{})
	for range invariant.Kept + 5 {
		a.Unreadable(es.Recorded{Stream: own})
	}
	found, counts := a.Violations()
	require.Equal(t, invariant.Kept+5, counts[invariant.EventUnreadable])
	require.Len(t, found, 2*invariant.Kept, "as many revisions are missing")
}

func TestFoundM3_SumsOutOfRangeAreReported(t *testing.T) {
	b := newBook(t)
	founded(b)
	huge := id.Derive[id.Charge]("huge")
	at := b.add(ledger, invoice.ChargeRecorded{Charge: huge, Amount: usd(6_000_000_000_000_000_000)})
	require.Equal(t, []invariant.Violation{{
		Rule: invariant.SumOutOfRange, Group: practice, Places: places{{ledger, at}}, Things: things{of("chart", file), of("member", olivia)},
	}}, b.found(id.Group{}))

	b.add(ledger, invoice.ChargeVoided{Charge: huge, Amount: usd(6_000_000_000_000_000_000)})
	require.Empty(t, b.found(id.Group{}), "what was voided counts no more")
}
