package commands_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/commands"
	"praxis/domain/booking"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/invoice"
	"praxis/domain/membership"
	"praxis/domain/pricing"
)

// violations audits the whole log as of an instant.
func (p *practice) violations(now time.Time) []invariant.Violation {
	p.t.Helper()
	a := invariant.New(now, id.Group{})
	for rec, err := range p.store.ReadAll(context.WithoutCancel(p.ctx()), catalog.Categories(), es.Position{}) {
		require.NoError(p.t, err)
		env, err := p.registry.Decode(rec)
		require.NoError(p.t, err)
		a.Add(env)
	}
	require.False(p.t, a.Repeated())
	found, _ := a.Violations()
	return found
}

// books are commands about the money of patients, on one ledger.
func (p rehearsal) books(r *rapid.T, l invoice.LedgerID) map[string]func(commands.Call) (commands.Receipt, error) {
	ctx, e := p.ctx(), p.engine
	one := rapid.IntRange(0, 3).Draw(r, "one")
	charge, bill := id.Derive[id.Charge](l.Chart.String(), string(rune(one))), id.Derive[id.Invoice](l.Chart.String(), string(rune(one)))
	cents := int64(rapid.IntRange(1, 150_00).Draw(r, "cents"))
	type call = commands.Call
	type receipt = commands.Receipt
	return map[string]func(call) (receipt, error){
		"record charge": func(c call) (receipt, error) {
			return commands.RecordCharge.Give(ctx, e, c, l, invoice.RecordCharge{Charge: charge, ServiceDate: foundingDay, Code: "90837", Units: 1, UnitPrice: usd(100_00)})
		},
		"draft": func(c call) (receipt, error) {
			return commands.DraftInvoice.Give(ctx, e, c, l, invoice.DraftInvoice{Invoice: bill, Date: foundingDay, Terms: invoice.Terms{Kind: invoice.OnReceipt}, Charges: []id.Charge{charge}})
		},
		"bill": func(c call) (receipt, error) {
			_, _ = commands.RecordCharge.Give(ctx, e, p.by(p.owner), l, invoice.RecordCharge{Charge: charge, ServiceDate: foundingDay, Code: "90837", Units: 1, UnitPrice: usd(100_00)})
			_, _ = commands.DraftInvoice.Give(ctx, e, p.by(p.owner), l, invoice.DraftInvoice{Invoice: bill, Date: foundingDay, Terms: invoice.Terms{Kind: invoice.OnReceipt}, Charges: []id.Charge{charge}})
			return commands.IssueInvoice.Give(ctx, e, c, l, invoice.IssueInvoice{Invoice: bill})
		},
		"issue": func(c call) (receipt, error) {
			return commands.IssueInvoice.Give(ctx, e, c, l, invoice.IssueInvoice{Invoice: bill})
		},
		"discard": func(c call) (receipt, error) {
			return commands.DiscardDraft.Give(ctx, e, c, l, invoice.DiscardDraft{Invoice: bill})
		},
		"pay": func(c call) (receipt, error) {
			return commands.RecordPayment.Give(ctx, e, c, l, invoice.RecordPayment{
				Payment: id.Derive[id.Payment](c.Command.String()), Amount: usd(cents), Method: invoice.Cash, ReceivedOn: foundingDay,
			})
		},
		"void invoice": func(c call) (receipt, error) {
			return commands.VoidInvoice.Give(ctx, e, c, l, invoice.VoidInvoice{Invoice: bill, Date: foundingDay, Reason: "wrong", ReleasePayments: true})
		},
	}
}

