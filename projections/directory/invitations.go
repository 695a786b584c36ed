package directory

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// Invitation is an invitation that can be accepted. It has no address: the log
// keeps none.
type Invitation struct {
	ID         id.Invitation `db:"invitation_id" json:"id"`
	Role       access.Role   `db:"role" json:"role"`
	Clinician  bool          `db:"clinician" json:"clinician"`
	Branches   []id.Branch   `db:"branches" json:"branches"`
	Clinicians []id.Member   `db:"clinicians" json:"clinicians"`
	InvitedBy  id.Member     `db:"invited_by" json:"invitedBy"`
	InvitedAt  time.Time     `db:"invited_at" json:"invitedAt"`
	// ExpiresAt is the first instant at which it no longer holds, UTC.
	ExpiresAt time.Time `db:"expires_at" json:"expiresAt"`
	Revision  int64     `db:"revision" json:"-"`
}

// InvitationsQuery asks for the invitations that are open at an instant.
type InvitationsQuery struct {
	// Reach is what the reader may see (member.invite).
	Reach access.Reach
	// Invitation, if set, asks for this one.
	Invitation id.Invitation
	Now        time.Time
	Cursor     page.Token
	// Limit is the number of invitations at the most.
	Limit int
}

// InvitationsPage is one page of the open invitations.
type InvitationsPage struct {
	Invitations []Invitation
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// invited names what access is decided over: an invitation is its sender's.
var invited = reachsql.Columns{Group: "group_id", Clinician: "invited_by", Subject: "invited_by"}

// oldestFirst is the one order of the list.
var oldestFirst = read.Order[Invitation]{
	Name: "directory/invited",
	Keys: []read.Key[Invitation]{read.Number("revision", func(i Invitation) int64 { return i.Revision })},
}

var selectInvitations = `
select invitation_id, role, clinician, branches, clinicians, invited_by, invited_at, expires_at, revision
  from ` + invitationTable

// Invitations answers a query, the oldest first. Fault: "malformed_cursor".
func Invitations(ctx context.Context, pool *pgxpool.Pool, q InvitationsQuery) (InvitationsPage, error) {
	where := read.Within(q.Reach, invited).And("expires_at > ?", q.Now).Filter("invitation_id = ?", q.Invitation)
	found, next, err := read.List(ctx, pool, selectInvitations, where, oldestFirst, q.Cursor, q.Limit)
	return InvitationsPage{Invitations: found, Next: next}, err
}
