package group

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// MemberRoleChanged moves a member to another role. Whom they manage or assist
// is said by the event that goes with it.
type MemberRoleChanged struct {
	Member    id.Member   `json:"member"`
	From      access.Role `json:"from"`
	To        access.Role `json:"to"`
	ChangedBy id.Member   `json:"changedBy"`
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

// InvoicePrefixChosen settles what the numbers of a clinician's invoices begin
// with. It is unique in the practice and never changes, so that a number such as
// KM-000001 names one invoice (BIL-A22).
type InvoicePrefixChosen struct {
	Member id.Member `json:"member"`
	Prefix string    `json:"prefix"`
}

func (MemberRoleChanged) isEvent()      {}
func (ManagedCliniciansSet) isEvent()   {}
func (AssistantCliniciansSet) isEvent() {}
func (InvoicePrefixChosen) isEvent()    {}

// Member is one person's membership.
type Member struct {
	ID      id.Member
	Account id.Account
	Role    access.Role
	// Active is false from the moment the access was revoked.
	Active bool
	// Clinician reports whether the member treats patients, whatever their role.
	Clinician bool
	Branches  []id.Branch
	// CalendarZone is the zone of the member's own calendar; empty for that of their
	// branch or of the practice (BKG-A4).
	CalendarZone civil.Zone
	// Manages is set for managers, Assists for assistants.
	Manages []id.Member
	Assists []id.Member
	// JoinedAt is when the invitation was accepted, UTC.
	JoinedAt time.Time
	// EmailHash recognises the address that was invited; empty for the founder.
	EmailHash string
	// Overrides are the rules set for this member, in the order of their setting.
	Overrides []access.Rule
}

// Member returns a present or former member.
func (s State) Member(m id.Member) (Member, bool) {
	i, ok := s.byMember[m]
	if !ok {
		return Member{}, false
	}
	return s.members[i], true
}

// Members returns everybody who is or was a member, in the order of joining.
func (s State) Members() []Member { return slices.Clone(s.members) }

// IsActiveClinician reports whether the member treats patients here at present.
func (s State) IsActiveClinician(m id.Member) bool {
	i, ok := s.byMember[m]
	return ok && s.members[i].Active && s.members[i].Clinician
}

// SubjectOf returns the actor that an account is in this group, with everything
// that access.Decide needs: a stranger if the group does not know the account.
func (s State) SubjectOf(account id.Account) access.Subject {
	i, ok := s.byAccount[account]
	if !ok || account.IsZero() {
		return access.Subject{Kind: access.KindStranger, Account: account, Group: s.group}
	}
	return s.subject(s.members[i])
}

// SubjectOfMember returns the actor that a member is; a stranger if there is no
// such member.
func (s State) SubjectOfMember(m id.Member) access.Subject {
	i, ok := s.byMember[m]
	if !ok {
		return access.Subject{Kind: access.KindStranger, Group: s.group}
	}
	return s.subject(s.members[i])
}

func (s State) subject(m Member) access.Subject {
	return access.Subject{
		Kind: access.KindMember, Account: m.Account, Group: s.group, Member: m.ID,
		Role: m.Role, Active: m.Active, Clinician: m.Clinician,
		Branches: m.Branches, Manages: m.Manages, Assists: m.Assists,
		Overrides: m.Overrides, RoleRules: s.roleRules[m.Role], Sharing: s.sharing,
	}
}

// InvoicePrefix returns what the numbers of a member's invoices begin with, and
// whether that is settled; if not, it is the default. Rejection: "member_not_found".
func (s State) InvoicePrefix(m id.Member) (prefix string, settled bool, err error) {
	if _, known := s.Member(m); !known {
		return "", false, errNoMember
	}
	if prefix, settled = s.prefixes[m]; settled {
		return prefix, true, nil
	}
	return s.defaultPrefix(m), false, nil
}

// defaultPrefix names a member by their place in the order of joining, which never
// changes.
func (s State) defaultPrefix(m id.Member) string {
	return "C" + strconv.Itoa(s.byMember[m]+1)
}

func (s *State) join(m Member) {
	s.byMember[m.ID], s.byAccount[m.Account] = len(s.members), len(s.members)
	s.members = append(s.members, m)
}

// change lets f alter a member; members that do not exist are left alone.
func (s *State) change(m id.Member, f func(*Member)) {
	if i, ok := s.byMember[m]; ok {
		f(&s.members[i])
	}
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

// scopeOf says whether a role manages or assists the clinicians it is given.
func scopeOf(role access.Role, clinicians []id.Member) (manages, assists []id.Member) {
	switch role {
	case access.Manager:
		return clinicians, nil
	case access.Assistant:
		return nil, clinicians
	case access.Owner, access.SuperAdmin, access.User:
	}
	return nil, nil
}

// The rejections about members and their roles.
var (
	errNoMember         = fault.New(fault.NotFound, "member_not_found", "The practice has no such member.")
	errInactive         = fault.New(fault.Rejected, "member_inactive", "This member's access was revoked. Invite them again first.")
	errOutranks         = fault.New(fault.Forbidden, "target_outranks_you", "You can only change members below your own role.")
	errRoleExceeds      = fault.New(fault.Forbidden, "role_exceeds_inviter", "You can only give roles below your own. The ownership is never given this way.")
	errUnknownRole      = fault.New(fault.Invalid, "unknown_role", "A role must be one of super_admin, manager, user, assistant.")
	errSelfScope        = fault.New(fault.Forbidden, "self_grant", "Only the owner may give themselves more clinicians or branches. Ask them.")
	errEmptyScope       = fault.New(fault.Rejected, "empty_scope", "Name at least one clinician: managers manage and assistants assist somebody.")
	errNotClinician     = fault.New(fault.Rejected, "not_a_clinician", "Only active clinicians of the practice can be managed, assisted or given branches.")
	errManagerClinician = fault.New(fault.Rejected, "manager_must_be_clinician", "A manager must be a clinician. For somebody who is none, use the super admin or the assistant role.")
	errSelfManagement   = fault.New(fault.Rejected, "self_management", "A member's own work is always included; name the other clinicians only.")
	errNotManager       = fault.New(fault.Rejected, "not_a_manager", "This member has another role. Make them a manager first.")
	errNotAssistant     = fault.New(fault.Rejected, "not_an_assistant", "This member has another role. Make them an assistant first.")
)

// active returns a member whose access holds.
func (s State) active(m id.Member) (Member, error) {
	member, known := s.Member(m)
	return member, cmp.Or(
		fault.When(!s.Exists(), errNoGroup),
		fault.When(!known, errNoMember),
		fault.When(!member.Active, errInactive),
	)
}

// activeAmong returns the active ones among members for whom a condition holds.
func (s State) activeAmong(members []id.Member, holds func(Member) bool) (now []id.Member) {
	for _, m := range members {
		if member, _ := s.Member(m); member.Active && holds(member) {
			now = append(now, m)
		}
	}
	return now
}

func treats(m Member) bool { return m.Clinician }

func is(r access.Role) func(Member) bool { return func(m Member) bool { return m.Role == r } }

// scoping returns the member whose scope changes, if it is the decider's to
// change (AMB-11): that of somebody below them, or their own as long as it does
// not grow. A scope is as good as a grant, so the owner alone may widen their own.
func (s State) scoping(byID, targetID id.Member, grows func(Member) bool) (target Member, err error) {
	by, err := s.active(byID)
	target, unknown := s.active(targetID)
	self := by.ID == target.ID
	return target, cmp.Or(
		err, unknown,
		fault.When(!self && !by.Role.Outranks(target.Role), errOutranks),
		fault.When(self && by.Role != access.Owner && grows(target), errSelfScope),
	)
}

// checkScope refuses a list of clinicians that a manager or an assistant cannot
// be given; self is zero for somebody who has not joined yet. Roles without such
// a list must come without one.
func (s State) checkScope(role access.Role, clinician bool, self id.Member, clinicians []id.Member) error {
	switch role {
	case access.Manager:
		if !clinician {
			return errManagerClinician
		}
	case access.Assistant:
	case access.Owner, access.SuperAdmin, access.User:
		if len(clinicians) > 0 {
			return fault.New(fault.Invalid, "scope_not_for_role", "Only managers and assistants are given clinicians.")
		}
		return nil
	default:
		return errUnknownRole
	}
	if len(clinicians) == 0 {
		return errEmptyScope
	}
	for _, m := range clinicians {
		if !self.IsZero() && m == self {
			return errSelfManagement
		}
		if !s.IsActiveClinician(m) {
			return errNotClinician
		}
	}
	return nil
}

// ChangeMemberRole moves a member to another role (G-9). Who becomes a manager or
// an assistant is given clinicians in the same decision; who ceases to be one
// loses them. Rejections: "last_owner", "cannot_change_own_role",
// "target_outranks_you", "role_exceeds_inviter", "empty_scope",
// "not_a_clinician", "manager_must_be_clinician", "self_management".
type ChangeMemberRole struct {
	Member id.Member   `json:"member"`
	Role   access.Role `json:"role"`
	// Clinicians are those whom the member will manage or assist.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// Decide changes the role; the role that the member has already changes nothing.
func (c ChangeMemberRole) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	by, err := s.active(actor)
	target, unknown := s.active(c.Member)
	if err := cmp.Or(err, unknown); err != nil {
		return nil, err
	}
	switch {
	case !c.Role.Known():
		return nil, errUnknownRole
	case target.Role == access.Owner:
		return nil, fault.New(fault.Rejected, "last_owner", "The practice has exactly one owner. Transfer the ownership instead.")
	case target.ID == by.ID:
		return nil, fault.New(fault.Forbidden, "cannot_change_own_role", "Nobody changes their own role. Ask the owner.")
	case !by.Role.Outranks(target.Role):
		return nil, errOutranks
	case !by.Role.Outranks(c.Role):
		return nil, errRoleExceeds
	case target.Role == c.Role:
		return nil, nil
	case c.Role == roleWithoutLicence && s.holdsLicence(target.ID):
		return nil, errRoleFree
	}
	if err := s.checkScope(c.Role, target.Clinician, target.ID, c.Clinicians); err != nil {
		return nil, err
	}
	// Scopes end before the role does and begin after it, so that no revision
	// shows a scope without its role.
	events := append(scopedTo(access.Manager, target, nil), scopedTo(access.Assistant, target, nil)...)
	events = append(events, MemberRoleChanged{Member: target.ID, From: target.Role, To: c.Role, ChangedBy: by.ID})
	target.Manages, target.Assists = nil, nil
	return append(events, scopedTo(c.Role, target, c.Clinicians)...), nil
}

// scopedTo returns the event after which the member manages, or assists, exactly these;
// none for other roles, and where nothing changes.
func scopedTo(role access.Role, m Member, clinicians []id.Member) []Event {
	before := m.Manages
	if role == access.Assistant {
		before = m.Assists
	}
	added, removed := difference(before, clinicians)
	switch {
	case len(added)+len(removed) == 0:
	case role == access.Manager:
		return []Event{ManagedCliniciansSet{Manager: m.ID, Added: added, Removed: removed}}
	case role == access.Assistant:
		return []Event{AssistantCliniciansSet{Assistant: m.ID, Added: added, Removed: removed}}
	}
	return nil
}

// AssignManager says whom a manager manages, instead of those before (R-5,
// AMB-12). Rejections: "target_outranks_you", "self_grant", "not_a_manager",
// "empty_scope", "not_a_clinician", "manager_must_be_clinician",
// "self_management".
type AssignManager struct {
	Manager    id.Member   `json:"manager"`
	Clinicians []id.Member `json:"clinicians"`
}

// Decide sets the managed clinicians.
func (c AssignManager) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	m, err := s.scoping(actor, c.Manager, func(m Member) bool { return widens(m.Manages, c.Clinicians) })
	if err := cmp.Or(
		err,
		fault.When(!m.Clinician, errManagerClinician),
		fault.When(m.Role != access.Manager, errNotManager),
		s.checkScope(m.Role, m.Clinician, m.ID, c.Clinicians),
	); err != nil {
		return nil, err
	}
	return scopedTo(m.Role, m, c.Clinicians), nil
}

// AssignAssistant says whom an assistant assists, instead of those before.
// Rejections: "target_outranks_you", "self_grant", "not_an_assistant",
// "empty_scope", "not_a_clinician", "self_management".
type AssignAssistant struct {
	Assistant  id.Member   `json:"assistant"`
	Clinicians []id.Member `json:"clinicians"`
}

// Decide sets the assisted clinicians.
func (c AssignAssistant) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	m, err := s.scoping(actor, c.Assistant, func(m Member) bool { return widens(m.Assists, c.Clinicians) })
	if err := cmp.Or(
		err,
		fault.When(m.Role != access.Assistant, errNotAssistant),
		s.checkScope(m.Role, m.Clinician, m.ID, c.Clinicians),
	); err != nil {
		return nil, err
	}
	return scopedTo(m.Role, m, c.Clinicians), nil
}

