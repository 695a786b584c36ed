package group

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
)

// Evolve applies one event. Facts are never refused.
func Evolve(s *State, event Event) {
	sub := &s.subscription
	switch e := event.(type) {
	case GroupCreated:
		s.group, s.owner, s.info[FieldName] = e.Group, e.Owner, e.Name
		s.zone, s.currency, s.anchor, s.solo = e.BillingZone, e.Currency, e.PeriodAnchor, e.Solo
		s.join(Member{
			ID: e.Owner, Account: e.Account, Role: access.Owner, Active: true,
			Clinician: e.Clinician, JoinedAt: e.CreatedAt,
		})
	case DefaultBranchCreated:
		s.branches = append(s.branches, Branch{ID: e.Branch, Name: e.Name, Default: true})
		// The founder works where the practice started.
		s.change(s.owner, func(m *Member) { m.Branches = plus(m.Branches, e.Branch) })
	case PracticeInfoUpdated:
		for _, c := range e.Changes {
			s.info[c.Field] = c.New
		}
	case MemberInvited:
		s.invitations[e.Invitation] = Invitation{
			ID: e.Invitation, EmailHash: e.EmailHash, Role: e.Role, Clinician: e.Clinician,
			Branches: e.Branches, Clinicians: e.Clinicians, Profession: e.Profession, InvitedBy: e.InvitedBy, ExpiresAt: e.ExpiresAt,
		}
	case MemberJoined:
		s.joined(e)
	case InvitationDeclined:
		s.closeInvitation(e.Invitation)
	case InvitationRevoked:
		s.closeInvitation(e.Invitation)
	case MemberRoleChanged:
		s.change(e.Member, func(m *Member) { m.Role = e.To })
	case MemberAccessRevoked:
		// One event suffices, however many assistants a clinician had.
		s.left(e.Member)
		s.change(e.Member, func(m *Member) { m.Active = false })
		s.unscope(e.Member)
	case ManagedCliniciansSet:
		s.change(e.Manager, func(m *Member) { m.Manages = plus(minus(m.Manages, e.Removed...), e.Added...) })
	case AssistantCliniciansSet:
		s.change(e.Assistant, func(m *Member) { m.Assists = plus(minus(m.Assists, e.Removed...), e.Added...) })
	case InvoicePrefixChosen:
		s.prefixes[e.Member] = e.Prefix
	case BranchCreated:
		s.branches = append(s.branches, Branch{ID: e.Branch, Name: e.Name})
	case BranchRenamed:
		s.branch(e.Branch).Name = e.To
	case ClinicianZoneSet:
		s.change(e.Clinician, func(m *Member) { m.CalendarZone = e.Zone })
	case BranchZoneSet:
		s.branch(e.Branch).Zone = e.Zone
	case ClinicianBranchesSet:
		s.change(e.Clinician, func(m *Member) { m.Branches = plus(minus(m.Branches, e.Removed...), e.Added...) })
	case PermissionGranted:
		s.override(e.Member, rule(e.Capability, true, e.Scope, e.ValidFrom, e.ValidUntil, e.Rule, e.GrantedBy))
	case PermissionDenied:
		s.override(e.Member, rule(e.Capability, false, e.Scope, e.ValidFrom, e.ValidUntil, e.Rule, e.DeniedBy))
	case PermissionOverrideCleared:
		s.change(e.Member, func(m *Member) { m.Overrides = without(m.Overrides, e.Capability) })
	case RolePermissionSet:
		if e.Effect == EffectDefault {
			s.roleRules[e.Role] = without(s.roleRules[e.Role], e.Capability)
			return
		}
		s.roleRules[e.Role] = with(s.roleRules[e.Role], rule(e.Capability, e.Effect == EffectAllow, e.Scope, nil, nil, e.Rule, e.SetBy))
	case InvitationExpired:
		s.closeInvitation(e.Invitation)
	case MemberRemovalStarted:
		es.Alter(s.removals, e.Member, func(r *Removal) { r.Removal, r.Plan, r.InProgress = e.Removal, e.Plan, true })
	case MemberRemovalReplanned:
		es.Alter(s.removals, e.Member, func(r *Removal) { r.Plan = e.Plan })
	case MemberRemoved:
		es.Alter(s.removals, e.Member, func(r *Removal) { r.InProgress = false })
	case MemberReinstated:
		s.reinstated(e)
	case RelinkingStarted:
		es.Alter(s.returns, e.Member, func(r *Return) { r.Relinking, r.InProgress = slices.Concat(r.Relinking, e.Charts), true })
	case RelinkingCompleted:
		es.Alter(s.returns, e.Member, func(r *Return) { r.Relinking, r.InProgress = nil, false })
	case OwnershipOffered:
		s.offer, s.claim = OwnershipOffer{To: e.To, ExpiresAt: e.ExpiresAt}, SuccessionClaim{}
	case OwnershipOfferCancelled:
		s.offer = OwnershipOffer{}
	case OwnershipTransferred:
		s.transferred(e)
	case SuccessorNamed:
		s.successor, s.claim = e.Successor, SuccessionClaim{}
	case SuccessorCleared:
		s.successor, s.claim = id.Member{}, SuccessionClaim{}
	case SuccessionClaimed:
		s.claim = SuccessionClaim(e)
	case SuccessionRejected:
		s.claim = SuccessionClaim{}
	case SuccessionWithdrawn:
		s.claim = SuccessionClaim{}
	case BranchClosed:
		s.branchClosed(e)
	case ChartSharingChanged:
		s.sharing = access.Sharing{Width: e.To, Event: e.Rule, Grantor: e.ChangedBy}
	case SoloPracticeConverted:
		s.solo = false
	case BranchVacated:
		s.branch(e.Branch).Vacated = true
	case GroupClosed:
		s.groupClosed()
	case ClinicalWorkStarted:
		s.change(e.Member, func(m *Member) { m.Clinician = true })
	case ClinicalWorkEnded:
		s.change(e.Member, func(m *Member) { m.Clinician = false })
		s.unscope(e.Member)

	case SubscriptionStarted:
		sub.started, sub.ending, sub.endedOn = true, false, civil.Date{}
	case SubscriptionCancellationScheduled:
		sub.ending = true
	case SubscriptionKept:
		sub.ending = false
	case SubscriptionCancelled:
		sub.ended(e)
	case TrialStarted:
		sub.trial = Trial{Used: true, EndsAt: e.EndsAt, On: e.On}
	case TrialExpired:
		sub.trial.Over = true
	case BillingPeriodStarted:
		sub.period, sub.anchor = e.Period, e.Anchor
	case SubscriptionCharged:
		sub.raised(Charge{ID: e.Charge, Kind: ChargeRenewal, On: e.On, Period: e.Period, Lines: e.Lines, Total: e.Total})
	case ProratedChargeRaised:
		sub.raised(Charge{ID: e.Charge, Kind: ChargePurchase, On: e.On, Period: e.Period, Lines: e.Lines, Total: e.Total})
	case ChargeLinesAdded:
		sub.extended(e)
	case CollectionStarted:
		sub.collecting(e)
	case ChargeCollected:
		sub.collected(e)
	case ChargeFailed:
		sub.failed(e)
	case ChargeCancelled:
		sub.cancelled(e)
	case ChargeCredited:
		sub.credited(e)
	case OvertakenAttemptFailed:
		sub.charge(e.Charge).answered(e.Attempt)
	case RefundDue:
		sub.owe(e)
	case ChargeRefunded:
		r := sub.refund(e.Refund)
		r.Status, r.Failure = RefundDone, ""
	case RefundFailed:
		r := sub.refund(e.Refund)
		r.Status, r.Failure = RefundNotPossible, e.Reason
	case PaymentMethodReplaced:
		sub.method, sub.label = e.Method, e.Label
	case LicencesPurchased:
		sub.purchased(e)
	case LicencesActivated:
		for _, l := range e.Licences {
			sub.licence(l).Pending = false
		}
	case LicencePurchaseCancelled:
		sub.drop(e.Licences)
	case LicenceReserved:
		sub.licence(e.Licence).reserve(e.Invitation, e.Profession)
	case LicenceUnreserved:
		sub.licence(e.Licence).reserve(id.Invitation{}, "")
	case LicenceAssigned:
		l := sub.licence(e.Licence)
		l.Holder = e.Member
		l.reserve(id.Invitation{}, "")
	case LicenceUnassigned:
		sub.licence(e.Licence).Holder = id.Member{}
	case ProfessionRecorded:
		sub.professed[e.Member] = e.Profession
	case LicencePlanChanged:
		sub.changeTerms(e.Changes)
	case PlanChangeScheduled:
		sub.licence(e.Licence).Next = e.To
	case PlanChangeCancelled:
		sub.licence(e.Licence).Next = ""
	case LicenceReleaseScheduled:
		sub.licence(e.Licence).Releasing = true
	case LicenceReleaseCancelled:
		sub.licence(e.Licence).Releasing = false
	case LicencesReleased:
		sub.drop(e.Licences)
	case LicencesRepriced:
		sub.changeTerms(e.Changes)
	case TraineeProofSubmitted:
		sub.proofs = append(sub.proofs, Proof{
			ID: e.Proof, Member: e.Member, EmailHash: e.EmailHash, Kind: e.Kind, Programme: e.Programme,
			ValidFrom: e.ValidFrom, ValidUntil: e.ValidUntil,
		})
	case TraineeProofVerified:
		sub.proof(e.Proof).Verified = true
	case TraineeProofExpiring:
		sub.proof(e.Proof).Noticed = e.Threshold
	case TraineeProofExpired:
		sub.proof(e.Proof).Expired = true
	}
}

