package group

import (
	"cmp"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// LicenceReserved keeps a licence for somebody who is invited (L-4).
type LicenceReserved struct {
	Licence    id.Licence    `json:"licence"`
	Invitation id.Invitation `json:"invitation"`
	// Profession is that of the invited clinician.
	Profession pricing.Category `json:"profession"`
}

// LicenceUnreserved frees a licence whose invitation ended without a yes.
type LicenceUnreserved struct {
	Licence    id.Licence    `json:"licence"`
	Invitation id.Invitation `json:"invitation"`
}

// LicenceAssigned gives a licence to the one member who holds it.
type LicenceAssigned struct {
	Licence id.Licence `json:"licence"`
	Member  id.Member  `json:"member"`
	On      civil.Date `json:"on"`
}

// LicenceUnassigned frees a licence. The practice owns it on.
type LicenceUnassigned struct {
	Licence id.Licence `json:"licence"`
	Member  id.Member  `json:"member"`
	On      civil.Date `json:"on"`
}

// ProfessionRecorded says what a clinician is; prescriber plans need a prescriber.
type ProfessionRecorded struct {
	Member     id.Member        `json:"member"`
	Profession pricing.Category `json:"profession"`
}

// ClinicalWorkStarted makes a member a clinician, with the licence that they hold.
type ClinicalWorkStarted struct {
	Member id.Member  `json:"member"`
	On     civil.Date `json:"on"`
}

// ClinicalWorkEnded ends being a clinician; the membership and its role go on. It
// takes the member out of the scope of everybody who managed or assisted them.
type ClinicalWorkEnded struct {
	Member id.Member  `json:"member"`
	On     civil.Date `json:"on"`
}

func (LicenceReserved) isEvent()     {}
func (LicenceUnreserved) isEvent()   {}
func (LicenceAssigned) isEvent()     {}
func (LicenceUnassigned) isEvent()   {}
func (ProfessionRecorded) isEvent()  {}
func (ClinicalWorkStarted) isEvent() {}
func (ClinicalWorkEnded) isEvent()   {}

// Profession returns what a clinician is; a therapist where nothing was recorded.
func (s State) Profession(m id.Member) pricing.Category {
	if p, ok := s.subscription.professed[m]; ok {
		return p
	}
	return pricing.Therapist
}

// reservedFor returns the licence that an invitation reserved; one without id if none.
func (s State) reservedFor(i id.Invitation) Licence {
	return *es.Find(s.subscription.licences, func(l *Licence) bool { return l.Invitation == i && !i.IsZero() })
}

// reserve keeps the licence for an invitation; zero ends that.
func (l *Licence) reserve(i id.Invitation, profession pricing.Category) {
	l.Invitation, l.Profession = i, profession
}

// roleWithoutLicence is the administrative role, which is always free (L-6, BIL-8).
const roleWithoutLicence = access.Assistant

// The rejections about who can hold a licence.
var (
	errHasLicence     = fault.New(fault.Rejected, "member_has_licence", "This member holds a licence already. One is enough.")
	errRoleFree       = fault.New(fault.Rejected, "role_needs_no_licence", "The role assistant is free and needs no licence. Give a clinician another role, or unassign the licence first.")
	errTraineeLicence = fault.New(fault.Rejected, "trainee_licence", "This licence is paid at a trainee's price for the present period. Only a trainee with the same discount can hold it until then; buy another one for others.")
	errUnknownJob     = fault.New(fault.Invalid, "unknown_profession", "A clinician's profession is therapist or prescriber.")
)

// noFreeLicence says that a licence must be bought first, and for how much.
func (s State) noFreeLicence(offer pricing.Line, offered bool) error {
	refusal := fault.New(fault.Rejected, "no_free_licence", "No free licence: buy one before inviting a clinician.")
	if !offered {
		return refusal
	}
	price, err := offer.Gross()
	if err != nil {
		return err
	}
	refusal.Message += " " + "One on " + offer.Plan.Name() + " costs " + price.String() + " until " + offer.Until().String() + "."
	return refusal.With("plan", string(offer.Plan)).With("quote", price.String()).With("until", offer.Until().String())
}

// AssignLicence gives a free licence to a member, who becomes a clinician by it.
// It costs nothing, however often it is done (BIL-A6). Whether a member is a
// clinician depends on this alone, not on the role or on a state's licence to
// practise (L-7, BIL-9). Rejections: "licence_not_found", "licence_in_use",
// "licence_reserved", "licence_pending_payment", "licence_release_scheduled",
// "member_has_licence", "role_needs_no_licence", "plan_category_mismatch",
// "trainee_licence". The same assignment again changes nothing.
type AssignLicence struct {
	Licence id.Licence `json:"licence"`
	Member  id.Member  `json:"member"`
	// Profession is the member's; empty leaves what was recorded.
	Profession pricing.Category `json:"profession,omitempty"`
}

// Decide assigns the licence.
func (c AssignLicence) Decide(s State, now time.Time) ([]Event, error) {
	l, ok := s.Licence(c.Licence)
	if !ok {
		return nil, errNoLicence
	}
	if l.Holder == c.Member {
		return nil, nil
	}
	return s.assigned(l, c.Member, c.Profession, now)
}

// assigned returns the events after which the member holds the licence.
func (s State) assigned(l Licence, to id.Member, profession pricing.Category, now time.Time) ([]Event, error) {
	m, err := s.active(to)
	profession = cmp.Or(profession, s.Profession(to))
	if err := cmp.Or(
		err,
		fault.When(s.holdsLicence(to), errHasLicence),
		fault.When(m.Role == roleWithoutLicence, errRoleFree),
		s.available(l, s.personOf(to), profession, now),
	); err != nil {
		return nil, err
	}
	events, err := s.handed(l, to, profession, now)
	if err != nil || m.Clinician {
		return events, err
	}
	today, err := s.today(now)
	return append(events, ClinicalWorkStarted{Member: to, On: today}), err
}

// professes returns the event that records a profession, if it is news.
func (s State) professes(m id.Member, p pricing.Category) []Event {
	if known, ok := s.subscription.professed[m]; ok && known == p {
		return nil
	}
	return []Event{ProfessionRecorded{Member: m, Profession: p}}
}

// available refuses a licence that cannot be given to a person.
func (s State) available(l Licence, who person, profession pricing.Category, now time.Time) error {
	today, err := s.today(now)
	switch {
	case err != nil:
		return err
	case !profession.Known():
		return errUnknownJob
	case l.Pending:
		return errLicencePending
	case !l.Holder.IsZero():
		return fault.New(fault.Rejected, "licence_in_use", "This licence is already assigned to another member.").With("member", l.Holder.String())
	case s.reserved(l, now):
		return errLicenceReserved
	case l.Releasing:
		return errReleasing
	case !l.Plan.Open(profession):
		return errPlanCategory
	case !s.suits(l, who, today):
		return errTraineeLicence
	}
	return nil
}

// suits reports whether the price paid for a licence in the present period may
// serve the person: what was bought at a trainee's price is for a trainee, else
// re-assigning would be a way around the price. In the trial nothing was paid.
func (s State) suits(l Licence, who person, today civil.Date) bool {
	if s.subscription.inTrial() || l.Discount.Full() {
		return true
	}
	return s.subscription.proof(l.Discount.Proof).isFor(who) || s.discountFor(who, l.Plan, today).NoMoreThan(l.Discount)
}

// UnassignLicence frees a licence; the practice owns it on. An active holder
// ceases to be a clinician and keeps the membership. Rejections:
// "licence_not_found", "has_assigned_charts", "manager_must_be_clinician". A
// licence without holder changes nothing.
type UnassignLicence struct {
	Licence id.Licence `json:"licence"`
}

// Decide frees the licence.
func (c UnassignLicence) Decide(s State, charts int, now time.Time) ([]Event, error) {
	l, ok := s.Licence(c.Licence)
	if !ok {
		return nil, errNoLicence
	}
	return s.unassigned(l, charts, now)
}

func (s State) unassigned(l Licence, charts int, now time.Time) ([]Event, error) {
	if l.Holder.IsZero() {
		return nil, nil
	}
	m, _ := s.Member(l.Holder)
	if m.Active && m.Clinician {
		switch {
		case charts > 0:
			return nil, fault.New(fault.Rejected, "has_assigned_charts", "%d charts must move to another clinician first.", charts)
		case m.Role == access.Manager:
			return nil, errManagerClinician
		}
	}
	events, err := s.freed(l.Holder, now)
	if err != nil || !m.Active || !m.Clinician {
		return events, err
	}
	today, err := s.today(now)
	return append([]Event{ClinicalWorkEnded{Member: m.ID, On: today}}, events...), err
}

// freed returns the event after which a member who leaves holds no licence any
// more; none if they hold none.
func (s State) freed(m id.Member, now time.Time) ([]Event, error) {
	l, ok := s.LicenceOf(m)
	if !ok {
		return nil, nil
	}
	today, err := s.today(now)
	return []Event{LicenceUnassigned{Licence: l.ID, Member: m, On: today}}, err
}

// relicensed returns the events that give a clinician who comes back a licence.
// Rejections: "no_subscription" where it ended, "no_free_licence",
// "role_needs_no_licence".
func (s State) relicensed(m Member, now time.Time) ([]Event, error) {
	if s.holdsLicence(m.ID) || s.neverSubscribed() || !m.Clinician {
		return nil, nil
	}
	profession := s.Profession(m.ID)
	l, err := s.pick(m.Role, id.Licence{}, s.personOf(m.ID), profession, pricing.Book{}, now)
	if err != nil {
		return nil, err
	}
	return s.handed(l, m.ID, profession, now)
}

// handed returns the events that give an available licence to a member.
func (s State) handed(l Licence, m id.Member, profession pricing.Category, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	events := append(s.unreserved(l.Invitation), s.professes(m, profession)...)
	return append(events, LicenceAssigned{Licence: l.ID, Member: m, On: today}), nil
}

// MoveLicence takes a licence from its holder and gives it to another member, in
// one decision and at no cost. Rejections: those of UnassignLicence and AssignLicence.
type MoveLicence struct {
	Licence id.Licence `json:"licence"`
	To      id.Member  `json:"to"`
	// Profession is that of To; empty leaves what was recorded.
	Profession pricing.Category `json:"profession,omitempty"`
}

// Decide moves the licence.
func (c MoveLicence) Decide(s State, charts int, now time.Time) ([]Event, error) {
	l, ok := s.Licence(c.Licence)
	if !ok {
		return nil, errNoLicence
	}
	if l.Holder == c.To {
		return nil, nil
	}
	taken, err := s.unassigned(l, charts, now)
	if err != nil {
		return nil, err
	}
	l.Holder = id.Member{}
	given, err := s.assigned(l, c.To, c.Profession, now)
	if err != nil {
		return nil, err
	}
	return append(taken, given...), nil
}

// reservation returns the events that keep a licence for an invited clinician:
// the one named, or the first that suits (L-4, BIL-4). Groups without
// subscription reserve nothing. Rejections: "no_subscription" where it ended,
// "no_free_licence" with a quote, "role_needs_no_licence", and those of AssignLicence for the licence named.
func (c InviteMember) reservation(s State, book pricing.Book, now time.Time) ([]Event, error) {
	if s.neverSubscribed() || !c.Clinician {
		return nil, nil
	}
	profession := cmp.Or(c.Profession, pricing.Therapist)
	l, err := s.pick(c.Role, c.Licence, person{emailHash: c.EmailHash}, profession, book, now)
	if err != nil {
		return nil, err
	}
	return append(s.unreserved(l.Invitation), LicenceReserved{Licence: l.ID, Invitation: c.Invitation, Profession: profession}), nil
}

// pick returns the licence for a clinician in a role, where there is a subscription:
// the licence named, or the most fitting free one of the person's own
// category: one paid at this trainee's price before others, then the one owned
// longest. A licence of another category is only given where it is named: a prescriber
// on a plan for therapists could not prescribe.
func (s State) pick(role access.Role, named id.Licence, who person, profession pricing.Category, book pricing.Book, now time.Time) (Licence, error) {
	if err := cmp.Or(fault.When(!s.Subscribed(), errNoSubscription), fault.When(role == roleWithoutLicence, errRoleFree)); err != nil {
		return Licence{}, err
	}
	if !named.IsZero() {
		l, ok := s.Licence(named)
		if !ok {
			return Licence{}, errNoLicence
		}
		return l, s.available(l, who, profession, now)
	}
	var best Licence
	bestFit := -1
	for _, l := range s.subscription.licences {
		if plan, _ := pricing.PlanOf(l.Plan); plan.Category != profession || s.available(l, who, profession, now) != nil {
			continue
		}
		fit := 0
		if s.subscription.proof(l.Discount.Proof).isFor(who) {
			fit = 1
		}
		if fit > bestFit {
			best, bestFit = l, fit
		}
	}
	if bestFit < 0 {
		return Licence{}, s.noFreeLicence(s.cheapest(profession, book, now))
	}
	return best, nil
}

// cheapest prices one licence on the cheapest plan for a profession; ok is false
// where no price is known, or nothing would be due.
func (s State) cheapest(profession pricing.Category, book pricing.Book, now time.Time) (line pricing.Line, ok bool) {
	today, err := s.billable(now)
	if err != nil || s.subscription.inTrial() {
		return pricing.Line{}, false
	}
	terms, ok := book.Cheapest(profession, today)
	if !ok {
		return pricing.Line{}, false
	}
	line, err = pricing.NewLine(id.Licence{}, pricing.LinePurchase, terms, today, s.subscription.period)
	return line, err == nil
}

// unreserved returns the event that frees what an invitation reserved. Whatever
// ends an invitation without a yes comes with it.
func (s State) unreserved(i id.Invitation) []Event {
	l := s.reservedFor(i)
	if l.ID.IsZero() {
		return nil
	}
	return []Event{LicenceUnreserved{Licence: l.ID, Invitation: i}}
}

// licensed returns the events that give a joining clinician the licence reserved
// for them; an invitation from before the subscription takes a free one of its
// category, and one to a practice without subscription records the profession. It
// comes after the event by which the member joined.
func (s State) licensed(inv Invitation, m id.Member, now time.Time) ([]Event, error) {
	if !inv.Clinician || s.neverSubscribed() && inv.Profession == "" {
		return nil, nil
	}
	profession := cmp.Or(inv.Profession, pricing.Therapist)
	if s.neverSubscribed() {
		return s.professes(m, profession), nil
	}
	if l := s.reservedFor(inv.ID); !l.ID.IsZero() {
		l.Invitation = id.Invitation{} // It ends with the joining itself.
		return s.handed(l, m, l.Profession, now)
	}
	l, err := s.pick(inv.Role, id.Licence{}, person{emailHash: inv.EmailHash}, profession, pricing.Book{}, now)
	if err != nil {
		return nil, err
	}
	return s.handed(l, m, profession, now)
}
