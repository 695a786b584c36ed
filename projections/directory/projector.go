// Package directory is the read model of the people of a practice: present and
// former members with role, branches, scope and licence, and the invitations that
// are open. It shows; it never decides. It may import the
// domain, projections and pgx.
package directory

import (
	_ "embed"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/projections"
	"praxis/projections/members"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "member_directory"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	invitationTable = projections.Table(Projector{}, "invitation")
)

// Projector writes the directory.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return append(members.Names(), "licence", "invitation") }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{group.Category} }

// memberRow is a member as the directory shows them.
type memberRow struct {
	members.Row
	RoleSince    *time.Time       `db:"role_since"`
	LeftAt       *time.Time       `db:"left_at"`
	Removal      Removal          `db:"removal"`
	RemovalID    id.Event         `db:"removal_id,null"`
	ChartsToMove int              `db:"charts_to_move"`
	ChartsMoved  int              `db:"charts_moved"`
	Profession   pricing.Category `db:"profession"`
}

// removal says how far the end of the membership has come.
func (r *memberRow) removal(to Removal, removal id.Event, charts int) {
	r.Removal, r.RemovalID, r.ChartsToMove, r.ChartsMoved = to, removal, charts, 0
}

// licenceRow is a licence that the practice owns.
type licenceRow struct {
	Licence id.Licence     `db:"licence_id"`
	Group   id.Group       `db:"group_id"`
	Plan    pricing.PlanID `db:"plan"`
	Holder  id.Member      `db:"holder,null"`
}

// invitationRow is an open invitation.
type invitationRow struct {
	Group      id.Group      `db:"group_id"`
	Invitation id.Invitation `db:"invitation_id"`
	Role       access.Role   `db:"role"`
	Clinician  bool          `db:"clinician"`
	Branches   []id.Branch   `db:"branches"`
	Clinicians []id.Member   `db:"clinicians"`
	InvitedBy  id.Member     `db:"invited_by"`
	InvitedAt  time.Time     `db:"invited_at"`
	ExpiresAt  time.Time     `db:"expires_at"`
	Revision   es.Revision   `db:"revision"`
}

// invitationKey names an invitation: its id is unique within its practice.
type invitationKey struct {
	Group      id.Group
	Invitation id.Invitation
}

func (r *invitationRow) key() invitationKey { return invitationKey{r.Group, r.Invitation} }
func (r *invitationRow) group() id.Group    { return r.Group }
func (r *invitationRow) any() bool          { return true }

var (
	people        = members.NewTables[memberRow]()
	licences      = rows.NewTable("licence", func(r *licenceRow) id.Licence { return r.Licence }, "licence_id")
	invitations   = rows.NewTable("invitation", (*invitationRow).key, "group_id", "invitation_id")
	invitationsOf = rows.NewIndex(invitations, (*invitationRow).group, "group_id")
)

// Project notes what one event of a group does.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	event, ok := e.Event.(group.Event)
	if !ok {
		return nil
	}
	g, ok := e.Stream.Group()
	if !ok {
		return nil
	}
	w := writer{members.Writer[memberRow, *memberRow]{Tables: people, Batch: b, Group: g, At: e.RecordedAt, Revision: e.Revision}}
	w.Project(event)
	w.lifecycle(event)
	w.invitations(event)
	w.licences(event)
	return nil
}

// writer notes what the directory shows beyond who is what.
type writer struct {
	members.Writer[memberRow, *memberRow]
}

// lifecycle writes since when members are what they are, and how they left.
func (w writer) lifecycle(event any) {
	joined := func(r *memberRow) { r.RoleSince = &r.JoinedAt }
	changed := func(r *memberRow) { r.RoleSince = &w.At }
	switch ev := event.(type) {
	case group.GroupCreated:
		w.Change(ev.Owner, joined)
	case group.MemberJoined:
		w.Change(ev.Member, joined)
	case group.MemberRoleChanged:
		w.Change(ev.Member, changed)
	case group.OwnershipTransferred:
		w.Change(ev.From, changed)
		w.Change(ev.To, changed)
	case group.MemberAccessRevoked:
		w.Change(ev.Member, func(r *memberRow) {
			r.LeftAt = &w.At
			r.removal(AccessEnded, id.Event{}, 0)
		})
	case group.MemberReinstated:
		w.Change(ev.Member, func(r *memberRow) {
			r.RoleSince, r.LeftAt = &w.At, nil
			r.removal("", id.Event{}, 0)
		})
	case group.MemberRemovalStarted:
		w.Change(ev.Member, func(r *memberRow) { r.Removal, r.RemovalID, r.ChartsToMove = ChartsMoving, ev.Removal, ev.Charts })
	case group.MemberRemoved:
		w.Change(ev.Member, func(r *memberRow) { r.Removal, r.ChartsMoved = Complete, ev.ChartsMoved })
	}
}

func (w writer) invitations(event any) {
	answered := func(i id.Invitation) { invitations.Delete(w.Batch, invitationKey{w.Group, i}) }
	switch ev := event.(type) {
	case group.MemberInvited:
		invitations.Put(w.Batch, invitationRow{
			Group: w.Group, Invitation: ev.Invitation, Role: ev.Role, Clinician: ev.Clinician, Branches: ev.Branches, Clinicians: ev.Clinicians,
			InvitedBy: ev.InvitedBy, InvitedAt: w.At, ExpiresAt: ev.ExpiresAt, Revision: w.Revision,
		})
	case group.MemberJoined:
		answered(ev.Invitation)
	case group.InvitationDeclined:
		answered(ev.Invitation)
	case group.InvitationRevoked:
		answered(ev.Invitation)
	case group.InvitationExpired:
		answered(ev.Invitation)
	case group.BranchClosed:
		without := w.WithoutBranch(ev)
		invitationsOf.Change(w.Batch, w.Group, func(r *invitationRow) { r.Branches = without(r.Branches) })
	case group.GroupClosed:
		invitationsOf.Delete(w.Batch, w.Group, (*invitationRow).any)
	}
}

func (w writer) licences(event any) {
	hold := func(l id.Licence, holder id.Member) {
		licences.Change(w.Batch, l, func(r *licenceRow) { r.Holder = holder })
	}
	replan := func(changes []group.TermsChange) {
		for _, c := range changes {
			licences.Change(w.Batch, c.Licence, func(r *licenceRow) { r.Plan = c.To.Plan })
		}
	}
	gone := func(all []id.Licence) {
		for _, l := range all {
			licences.Delete(w.Batch, l)
		}
	}
	profession := func(m id.Member, is pricing.Category) {
		w.Change(m, func(r *memberRow) { r.Profession = is })
	}
	switch ev := event.(type) {
	case group.LicencesPurchased:
		for _, l := range ev.Licences {
			licences.Insert(w.Batch, licenceRow{Licence: l.Licence, Group: w.Group, Plan: l.Plan, Holder: l.Holder})
			if l.Profession != "" {
				profession(l.Holder, l.Profession)
			}
		}
	case group.LicenceAssigned:
		hold(ev.Licence, ev.Member)
	case group.LicenceUnassigned:
		hold(ev.Licence, id.Member{})
	case group.LicencePlanChanged:
		replan(ev.Changes)
	case group.LicencesRepriced:
		replan(ev.Changes)
	case group.LicencesReleased:
		gone(ev.Licences)
	case group.LicencePurchaseCancelled:
		gone(ev.Licences)
	case group.ProfessionRecorded:
		profession(ev.Member, ev.Profession)
	}
}
