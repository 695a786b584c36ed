package permissions

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// Query asks for members as access sees them.
type Query struct {
	// Reach is whose permissions the reader may see (permission.view).
	Reach access.Reach
	// Member asks for one member, present or former; zero for every present one.
	Member id.Member
	Cursor page.Token
	// Limit is the number of members at the most.
	Limit int
}

// Page is one page of members in the order of joining.
type Page struct {
	Subjects []access.Subject
	// Next is the cursor of the next page, empty after the last.
	Next page.Token
}

// row is a member with the rules about them.
type row struct {
	Group          id.Group     `db:"group_id"`
	Member         id.Member    `db:"member_id"`
	Account        id.Account   `db:"account_id"`
	Role           access.Role  `db:"role"`
	Active         bool         `db:"active"`
	Clinician      bool         `db:"clinician"`
	Branches       []id.Branch  `db:"branches"`
	Manages        []id.Member  `db:"manages"`
	Assists        []id.Member  `db:"assists"`
	Overrides      []ruleRow    `db:"overrides"`
	RoleRules      []ruleRow    `db:"role_rules"`
	Width          access.Width `db:"width"`
	SharedBy       id.Member    `db:"shared_by"`
	SharedIn       id.Event     `db:"shared_in"`
	JoinedRevision int64        `db:"joined_revision"`
}

// ruleRow is a rule as the statement packs it.
type ruleRow struct {
	Capability access.Capability `json:"capability"`
	Allow      bool              `json:"allow"`
	Scope      access.Scope      `json:"scope"`
	From       *time.Time        `json:"valid_from"`
	Until      *time.Time        `json:"valid_until"`
	Event      id.Event          `json:"rule_id"`
	Grantor    id.Member         `json:"grantor"`
}

// One statement, so that members and rules are of one instant of the model.
func selectSubjects(from projections.Tables) string {
	rules := from.Of(Projector{}, "rule")
	return `
select m.group_id, m.member_id, m.account_id, m.role, m.active, m.clinician, m.branches, m.manages, m.assists, m.joined_revision,
       coalesce((select jsonb_agg(to_jsonb(r) order by r.revision) from ` + rules + ` r
                  where r.group_id = m.group_id and r.member_id = m.member_id), '[]') as overrides,
       coalesce((select jsonb_agg(to_jsonb(r) order by r.revision) from ` + rules + ` r
                  where r.group_id = m.group_id and r.role = m.role), '[]') as role_rules,
       coalesce(s.width, '') as width, coalesce(s.grantor, ` + nobody + `) as shared_by, coalesce(s.rule_id, ` + nobody + `) as shared_in
  from ` + from.Of(Projector{}, "member") + ` m left join ` + from.Of(Projector{}, "sharing") + ` s on s.group_id = m.group_id`
}

// nobody is the id of no member and of no event.
const nobody = "'00000000-0000-0000-0000-000000000000'::uuid"

// scope names what access is decided over: permissions are their member's, and
// their manager's to see.
var scope = reachsql.Columns{Group: "m.group_id", Clinician: "m.member_id", Subject: "m.member_id"}

// byJoining is the one order of the members.
var byJoining = read.Order[row]{
	Name: "permissions/joined",
	Keys: []read.Key[row]{read.Number("m.joined_revision", func(r row) int64 { return r.JoinedRevision })},
}

// Subjects answers a query. Fault: "malformed_cursor".
func Subjects(ctx context.Context, from projections.Tables, q Query) (p Page, err error) {
	where := read.Within(q.Reach, scope)
	if q.Member.IsZero() {
		where.And("m.active")
	}
	where.Filter("m.member_id = ?", q.Member)
	found, next, err := read.List(ctx, from, selectSubjects(from), where, byJoining, q.Cursor, q.Limit)
	for _, r := range found {
		p.Subjects = append(p.Subjects, r.subject())
	}
	p.Next = next
	return p, err
}

// subject is the member as group.State.SubjectOfMember makes them.
func (r row) subject() access.Subject {
	return access.Subject{
		Kind: access.KindMember, Account: r.Account, Group: r.Group, Member: r.Member,
		Role: r.Role, Active: r.Active, Clinician: r.Clinician,
		Branches: r.Branches, Manages: r.Manages, Assists: r.Assists,
		Overrides: rulesOf(r.Overrides), RoleRules: rulesOf(r.RoleRules),
		Sharing: access.Sharing{Width: r.Width, Event: r.SharedIn, Grantor: r.SharedBy},
	}
}

func rulesOf(rows []ruleRow) []access.Rule {
	rules := make([]access.Rule, 0, len(rows))
	for _, r := range rows {
		rule := access.Rule{Capability: r.Capability, Allow: r.Allow, Scope: r.Scope, Event: r.Event, Grantor: r.Grantor}
		if r.From != nil {
			rule.From = r.From.UTC()
		}
		if r.Until != nil {
			rule.Until = r.Until.UTC()
		}
		rules = append(rules, rule)
	}
	return rules
}
