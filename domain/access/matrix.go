package access

// Granting says who may hand out a capability on top of the matrix.
type Granting int

const (
	// Never is the guardrail: no rule of any person widens the cell.
	Never Granting = iota
	// ByOwner lets the owner alone grant it ("–" in the matrix).
	ByOwner
	// ByHolder lets everybody grant it who may grant and holds it themselves ("D").
	ByHolder
)

// Cell is what the matrix says about one role and one capability.
type Cell struct {
	// Holds is how far the role reaches without anyone's doing; empty is nowhere.
	Holds Scope
	// Practising is what Holds is instead for members who are clinicians; empty is the same.
	Practising Scope
	// Grant says who may widen the cell for a member or for the role.
	Grant Granting
	// Bound is the widest scope that a grant can have; empty if there is none to have.
	Bound Scope
}

// held is how far a member reaches by their role alone.
func (c Cell) held(clinician bool) Scope {
	if clinician && c.Practising != "" {
		return c.Practising
	}
	return c.Holds
}

// forbidden reports whether the cell is an X: no member of the role ever may.
func (c Cell) forbidden() bool { return c.Holds == "" && c.Practising == "" && c.Grant == Never }

// Grantable reports whether a member of role by may be allowed to grant the cell
// in the given scope. It says nothing about what that very member holds.
func (c Cell) Grantable(by Role, scope Scope) bool {
	if c.Grant == Never || c.Grant == ByOwner && by != Owner {
		return false
	}
	return within(scope, c.Bound)
}

// String returns the notation of testdata/matrix.txt, such as "A", "D·M", "–" or "X".
func (c Cell) String() string {
	letters := map[Scope]string{
		ScopeGroup: "A", ScopeBranches: "B", ScopeManaged: "M", ScopeAssists: "C", ScopeOwn: "O",
		ScopePrimary: "primary", ScopeSelf: "self",
	}
	switch {
	case c.forbidden():
		return "X"
	case c.Practising != "" && c.Grant == ByHolder && c.Bound != ScopeGroup:
		return letters[c.Practising] + " if clinician, D·" + letters[c.Bound]
	case c.Practising != "" && c.Grant == ByHolder:
		return letters[c.Practising] + " if clinician, D"
	case c.Practising != "":
		return letters[c.Practising] + " if clinician"
	case c.Holds != "":
		return letters[c.Holds]
	case c.Grant == ByOwner:
		return "–"
	case c.Bound == ScopeGroup:
		return "D"
	}
	return "D·" + letters[c.Bound]
}

// The cells that occur. A letter that is held by default may also be widened,
// as a D may; "primary" and what a clinician writes may not.
var (
	cellX       = Cell{}
	cellA       = Cell{Holds: ScopeGroup, Grant: ByHolder, Bound: ScopeGroup}
	cellM       = Cell{Holds: ScopeManaged, Grant: ByHolder, Bound: ScopeGroup}
	cellO       = Cell{Holds: ScopeOwn, Grant: ByHolder, Bound: ScopeGroup}
	cellSelf    = Cell{Holds: ScopeSelf, Grant: ByHolder, Bound: ScopeGroup}
	cellPrimary = Cell{Holds: ScopePrimary}
	cellD       = Cell{Grant: ByHolder, Bound: ScopeGroup}
	cellDM      = Cell{Grant: ByHolder, Bound: ScopeManaged}
	cellDC      = Cell{Grant: ByHolder, Bound: ScopeAssists}
	cellOwner   = Cell{Grant: ByOwner, Bound: ScopeGroup}
	// cellTreats is "O if clinician"; cellTreatsD is the same with the rest off by default.
	cellTreats = Cell{Practising: ScopeOwn}
	// cellTreatsDM likewise, no further than the managed clinicians.
	cellTreatsD  = Cell{Practising: ScopeOwn, Grant: ByHolder, Bound: ScopeGroup}
	cellTreatsDM = Cell{Practising: ScopeOwn, Grant: ByHolder, Bound: ScopeManaged}
)

// row holds the cells of one capability in the order of Roles.
type row [5]Cell

