package group

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// roleWithoutLicence is the administrative role, which is always free (L-6, BIL-8).
const roleWithoutLicence = access.Assistant

// AssignLicence gives a free licence to a member, who becomes a clinician by it.
// It costs nothing, however often it is done (BIL-A6). Whoever is a clinician and
// whoever is not depends on this alone, not on the role or on a state's licence to
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
	if err != nil {
		return nil, err
	}
	if profession == "" {
		profession = s.Profession(to)
	}
	if _, holds := s.LicenceOf(to); holds {
		return nil, fault.New(fault.Rejected, "member_has_licence", "This member holds a licence already. One is enough.")
	}
	if m.Role == roleWithoutLicence {
		return nil, errRoleFree
	}
	if err := s.available(l, s.personOf(to), profession, now); err != nil {
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
	if p := s.subscription.proof(l.Discount.Proof); p != nil && p.isFor(who) {
		return true
	}
	return s.discountFor(who, l.Plan, today).NoMoreThan(l.Discount)
}

// UnassignLicence frees a licence; the practice owns it on. An active holder
// ceases to be a clinician and keeps the membership. Rejections:
// "licence_not_found", "has_assigned_charts", "manager_must_be_clinician". A
// licence without holder changes nothing.
type UnassignLicence struct {
	Licence id.Licence `json:"licence"`
	// AssignedCharts is how many charts the holder is primary of.
	AssignedCharts int `json:"-"`
}

// Decide frees the licence.
func (c UnassignLicence) Decide(s State, now time.Time) ([]Event, error) {
	l, ok := s.Licence(c.Licence)
	if !ok {
		return nil, errNoLicence
	}
	return s.unassigned(l, c.AssignedCharts, now)
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
	if _, holds := s.LicenceOf(m.ID); holds || s.neverSubscribed() || !m.Clinician {
		return nil, nil
	}
	if !s.Subscribed() {
		return nil, errNoSubscription
	}
	if m.Role == roleWithoutLicence {
		return nil, errRoleFree
	}
	profession := s.Profession(m.ID)
	l, err := s.pick(id.Licence{}, s.personOf(m.ID), profession, pricing.Book{}, now)
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
	// AssignedCharts is how many charts the present holder is primary of.
	AssignedCharts int `json:"-"`
}

// Decide moves the licence.
func (c MoveLicence) Decide(s State, now time.Time) ([]Event, error) {
	l, ok := s.Licence(c.Licence)
	if !ok {
		return nil, errNoLicence
	}
	if l.Holder == c.To {
		return nil, nil
	}
	taken, err := s.unassigned(l, c.AssignedCharts, now)
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