// visits are commands on one clinician's calendar.
func (p rehearsal) visits(r *rapid.T, cal booking.CalendarID, c id.Chart, kind id.AppointmentType) map[string]func(commands.Call) (commands.Receipt, error) {
	ctx, e := p.ctx(), p.engine
	visit := id.Derive[id.Appointment](cal.Clinician.String(), string(rune(rapid.IntRange(0, 4).Draw(r, "visit"))))
	start := founded.Add(72*time.Hour + time.Duration(rapid.IntRange(0, 8).Draw(r, "start"))*30*time.Minute)
	because := rapid.SampledFrom([]string{"", "an emergency"}).Draw(r, "because")
	return map[string]func(commands.Call) (commands.Receipt, error){
		"book": func(call commands.Call) (commands.Receipt, error) {
			return commands.BookAppointment.Give(ctx, e, call, cal, booking.BookAppointment{Appointment: visit, Chart: c, Type: kind, Start: start, Channel: booking.ByStaff, OverlapReason: because})
		},
		"reschedule": func(call commands.Call) (commands.Receipt, error) {
			return commands.RescheduleAppointment.Give(ctx, e, call, cal, booking.RescheduleAppointment{Appointment: visit, Chart: c, Start: start, By: booking.ByStaff, OverlapReason: because})
		},
		"cancel": func(call commands.Call) (commands.Receipt, error) {
			return commands.CancelAppointment.Give(ctx, e, call, cal, booking.CancelAppointment{Appointment: visit, Chart: c, By: booking.ByStaff})
		},
	}
}

// seats are commands about licences and what they cost.
func (p rehearsal) seats(r *rapid.T) map[string]func(commands.Call) (commands.Receipt, error) {
	ctx, e := p.ctx(), p.engine
	who := rapid.SampledFrom(p.staff).Draw(r, "holder")
	var licence id.Licence
	if owned := p.seen().State.Licences(); len(owned) > 0 {
		licence = rapid.SampledFrom(owned).Draw(r, "licence").ID
	}
	plan := rapid.SampledFrom([]pricing.PlanID{pricing.ERxLite, pricing.TherapistBasic}).Draw(r, "plan")
	type call = commands.Call
	type receipt = commands.Receipt
	return map[string]func(call) (receipt, error){
		"purchase": func(c call) (receipt, error) {
			quote, err := e.QuoteLicences(ctx, c, plan, 1, nil)
			if err != nil {
				return receipt{}, err
			}
			return commands.PurchaseLicences.Give(ctx, e, c, group.PurchaseLicences{Plan: plan, Quantity: 1, QuotedTotal: quote.Today})
		},
		"assign": func(c call) (receipt, error) {
			return commands.AssignLicence.Give(ctx, e, c, group.AssignLicence{Licence: licence, Member: who.member, Profession: pricing.Prescriber})
		},
		"unassign": func(c call) (receipt, error) {
			return commands.UnassignLicence.Give(ctx, e, c, group.UnassignLicence{Licence: licence})
		},
		"schedule release": func(c call) (receipt, error) {
			return commands.ScheduleLicenceRelease.Give(ctx, e, c, group.ScheduleLicenceRelease{Licence: licence})
		},
		"collect": func(c call) (receipt, error) {
			for _, due := range p.seen().State.Charges() {
				if due.Status == group.ChargeOpen || due.Status == group.ChargeUnpaid {
					if _, err := commands.StartCollection.Give(ctx, e, p.byProcess("subscription"), group.StartCollection{Charge: due.ID}); err != nil {
						return receipt{}, err
					}
					now, _ := p.seen().State.Charge(due.ID)
					return commands.RecordCollection.Give(ctx, e, p.byProcess("collection"), group.RecordCollection{Charge: due.ID, Attempt: now.Attempt, Collected: len(due.Lines)%2 == 0, Reason: "declined"})
				}
			}
			return receipt{}, nil
		},
		"a month passes": func(call) (receipt, error) {
			p.Pass(31 * 24 * time.Hour)
			for {
				done, err := commands.RollBillingPeriod.Give(ctx, e, p.byProcess("subscription"), group.RollBillingPeriod{})
				if err != nil || len(done.Events) == 0 {
					return done, err
				}
			}
		},
		"cancel unpaid": func(call) (receipt, error) {
			return commands.CancelUnpaid.Give(ctx, e, p.byProcess("subscription"), group.CancelUnpaid{})
		},
	}
}