// matrix says what each role may do before anybody sets a rule. A member who
// practises sees what is their own, whatever else they become: the table's "D"
// for owners, super admins and managers is about everybody else's
// (chart.clinical.view, patient_billing.view, appointment.manage,
// access_log.view), and an author reads their own psychotherapy notes.
var matrix = map[Capability]row{
	GroupInfoView:        {cellA, cellA, cellA, cellA, cellA},
	GroupInfoEdit:        {cellA, cellD, cellOwner, cellOwner, cellOwner},
	SubscriptionView:     {cellA, cellD, cellX, cellX, cellD},
	SubscriptionManage:   {cellA, cellD, cellX, cellX, cellX},
	LicencePurchase:      {cellA, cellD, cellX, cellX, cellX},
	MemberInvite:         {cellA, cellD, cellD, cellX, cellX},
	MemberRemove:         {cellA, cellD, cellX, cellX, cellX},
	MemberRoleChange:     {cellA, cellD, cellX, cellX, cellX},
	MemberView:           {cellA, cellA, cellA, cellA, cellA},
	PermissionView:       {cellA, cellSelf, cellM, cellSelf, cellSelf},
	PermissionGrant:      {cellA, cellD, cellX, cellX, cellX},
	OwnershipTransfer:    {cellA, cellX, cellX, cellX, cellX},
	GroupClose:           {cellA, cellX, cellX, cellX, cellX},
	BranchManage:         {cellA, cellD, cellOwner, cellX, cellX},
	ClinicianBranch:      {cellA, cellA, cellDM, cellX, cellX},
	ChartCreate:          {cellD, cellD, cellDM, cellO, cellDC},
	RosterView:           {cellA, cellA, cellM, cellO, cellDC},
	RosterExport:         {cellA, cellA, cellOwner, cellOwner, cellX},
	ChartAssignClinician: {cellA, cellD, cellDM, cellX, cellX},
	ChartAssignBranch:    {cellA, cellA, cellM, cellO, cellDC},
	ChartStatusChange:    {cellA, cellA, cellDM, cellOwner, cellX},
	ChartArchive:         {cellA, cellA, cellDM, cellOwner, cellX},
	ChartClinicalView:    {cellTreatsD, cellTreatsD, cellM, cellO, cellDC},
	ChartClinicalWrite:   {cellTreats, cellTreats, cellO, cellO, cellX},
	NoteView:             {cellPrimary, cellPrimary, cellPrimary, cellPrimary, cellX},
	TeamView:             {cellA, cellA, cellM, cellO, cellDC},
	TeamAdd:              {cellA, cellA, cellM, cellO, cellX},
	TeamChange:           {cellA, cellA, cellM, cellX, cellX},
	TeamReassignPrimary:  {cellA, cellA, cellDM, cellX, cellX},
	ChartRestrict:        {cellA, cellD, cellX, cellPrimary, cellX},
	BreakGlassOpen:       {cellA, cellD, cellDM, cellD, cellX},
	BreakGlassReview:     {cellA, cellD, cellD, cellX, cellX},
	AccessLogView:        {cellA, cellTreatsD, cellM, cellO, cellSelf},
	BillingView:          {cellA, cellTreatsD, cellTreatsDM, cellO, cellDC},
	BillingManage:        {cellA, cellD, cellDM, cellD, cellDC},
	AppointmentManage:    {cellA, cellTreatsD, cellM, cellO, cellDC},
	CalendarReserve:      {cellA, cellA, cellM, cellO, cellDC},
	SlotsView:            {cellA, cellA, cellM, cellO, cellDC},
	BookingPolicyEdit:    {cellA, cellA, cellX, cellX, cellX},
	AppointmentViewOwn:   {cellX, cellX, cellX, cellX, cellX},
	AppointmentBookOwn:   {cellX, cellX, cellX, cellX, cellX},
	AccessReportOwn:      {cellX, cellX, cellX, cellX, cellX},
	AuditHistoryView:     {cellA, cellD, cellX, cellX, cellX},
	ProjectionsManage:    {cellX, cellX, cellX, cellX, cellX},
	PriceBookPublish:     {cellX, cellX, cellX, cellX, cellX},
	GroupConvert:         {cellX, cellX, cellX, cellX, cellX},
}

// CellOf returns the matrix' cell; ok is false for a role or a capability that
// does not exist.
func CellOf(r Role, c Capability) (cell Cell, ok bool) {
	cells, ok := matrix[c]
	if !ok || !r.Known() {
		return Cell{}, false
	}
	return cells[Owner.rank()-r.rank()], true
}
