package invariant_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/invoice"
	"praxis/domain/membership"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// The people and things of the hand-made logs.
var (
	practice  = id.Derive[id.Group]("practice")
	elsewhere = id.Derive[id.Group]("elsewhere")
	olivia    = id.Derive[id.Member]("olivia")
	ann       = id.Derive[id.Member]("ann")
	bob       = id.Derive[id.Member]("bob")
	main      = id.Derive[id.Branch]("main")
	annex     = id.Derive[id.Branch]("annex")
	file      = id.Derive[id.Chart]("file")
	licence   = id.Derive[id.Licence]("licence")
	second    = id.Derive[id.Licence]("second")
	seats     = id.Derive[id.SeatCharge]("seats")
	bill      = id.Derive[id.Invoice]("bill")
	cash      = id.Derive[id.Payment]("cash")

	own    = group.Stream(practice)
	charts = chart.Stream(practice, file)
	ledger = invoice.LedgerID{Group: practice, Chart: file, Clinician: olivia}.Stream()
	series = invoice.SeriesID{Group: practice, Clinician: olivia}.Stream()

	opened = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	today  = civil.MustDate("2026-04-10")
	april  = pricing.Period{Start: today, End: civil.MustDate("2026-05-10")}
	may    = pricing.Period{Start: april.End, End: civil.MustDate("2026-06-10")}
)

func accountOf(m id.Member) id.Account { return id.Derive[id.Account](m.String()) }

func claimOf(m id.Member) es.Stream { return membership.Stream(accountOf(m)) }

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

// book is a log that is written by hand.
type book struct {
	t         *testing.T
	log       []es.Envelope
	revisions map[es.Stream]es.Revision
	now       time.Time
}

func newBook(t *testing.T) *book {
	return &book{t: t, revisions: map[es.Stream]es.Revision{}, now: opened}
}

// add writes events into a stream and returns the revision of the last one.
func (b *book) add(stream es.Stream, events ...any) es.Revision {
	b.t.Helper()
	for _, event := range events {
		b.put(stream, event, func(*es.Envelope) {})
	}
	return b.revisions[stream] - 1
}

// put writes an event as alter leaves it.
func (b *book) put(stream es.Stream, event any, alter func(*es.Envelope)) es.Revision {
	g, _ := stream.Group()
	n := uint64(len(b.log) + 1)
	env := es.Envelope{
		Recorded: es.Recorded{
			ID: id.Derive[id.Event](string(rune(n))), Stream: stream, Revision: b.revisions[stream],
			Position: es.Position{Commit: n, Prepare: n}, RecordedAt: b.now,
		},
		Meta: es.Metadata{
			Actor: "system:test", Group: g, Command: id.Derive[id.Command](string(rune(n))), CommandName: "by.hand",
			Correlation: "c", Causation: "c", OccurredAt: b.now, SchemaVersion: 1,
		},
		Event: event,
	}
	alter(&env)
	b.log = append(b.log, env)
	b.revisions[stream] = env.Revision + 1
	return env.Revision
}

func (b *book) pass(d time.Duration) { b.now = b.now.Add(d) }

// found practises what an auditor does with the whole log.
func (b *book) found(only id.Group) []invariant.Violation {
	a := invariant.New(b.now, only)
	for _, env := range b.log {
		if a.Concerns(env.Stream) {
			a.Add(env)
		}
	}
	if a.Repeated() {
		for _, env := range b.log {
			a.Confirm(env.Recorded)
		}
	}
	found, counts := a.Violations()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	require.Len(b.t, found, sum)
	return found
}

// founded is a practice of Olivia, who treats, with two branches.
func founded(b *book) {
	b.add(claimOf(olivia), membership.Claimed{Group: practice, Member: olivia})
	b.add(own,
		group.GroupCreated{Group: practice, Name: "Elm Street", Owner: olivia, Account: accountOf(olivia), Clinician: true, BillingZone: "America/New_York", Currency: "USD", PeriodAnchor: today, CreatedAt: b.now},
		group.DefaultBranchCreated{Branch: main, Name: "Main"},
		group.BranchCreated{Branch: annex, Name: "Annex"},
	)
}

// joined makes somebody a clinician of the practice.
func joined(b *book, m id.Member) es.Revision {
	b.add(claimOf(m), membership.Claimed{Group: practice, Member: m})
	return b.add(own, group.MemberJoined{Member: m, Account: accountOf(m), Role: access.User, Clinician: true, Branches: []id.Branch{main}, JoinedAt: b.now})
}

// left ends somebody's access and frees their account.
func left(b *book, m id.Member) es.Revision {
	at := b.add(own, group.MemberAccessRevoked{Member: m, RevokedBy: olivia})
	b.add(claimOf(m), membership.Released{Group: practice, Member: m})
	return at
}

// subscribed gives Olivia a licence and charges it for April.
func subscribed(b *book) {
	b.add(own,
		group.SubscriptionStarted{Owner: olivia, Zone: "America/New_York", Currency: "USD", On: today},
		group.BillingPeriodStarted{Period: april, Anchor: 10},
		group.LicencesPurchased{Licences: []group.BoughtLicence{{Licence: licence, Terms: terms(), Holder: olivia, Profession: pricing.Therapist}}, On: today},
	)
	b.add(own, charge(seats, line(licence, pricing.LinePurchase, april)))
}

func terms() pricing.Terms {
	return pricing.Terms{Plan: "therapist", Price: usd(49_00), Discount: pricing.FullPrice(), Book: 1, TaxBasisPoints: 1_000}
}

// line is a licence for a whole period: 49 dollars and 4.90 of tax.
func line(l id.Licence, kind pricing.LineKind, period pricing.Period) pricing.Line {
	line, err := pricing.NewLine(l, kind, terms(), period.Start, period)
	if err != nil {
		panic(err)
	}
	return line
}

// charge is a charge for the period of its first line.
func charge(c id.SeatCharge, lines ...pricing.Line) group.SubscriptionCharged {
	total, err := pricing.Total(lines)
	if err != nil {
		panic(err)
	}
	return group.SubscriptionCharged{Charge: c, Period: lines[0].Period, Lines: lines, Total: total, On: lines[0].Period.Start}
}

// filed opens a chart.
func filed(b *book, primary id.Member, branch id.Branch) es.Revision {
	return b.add(charts, chart.Created{Chart: file, Group: practice, FamilyName: "Doe", Branch: branch, Primary: primary, PrimaryRule: chart.ByChoice})
}

// issued keeps the first number for an invoice of 100 dollars and issues it.
func issued(b *book) {
	b.add(series, invoice.NumberAssigned{Sequence: 1, Number: "INV-000001", Invoice: bill})
	b.add(ledger, invoice.Drafted{Invoice: bill, Date: today, Total: usd(100_00)})
	b.add(ledger, invoice.Issued{Invoice: bill, Sequence: 1, Number: "INV-000001", Version: 1, Date: today, Total: usd(100_00)})
}