// Whatever people do through the engine, one after the other, breaks no invariant.
func TestInvariants_HoldAfterEveryHistory(t *testing.T) {
	done := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		p := rehearsing(t)
		kind := p.visitKind()
		if rapid.Bool().Draw(r, "subscribed") {
			p.subscribe()
		}
		for range rapid.IntRange(10, 60).Draw(r, "commands") {
			who := rapid.SampledFrom(append(p.staff[:3:3], p.owner)).Draw(r, "clinician")
			c := rapid.SampledFrom(p.charts).Draw(r, "file")
			kinds := p.kinds(r)
			maps.Copy(kinds, p.books(r, invoice.LedgerID{Group: p.group, Chart: c, Clinician: who.member}))
			maps.Copy(kinds, p.visits(r, booking.CalendarID{Group: p.group, Clinician: who.member}, c, kind))
			maps.Copy(kinds, p.seats(r))
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))).Draw(r, "kind")
			if _, err := kinds[name](p.by(p.owner)); err == nil {
				done[name]++
			}
			p.Pass(time.Second)
		}
		require.Empty(r, p.violations(p.Now()))
	})
	for _, name := range []string{"start removal", "assign chart", "bill", "pay", "book", "purchase", "collect", "a month passes"} {
		require.Positive(t, done[name], name)
	}
	t.Log(done)
}

// visitKind publishes a type of appointment of an hour.
func (p rehearsal) visitKind() id.AppointmentType {
	p.t.Helper()
	kind := id.Derive[id.AppointmentType]("visit")
	_, err := commands.AddAppointmentType.Give(p.ctx(), p.engine, p.by(p.owner), booking.AddAppointmentType{Terms: booking.Terms{Type: kind, Name: "Visit", LengthMin: 60}})
	require.NoError(p.t, err)
	return kind
}

// subscribe starts the subscription with a licence for every clinician.
func (p rehearsal) subscribe() {
	p.t.Helper()
	body := group.StartSubscription{Method: "pm_1", Label: "Visa"}
	for _, m := range p.seen().State.Members() {
		if m.Active && m.Clinician {
			body.Seats = append(body.Seats, group.Seat{Member: m.ID, Plan: pricing.ERxLite, Profession: pricing.Prescriber})
		}
	}
	var err error
	body.QuotedTotal, err = p.engine.QuoteSubscription(p.ctx(), p.by(p.owner), body.Seats)
	require.NoError(p.t, err)
	_, err = commands.StartSubscription.Give(p.ctx(), p.engine, p.by(p.owner), body)
	require.NoError(p.t, err)
}

// between runs f right before another engine appends to a stream: what it changes
// is not known to the command that is about to be recorded.
func (p *practice) between(stream es.Stream, f func(), command func(*commands.Engine) error) {
	p.t.Helper()
	c := p.config()
	c.Rosters = rosters{p: p}
	other := commands.NewEngine(c)
	p.store.meanwhile(stream, f)
	require.NoError(p.t, command(other))
}

