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
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/members"
)

// Name is the projection's name.
const Name = "effective_permissions"

// Projector writes what permissions are decided over.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// Schema is the read model's own schema.
func (Projector) Schema() string { return "permissions" }

// Tables lists what a rebuild empties.
func (Projector) Tables() []string { return append(members.Tables(), "rule", "sharing") }

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
	w.rules(event)
	return nil
}

// writer queues the rules, as group.Evolve keeps them.
type writer struct{ members.Writer }

// subject is whose rule it is: a member's or a role's.
type subject struct {
	column string
	value  any
}

func ofMember(m id.Member) subject { return subject{"member_id", m} }
func ofRole(r access.Role) subject { return subject{"role", string(r)} }

// rule is a rule as an event sets it; nil times are unbounded.
type rule struct {
	id          id.Event
	capability  access.Capability
	allow       bool
	scope       access.Scope
	from, until *time.Time
	grantor     id.Member
}

func (w writer) rules(event any) {
	switch ev := event.(type) {
	case group.PermissionGranted:
		w.set(ofMember(ev.Member), rule{ev.Rule, ev.Capability, true, ev.Scope, ev.ValidFrom, ev.ValidUntil, ev.GrantedBy})
	case group.PermissionDenied:
		w.set(ofMember(ev.Member), rule{ev.Rule, ev.Capability, false, ev.Scope, ev.ValidFrom, ev.ValidUntil, ev.DeniedBy})
	case group.PermissionOverrideCleared:
		w.clear(ofMember(ev.Member), "capability = $3", string(ev.Capability))
	case group.RolePermissionSet:
		if ev.Effect == group.EffectDefault {
			w.clear(ofRole(ev.Role), "capability = $3", string(ev.Capability))
			return
		}
		w.set(ofRole(ev.Role), rule{ev.Rule, ev.Capability, ev.Effect == group.EffectAllow, ev.Scope, nil, nil, ev.SetBy})
	case group.ChartSharingChanged:
		w.Batch.Queue(setSharing, w.Group, string(ev.To), ev.Rule, ev.ChangedBy)
	case group.MemberReinstated:
		// Grants they once had stay ended, and denials stay in force.
		w.clear(ofMember(ev.Member), "allow")
	case group.OwnershipTransferred:
		w.clear(ofMember(ev.From), "true")
		w.clear(ofMember(ev.To), "true")
	}
}

const setSharing = `
insert into sharing (group_id, width, rule_id, grantor) values ($1, $2, $3, $4)
on conflict (group_id) do update set width = excluded.width, rule_id = excluded.rule_id, grantor = excluded.grantor`

// clear queues the end of rules; the arguments of the condition begin at $3.
func (w writer) clear(s subject, condition string, args ...any) {
	w.Batch.Queue("delete from rule where group_id = $1 and "+s.column+" = $2 and "+condition, append([]any{w.Group, s.value}, args...)...)
}

// set queues a rule in the place of the one about the same capability, scope and
// time.
func (w writer) set(s subject, r rule) {
	w.clear(s, "capability = $3 and scope = $4 and valid_from is not distinct from $5 and valid_until is not distinct from $6",
		string(r.capability), string(r.scope), r.from, r.until)
	w.Batch.Queue("insert into rule (group_id, "+s.column+", revision, rule_id, capability, allow, scope, valid_from, valid_until, grantor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		w.Group, s.value, int64(w.Revision), r.id, string(r.capability), r.allow, string(r.scope), r.from, r.until, r.grantor)
}
