package group

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// TraineeProofSubmitted says that somebody claims to be in training. The person
// is a member, or somebody yet to be invited, known by the hash of their address.
type TraineeProofSubmitted struct {
	Proof     id.TraineeProof     `json:"proof"`
	Member    id.Member           `json:"member,omitzero"`
	EmailHash string              `json:"emailHash,omitempty"`
	Kind      pricing.TraineeKind `json:"kind"`
	Programme string              `json:"programme"`
	// ValidFrom and ValidUntil are the first and the last day of validity.
	ValidFrom  civil.Date `json:"validFrom"`
	ValidUntil civil.Date `json:"validUntil"`
	// DocHash recognises the document; the document itself is not in the log.
	DocHash     string    `json:"docHash"`
	SubmittedBy id.Member `json:"submittedBy"`
}

// TraineeProofVerified says that somebody other than the trainee checked the proof.
type TraineeProofVerified struct {
	Proof      id.TraineeProof `json:"proof"`
	VerifiedBy id.Member       `json:"verifiedBy"`
	On         civil.Date      `json:"on"`
}

// TraineeProofExpiring warns once per proof and threshold (BIL-A10).
type TraineeProofExpiring struct {
	Proof id.TraineeProof `json:"proof"`
	// Threshold is 30 or 7, in days before the end of validity.
	Threshold  int        `json:"threshold"`
	ValidUntil civil.Date `json:"validUntil"`
	On         civil.Date `json:"on"`
}

// TraineeProofExpired says that the last day of validity is over. The full price
// is due from the next period on, never backwards (AMB-9).
type TraineeProofExpired struct {
	Proof id.TraineeProof `json:"proof"`
	On    civil.Date      `json:"on"`
}

func (TraineeProofSubmitted) isEvent() {}
func (TraineeProofVerified) isEvent()  {}
func (TraineeProofExpiring) isEvent()  {}
func (TraineeProofExpired) isEvent()   {}

// Proof is a claim to be in training.
type Proof struct {
	ID         id.TraineeProof
	Member     id.Member
	EmailHash  string
	Kind       pricing.TraineeKind
	Programme  string
	ValidFrom  civil.Date
	ValidUntil civil.Date
	Verified   bool
	Expired    bool
	// Noticed is the tightest threshold of days that was warned of, 0 for none.
	Noticed int
}

// holds reports whether the proof gives a discount on the day.
func (p Proof) holds(on civil.Date) bool {
	return p.Verified && !on.Before(p.ValidFrom) && !on.After(p.ValidUntil)
}

// isFor reports whether the proof is about the person.
func (p Proof) isFor(who person) bool {
	return !p.Member.IsZero() && p.Member == who.member || p.EmailHash != "" && p.EmailHash == who.emailHash
}

// Proofs returns the proofs of training, in the order of their submission.
func (s State) Proofs() []Proof { return slices.Clone(s.subscription.proofs) }

// proof returns the place of a proof; one without id where there is none.
func (s *subscription) proof(p id.TraineeProof) *Proof {
	return es.Find(s.proofs, func(o *Proof) bool { return o.ID == p })
}

// person is whom a licence is for: a member, or somebody invited.
type person struct {
	member    id.Member
	emailHash string
}

func (s State) personOf(m id.Member) person {
	member, _ := s.Member(m)
	return person{member: m, emailHash: member.EmailHash}
}

// discountFor returns the discount that a verified proof gives a person on a plan
// on a day. A plan has one discount at most, so the first proof is as good as any.
func (s State) discountFor(who person, plan pricing.PlanID, on civil.Date) pricing.Discount {
	for _, p := range s.subscription.proofs {
		if d := p.Kind.DiscountOn(plan, p.ID); p.isFor(who) && p.holds(on) && !d.Full() {
			return d
		}
	}
	return pricing.FullPrice()
}

// discountOf returns what the person for whom a licence is kept would pay on a
// plan on a day: the full price if it is kept for no person.
func (s State) discountOf(l Licence, plan pricing.PlanID, on civil.Date) pricing.Discount {
	switch {
	case !l.Holder.IsZero():
		return s.discountFor(s.personOf(l.Holder), plan, on)
	case !l.Invitation.IsZero():
		return s.discountFor(person{emailHash: s.invitations[l.Invitation].EmailHash}, plan, on)
	}
	return pricing.FullPrice()
}

// The rejections about proofs of training.
var (
	errNoProof    = fault.New(fault.NotFound, "proof_not_found", "There is no such proof of training.")
	errProofDates = fault.New(fault.Rejected, "proof_invalid_dates", "A proof is valid from a day to the same or a later one, not over yet, and for ten years from today at most.")
)

// SubmitTraineeProof keeps a claim that somebody is in training, to be verified
// (L-8, L-9). The person is a member, or, before they are invited, known by the
// hash of their address, so that their licence can be bought at a trainee's price.
// Rejections: "proof_invalid_dates", "proof_exists", "member_not_found".
type SubmitTraineeProof struct {
	Proof     id.TraineeProof     `json:"proof"`
	Member    id.Member           `json:"member,omitzero"`
	EmailHash string              `json:"emailHash,omitempty"`
	Kind      pricing.TraineeKind `json:"kind"`
	Programme string              `json:"programme"`
	// ValidFrom and ValidUntil are the first and the last day of validity.
	ValidFrom  civil.Date `json:"validFrom"`
	ValidUntil civil.Date `json:"validUntil"`
	DocHash    string     `json:"docHash"`
}

// Decide keeps the claim.
func (c SubmitTraineeProof) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	today, errToday := s.today(now)
	name, errName := readName(programme, c.Programme)
	if err := cmp.Or(errToday, errName); err != nil {
		return nil, err
	}
	switch {
	case c.Proof.IsZero() || c.DocHash == "":
		return nil, fault.New(fault.Invalid, "id_required", "A proof needs an id and the hash of its document.")
	case c.Proof == s.subscription.proof(c.Proof).ID:
		return nil, fault.New(fault.Rejected, "proof_exists", "A proof with this id was submitted already.")
	case !c.Kind.Known():
		return nil, fault.New(fault.Invalid, "unknown_trainee_kind", "A trainee is a non_prescriber or a prescriber.")
	case c.Member.IsZero() == (c.EmailHash == ""):
		return nil, fault.New(fault.Invalid, "trainee_required", "Name the trainee either as a member or by their address.")
	case c.ValidFrom.IsZero() || c.ValidUntil.Before(c.ValidFrom) || c.ValidUntil.Before(today) || c.ValidUntil.After(today.Add(maxProofDays)):
		return nil, errProofDates
	}
	if !c.Member.IsZero() {
		if _, err := s.active(c.Member); err != nil {
			return nil, err
		}
	}
	return []Event{TraineeProofSubmitted{
		Proof: c.Proof, Member: c.Member, EmailHash: c.EmailHash, Kind: c.Kind, Programme: name,
		ValidFrom: c.ValidFrom, ValidUntil: c.ValidUntil, DocHash: c.DocHash, SubmittedBy: actor,
	}}, nil
}

// maxProofDays bounds how long one proof lowers a price: ten years.
const maxProofDays = 3653

// VerifyTraineeProof says that the proof was checked. Purchases can use it at
// once; a licence that the trainee holds already costs less from the next period
// on. Rejections: "proof_not_found", "self_verification_forbidden",
// "not_accredited", "proof_invalid_dates". Verifying twice changes nothing.
type VerifyTraineeProof struct {
	Proof id.TraineeProof `json:"proof"`
	// Accredited is the verifier's finding about the programme.
	Accredited bool `json:"accredited"`
}

// Decide verifies the proof.
func (c VerifyTraineeProof) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	by, err := s.active(actor)
	today, errToday := s.today(now)
	if err := cmp.Or(err, errToday); err != nil {
		return nil, err
	}
	p := s.subscription.proof(c.Proof)
	switch {
	case p.ID.IsZero():
		return nil, errNoProof
	case p.isFor(person{member: by.ID, emailHash: by.EmailHash}):
		return nil, fault.New(fault.Forbidden, "self_verification_forbidden", "Nobody verifies their own proof of training. Ask another member.")
	case !c.Accredited:
		return nil, fault.New(fault.Rejected, "not_accredited", "Only trainees of an accredited programme pay less.")
	case today.After(p.ValidUntil):
		return nil, errProofDates
	case p.Verified:
		return nil, nil
	}
	return []Event{TraineeProofVerified{Proof: p.ID, VerifiedBy: actor, On: today}}, nil
}

// noticeThresholds are the days before the end of a proof at which a notice is
// sent (BIL-A10), the tightest first.
func noticeThresholds() []int { return []int{7, 30} }

// WatchTraineeProofs warns 30 and 7 days before a verified proof ends, and says
// when it has ended, each once. The clock gives it. A trainee who has a later
// proof is not warned about the earlier.
type WatchTraineeProofs struct{}

// Decide warns.
func (c WatchTraineeProofs) Decide(s State, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, p := range s.subscription.proofs {
		switch {
		case !p.Verified || p.Expired:
		case today.After(p.ValidUntil):
			events = append(events, TraineeProofExpired{Proof: p.ID, On: today})
		case !s.prolonged(p):
			if t := threshold(today.DaysUntil(p.ValidUntil)); t > 0 && (p.Noticed == 0 || t < p.Noticed) {
				events = append(events, TraineeProofExpiring{Proof: p.ID, Threshold: t, ValidUntil: p.ValidUntil, On: today})
			}
		}
		if len(events) == maxNotices {
			break
		}
	}
	return events, nil
}

// maxNotices bounds the events of one decision; the clock comes again.
const maxNotices = 80

// threshold returns the tightest threshold that has been reached, 0 for none.
func threshold(daysLeft int) int {
	return *es.Find(noticeThresholds(), func(t *int) bool { return daysLeft <= *t })
}

// prolonged reports whether another verified proof of the same person goes on
// after this one without a gap.
func (s State) prolonged(p Proof) bool {
	who := person{member: p.Member, emailHash: p.EmailHash}
	for _, o := range s.subscription.proofs {
		if o.ID != p.ID && o.Verified && o.isFor(who) && o.ValidUntil.After(p.ValidUntil) && !o.ValidFrom.After(p.ValidUntil.Add(1)) {
			return true
		}
	}
	return false
}