func (s *State) join(m Member) {
	s.byMember[m.ID], s.byAccount[m.Account] = len(s.members), len(s.members)
	s.members = append(s.members, m)
}

func (s *State) joined(e MemberJoined) {
	m := Member{
		ID: e.Member, Account: e.Account, Role: e.Role, Active: true, Clinician: e.Clinician,
		Branches: e.Branches, JoinedAt: e.JoinedAt, EmailHash: s.invitations[e.Invitation].EmailHash,
	}
	m.Manages, m.Assists = scopeOf(e.Role, e.Clinicians)
	s.join(m)
	s.closeInvitation(e.Invitation)
}

// unscope takes a member out of the scope of everybody who managed or assisted them.
func (s *State) unscope(gone id.Member) {
	for i := range s.members {
		m := &s.members[i]
		if slices.Contains(m.Manages, gone) {
			m.Manages = minus(m.Manages, gone)
		}
		if slices.Contains(m.Assists, gone) {
			m.Assists = minus(m.Assists, gone)
		}
	}
}

func (s *State) closeInvitation(i id.Invitation) {
	es.Alter(s.invitations, i, func(inv *Invitation) { inv.Closed = true })
}

// change lets f alter a member; members that do not exist are left alone.
func (s *State) change(m id.Member, f func(*Member)) {
	if i, ok := s.byMember[m]; ok {
		f(&s.members[i])
	}
}

