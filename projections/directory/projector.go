// Package directory is the read model of the people of a practice: present and
// former members with role, branches, scope and licence, and the invitations that
// are open. It shows; it never decides. It may import the
// domain, projections and pgx.
package directory

import (
	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/members"
)

// Name is the projection's name.
const Name = "member_directory"

// Projector writes the directory.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// Schema is the read model's own schema.
func (Projector) Schema() string { return "directory" }

// Tables lists what a rebuild empties.
func (Projector) Tables() []string { return append(members.Tables(), "licence", "invitation") }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{group.Category} }

// Project turns one event of a group into statements.
func (Projector) Project(b *pgx.Batch, e es.Envelope) error {
	event, ok := e.Event.(group.Event)
	if !ok {
		return nil
	}
	g, ok := e.Stream.Group()
	if !ok {
		return nil
	}
	w := writer{members.Writer{Batch: b, Group: g, At: e.RecordedAt, Revision: e.Revision}}
	w.Project(event)
	w.lifecycle(event)
	w.invitations(event)
	w.licences(event)
	return nil
}

// writer queues what the directory shows beyond who is what.
type writer struct{ members.Writer }

// lifecycle writes since when members are what they are, and how they left.
func (w writer) lifecycle(event any) {
	switch ev := event.(type) {
	case group.GroupCreated:
		w.Update(ev.Owner, "role_since = joined_at")
	case group.MemberJoined:
		w.Update(ev.Member, "role_since = joined_at")
	case group.MemberRoleChanged:
		w.Update(ev.Member, "role_since = $3", w.At)
	case group.OwnershipTransferred:
		w.Update(ev.From, "role_since = $3", w.At)
		w.Update(ev.To, "role_since = $3", w.At)
	case group.MemberAccessRevoked:
		w.Update(ev.Member, "left_at = $3, removal = 'access_ended', removal_id = null, charts_to_move = 0, charts_moved = 0", w.At)
	case group.MemberReinstated:
		w.Update(ev.Member, "role_since = $3, left_at = null, removal = '', removal_id = null, charts_to_move = 0, charts_moved = 0", w.At)
	case group.MemberRemovalStarted:
		w.Update(ev.Member, "removal = 'charts_moving', removal_id = $3, charts_to_move = $4", ev.Removal, ev.Charts)
	case group.MemberRemoved:
		w.Update(ev.Member, "removal = 'complete', charts_moved = $3", ev.ChartsMoved)
	}
}

const insertInvitation = `
insert into invitation (group_id, invitation_id, role, clinician, branches, clinicians, invited_by, invited_at, expires_at, revision)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (group_id, invitation_id) do update set role = excluded.role, clinician = excluded.clinician, branches = excluded.branches,
   clinicians = excluded.clinicians, invited_by = excluded.invited_by, invited_at = excluded.invited_at, expires_at = excluded.expires_at, revision = excluded.revision`

func (w writer) invitations(event any) {
	answered := func(i id.Invitation) {
		w.Batch.Queue("delete from invitation where group_id = $1 and invitation_id = $2", w.Group, i)
	}
	switch ev := event.(type) {
	case group.MemberInvited:
		w.Batch.Queue(insertInvitation, w.Group, ev.Invitation, string(ev.Role), ev.Clinician, projections.OrEmpty(ev.Branches), projections.OrEmpty(ev.Clinicians),
			ev.InvitedBy, w.At, ev.ExpiresAt, int64(w.Revision))
	case group.MemberJoined:
		answered(ev.Invitation)
	case group.InvitationDeclined:
		answered(ev.Invitation)
	case group.InvitationRevoked:
		answered(ev.Invitation)
	case group.InvitationExpired:
		answered(ev.Invitation)
	case group.BranchClosed:
		w.CloseBranch("invitation", ev)
	case group.GroupClosed:
		w.Batch.Queue("delete from invitation where group_id = $1", w.Group)
	}
}

func (w writer) licences(event any) {
	hold := func(l id.Licence, holder id.Member) {
		w.Batch.Queue("update licence set holder = $2 where licence_id = $1", l, projections.OrNull(holder))
	}
	replan := func(changes []group.TermsChange) {
		for _, c := range changes {
			w.Batch.Queue("update licence set plan = $2 where licence_id = $1", c.Licence, string(c.To.Plan))
		}
	}
	gone := func(licences []id.Licence) {
		w.Batch.Queue("delete from licence where licence_id = any($1)", licences)
	}
	switch ev := event.(type) {
	case group.LicencesPurchased:
		for _, l := range ev.Licences {
			w.Batch.Queue("insert into licence (licence_id, group_id, plan, holder) values ($1, $2, $3, $4)", l.Licence, w.Group, string(l.Plan), projections.OrNull(l.Holder))
			if l.Profession != "" {
				w.Update(l.Holder, "profession = $3", string(l.Profession))
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
		w.Update(ev.Member, "profession = $3", string(ev.Profession))
	}
}
