// Package members keeps who is what in a practice: role, clinical work,
// branches, and whom managers manage and assistants assist. More than one read
// model has these rows, each in a schema of its own and with columns of its own beside
// them, and all of them fold them as group.Evolve does. It may import the domain,
// projections and its packages.
package members

import (
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
)

// Row is a present or former member. Rows of read models embed it.
type Row struct {
	Group          id.Group    `db:"group_id"`
	Member         id.Member   `db:"member_id"`
	Account        id.Account  `db:"account_id"`
	Role           access.Role `db:"role"`
	Active         bool        `db:"active"`
	Clinician      bool        `db:"clinician"`
	Branches       []id.Branch `db:"branches"`
	Manages        []id.Member `db:"manages"`
	Assists        []id.Member `db:"assists"`
	JoinedAt       time.Time   `db:"joined_at"`
	JoinedRevision es.Revision `db:"joined_revision"`
}

// Who is the member of a row that embeds one.
func (r *Row) Who() *Row { return r }

// Key names a member.
type Key struct {
	Group  id.Group
	Member id.Member
}

// Of are rows R that embed a Row.
type Of[R any] interface {
	*R
	Who() *Row
}

// practiceRow is a practice, whose default branch is unset until it has one.
type practiceRow struct {
	Group   id.Group  `db:"group_id"`
	Default id.Branch `db:"default_branch,null"`
}

// Tables are the two tables of a read model that has members.
type Tables[R any, P Of[R]] struct {
	practices *rows.Table[id.Group, practiceRow]
	members   *rows.Table[Key, R]
	of        *rows.Index[id.Group, Key, R]
}

// NewTables describes the tables of a read model whose members are rows R.
func NewTables[R any, P Of[R]]() *Tables[R, P] {
	t := &Tables[R, P]{
		practices: rows.NewTable("practice", func(r *practiceRow) id.Group { return r.Group }, "group_id"),
		members:   rows.NewTable("member", func(r *R) Key { return Key{P(r).Who().Group, P(r).Who().Member} }, "group_id", "member_id"),
	}
	t.of = rows.NewIndex(t.members, func(r *R) id.Group { return P(r).Who().Group }, "group_id")
	return t
}

// Names lists the names of the tables.
func Names() []string { return []string{"practice", "member"} }

// Writer notes what one event of a practice does.
type Writer[R any, P Of[R]] struct {
	Tables *Tables[R, P]
	Batch  *rows.Batch
	Group  id.Group
	// At is when the event was recorded, UTC, and Revision its place in the stream.
	At       time.Time
	Revision es.Revision
}

// Project notes what one event changes of the members. Everything else that
// happens in a practice changes none of these rows.
func (w Writer[R, P]) Project(event any) {
	switch ev := event.(type) {
	case group.GroupCreated:
		w.Tables.practices.Insert(w.Batch, practiceRow{Group: w.Group})
		w.join(ev.Owner, ev.Account, access.Owner, ev.Clinician, nil, nil, ev.CreatedAt)
	case group.DefaultBranchCreated:
		w.Tables.practices.Change(w.Batch, w.Group, func(r *practiceRow) { r.Default = ev.Branch })
		// The founder works where the practice started.
		w.all(func(r *Row) { r.Branches = append(slices.Clip(r.Branches), ev.Branch) })
	case group.MemberJoined:
		w.join(ev.Member, ev.Account, ev.Role, ev.Clinician, ev.Branches, ev.Clinicians, ev.JoinedAt)
	case group.MemberRoleChanged:
		w.change(ev.Member, func(r *Row) { r.Role = ev.To })
	case group.MemberAccessRevoked:
		w.change(ev.Member, func(r *Row) { r.Active = false })
		w.unscope(ev.Member)
	case group.MemberReinstated:
		w.change(ev.Member, func(r *Row) {
			r.Active, r.Role, r.Branches = true, ev.Role, ev.Branches
			r.scope(ev.Clinicians)
		})
	case group.OwnershipTransferred:
		w.change(ev.From, func(r *Row) { r.Role = ev.FromNewRole })
		w.change(ev.To, func(r *Row) { r.Role, r.Manages, r.Assists = access.Owner, nil, nil })
	case group.ManagedCliniciansSet:
		w.change(ev.Manager, func(r *Row) { r.Manages = adjusted(r.Manages, ev.Removed, ev.Added) })
	case group.AssistantCliniciansSet:
		w.change(ev.Assistant, func(r *Row) { r.Assists = adjusted(r.Assists, ev.Removed, ev.Added) })
	case group.ClinicianBranchesSet:
		w.change(ev.Clinician, func(r *Row) { r.Branches = adjusted(r.Branches, ev.Removed, ev.Added) })
	case group.BranchClosed:
		without := w.WithoutBranch(ev)
		w.all(func(r *Row) { r.Branches = without(r.Branches) })
	case group.ClinicalWorkStarted:
		w.change(ev.Member, func(r *Row) { r.Clinician = true })
	case group.ClinicalWorkEnded:
		w.change(ev.Member, func(r *Row) { r.Clinician = false })
		w.unscope(ev.Member)
	}
}