func (s *State) override(m id.Member, r access.Rule) {
	s.change(m, func(member *Member) { member.Overrides = with(member.Overrides, r) })
}

func rule(c access.Capability, allow bool, scope access.Scope, from, until *time.Time, event id.Event, grantor id.Member) access.Rule {
	r := access.Rule{Capability: c, Allow: allow, Scope: scope, Event: event, Grantor: grantor}
	if from != nil {
		r.From = civil.Recorded(*from)
	}
	if until != nil {
		r.Until = civil.Recorded(*until)
	}
	return r
}

// sameMatter reports whether two rules are about the same capability, scope and
// time, so that the later one replaces the earlier.
func sameMatter(a, b access.Rule) bool {
	return a.Capability == b.Capability && a.Scope == b.Scope && a.From.Equal(b.From) && a.Until.Equal(b.Until)
}

// with returns the rules after r was set.
func with(rules []access.Rule, r access.Rule) []access.Rule {
	kept := make([]access.Rule, 0, len(rules)+1)
	for _, old := range rules {
		if !sameMatter(old, r) {
			kept = append(kept, old)
		}
	}
	return append(kept, r)
}

// without returns the rules that are not about the capability.
func without(rules []access.Rule, c access.Capability) []access.Rule {
	kept := make([]access.Rule, 0, len(rules))
	for _, old := range rules {
		if old.Capability != c {
			kept = append(kept, old)
		}
	}
	return kept
}

// plus returns a new list with more appended, each once.
func plus[T comparable](list []T, more ...T) []T {
	longer := slices.Clone(list)
	for _, m := range more {
		if !slices.Contains(longer, m) {
			longer = append(longer, m)
		}
	}
	return longer
}

// minus returns a new list without the given ones.
func minus[T comparable](list []T, gone ...T) []T {
	var rest []T
	for _, m := range list {
		if !slices.Contains(gone, m) {
			rest = append(rest, m)
		}
	}
	return rest
}
