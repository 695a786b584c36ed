package group

import (
	"time"

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

// GroupCreated starts a group; its founder is its owner (G-2).
type GroupCreated struct {
	Group   id.Group   `json:"group"`
	Name    string     `json:"name"`
	Owner   id.Member  `json:"owner"`
	Account id.Account `json:"account"`
	// Clinician reports whether the owner treats patients; an owner need not.
	Clinician bool `json:"clinician"`
	// BillingZone is the zone in which the subscription's days are counted (AMB-5).
	BillingZone civil.Zone     `json:"billingZone"`
	Currency    money.Currency `json:"currency"`
	// PeriodAnchor is the first day of the first billing period, in BillingZone.
	PeriodAnchor civil.Date `json:"periodAnchor"`
	CreatedAt    time.Time  `json:"createdAt"`
	// Solo reports that nobody joins the owner before the practice is converted (G-3).
	Solo bool `json:"solo,omitempty"`
}

// DefaultBranchCreated follows GroupCreated: a group is never without a branch.
type DefaultBranchCreated struct {
	Branch id.Branch `json:"branch"`
	Name   string    `json:"name"`
}

// PracticeInfoUpdated says which fields of the practice info changed, and how (G-4).
type PracticeInfoUpdated struct {
	Changes []FieldChange `json:"changes"`
}

// FieldChange is one field before and after.
type FieldChange struct {
	Field Field  `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// MemberInvited offers somebody a place; nothing is theirs until they accept (G-8).
type MemberInvited struct {
	Invitation id.Invitation `json:"invitation"`
	// EmailHash recognises the invited address; the address itself is not kept.
	EmailHash string      `json:"emailHash"`
	Role      access.Role `json:"role"`
	Clinician bool        `json:"clinician"`
	Branches  []id.Branch `json:"branches"`
	// Clinicians are those whom a manager manages or an assistant assists.
	Clinicians []id.Member `json:"clinicians,omitempty"`
	// Profession is that of an invited clinician; empty means therapist.
	Profession pricing.Category `json:"profession,omitempty"`
	InvitedBy  id.Member        `json:"invitedBy"`
	// ExpiresAt is the first instant at which the invitation no longer holds, UTC.
	ExpiresAt time.Time `json:"expiresAt"`
}

// MemberJoined makes the account a member of the group.
type MemberJoined struct {
	Invitation id.Invitation `json:"invitation"`
	Member     id.Member     `json:"member"`
	Account    id.Account    `json:"account"`
	Role       access.Role   `json:"role"`
	Clinician  bool          `json:"clinician"`
	Branches   []id.Branch   `json:"branches"`
	Clinicians []id.Member   `json:"clinicians,omitempty"`
	JoinedAt   time.Time     `json:"joinedAt"`
}

// InvitationDeclined and InvitationRevoked end an invitation before it is used.
type (
	InvitationDeclined struct {
		Invitation id.Invitation `json:"invitation"`
	}
	// InvitationRevoked is by the practice, InvitationDeclined by the invited.
	InvitationRevoked struct {
		Invitation id.Invitation `json:"invitation"`
		RevokedBy  id.Member     `json:"revokedBy"`
	}
)

// MemberRoleChanged moves a member to another role. Whom they manage or assist
// is said by the event that goes with it.
type MemberRoleChanged struct {
	Member    id.Member   `json:"member"`
	From      access.Role `json:"from"`
	To        access.Role `json:"to"`
	ChangedBy id.Member   `json:"changedBy"`
}

// MemberAccessRevoked ends a member's access at this very event, and takes them
// out of the scope of everybody who managed or assisted them. Who takes over the
// charts of a clinician who left is decided per chart (AMB-14).
type MemberAccessRevoked struct {
	Member    id.Member `json:"member"`
	RevokedBy id.Member `json:"revokedBy"`
}

// ManagedCliniciansSet says whom a manager starts and ceases to manage.
type ManagedCliniciansSet struct {
	Manager id.Member   `json:"manager"`
	Added   []id.Member `json:"added,omitempty"`
	Removed []id.Member `json:"removed,omitempty"`
}

// AssistantCliniciansSet says whom an assistant starts and ceases to assist.
type AssistantCliniciansSet struct {
	Assistant id.Member   `json:"assistant"`
	Added     []id.Member `json:"added,omitempty"`
	Removed   []id.Member `json:"removed,omitempty"`
}

// BranchCreated opens a further location.
type BranchCreated struct {
	Branch id.Branch `json:"branch"`
	Name   string    `json:"name"`
}

// BranchRenamed gives a location another name.
type BranchRenamed struct {
	Branch id.Branch `json:"branch"`
	From   string    `json:"from"`
	To     string    `json:"to"`
}

// ClinicianBranchesSet says in which branches a clinician starts and ceases to work (C-5).
type ClinicianBranchesSet struct {
	Clinician id.Member   `json:"clinician"`
	Added     []id.Branch `json:"added,omitempty"`
	Removed   []id.Branch `json:"removed,omitempty"`
}

// PermissionGranted allows one member more than the matrix does.
type PermissionGranted struct {
	// Rule is the id of this very event, so that a decision can name it.
	Rule       id.Event          `json:"rule"`
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Scope      access.Scope      `json:"scope"`
	// ValidFrom and ValidUntil bound it in time, UTC; Until is exclusive.
	ValidFrom  *time.Time `json:"validFrom,omitempty"`
	ValidUntil *time.Time `json:"validUntil,omitempty"`
	GrantedBy  id.Member  `json:"grantedBy"`
}

// PermissionDenied allows one member less than their role does.
type PermissionDenied struct {
	Rule       id.Event          `json:"rule"`
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Scope      access.Scope      `json:"scope"`
	ValidFrom  *time.Time        `json:"validFrom,omitempty"`
	ValidUntil *time.Time        `json:"validUntil,omitempty"`
	DeniedBy   id.Member         `json:"deniedBy"`
}

// PermissionOverrideCleared removes every rule about one capability from a member.
type PermissionOverrideCleared struct {
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	ClearedBy  id.Member         `json:"clearedBy"`
}

// RolePermissionSet changes what a whole role may do.
type RolePermissionSet struct {
	Rule       id.Event          `json:"rule"`
	Role       access.Role       `json:"role"`
	Capability access.Capability `json:"capability"`
	Effect     Effect            `json:"effect"`
	// Scope is empty for EffectDefault, which removes every rule about the capability.
	Scope access.Scope `json:"scope,omitempty"`
	SetBy id.Member    `json:"setBy"`
}

// Effect is what a rule about a role does.
type Effect string

// The effects of rules about roles.
const (
	EffectAllow Effect = "allow"
	EffectDeny  Effect = "deny"
	// EffectDefault returns to what the matrix says.
	EffectDefault Effect = "default"
)

func (GroupCreated) isEvent()              {}
func (DefaultBranchCreated) isEvent()      {}
func (PracticeInfoUpdated) isEvent()       {}
func (MemberInvited) isEvent()             {}
func (MemberJoined) isEvent()              {}
func (InvitationDeclined) isEvent()        {}
func (InvitationRevoked) isEvent()         {}
func (MemberRoleChanged) isEvent()         {}
func (MemberAccessRevoked) isEvent()       {}
func (ManagedCliniciansSet) isEvent()      {}
func (AssistantCliniciansSet) isEvent()    {}
func (BranchCreated) isEvent()             {}
func (InvoicePrefixChosen) isEvent()       {}
func (BranchRenamed) isEvent()             {}
func (ClinicianBranchesSet) isEvent()      {}
func (ClinicianZoneSet) isEvent()          {}
func (BranchZoneSet) isEvent()             {}
func (PermissionGranted) isEvent()         {}
func (PermissionDenied) isEvent()          {}
func (PermissionOverrideCleared) isEvent() {}
func (RolePermissionSet) isEvent()         {}

func (ClinicalWorkStarted) isEvent() {}
func (ClinicalWorkEnded) isEvent()   {}

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
