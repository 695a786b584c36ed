package directory

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/page"
	"praxis/projections/reachsql"
)

// Invitation is an invitation that can be accepted. It has no address: the log
// keeps none.
type Invitation struct {
	ID         id.Invitation `db:"invitation_id"`
	Role       access.Role   `db:"role"`
	Clinician  bool          `db:"clinician"`
	Branches   []id.Branch   `db:"branches"`
	Clinicians []id.Member   `db:"clinicians"`
	InvitedBy  id.Member     `db:"invited_by"`
	InvitedAt  time.Time     `db:"invited_at"`
	// ExpiresAt is the first instant at which it no longer holds, UTC.
	ExpiresAt time.Time `db:"expires_at"`
	Revision  int64     `db:"revision"`
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

// invitationOrder names the one order of the list: the oldest first.
const invitationOrder = "directory/invited"

// Invitations answers a query, the oldest first. Fault: "malformed_cursor".
func Invitations(ctx context.Context, pool *pgxpool.Pool, q InvitationsQuery) (InvitationsPage, error) {
	var args reachsql.Args
	where := []string{reachsql.Condition(q.Reach, invited, &args), "expires_at > " + args.Add(q.Now)}
	if !q.Invitation.IsZero() {
		where = append(where, "invitation_id = "+args.Add(q.Invitation))
	}
	after, err := page.Parse(q.Cursor, invitationOrder, 1)
	if err != nil {
		return InvitationsPage{}, err
	}
	if after != nil {
		revision, err := strconv.ParseInt(after.Keys[0], 10, 64)
		if err != nil {
			return InvitationsPage{}, page.ErrMalformed
		}
		where = append(where, "revision > "+args.Add(revision))
	}
	rows, err := pool.Query(ctx, `
select invitation_id, role, clinician, branches, clinicians, invited_by, invited_at, expires_at, revision
  from directory.invitation where `+strings.Join(where, " and ")+" order by revision limit "+args.Add(q.Limit+1), args.Values...)
	if err != nil {
		return InvitationsPage{}, fmt.Errorf("open invitations: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Invitation])
	if err != nil {
		return InvitationsPage{}, fmt.Errorf("open invitations: %w", err)
	}
	found, next, err := page.Cut(found, q.Limit, invitationOrder, func(last Invitation) []string {
		return []string{strconv.FormatInt(last.Revision, 10)}
	})
	return InvitationsPage{Invitations: found, Next: next}, err
}
