// Package permissions is the read model of who may do what in a practice, and
// why. It keeps the facts that decide — what members are, and
// the rules that people set, with their times — and lets access judge when it is
// asked, so that the clock makes no row stale and there is one judge.
//
// It shows; it never admits. The gate of commands and queries reads the
// practice's stream, so that a revocation holds in the very next request however
// far behind this model is (ADR 2). It may import the domain,
// projections and pgx.
package permissions

import (
	_ "embed"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/members"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "effective_permissions"

//go:embed schema.sql
var ddl string

// Projector writes what permissions are decided over.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return append(members.Names(), "rule", "sharing") }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{group.Category} }

// memberRow is what a member is.
type memberRow struct{ members.Row }

// keptRule is a rule that somebody set, of a member or of a role.
type keptRule struct {
	Group      id.Group          `db:"group_id"`
	Revision   es.Revision       `db:"revision"`
	Rule       id.Event          `db:"rule_id"`
	Member     id.Member         `db:"member_id,null"`
	Role       access.Role       `db:"role,null"`
	Capability access.Capability `db:"capability"`
	Allow      bool              `db:"allow"`
	Scope      access.Scope      `db:"scope"`
	ValidFrom  *time.Time        `db:"valid_from"`
	ValidUntil *time.Time        `db:"valid_until"`
	Grantor    id.Member         `db:"grantor"`
}

// ruleKey names a rule by the revision that set it.
type ruleKey struct {
	Group    id.Group
	Revision es.Revision
}

// subject is whose rule it is: a member's or a role's, the other is unset.
type subject struct {
	member id.Member
	role   access.Role
}

// ofMember and ofRole are the rules of a subject in a practice.
type (
	ofMember struct {
		Group  id.Group
		Member id.Member
	}
	ofRole struct {
		Group id.Group
		Role  access.Role
	}
)

func (r *keptRule) key() ruleKey     { return ruleKey{r.Group, r.Revision} }
func (r *keptRule) member() ofMember { return ofMember{r.Group, r.Member} }
func (r *keptRule) role() ofRole     { return ofRole{r.Group, r.Role} }

// sharingRow is how widely the clinicians of a practice share their charts.
type sharingRow struct {
	Group   id.Group     `db:"group_id"`
	Width   access.Width `db:"width"`
	Rule    id.Event     `db:"rule_id"`
	Grantor id.Member    `db:"grantor"`
}

var (
	people        = members.NewTables[memberRow]()
	rules         = rows.NewTable("rule", (*keptRule).key, "group_id", "revision")
	rulesOfMember = rows.NewIndex(rules, (*keptRule).member, "group_id", "member_id")
	rulesOfRole   = rows.NewIndex(rules, (*keptRule).role, "group_id", "role")
	sharings      = rows.NewTable("sharing", func(r *sharingRow) id.Group { return r.Group }, "group_id")
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
	w.rules(event)
	return nil
}

// writer notes the rules, as group.Evolve keeps them.
type writer struct {
	members.Writer[memberRow, *memberRow]
}

func (w writer) rules(event any) {
	switch ev := event.(type) {
	case group.PermissionGranted:
		w.set(subject{member: ev.Member}, keptRule{Rule: ev.Rule, Capability: ev.Capability, Allow: true, Scope: ev.Scope, ValidFrom: ev.ValidFrom, ValidUntil: ev.ValidUntil, Grantor: ev.GrantedBy})
	case group.PermissionDenied:
		w.set(subject{member: ev.Member}, keptRule{Rule: ev.Rule, Capability: ev.Capability, Scope: ev.Scope, ValidFrom: ev.ValidFrom, ValidUntil: ev.ValidUntil, Grantor: ev.DeniedBy})
	case group.PermissionOverrideCleared:
		w.clear(subject{member: ev.Member}, func(r *keptRule) bool { return r.Capability == ev.Capability })
	case group.RolePermissionSet:
		if ev.Effect == group.EffectDefault {
			w.clear(subject{role: ev.Role}, func(r *keptRule) bool { return r.Capability == ev.Capability })
			return
		}
		w.set(subject{role: ev.Role}, keptRule{Rule: ev.Rule, Capability: ev.Capability, Allow: ev.Effect == group.EffectAllow, Scope: ev.Scope, Grantor: ev.SetBy})
	case group.ChartSharingChanged:
		sharings.Put(w.Batch, sharingRow{Group: w.Group, Width: ev.To, Rule: ev.Rule, Grantor: ev.ChangedBy})
	case group.MemberReinstated:
		// Grants they once had stay ended, and denials stay in force.
		w.clear(subject{member: ev.Member}, func(r *keptRule) bool { return r.Allow })
	case group.OwnershipTransferred:
		all := func(*keptRule) bool { return true }
		w.clear(subject{member: ev.From}, all)
		w.clear(subject{member: ev.To}, all)
	}
}

// clear notes the end of those rules of a subject.
func (w writer) clear(s subject, those func(*keptRule) bool) {
	if s.role != "" {
		rulesOfRole.Delete(w.Batch, ofRole{w.Group, s.role}, those)
		return
	}
	rulesOfMember.Delete(w.Batch, ofMember{w.Group, s.member}, those)
}

// set notes a rule in the place of the one about the same capability, scope and
// time.
func (w writer) set(s subject, r keptRule) {
	r.Group, r.Revision, r.Member, r.Role = w.Group, w.Revision, s.member, s.role
	r.ValidFrom, r.ValidUntil = kept(r.ValidFrom), kept(r.ValidUntil)
	w.clear(s, func(had *keptRule) bool {
		return had.Capability == r.Capability && had.Scope == r.Scope && same(had.ValidFrom, r.ValidFrom) && same(had.ValidUntil, r.ValidUntil)
	})
	rules.Insert(w.Batch, r)
}

// kept is an instant as Postgres keeps it, so that it is the same when it is read.
func kept(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	whole := at.Truncate(time.Microsecond)
	return &whole
}

func same(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }
