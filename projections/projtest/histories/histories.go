// Package histories draws random lives of a practice for property tests of its
// read models: people who come, go and change, rules that are set, licences that
// are bought, charged, given and released, periods that pass. Every event was
// decided by the domain. The package is for tests only; it may import the domain
// and projtest.
package histories

import (
	"time"

	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/projtest"
)

// History is the life of one practice so far.
type History struct {
	Group id.Group
	// State is the fold of Events.
	State  group.State
	Events []projtest.Event
	// Now is the instant after the last event.
	Now time.Time
}

type decider = estest.Decider[group.State, group.Event]

// with is a command together with the facts that it is decided with.
type with[C knows[F], F any] = estest.With[C, F, group.State, group.Event]

// knows are the commands that are decided with these facts.
type knows[F any] interface {
	estest.FactDecider[F, group.State, group.Event]
}

// As is a member deciding.
func As[C knows[id.Member]](m id.Member, c C) with[C, id.Member] { return estest.Knowing(c, m) }

// Priced is a command at the prices of Book.
func Priced[C knows[pricing.Book]](c C) with[C, pricing.Book] { return estest.Knowing(c, Book()) }

// WithoutCharts is a command about somebody or somewhere with no charts.
func WithoutCharts[C knows[int]](c C) with[C, int] { return estest.Knowing(c, 0) }

// Founded is a practice with an owner who treats patients, on 1 June 2024.
func Founded(g id.Group) *History {
	h := &History{Group: g, State: group.Aggregate().New(), Now: time.Date(2024, 6, 1, 16, 0, 0, 0, time.UTC)}
	h.append(
		group.GroupCreated{
			Group: g, Name: "Elm Practice", Owner: Member(0), Account: account(Member(0)), Clinician: true, BillingZone: "America/New_York",
			Currency: "USD", PeriodAnchor: civil.MustDate("2024-06-01"), CreatedAt: h.Now,
		},
		group.DefaultBranchCreated{Branch: branches[0], Name: "Main Street"},
	)
	return h
}

// Member names the n-th person; the first founds the practice.
func Member(n int) id.Member { return id.Derive[id.Member]("person", string(rune('a'+n))) }

// people is how many there are: few, so that random commands meet.
const people = 7

// branches are the places that a practice may have.
var branches = []id.Branch{id.Derive[id.Branch]("main"), id.Derive[id.Branch]("harbour"), id.Derive[id.Branch]("hill")}

// Book has two versions, so that prices change within a history, and a tax begins.
func Book() pricing.Book {
	prices := func(more int64) (all []pricing.Price) {
		for _, p := range pricing.FirstPrices() {
			all = append(all, pricing.Price{Plan: p.Plan, Minor: p.Minor + more})
		}
		return all
	}
	return pricing.Aggregate().Fold(
		pricing.PriceBookPublished{Version: 1, Currency: "USD", EffectiveFrom: civil.MustDate("2024-01-01"), Prices: prices(0)},
		pricing.PriceBookPublished{Version: 2, Currency: "USD", EffectiveFrom: civil.MustDate("2024-08-01"), Prices: prices(400), TaxBasisPoints: 2500},
	)
}

func account(m id.Member) id.Account { return id.Derive[id.Account](m.String()) }

func hash(m id.Member) string { return "hash of " + m.String() }

func (h *History) append(events ...group.Event) {
	for _, e := range events {
		group.Evolve(&h.State, e)
		h.Events = append(h.Events, projtest.Event{Stream: group.Stream(h.Group), Event: e, At: h.Now})
	}
}

// Do decides a command and reports whether it was accepted.
func (h *History) Do(c decider) bool {
	events, err := c.Decide(h.State, h.Now)
	h.append(events...)
	return err == nil
}

// Pass lets days pass and does what the clock does.
func (h *History) Pass(days int) {
	h.Now = h.Now.AddDate(0, 0, days)
	for range 1 + days/28 {
		for _, c := range []decider{group.WatchTraineeProofs{}, Priced(group.ExpireTrial{}), Priced(group.RollBillingPeriod{}), group.CancelUnpaid{}} {
			h.Do(c)
		}
	}
}

// Draw lives a random life of at most n commands.
func Draw(t *rapid.T, g id.Group, n int) *History {
	h := Founded(g)
	d := draw{t, h}
	for i := range 4 {
		h.invite(Member(i+1), access.Roles()[1+i%4], i != 2, Member(0))
	}
	if rapid.IntRange(0, 3).Draw(t, "subscribed") > 0 {
		h.Do(d.start())
		h.collect()
	}
	for range rapid.IntRange(1, n).Draw(t, "commands") {
		h.Now = h.Now.Add(time.Minute)
		if days := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 8, 31}).Draw(t, "days"); days > 0 {
			h.Pass(days)
		}
		h.Do(d.command())
	}
	return h
}

// collect has every open charge paid.
func (h *History) collect() {
	for _, c := range h.State.Charges() {
		if h.Do(group.StartCollection{Charge: c.ID}) {
			h.Do(Priced(group.RecordCollection{Charge: c.ID, Attempt: 1, Collected: true}))
		}
	}
}

// invite has somebody invited and accepting.
func (h *History) invite(m id.Member, role access.Role, clinician bool, of ...id.Member) {
	letter := id.Derive[id.Invitation](m.String())
	var clinicians []id.Member
	if role == access.Manager || role == access.Assistant {
		clinicians = of
	}
	h.Do(estest.Knowing(group.InviteMember{Invitation: letter, EmailHash: hash(m), Role: role, Clinician: clinician && role != access.Assistant, Clinicians: clinicians, ExpiresAt: h.Now.AddDate(0, 0, 7)}, group.InvitationFacts{By: h.State.Owner()}))
	h.Do(group.AcceptInvitation{Invitation: letter, Account: account(m), EmailHash: hash(m), Member: m})
}

// draw draws commands about a history.
type draw struct {
	t *rapid.T
	*History
}

func pick[T any](d draw, label string, from ...T) T { return rapid.SampledFrom(from).Draw(d.t, label) }

func (d draw) person() id.Member { return Member(rapid.IntRange(0, people-1).Draw(d.t, "person")) }

func (d draw) crowd() []id.Member {
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) id.Member { return Member(rapid.IntRange(0, people-1).Draw(t, "of")) }), 0, 2, func(m id.Member) id.Member { return m }).Draw(d.t, "clinicians")
}

func (d draw) command() decider {
	if rapid.Bool().Draw(d.t, "money") {
		return d.money()
	}
	return d.personnel()
}

func (d draw) personnel() decider {
	owner, m := d.State.Owner(), d.person()
	capability := pick(d, "capability", access.RosterView, access.BillingView, access.SubscriptionView, access.PermissionView, access.ChartArchive, access.ChartClinicalView)
	scope := pick(d, "scope", access.ScopeGroup, access.ScopeBranches, access.ScopeManaged, access.ScopeAssists, access.ScopeOwn)
	ruling := group.Ruling{By: owner, Rule: id.Derive[id.Event](d.Group.String(), d.Now.String())}
	letter := id.Derive[id.Invitation](m.String(), pick(d, "letter", "1", "2", "3"))
	from, until := d.window()
	switch rapid.IntRange(0, 21).Draw(d.t, "personnel") {
	case 0, 1:
		return estest.Knowing(group.InviteMember{
			Invitation: letter, EmailHash: hash(m), Role: pick(d, "role", access.Roles()...), Clinician: rapid.Bool().Draw(d.t, "clinician"),
			Clinicians: d.crowd(), ExpiresAt: d.Now.AddDate(0, 0, 5), Profession: pick(d, "profession", pricing.Therapist, pricing.Prescriber),
		}, group.InvitationFacts{By: owner, Book: Book()})
	case 21:
		return estest.Knowing(group.SetChartSharing{Sharing: pick(d, "sharing", access.Widths()...)}, ruling)
	case 2, 3:
		return group.AcceptInvitation{Invitation: letter, Account: account(m), EmailHash: hash(m), Member: m}
	case 4:
		return pick[decider](d, "answer", group.DeclineInvitation{Invitation: letter, EmailHash: hash(m)}, As(owner, group.RevokeInvitation{Invitation: letter}), group.ExpireInvitation{Invitation: letter})
	case 5:
		return As(owner, group.ChangeMemberRole{Member: m, Role: pick(d, "role", access.Roles()...), Clinicians: d.crowd()})
	case 6:
		return estest.Knowing(group.RemoveMember{Member: m}, group.LeavingFacts{By: owner})
	case 7:
		return estest.Knowing(group.StartMemberRemoval{Member: m, Rehoming: group.Rehoming{Default: d.person()}}, group.RemovalFacts{By: owner, Removal: ruling.Rule})
	case 8:
		return WithoutCharts(group.CompleteMemberRemoval{Member: m})
	case 9:
		return As(owner, group.ReinstateMember{Member: m, Clinicians: d.crowd()})
	case 10:
		return As(owner, group.AssignManager{Manager: m, Clinicians: d.crowd()})
	case 11:
		return As(owner, group.AssignAssistant{Assistant: m, Clinicians: d.crowd()})
	case 12:
		return group.CreateBranch{Branch: pick(d, "branch", branches...), Name: pick(d, "name", "A", "B", "C")}
	case 13:
		return As(owner, group.SetClinicianBranches{Clinician: m, Branches: []id.Branch{pick(d, "branch", branches...)}})
	case 14:
		return WithoutCharts(group.CloseBranch{Branch: pick(d, "branch", branches...), MovedTo: pick(d, "to", append([]id.Branch{{}}, branches...)...)})
	case 15, 16:
		return estest.Knowing(group.GrantPermission{Member: m, Capability: capability, Scope: scope, From: from, Until: until}, ruling)
	case 17:
		return estest.Knowing(group.DenyPermission{Member: m, Capability: capability, Scope: scope, From: from, Until: until}, ruling)
	case 18:
		return As(owner, group.ClearOverride{Member: m, Capability: capability})
	case 19:
		return estest.Knowing(group.SetRolePermission{
			Role: pick(d, "role", access.Roles()...), Capability: capability, Scope: scope,
			Effect: pick(d, "effect", group.EffectAllow, group.EffectDeny, group.EffectDefault),
		}, ruling)
	default:
		if o, open := d.State.OwnershipOffer(); open {
			return As(o.To, group.AcceptOwnership{})
		}
		return As(owner, group.OfferOwnership{To: m, ExpiresAt: d.Now.AddDate(0, 0, 3)})
	}
}

// window bounds a rule in time, or does not.
func (d draw) window() (from, until *time.Time) {
	if rapid.Bool().Draw(d.t, "from") {
		at := d.Now.Add(time.Duration(rapid.IntRange(-48, 48).Draw(d.t, "begins")) * time.Hour)
		from = &at
	}
	if rapid.Bool().Draw(d.t, "until") {
		at := d.Now.Add(time.Duration(rapid.IntRange(49, 96).Draw(d.t, "ends")) * time.Hour)
		until = &at
	}
	return from, until
}

func (d draw) seats() (seats []group.Seat) {
	for _, m := range d.State.Members() {
		if m.Active && m.Clinician {
			seats = append(seats, group.Seat{Member: m.ID, Plan: pick(d, "plan", pricing.Plans()...).ID, Profession: pricing.Prescriber})
		}
	}
	return seats
}

func (d draw) start() decider {
	seats := d.seats()
	if rapid.Bool().Draw(d.t, "trial") {
		return estest.Knowing(group.StartTrial{Seats: seats}, group.TrialFacts{OwnerTrialEnds: d.Now.AddDate(0, 0, 20), Book: Book()})
	}
	quoted, err := d.State.QuoteSubscription(seats, Book(), d.Now)
	if err != nil {
		quoted = money.Of(0, "USD")
	}
	return Priced(group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: quoted})
}

func (d draw) licence() id.Licence {
	owned := d.State.Licences()
	if len(owned) == 0 {
		return id.Licence{1}
	}
	return pick(d, "licence", owned...).ID
}

func (d draw) charge() group.Charge {
	charges := d.State.Charges()
	if len(charges) == 0 {
		return group.Charge{}
	}
	return pick(d, "charge", charges[max(0, len(charges)-3):]...)
}

func (d draw) money() decider {
	plan := pick(d, "plan", pricing.Plans()...).ID
	switch rapid.IntRange(0, 18).Draw(d.t, "about money") {
	case 0:
		return d.start()
	case 1, 2, 3:
		return d.purchase(plan)
	case 4, 5:
		return group.StartCollection{Charge: d.charge().ID}
	case 6, 7, 8:
		c := d.charge()
		return Priced(group.RecordCollection{Charge: c.ID, Attempt: max(1, c.Attempt), Collected: rapid.IntRange(0, 2).Draw(d.t, "collected") > 0})
	case 9:
		return group.CancelUnpaid{}
	case 10:
		return group.AssignLicence{Licence: d.licence(), Member: d.person(), Profession: pricing.Prescriber}
	case 11:
		return WithoutCharts(group.UnassignLicence{Licence: d.licence()})
	case 12:
		return WithoutCharts(group.MoveLicence{Licence: d.licence(), To: d.person(), Profession: pricing.Prescriber})
	case 13, 14:
		l := d.licence()
		quote, err := d.State.QuotePlanChange(Book(), l, plan, d.Now)
		if err != nil {
			quote.Today = money.Of(0, "USD")
		}
		return Priced(group.ChangeLicencePlan{Licence: l, Plan: plan, QuotedTotal: quote.Today})
	case 15:
		return group.ScheduleLicenceRelease{Licence: d.licence()}
	case 16:
		return group.CancelRelease{Licence: d.licence()}
	case 17:
		m := d.person()
		return As(d.State.Owner(), group.SubmitTraineeProof{
			Proof: id.Derive[id.TraineeProof](m.String()), EmailHash: hash(m), Kind: pick(d, "kind", pricing.PrescriberTrainee, pricing.NonPrescriberTrainee),
			Programme: "Residency", ValidFrom: civil.MustDate("2024-06-01"), ValidUntil: civil.MustDate("2024-06-01").Add(rapid.IntRange(10, 200).Draw(d.t, "validity")), DocHash: "sha256",
		})
	default:
		return As(d.State.Owner(), group.VerifyTraineeProof{Proof: id.Derive[id.TraineeProof](d.person().String()), Accredited: true})
	}
}

func (d draw) purchase(plan pricing.PlanID) decider {
	quantity := rapid.IntRange(1, 2).Draw(d.t, "quantity")
	var proofs []id.TraineeProof
	if known := d.State.Proofs(); len(known) > 0 && rapid.Bool().Draw(d.t, "for a trainee") {
		proofs = []id.TraineeProof{pick(d, "proof", known...).ID}
	}
	quote, err := d.State.QuoteLicences(Book(), plan, quantity, proofs, d.Now)
	if err != nil {
		quote.Today = money.Of(0, "USD")
	}
	return Priced(group.PurchaseLicences{Plan: plan, Quantity: quantity, Proofs: proofs, QuotedTotal: quote.Today})
}
