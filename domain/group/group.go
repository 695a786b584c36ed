// Package group is the aggregate of one group practice: its members and their
// roles, who manages and assists whom, its branches, its invitations, every
// permission that departs from the matrix, its ownership, and its subscription:
// licences, the trial, billing periods and charges. All of it is one stream,
// because the rules span it: exactly one owner, at least one branch, no change
// above one's own rank, no clinician without a licence, no period charged twice.
// Being a clinician is apart from the role, and is what costs (L-6, L-7,
// BIL-A27). What a licence costs is calculated by package pricing. The package
// imports the standard library and the domain's shared types.
//
// Each file is one subject, in one order: its events, what is kept of them, how
// they are applied, what is refused, and the commands. This one holds what they
// share: the table of events, the state, and how each event changes it.
package group

import (
	"slices"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// Category is the category of group streams.
const Category es.Category = "group"

// Stream names the stream of a group.
func Stream(g id.Group) es.Stream { return es.StreamOf(Category, g) }

// Event is a fact of a group's life.
//
//sumtype:decl
type Event interface{ isEvent() }

// Events is the table of the group's event types.
func Events() []es.Row {
	return []es.Row{
		es.Define[GroupCreated]("group.created", 1),
		es.Define[DefaultBranchCreated]("group.default_branch_created", 1),
		es.Define[PracticeInfoUpdated]("group.practice_info_updated", 1),
		es.Define[MemberInvited]("group.member_invited", 1),
		es.Define[MemberJoined]("group.member_joined", 1),
		es.Define[InvitationDeclined]("group.invitation_declined", 1),
		es.Define[InvitationRevoked]("group.invitation_revoked", 1),
		es.Define[MemberRoleChanged]("group.member_role_changed", 1),
		es.Define[MemberAccessRevoked]("group.member_access_revoked", 1),
		es.Define[ManagedCliniciansSet]("group.managed_clinicians_set", 1),
		es.Define[AssistantCliniciansSet]("group.assistant_clinicians_set", 1),
		es.Define[BranchCreated]("group.branch_created", 1),
		es.Define[InvoicePrefixChosen]("group.invoice_prefix_chosen", 1),
		es.Define[BranchRenamed]("group.branch_renamed", 1),
		es.Define[ClinicianBranchesSet]("group.clinician_branches_set", 1),
		es.Define[ClinicianZoneSet]("group.clinician_zone_set", 1),
		es.Define[BranchZoneSet]("group.branch_zone_set", 1),
		es.Define[PermissionGranted]("group.permission_granted", 1),
		es.Define[PermissionDenied]("group.permission_denied", 1),
		es.Define[PermissionOverrideCleared]("group.permission_override_cleared", 1),
		es.Define[RolePermissionSet]("group.role_permission_set", 1),

		es.Define[InvitationExpired]("group.invitation_expired", 1),
		es.Define[MemberRemovalStarted]("group.member_removal_started", 1),
		es.Define[MemberRemovalReplanned]("group.member_removal_replanned", 1),
		es.Define[MemberRemoved]("group.member_removed", 1),
		es.Define[MemberReinstated]("group.member_reinstated", 1),
		es.Define[OwnershipOffered]("group.ownership_offered", 1),
		es.Define[OwnershipOfferCancelled]("group.ownership_offer_cancelled", 1),
		es.Define[OwnershipTransferred]("group.ownership_transferred", 1),
		es.Define[SuccessorNamed]("group.successor_named", 1),
		es.Define[SuccessorCleared]("group.successor_cleared", 1),
		es.Define[SuccessionClaimed]("group.succession_claimed", 1),
		es.Define[SuccessionRejected]("group.succession_rejected", 1),
		es.Define[SuccessionWithdrawn]("group.succession_withdrawn", 1),
		es.Define[BranchClosed]("group.branch_closed", 1),
		es.Define[BranchVacated]("group.branch_vacated", 1),
		es.Define[GroupClosed]("group.closed", 1),
		es.Define[RelinkingStarted]("group.relinking_started", 1),
		es.Define[RelinkingCompleted]("group.relinking_completed", 1),
		es.Define[ChartSharingChanged]("group.chart_sharing_changed", 1),
		es.Define[SoloPracticeConverted]("group.solo_practice_converted", 1),

		es.Define[SubscriptionStarted]("group.subscription_started", 1),
		es.Define[SubscriptionCancellationScheduled]("group.subscription_cancellation_scheduled", 1),
		es.Define[SubscriptionKept]("group.subscription_kept", 1),
		es.Define[SubscriptionCancelled]("group.subscription_cancelled", 1),
		es.Define[TrialStarted]("group.trial_started", 1),
		es.Define[TrialExpired]("group.trial_expired", 1),
		es.Define[BillingPeriodStarted]("group.billing_period_started", 1),
		es.Define[SubscriptionCharged]("group.subscription_charged", 1),
		es.Define[ProratedChargeRaised]("group.prorated_charge_raised", 1),
		es.Define[ChargeLinesAdded]("group.charge_lines_added", 1),
		es.Define[CollectionStarted]("group.collection_started", 1),
		es.Define[ChargeCollected]("group.charge_collected", 1),
		es.Define[ChargeFailed]("group.charge_failed", 1),
		es.Define[ChargeCancelled]("group.charge_cancelled", 1),
		es.Define[ChargeCredited]("group.charge_credited", 1),
		es.Define[PaymentMethodReplaced]("group.payment_method_replaced", 1),
		es.Define[OvertakenAttemptFailed]("group.overtaken_attempt_failed", 1),
		es.Define[RefundDue]("group.refund_due", 1),
		es.Define[ChargeRefunded]("group.charge_refunded", 1),
		es.Define[RefundFailed]("group.refund_failed", 1),
		es.Define[TraineeProofSubmitted]("group.trainee_proof_submitted", 1),
		es.Define[TraineeProofVerified]("group.trainee_proof_verified", 1),
		es.Define[TraineeProofExpiring]("group.trainee_proof_expiring", 1),
		es.Define[TraineeProofExpired]("group.trainee_proof_expired", 1),
		es.Define[LicencesPurchased]("group.licences_purchased", 1),
		es.Define[LicencesActivated]("group.licences_activated", 1),
		es.Define[LicencePurchaseCancelled]("group.licence_purchase_cancelled", 1),
		es.Define[LicenceReserved]("group.licence_reserved", 1),
		es.Define[LicenceUnreserved]("group.licence_unreserved", 1),
		es.Define[LicenceAssigned]("group.licence_assigned", 1),
		es.Define[LicenceUnassigned]("group.licence_unassigned", 1),
		es.Define[ProfessionRecorded]("group.profession_recorded", 1),
		es.Define[ClinicalWorkStarted]("group.clinical_work_started", 1),
		es.Define[ClinicalWorkEnded]("group.clinical_work_ended", 1),
		es.Define[LicencePlanChanged]("group.licence_plan_changed", 1),
		es.Define[PlanChangeScheduled]("group.plan_change_scheduled", 1),
		es.Define[PlanChangeCancelled]("group.plan_change_cancelled", 1),
		es.Define[LicenceReleaseScheduled]("group.licence_release_scheduled", 1),
		es.Define[LicenceReleaseCancelled]("group.licence_release_cancelled", 1),
		es.Define[LicencesReleased]("group.licences_released", 1),
		es.Define[LicencesRepriced]("group.licences_repriced", 1),
	}
}

// State is a group as its events left it. The slices inside its members are
// replaced, never changed in place, so that a Subject may outlive a fold.
type State struct {
	group        id.Group
	info         Info
	zone         civil.Zone
	currency     money.Currency
	anchor       civil.Date
	owner        id.Member
	members      []Member // in the order of joining
	byMember     map[id.Member]int
	byAccount    map[id.Account]int // the latest membership of each account
	branches     []Branch           // the default branch first
	invitations  map[id.Invitation]Invitation
	roleRules    map[access.Role][]access.Rule
	prefixes     map[id.Member]string // what the numbers of invoices begin with
	sharing      access.Sharing
	solo         bool // founded for its owner alone, and not converted since
	removals     map[id.Member]Removal
	returns      map[id.Member]Return
	offer        OwnershipOffer // zero: none was made, or it was answered
	successor    id.Member
	claim        SuccessionClaim // zero: the successor claims nothing
	closed       bool
	subscription subscription
}

// Aggregate says how a group's events fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{Category: Category, New: newState, Evolve: Evolve}
}

func newState() State {
	return State{
		info: Info{}, byMember: map[id.Member]int{}, byAccount: map[id.Account]int{},
		invitations: map[id.Invitation]Invitation{}, roleRules: map[access.Role][]access.Rule{}, prefixes: map[id.Member]string{},
		removals: map[id.Member]Removal{}, returns: map[id.Member]Return{}, subscription: subscription{professed: map[id.Member]pricing.Category{}},
	}
}

// Exists reports whether the group was created.
func (s State) Exists() bool { return !s.group.IsZero() }

// ID returns the group's id; zero before it was created.
func (s State) ID() id.Group { return s.group }

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

// sorted returns the list in the order of ids, each once.
func sorted[K any](list []id.Of[K]) []id.Of[K] { return id.Sorted(slices.Values(list)) }

// difference returns what must be added to and removed from old to make it new.
func difference[K any](before, after []id.Of[K]) (added, removed []id.Of[K]) {
	return minus(sorted(after), before...), minus(sorted(before), after...)
}

// widens reports whether a list has anything that was not there before.
func widens[K any](before, after []id.Of[K]) bool {
	added, _ := difference(before, after)
	return len(added) > 0
}