// Change notes a change of one member's row.
func (w Writer[R, P]) Change(m id.Member, change func(P)) {
	w.Tables.members.Change(w.Batch, Key{w.Group, m}, func(r *R) { change(r) })
}

func (w Writer[R, P]) change(m id.Member, change func(*Row)) {
	w.Change(m, func(r P) { change(r.Who()) })
}

// all notes a change of all members' rows.
func (w Writer[R, P]) all(change func(*Row)) {
	w.Tables.of.Change(w.Batch, w.Group, func(r *R) { change(P(r).Who()) })
}

// unscope notes that nobody manages or assists a member any more.
func (w Writer[R, P]) unscope(m id.Member) {
	w.all(func(r *Row) {
		r.Manages, r.Assists = projections.Without(r.Manages, m), projections.Without(r.Assists, m)
	})
}

// WithoutBranch returns what a list of branches is, once a branch was closed, for
// later steps: it has another branch in its place, or the default one instead of none.
func (w Writer[R, P]) WithoutBranch(ev group.BranchClosed) func([]id.Branch) []id.Branch {
	var fallback id.Branch
	w.Tables.practices.Read(w.Batch, w.Group, func(r *practiceRow) { fallback = r.Default })
	return func(had []id.Branch) []id.Branch {
		left := projections.Without(had, ev.Branch)
		switch {
		case len(left) == len(had), slices.Contains(left, ev.MovedTo):
			return left
		case !ev.MovedTo.IsZero():
			return append(left, ev.MovedTo)
		case len(left) == 0:
			return []id.Branch{fallback}
		}
		return left
	}
}

func (w Writer[R, P]) join(m id.Member, account id.Account, role access.Role, clinician bool, branches []id.Branch, clinicians []id.Member, at time.Time) {
	var row R
	*P(&row).Who() = Row{
		Group: w.Group, Member: m, Account: account, Role: role, Active: true, Clinician: clinician, Branches: branches,
		JoinedAt: at, JoinedRevision: w.Revision,
	}
	P(&row).Who().scope(clinicians)
	w.Tables.members.Insert(w.Batch, row)
}

// adjusted is a list less some values and with others, each once, in the order of
// coming to be on it.
func adjusted[T comparable](list, removed, added []T) (adjusted []T) {
	for _, v := range list {
		if !slices.Contains(removed, v) && !slices.Contains(adjusted, v) {
			adjusted = append(adjusted, v)
		}
	}
	for _, v := range added {
		if !slices.Contains(adjusted, v) {
			adjusted = append(adjusted, v)
		}
	}
	return adjusted
}

// scope has the member manage or assist clinicians, as the role does.
func (r *Row) scope(clinicians []id.Member) {
	r.Manages, r.Assists = nil, nil
	switch r.Role {
	case access.Manager:
		r.Manages = clinicians
	case access.Assistant:
		r.Assists = clinicians
	case access.Owner, access.SuperAdmin, access.User:
	}
}
