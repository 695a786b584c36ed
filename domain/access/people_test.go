package access_test

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
)

// The cast of the specs: one practice with a member under test, a clinician whom
// they manage, one whom they assist, and one with whom they have nothing to do.
var (
	now       = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	practice  = id.Derive[id.Group]("practice")
	elsewhere = id.Derive[id.Group]("elsewhere")
	me        = id.Derive[id.Member]("me")
	managed   = id.Derive[id.Member]("managed")
	assisted  = id.Derive[id.Member]("assisted")
	other     = id.Derive[id.Member]("other")
	grantor   = id.Derive[id.Member]("grantor")
	myBranch  = id.Derive[id.Branch]("my branch")
	farBranch = id.Derive[id.Branch]("far branch")
	myChart   = id.Derive[id.Chart]("my chart")
	farChart  = id.Derive[id.Chart]("far chart")
	ruleEvent = id.Derive[id.Event]("rule")
)

// member is somebody with every tie a member can have, in the given role.
func member(role access.Role) access.Subject {
	return access.Subject{
		Kind: access.KindMember, Account: id.Derive[id.Account]("me"), Group: practice, Member: me,
		Role: role, Active: true, Clinician: true, Branches: []id.Branch{myBranch},
		Manages: []id.Member{managed}, Assists: []id.Member{assisted},
	}
}

// relation is how a resource stands to the member under test.
type relation struct {
	letter   byte
	name     string
	resource access.Resource
}

// relations lists them in the order of the golden matrix.
func relations() []relation {
	return []relation{
		{'g', "group-wide", access.Resource{Group: practice}},
		{'o', "own", access.Resource{Group: practice, Clinician: me, Branch: farBranch, Chart: myChart}},
		{'t', "care team", access.Resource{Group: practice, Clinician: other, Branch: farBranch, Team: []access.Place{{Member: assisted}, {Member: me}}, Chart: farChart}},
		{'s', "about oneself", access.Resource{Group: practice, Subject: me}},
		{'m', "managed", access.Resource{Group: practice, Clinician: managed, Branch: farBranch, Chart: farChart}},
		{'a', "assisted", access.Resource{Group: practice, Clinician: assisted, Branch: farBranch, Chart: farChart}},
		{'b', "own branch", access.Resource{Group: practice, Clinician: other, Branch: myBranch, Chart: farChart}},
		{'x', "other", access.Resource{Group: practice, Clinician: other, Branch: farBranch, Subject: other, Chart: farChart}},
	}
}

// set is a rule that a person set about the capability.
func set(c access.Capability, allow bool, scope access.Scope) access.Rule {
	return access.Rule{Capability: c, Allow: allow, Scope: scope, Event: ruleEvent, Grantor: grantor}
}

// capabilities lists every row of the matrix in its order.
func capabilities() []access.Capability {
	return []access.Capability{
		access.GroupInfoView, access.GroupInfoEdit, access.SubscriptionView, access.SubscriptionManage,
		access.LicencePurchase, access.MemberInvite, access.MemberRemove, access.MemberRoleChange,
		access.PermissionView, access.PermissionGrant, access.OwnershipTransfer, access.GroupClose,
		access.BranchManage, access.ClinicianBranch, access.ChartCreate, access.RosterView,
		access.ChartAssignClinician, access.ChartAssignBranch, access.ChartStatusChange, access.ChartArchive,
		access.RosterExport, access.ChartClinicalView, access.ChartClinicalWrite, access.NoteView,
		access.TeamView, access.TeamAdd, access.TeamChange, access.TeamReassignPrimary,
		access.ChartRestrict, access.BreakGlassOpen, access.BreakGlassReview, access.AccessLogView,
		access.BillingView, access.BillingManage, access.AppointmentManage,
		access.MemberView, access.CalendarReserve, access.SlotsView, access.BookingPolicyEdit,
		access.AppointmentViewOwn, access.AppointmentBookOwn, access.AccessReportOwn, access.AuditHistoryView, access.ProjectionsManage,
		access.PriceBookPublish, access.GroupConvert,
	}
}
