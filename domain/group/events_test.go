package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestStoredFormOfEvents(t *testing.T) {
	person := joins(mia, access.Manager, true, 7, uma)
	estest.Golden(t, group.Events(), append(append(subscriptionSamples(), lifecycleSamples()...),
		founding()[0], founding()[1], person[0], person[1],
		group.PracticeInfoUpdated{Changes: []group.FieldChange{{Field: group.FieldPhone, Old: "555-0100", New: "555-0101"}}},
		group.InvitationDeclined{Invitation: letter},
		group.InvitationRevoked{Invitation: letter, RevokedBy: oona},
		group.MemberRoleChanged{Member: uma, From: access.User, To: access.Manager, ChangedBy: oona},
		group.MemberAccessRevoked{Member: uma, RevokedBy: oona},
		group.ManagedCliniciansSet{Manager: mia, Added: []id.Member{ugo}, Removed: []id.Member{uma}},
		group.AssistantCliniciansSet{Assistant: ada, Added: []id.Member{ugo}, Removed: []id.Member{uma}},
		group.InvoicePrefixChosen{Member: uma, Prefix: "KM"},
		group.BranchCreated{Branch: harbour, Name: "Harbour"},
		group.BranchRenamed{Branch: harbour, From: "Harbour", To: "Port"},
		group.ClinicianBranchesSet{Clinician: uma, Added: []id.Branch{harbour}, Removed: []id.Branch{mainSt}},
		group.ClinicianZoneSet{Clinician: uma, Zone: "Europe/London"},
		group.BranchZoneSet{Branch: harbour, Zone: "Europe/London"},
		group.PermissionGranted{
			Rule: someRule, Member: uma, Capability: access.RosterExport, Scope: access.ScopeGroup,
			ValidFrom: ptr(now), ValidUntil: ptr(nextWeek), GrantedBy: oona,
		},
		group.PermissionDenied{
			Rule: someRule, Member: uma, Capability: access.BillingView, Scope: access.ScopeOwn,
			ValidFrom: ptr(now), ValidUntil: ptr(nextWeek), DeniedBy: oona,
		},
		group.PermissionOverrideCleared{Member: uma, Capability: access.BillingView, ClearedBy: oona},
		group.RolePermissionSet{Rule: someRule, Role: access.User, Capability: access.RosterView, Effect: group.EffectDeny, Scope: access.ScopeGroup, SetBy: oona},
		group.ChartSharingChanged{Rule: someRule, From: access.AssignedOnly, To: access.ShareBranch, ChangedBy: oona},
		group.SoloPracticeConverted{Account: account(oona), Plan: pricing.ERxLite, Operator: account(nobody)},
	)...)
}

func TestStream(t *testing.T) {
	require.Equal(t, es.Stream("group-"+practice.String()), group.Stream(practice))
}

// lifecycleSamples are the golden samples of the events of coming, going and succession.
func lifecycleSamples() []group.Event {
	plan := group.Rehoming{
		Charts: []group.Reassignment{{Chart: someChart, To: ugo}}, Default: mia, Custodian: sam,
	}
	return []group.Event{
		group.InvitationExpired{Invitation: letter},
		group.MemberRemovalStarted{Removal: someRemoval, Member: uma, Plan: plan, Charts: 3, StartedBy: oona},
		group.MemberRemovalReplanned{Member: uma, Plan: plan, ReplannedBy: oona},
		group.MemberRemoved{Member: uma, ChartsMoved: 3},
		group.MemberReinstated{
			Member: mia, Role: access.Manager, Branches: []id.Branch{mainSt}, Clinicians: []id.Member{ugo}, Removal: someRemoval,
			ManagedBy: []id.Member{uma}, AssistedBy: []id.Member{ada}, ReinstatedBy: oona,
		},
		group.RelinkingStarted{Member: uma, Removal: someRemoval, Charts: []id.Chart{someChart, otherChart}, StartedBy: oona},
		group.RelinkingCompleted{Member: uma, Removal: someRemoval, Relinked: 1, Left: []id.Chart{otherChart}},
		group.OwnershipOffered{To: sam, OfferedBy: oona, ExpiresAt: nextWeek},
		group.OwnershipOfferCancelled{To: sam, CancelledBy: oona},
		group.OwnershipTransferred{From: oona, To: sam, FromNewRole: access.SuperAdmin},
		group.SuccessorNamed{Successor: sam, NamedBy: oona},
		group.SuccessorCleared{Successor: sam, ClearedBy: oona},
		group.SuccessionClaimed{By: sam, DueAt: nextWeek},
		group.SuccessionRejected{Claimant: sam, RejectedBy: oona},
		group.SuccessionWithdrawn{Claimant: sam},
		group.BranchClosed{Branch: harbour, MovedTo: mainSt, Charts: 2},
		group.BranchVacated{Branch: harbour, ChartsMoved: 2},
		group.GroupClosed{ExportManifestHash: someHash, ClosedBy: oona},
	}
}
