package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// Removal is how far the end of a membership has come.
type Removal string

// The stages; empty while the access holds.
const (
	// AccessEnded is the end of the access where no charts had to move.
	AccessEnded Removal = "access_ended"
	// ChartsMoving is between the end of the access and the last chart.
	ChartsMoving Removal = "charts_moving"
	// Complete is a removal whose charts all have another primary.
	Complete Removal = "complete"
)

// Member is one membership, present or former.
type Member struct {
	ID        id.Member   `db:"member_id" json:"id"`
	Account   id.Account  `db:"account_id" json:"-"`
	Role      access.Role `db:"role" json:"role"`
	Active    bool        `db:"active" json:"active"`
	Clinician bool        `db:"clinician" json:"clinician"`
	Branches  []id.Branch `db:"branches" json:"branches"`
	Manages   []id.Member `db:"manages" json:"manages,omitempty"`
	Assists   []id.Member `db:"assists" json:"assists,omitempty"`
	JoinedAt  time.Time   `db:"joined_at" json:"joinedAt"`
	// RoleSince is since when they have the role, LeftAt when their access ended;
	// nil while it holds. All instants are UTC.
	RoleSince    time.Time  `db:"role_since" json:"roleSince"`
	LeftAt       *time.Time `db:"left_at" json:"leftAt,omitempty"`
	Removal      Removal    `db:"removal" json:"-"`
	ChartsToMove int        `db:"charts_to_move" json:"-"`
	ChartsMoved  int        `db:"charts_moved" json:"-"`
	// Profession is empty where none was recorded.
	Profession pricing.Category `db:"profession" json:"profession,omitempty"`
	// Licence and Plan are nil for those who hold none, and in the eyes of readers
	// who may not see the subscription of this member (BIL-13).
	Licence *id.Licence     `db:"licence_id" json:"licence,omitempty"`
	Plan    *pricing.PlanID `db:"plan" json:"plan,omitempty"`
	// JoinedRevision is the order of joining.
	JoinedRevision int64 `db:"joined_revision" json:"-"`
}

// Filter narrows the directory; zero fields do not.
type Filter struct {
	// Member asks for this one.
	Member            id.Member
	Roles             []access.Role
	Clinician, Active *bool
	Branches          []id.Branch
}

// MembersQuery is one question to the directory.
type MembersQuery struct {
	// Reach is whom the reader may see (member.view), and Licences whose licence and
	// plan (subscription.view).
	Reach, Licences access.Reach
	Filter          Filter
	// Descending puts those first who joined last.
	Descending bool
	Cursor     page.Token
	// Limit is the number of members at the most.
	Limit int
}

// MembersPage is one page of the directory.
type MembersPage struct {
	Members []Member
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// scope names what access is decided over. A member works in several branches, so
// a reach by branch finds no member here.
var scope = reachsql.Columns{Group: "m.group_id", Clinician: "m.member_id", Subject: "m.member_id"}

const selectMembers = `
select m.member_id, m.account_id, m.role, m.active, m.clinician, m.branches, m.manages, m.assists, m.joined_at, m.role_since,
       m.left_at, m.removal, m.charts_to_move, m.charts_moved, m.profession, m.joined_revision, l.licence_id, l.plan
  from %s m
  left join lateral (
       select h.licence_id, h.plan from %s h
        where h.group_id = m.group_id and h.holder = m.member_id and (%s) limit 1) l on true`

// Members answers a query in the order of joining. Fault: "malformed_cursor".
func Members(ctx context.Context, from projections.Tables, q MembersQuery) (MembersPage, error) {
	order := read.Order[Member]{
		Name:       fmt.Sprintf("directory/joined/%t", q.Descending),
		Keys:       []read.Key[Member]{read.Number("m.joined_revision", func(m Member) int64 { return m.JoinedRevision })},
		Descending: q.Descending,
	}
	where := read.Within(q.Reach, scope).
		Filter("m.member_id = ?", q.Filter.Member).
		Filter("m.role = any(?)", q.Filter.Roles).
		Filter("m.clinician = ?", q.Filter.Clinician).
		Filter("m.active = ?", q.Filter.Active).
		Filter("m.branches && ?", q.Filter.Branches)
	selects := fmt.Sprintf(selectMembers, from.Of(Projector{}, "member"), from.Of(Projector{}, "licence"), reachsql.Condition(q.Licences, scope, &where.Args))
	found, next, err := read.List(ctx, from, selects, where, order, q.Cursor, q.Limit)
	return MembersPage{Members: found, Next: next}, err
}

// Accounts returns the accounts of those of the members whom a reader may see
// (member.view), present or former: what they are called is known by it.
func Accounts(ctx context.Context, from projections.Tables, reach access.Reach, members []id.Member) (map[id.Member]id.Account, error) {
	where := read.Within(reach, scope).And("m.member_id = any(?)", members)
	rows, err := read.Rows[struct {
		Member  id.Member  `db:"member_id"`
		Account id.Account `db:"account_id"`
	}](ctx, from, "accounts of members", "select m.member_id, m.account_id from "+from.Of(Projector{}, "member")+" m where "+where.String(), where.Args.Values...)
	accounts := map[id.Member]id.Account{}
	for _, r := range rows {
		accounts[r.Member] = r.Account
	}
	return accounts, err
}

// EverybodyOf returns who is or was a member of a practice. It is for finding what is
// theirs, not for people: no reach narrows it.
func EverybodyOf(ctx context.Context, q read.Querier, g id.Group) ([]id.Member, error) {
	rows, _ := q.Query(ctx, "select member_id from "+projections.Table(Projector{}, "member")+" where group_id = $1", g) // Collecting returns its error, too.
	members, err := pgx.CollectRows(rows, pgx.RowTo[id.Member])
	if err != nil {
		return nil, fmt.Errorf("members of a practice: %w", err)
	}
	return members, nil
}
