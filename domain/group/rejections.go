package group

import (
	"cmp"

	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

// ErrNotInvited is the one answer to people who may not answer an invitation,
// whether there is no such invitation or it is for another address: an id does not
// reveal what exists.
var ErrNotInvited = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation for the e-mail address that you signed in with. Sign in with the address that the mail came to, or ask for a new invitation.")

// The rejections that more than one command gives.
var (
	errNoGroup          = fault.New(fault.NotFound, "group_not_found", "There is no such practice, or you have no access to it.")
	errNoMember         = fault.New(fault.NotFound, "member_not_found", "The practice has no such member.")
	errInactive         = fault.New(fault.Rejected, "member_inactive", "This member's access was revoked. Invite them again first.")
	errNoBranch         = fault.New(fault.NotFound, "branch_not_found", "The practice has no such branch.")
	errBranchClosed     = fault.New(fault.Rejected, "branch_closed", "This branch is closed. Choose an open one.")
	errNoInvitation     = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation.")
	errInvitationUsed   = fault.New(fault.Rejected, "invitation_used", "This invitation was already accepted, declined or revoked, or has expired. Ask for a new one.")
	errRoleExceeds      = fault.New(fault.Forbidden, "role_exceeds_inviter", "You can only give roles below your own. The ownership is never given this way.")
	errOutranks         = fault.New(fault.Forbidden, "target_outranks_you", "You can only change members below your own role.")
	errSelfScope        = fault.New(fault.Forbidden, "self_grant", "Only the owner may give themselves more clinicians or branches. Ask them.")
	errEmptyScope       = fault.New(fault.Rejected, "empty_scope", "Name at least one clinician: managers manage and assistants assist somebody.")
	errNotClinician     = fault.New(fault.Rejected, "not_a_clinician", "Only active clinicians of the practice can be managed, assisted or given branches.")
	errManagerClinician = fault.New(fault.Rejected, "manager_must_be_clinician", "A manager must be a clinician. For somebody who is none, use the super admin or the assistant role.")
	errSelfManagement   = fault.New(fault.Rejected, "self_management", "A member's own work is always included; name the other clinicians only.")
	errUnknownRole      = fault.New(fault.Invalid, "unknown_role", "A role must be one of super_admin, manager, user, assistant.")
	errNotManager       = fault.New(fault.Rejected, "not_a_manager", "This member has another role. Make them a manager first.")
	errNotAssistant     = fault.New(fault.Rejected, "not_an_assistant", "This member has another role. Make them an assistant first.")
	errNoBranches       = fault.New(fault.Rejected, "empty_branches", "A clinician works in at least one branch.")
	errNameRequired     = fault.New(fault.Invalid, "name_required", "A name is required.")
	errEmailHash        = fault.New(fault.Invalid, "email_required", "An invitation is for one e-mail address.")
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

// What the practice writes about itself.
var (
	groupName  = text.Line("name of the practice", 200)
	branchName = text.Line("name of the branch", 200)
	programme  = text.Line("name of the programme", 200)
)

// readName reads what must not be empty. Faults: "name_required", and those of
// package text.
func readName(f text.Field, s string) (string, error) {
	s, err := f.Read(s)
	return s, cmp.Or(err, fault.When(s == "", errNameRequired))
}
