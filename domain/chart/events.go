package chart

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
)

// Event is a fact in the life of a chart. The stream names the group and the
// chart; the envelope says who did it and when.
//
//sumtype:decl
type Event interface{ isEvent() }

// Created says that a chart was opened. Rosters and access start from it.
type Created struct {
	Chart       id.Chart    `json:"chart"`
	Group       id.Group    `json:"group"`
	GivenName   string      `json:"givenName" personal:"true"`
	FamilyName  string      `json:"familyName" personal:"true"`
	BirthDate   civil.Date  `json:"birthDate" personal:"true"`
	Email       string      `json:"email" personal:"true"`
	Phone       string      `json:"phone" personal:"true"`
	Branch      id.Branch   `json:"branch"`
	Primary     id.Member   `json:"primary"`
	PrimaryRule PrimaryRule `json:"primaryRule"`
}

// DemographicsUpdated says what is known about the patient from now on, whole.
type DemographicsUpdated struct {
	GivenName  string     `json:"givenName" personal:"true"`
	FamilyName string     `json:"familyName" personal:"true"`
	BirthDate  civil.Date `json:"birthDate" personal:"true"`
	Email      string     `json:"email" personal:"true"`
	Phone      string     `json:"phone" personal:"true"`
}

// PrimaryProfessionalChanged says that the chart was assigned to another
// clinician. It is one fact, so no revision has two primaries or none (H-2).
type PrimaryProfessionalChanged struct {
	From id.Member `json:"from"`
	To   id.Member `json:"to"`
	// FormerBecomes is the role that the former primary keeps on the team; empty: they left it.
	FormerBecomes careteam.Role `json:"formerBecomes,omitempty"`
	// Removal names the removal of the former primary that the change carries out,
	// and ToWas the role that the new one had on the team before (AMB-14).
	Removal id.Event      `json:"removal,omitzero"`
	ToWas   careteam.Role `json:"toWas,omitempty"`
	// ToWindow is when the new one's place held before, if it was bounded (AMB-14).
	ToWindow careteam.Window `json:"toWindow,omitzero"`
	// FormerWindow is when the place holds that the former primary keeps, if it is bounded.
	FormerWindow careteam.Window `json:"formerWindow,omitzero"`
	// Planned is when the change was planned to be made, UTC; zero if it was not planned.
	Planned time.Time `json:"planned,omitzero"`
	// Relinks names the removal that the change makes good: its leaver is back.
	Relinks id.Event `json:"relinks,omitzero"`
}

// PlacedInCustody says that a member keeps the chart until a clinician takes it,
// because the practice has none (AMB-14). The custodian stands in the primary's
// place; the former primary left the team.
type PlacedInCustody struct {
	From      id.Member `json:"from"`
	Custodian id.Member `json:"custodian"`
	// Removal names the removal of the former primary that this carries out, and
	// CustodianWas the role that the custodian had on the team before.
	Removal      id.Event      `json:"removal,omitzero"`
	CustodianWas careteam.Role `json:"custodianWas,omitempty"`
	// CustodianWindow is when that place held, if it was bounded.
	CustodianWindow careteam.Window `json:"custodianWindow,omitzero"`
}

// PrimaryChangePlanned says that the chart is to be assigned to another clinician later,
// instead of what was planned before, if anything was. Until then nobody gains or loses
// access by it. Any other change of the primary ends the plan.
type PrimaryChangePlanned struct{ careteam.PlannedPrimary }

// PrimaryChangeCancelled says that the chart is not to be assigned as it was planned.
type PrimaryChangeCancelled struct {
	To          id.Member `json:"to"`
	EffectiveAt time.Time `json:"effectiveAt"`
}

// PrimaryChangeLapsed says that the chart was not assigned as it was planned, and is not
// going to be: those concerned are told.
type PrimaryChangeLapsed struct {
	careteam.PlannedPrimary
	// Primary is who stays the primary, or takes the chart instead.
	Primary id.Member `json:"primary"`
	// Reason is the code of the rule that stood in the way, such as "not_active_clinician".
	Reason string `json:"reason"`
}

// TeamMemberAdded says that someone joined the care team.
type TeamMemberAdded struct {
	Member id.Member     `json:"member"`
	Role   careteam.Role `json:"role"`
	// Window is when the place holds; zero is always.
	Window careteam.Window `json:"window,omitzero"`
	// Relinks names the removal that this makes good: its leaver is back (AMB-14).
	Relinks id.Event `json:"relinks,omitzero"`
	// Household is the one whose team the chart inherits, where that gave the place (AMB-16).
	Household id.Household `json:"household,omitzero"`
}

// TeamRoleChanged says that someone on the care team has another role now (H-6).
type TeamRoleChanged struct {
	Member id.Member     `json:"member"`
	From   careteam.Role `json:"from"`
	To     careteam.Role `json:"to"`
	// Window is when the place holds, as before; zero is always.
	Window careteam.Window `json:"window,omitzero"`
}

// TeamWindowChanged says that a place on the care team holds for another time from now
// on, such as a vacation cover that is longer, or ends today.
type TeamWindowChanged struct {
	Member id.Member `json:"member"`
	// Role is what the member is on the team, as before.
	Role careteam.Role   `json:"role"`
	From careteam.Window `json:"from"`
	To   careteam.Window `json:"to"`
}

// TeamMemberRemoved says that someone left the care team.
type TeamMemberRemoved struct {
	Member   id.Member     `json:"member"`
	LastRole careteam.Role `json:"lastRole"`
	// Removal names the removal with which the member had left the practice by then
	// (AMB-14); unset for members.
	Removal id.Event `json:"removal,omitzero"`
	// Window is when the place held, if it was bounded, and Reason careteam.Ended if it was
	// over: access ended with the window, and the event only keeps the team tidy.
	Window careteam.Window `json:"window,omitzero"`
	Reason string          `json:"reason,omitempty"`
	// Household is the one that had given the place, where it was not given by hand.
	Household id.Household `json:"household,omitzero"`
}

// BranchChanged says that the chart belongs to another branch (C-2).
type BranchChanged struct {
	From id.Branch `json:"from"`
	To   id.Branch `json:"to"`
}

// StatusChanged says that the chart became active or inactive.
type StatusChanged struct {
	From Status `json:"from"`
	To   Status `json:"to"`
}

// Archived says that the chart is read-only and off the default rosters from now on.
type Archived struct {
	// Reason is free text and may say something about the patient.
	Reason string `json:"reason" personal:"true"`
	// StatusAtArchive is the status that Unarchived restores (AMB-17).
	StatusAtArchive Status `json:"statusAtArchive"`
	// Forced reports that it was to be archived whatever appointments lie ahead.
	Forced bool `json:"forced,omitempty"`
}

// Unarchived says that the chart is back, with the status it had (AMB-17).
type Unarchived struct {
	Status Status `json:"status"`
	// BookedMeanwhile are the appointments that were booked while the chart was being
	// archived, where that is why it is back.
	BookedMeanwhile []id.Appointment `json:"bookedMeanwhile,omitempty"`
}

func (Created) isEvent()                    {}
func (DemographicsUpdated) isEvent()        {}
func (PrimaryProfessionalChanged) isEvent() {}
func (PlacedInCustody) isEvent()            {}
func (PrimaryChangePlanned) isEvent()       {}
func (PrimaryChangeCancelled) isEvent()     {}
func (PrimaryChangeLapsed) isEvent()        {}
func (TeamMemberAdded) isEvent()            {}
func (TeamRoleChanged) isEvent()            {}
func (TeamWindowChanged) isEvent()          {}
func (TeamMemberRemoved) isEvent()          {}
func (BranchChanged) isEvent()              {}
func (StatusChanged) isEvent()              {}
func (Archived) isEvent()                   {}
func (Unarchived) isEvent()                 {}

// Events lists the event types of charts with their wire names and versions.
func Events() []es.Row {
	return []es.Row{
		es.Define[Created]("chart.created", 1),
		es.Define[DemographicsUpdated]("chart.demographics_updated", 1),
		es.Define[PrimaryProfessionalChanged]("chart.primary_professional_changed", 1),
		es.Define[PlacedInCustody]("chart.placed_in_custody", 1),
		es.Define[PrimaryChangePlanned]("chart.primary_change_planned", 1),
		es.Define[PrimaryChangeCancelled]("chart.primary_change_cancelled", 1),
		es.Define[PrimaryChangeLapsed]("chart.primary_change_lapsed", 1),
		es.Define[TeamMemberAdded]("chart.team_member_added", 1),
		es.Define[TeamRoleChanged]("chart.team_role_changed", 1),
		es.Define[TeamWindowChanged]("chart.team_window_changed", 1),
		es.Define[TeamMemberRemoved]("chart.team_member_removed", 1),
		es.Define[BranchChanged]("chart.branch_changed", 1),
		es.Define[StatusChanged]("chart.status_changed", 1),
		es.Define[Archived]("chart.archived", 1),
		es.Define[Unarchived]("chart.unarchived", 1),
		es.Define[PatientAccountLinked]("chart.patient_account_linked", 1),
		es.Define[PatientAccountUnlinked]("chart.patient_account_unlinked", 1),
		es.Define[PatientAccessChanged]("chart.patient_access_changed", 1),
		es.Define[PatientInvited]("chart.patient_invited", 1),
		es.Define[PatientInvitationResent]("chart.patient_invitation_resent", 1),
		es.Define[PatientInvitationRevoked]("chart.patient_invitation_revoked", 1),
		es.Define[PatientInvitationExpired]("chart.patient_invitation_expired", 1),
		es.Define[ContactSaved]("chart.contact_saved", 1),
		es.Define[ContactRemoved]("chart.contact_removed", 1),
		es.Define[ResponsiblePartyNamed]("chart.responsible_party_named", 1),
		es.Define[ResponsiblePartyCleared]("chart.responsible_party_cleared", 1),
		es.Define[Restricted]("chart.restricted", 1),
		es.Define[RestrictionLifted]("chart.restriction_lifted", 1),
		es.Define[MemberExcluded]("chart.member_excluded", 1),
		es.Define[MemberReadmitted]("chart.member_readmitted", 1),
		es.Define[BreakGlassOpened]("chart.break_glass_opened", 1),
		es.Define[BreakGlassClosed]("chart.break_glass_closed", 1),
		es.Define[BreakGlassReviewed]("chart.break_glass_reviewed", 1),
		es.Define[ToldApart]("chart.told_apart", 1),
		es.Define[MergedInto]("chart.merged_into", 1),
		es.Define[MergeUndone]("chart.merge_undone", 1),
		es.Define[MergedFrom]("chart.merged_from", 1),
		es.Define[UnmergedFrom]("chart.unmerged_from", 1),
		es.Define[HouseholdJoined]("chart.household_joined", 1),
		es.Define[HouseholdLeft]("chart.household_left", 1),
		es.Define[HouseholdTeamsDeclined]("chart.household_teams_declined", 1),
		es.Define[HouseholdTeamsAllowed]("chart.household_teams_allowed", 1),
	}
}
