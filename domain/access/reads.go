package access

import "slices"

// reads says of what changes something which views belong to it: a member who may
// change a thing may see it, and one who may not see it may not change it. It is
// one rule for the whole matrix: a grant of the change is a grant of its views as
// far, and a denial of a view denies the change as far.
var reads = map[Capability][]Capability{
	GroupInfoEdit:        {GroupInfoView},
	SubscriptionManage:   {SubscriptionView},
	LicencePurchase:      {SubscriptionView},
	MemberInvite:         {MemberView},
	MemberRemove:         {MemberView},
	MemberRoleChange:     {MemberView},
	ClinicianBranch:      {MemberView},
	PermissionGrant:      {PermissionView},
	OwnershipTransfer:    {GroupInfoView},
	GroupClose:           {GroupInfoView},
	BranchManage:         {GroupInfoView},
	BookingPolicyEdit:    {GroupInfoView},
	ChartCreate:          {RosterView},
	RosterExport:         {RosterView},
	ChartAssignClinician: {RosterView},
	ChartAssignBranch:    {RosterView},
	ChartStatusChange:    {RosterView},
	ChartArchive:         {RosterView},
	ChartRestrict:        {RosterView},
	ChartClinicalWrite:   {RosterView, ChartClinicalView},
	TeamAdd:              {RosterView, TeamView},
	TeamChange:           {RosterView, TeamView},
	TeamReassignPrimary:  {RosterView, TeamView},
	BreakGlassReview:     {AccessLogView},
	BillingManage:        {RosterView, BillingView},
	AppointmentManage:    {RosterView, SlotsView},
	CalendarReserve:      {SlotsView},
}

// Reads returns the views that belong to what the capability changes; none for
// views themselves.
func (c Capability) Reads() []Capability { return slices.Clone(reads[c]) }

// BearsOn reports whether the rule decides about the capability: it is about that
// very one; it grants a change to which the capability is a view; or it denies a
// view that belongs to the capability.
func (r *Rule) BearsOn(c Capability) bool {
	switch {
	case r.Capability == c:
		return true
	case r.Allow:
		return slices.Contains(reads[r.Capability], c)
	}
	return slices.Contains(reads[c], r.Capability)
}

// undeniable reports whether the resource is something that no member can be
// denied to see: what they themselves may do.
func undeniable(s *Subject, c Capability, r *Resource) bool {
	return c == PermissionView && r.Subject == s.Member
}
