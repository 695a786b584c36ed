// Package members writes who is what in a practice: role, clinical work,
// branches, and whom managers manage and assistants assist. More than one read
// model keeps these rows, each in a schema of its own, and all of them fold them
// as group.Evolve does. It may import the domain, projections
// and pgx.
package members

import (
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
)

// Tables lists the tables that a read model which uses a Writer has.
func Tables() []string { return []string{"practice", "member"} }

// Writer queues the statements of one event of a practice.
type Writer struct {
	Batch *pgx.Batch
	Group id.Group
	// At is when the event was recorded, UTC, and Revision its place in the stream.
	At       time.Time
	Revision es.Revision
}

const (
	insertGroup  = `insert into practice (group_id) values ($1)`
	setDefault   = `update practice set default_branch = $2 where group_id = $1`
	insertMember = `
insert into member (group_id, member_id, account_id, role, active, clinician, branches, manages, assists, joined_at, joined_revision)
values ($1, $2, $3, $4, true, $5, $6, $7, $8, $9, $10)`
	unscope = `
update member set manages = array_remove(manages, $2), assists = array_remove(assists, $2)
 where group_id = $1 and ($2 = any(manages) or $2 = any(assists))`
)

// Project queues what one event changes of the members. Everything else that
// happens in a practice changes none of these rows.
func (w Writer) Project(event any) {
	switch ev := event.(type) {
	case group.GroupCreated:
		w.Batch.Queue(insertGroup, w.Group)
		w.join(ev.Owner, ev.Account, access.Owner, ev.Clinician, nil, nil, ev.CreatedAt)
	case group.DefaultBranchCreated:
		w.Batch.Queue(setDefault, w.Group, ev.Branch)
		// The founder works where the practice started.
		w.Batch.Queue("update member set branches = array_append(branches, $2) where group_id = $1", w.Group, ev.Branch)
	case group.MemberJoined:
		w.join(ev.Member, ev.Account, ev.Role, ev.Clinician, ev.Branches, ev.Clinicians, ev.JoinedAt)
	case group.MemberRoleChanged:
		w.Update(ev.Member, "role = $3", string(ev.To))
	case group.MemberAccessRevoked:
		w.Update(ev.Member, "active = false")
		w.Batch.Queue(unscope, w.Group, ev.Member)
	case group.MemberReinstated:
		manages, assists := scopeOf(ev.Role, ev.Clinicians)
		w.Update(ev.Member, "active = true, role = $3, branches = $4, manages = $5, assists = $6", string(ev.Role), projections.OrEmpty(ev.Branches), manages, assists)
	case group.OwnershipTransferred:
		w.Update(ev.From, "role = $3", string(ev.FromNewRole))
		w.Update(ev.To, "role = $3, manages = '{}', assists = '{}'", string(access.Owner))
	case group.ManagedCliniciansSet:
		w.Update(ev.Manager, "manages = "+adjusted("manages"), projections.OrEmpty(ev.Removed), projections.OrEmpty(ev.Added))
	case group.AssistantCliniciansSet:
		w.Update(ev.Assistant, "assists = "+adjusted("assists"), projections.OrEmpty(ev.Removed), projections.OrEmpty(ev.Added))
	case group.ClinicianBranchesSet:
		w.Update(ev.Clinician, "branches = "+adjusted("branches"), projections.OrEmpty(ev.Removed), projections.OrEmpty(ev.Added))
	case group.BranchClosed:
		w.CloseBranch("member", ev)
	case group.ClinicalWorkStarted:
		w.Update(ev.Member, "clinician = true")
	case group.ClinicalWorkEnded:
		w.Update(ev.Member, "clinician = false")
		w.Batch.Queue(unscope, w.Group, ev.Member)
	}
}

// Update queues a change of one member's row; the arguments of set begin at $3.
func (w Writer) Update(m id.Member, set string, args ...any) {
	w.Batch.Queue("update member set "+set+" where group_id = $1 and member_id = $2", append([]any{w.Group, m}, args...)...)
}

const closeBranch = ` r
   set branches = case
         when $3::uuid = any(branches) then array_remove(branches, $2)
         when $3 is not null then array_append(array_remove(branches, $2), $3)
         when cardinality(array_remove(branches, $2)) = 0 then (select array[p.default_branch] from practice p where p.group_id = r.group_id)
         else array_remove(branches, $2) end
 where group_id = $1 and $2 = any(branches)`

// CloseBranch queues what a closed branch changes in a table with group_id and
// branches: another branch in its place, or the default one instead of none.
func (w Writer) CloseBranch(table string, ev group.BranchClosed) {
	w.Batch.Queue("update "+table+closeBranch, w.Group, ev.Branch, projections.OrNull(ev.MovedTo))
}

func (w Writer) join(m id.Member, account id.Account, role access.Role, clinician bool, branches []id.Branch, clinicians []id.Member, at time.Time) {
	manages, assists := scopeOf(role, clinicians)
	w.Batch.Queue(insertMember, w.Group, m, account, string(role), clinician, projections.OrEmpty(branches), manages, assists, at, int64(w.Revision))
}

// adjusted is a list column less $3 and with $4, each once, in the order of
// coming to be on it.
func adjusted(column string) string {
	return `(select coalesce(array_agg(x order by n), '{}') from (
  select x, min(n) as n from (
    select x, n from unnest(` + column + `) with ordinality as had(x, n) where x <> all($3::uuid[])
    union all select x, 1000000 + n from unnest($4::uuid[]) with ordinality as added(x, n)) both_lists group by x) each_once)`
}

// scopeOf says whether a role manages or assists the clinicians it is given.
func scopeOf(role access.Role, clinicians []id.Member) (manages, assists []id.Member) {
	manages, assists = []id.Member{}, []id.Member{}
	switch role {
	case access.Manager:
		manages = projections.OrEmpty(clinicians)
	case access.Assistant:
		assists = projections.OrEmpty(clinicians)
	case access.Owner, access.SuperAdmin, access.User:
	}
	return manages, assists
}