// ChooseInvoicePrefix settles the prefix of a clinician, once: before the first
// invoice somebody may choose it, and the first invoice takes the default. The same
// choice again changes nothing. Rejections: "member_not_found",
// "malformed_invoice_prefix", "invoice_prefix_settled", "invoice_prefix_taken".
type ChooseInvoicePrefix struct {
	Member id.Member `json:"member"`
	// Prefix is what was chosen; empty asks for the default.
	Prefix string `json:"prefix"`
}

// prefixes are what people may choose; the form of the defaults and what numbers
// began with before there were prefixes are kept for themselves.
var (
	prefixes = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,5}$`)
	reserved = regexp.MustCompile(`^(C[0-9]+|INV)$`)
)

// Decide settles the prefix.
func (c ChooseInvoicePrefix) Decide(s State, _ time.Time) ([]Event, error) {
	if _, known := s.Member(c.Member); !known {
		return nil, errNoMember
	}
	settled, has := s.prefixes[c.Member]
	switch {
	case has && (c.Prefix == "" || c.Prefix == settled):
		return nil, nil
	case has:
		return nil, fault.New(fault.Rejected, "invoice_prefix_settled", "The numbers of this clinician's invoices begin with %s. That is chosen once.", settled).With("prefix", settled)
	case c.Prefix == "":
		return []Event{InvoicePrefixChosen{Member: c.Member, Prefix: s.defaultPrefix(c.Member)}}, nil
	case !prefixes.MatchString(c.Prefix) || reserved.MatchString(c.Prefix):
		return nil, fault.New(fault.Invalid, "malformed_invoice_prefix", "A prefix is 1 to 6 capital letters and digits and begins with a letter, such as KM. INV, and C with digits, are taken by Praxis.")
	}
	for other, taken := range s.prefixes {
		if taken == c.Prefix {
			return nil, fault.New(fault.Rejected, "invoice_prefix_taken", "The invoices of another clinician of the practice begin with %s. Choose another prefix.", taken).With("member", other.String())
		}
	}
	return []Event{InvoicePrefixChosen(c)}, nil
}