// Each window between the look at one stream and the append to another, hit on
// purpose: what comes of it is found.
func TestInvariants_EveryWindowIsFoundWhenItWasHit(t *testing.T) {
	requireFound := func(t *testing.T, p *practice, now time.Time, want ...invariant.Rule) {
		t.Helper()
		var rules []invariant.Rule
		for _, v := range p.violations(now) {
			rules = append(rules, v.Rule)
		}
		require.Equal(t, want, rules)
	}
	t.Run("a chart is opened with somebody whose access ends in that instant", func(t *testing.T) {
		p := withRosters(t)
		ann := p.join("ann", "user", true)
		file := id.Derive[id.Chart]("file")
		p.between(chart.Stream(p.group, file), func() { p.remove(p.engine, ann) }, func(e *commands.Engine) error {
			_, err := commands.CreateChart.Give(t.Context(), e, p.by(ann), chart.CreateChart{Chart: file, Primary: ann.member, Patient: chart.Demographics{FamilyName: "Doe"}})
			return err
		})
		requireFound(t, p, p.Now(), invariant.ChartPrimary)
	})
	t.Run("a chart is opened in a branch that closes and is emptied in that instant", func(t *testing.T) {
		p := withRosters(t)
		ann, annex := p.join("ann", "user", true), id.Derive[id.Branch]("annex")
		_, err := commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: annex, Name: "Annex"})
		require.NoError(t, err)
		_, err = commands.SetClinicianBranches.Give(t.Context(), p.engine, p.by(p.owner), group.SetClinicianBranches{Clinician: ann.member, Branches: []id.Branch{p.branch, annex}})
		require.NoError(t, err)
		file := id.Derive[id.Chart]("file")
		p.between(chart.Stream(p.group, file), func() {
			_, err := commands.CloseBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CloseBranch{Branch: annex, MovedTo: p.branch})
			require.NoError(t, err)
			_, err = commands.VacateBranch.Give(t.Context(), p.engine, p.byProcess("branches"), group.VacateBranch{Branch: annex})
			require.NoError(t, err)
		}, func(e *commands.Engine) error {
			_, err := commands.CreateChart.Give(t.Context(), e, p.by(ann), chart.CreateChart{Chart: file, Primary: ann.member, Branch: annex, Patient: chart.Demographics{FamilyName: "Doe"}})
			return err
		})
		requireFound(t, p, p.Now(), invariant.ChartBranch)
	})
	t.Run("a chart and a charge are recorded as the practice closes", func(t *testing.T) {
		p := withRosters(t)
		l := p.ledger()
		c := closing("e")
		p.export(c, "")
		p.between(l.Stream(), func() {
			_, err := commands.CloseGroup.Give(t.Context(), p.engine, p.by(p.owner), c)
			require.NoError(t, err)
		}, func(e *commands.Engine) error {
			_, err := commands.RecordCharge.Give(t.Context(), e, p.by(p.owner), l, p.charge())
			return err
		})
		requireFound(t, p, p.Now(), invariant.AfterClosing)
	})
	t.Run("an appointment is booked with somebody whose access ends in that instant", func(t *testing.T) {
		p := rehearsing(t)
		kind, ann := p.visitKind(), p.staff[0]
		cal := booking.CalendarID{Group: p.group, Clinician: ann.member}
		p.between(cal.Stream(), func() {
			_, err := p.startRemoval(ann.member, group.Rehoming{Default: p.staff[1].member})
			require.NoError(t, err)
			p.rehome(ann, p.staff[1])
		}, func(e *commands.Engine) error {
			_, err := commands.BookAppointment.Give(t.Context(), e, p.by(p.owner), cal, booking.BookAppointment{
				Appointment: id.Derive[id.Appointment]("visit"), Chart: p.charts[0], Type: kind, Start: founded.Add(72 * time.Hour), Channel: booking.ByStaff,
			})
			return err
		})
		requireFound(t, p.practice, p.Now(), invariant.AppointmentClinician)
	})
	t.Run("a founding breaks off after the account is claimed", func(t *testing.T) {
		p := newPractice(t)
		stranger := someone("stranger")
		stranger.member = id.Derive[id.Member]("stranger")
		claim := membership.Claim{Group: id.Derive[id.Group]("never"), Member: stranger.member}
		events, err := claim.Decide(membership.State{}, p.Now())
		require.NoError(t, err)
		typ, data, meta, err := p.registry.Encode(events[0], es.Subject{}, es.Metadata{
			Actor: "stranger", Command: id.New[id.Command](), Correlation: "spec", Causation: "spec", OccurredAt: p.Now(),
		})
		require.NoError(t, err)
		_, err = p.store.Append(t.Context(), membership.Stream(stranger.account), es.At(es.NoStream), []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta}})
		require.NoError(t, err)
		claimed := p.recorded(membership.Stream(stranger.account))
		requireFound(t, p, claimed.Add(invariant.ClaimGrace))
		requireFound(t, p, claimed.Add(invariant.ClaimGrace+time.Second), invariant.ClaimStray)
	})
}
