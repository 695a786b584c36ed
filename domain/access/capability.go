package access

import (
	"maps"
	"slices"
)

// Capability is one thing that can be allowed or denied.
type Capability string

// The capabilities; those of booking follow BKG-11.
const (
	GroupInfoView        Capability = "group.info.view"
	GroupInfoEdit        Capability = "group.info.edit"
	SubscriptionView     Capability = "subscription.view"
	SubscriptionManage   Capability = "subscription.manage"
	LicencePurchase      Capability = "licence.purchase"
	MemberInvite         Capability = "member.invite"
	MemberRemove         Capability = "member.remove"
	MemberRoleChange     Capability = "member.role.change"
	MemberView           Capability = "member.view"
	PermissionView       Capability = "permission.view"
	PermissionGrant      Capability = "permission.grant"
	OwnershipTransfer    Capability = "ownership.transfer"
	GroupClose           Capability = "group.close"
	BranchManage         Capability = "branch.manage"
	ClinicianBranch      Capability = "clinician.assign_branch"
	ChartCreate          Capability = "chart.create"
	RosterView           Capability = "roster.view"
	RosterExport         Capability = "roster.export"
	ChartAssignClinician Capability = "chart.assign_clinician"
	ChartAssignBranch    Capability = "chart.assign_branch"
	ChartStatusChange    Capability = "chart.status.change"
	ChartArchive         Capability = "chart.archive"
	ChartClinicalView    Capability = "chart.clinical.view"
	ChartClinicalWrite   Capability = "chart.clinical.write"
	NoteView             Capability = "note.psychotherapy.view"
	TeamView             Capability = "team.view"
	TeamAdd              Capability = "team.add"
	TeamChange           Capability = "team.change"
	TeamReassignPrimary  Capability = "team.reassign_primary"
	ChartRestrict        Capability = "chart.restrict"
	BreakGlassOpen       Capability = "break_glass.open"
	BreakGlassReview     Capability = "break_glass.review"
	AccessLogView        Capability = "access_log.view"
	BillingView          Capability = "patient_billing.view"
	BillingManage        Capability = "patient_billing.manage"
	AppointmentManage    Capability = "appointment.manage"
	CalendarReserve      Capability = "calendar.reserve"
	SlotsView            Capability = "slots.view"
	BookingPolicyEdit    Capability = "booking.policy.edit"
	AppointmentViewOwn   Capability = "appointment.view_own"
	AppointmentBookOwn   Capability = "appointment.book_own"
	AccessReportOwn      Capability = "access_report.view_own"
	AuditHistoryView     Capability = "audit.history.view"
	ProjectionsManage    Capability = "projections.manage"
	PriceBookPublish     Capability = "price_book.publish"
	GroupConvert         Capability = "group.convert"
)

// The capabilities of everybody who is signed in; no role adds to them or takes
// them away. Whether the account is free, or the invitation theirs, is for the
// command to decide (G-2, G-8).
const (
	GroupFound       Capability = "group.found"
	InvitationAnswer Capability = "invitation.answer"
)

// Known reports whether the matrix has a row for the capability.
func (c Capability) Known() bool {
	_, ok := matrix[c]
	return ok
}

// Capabilities returns every capability of the matrix, in alphabetical order.
func Capabilities() []Capability { return slices.Sorted(maps.Keys(matrix)) }
