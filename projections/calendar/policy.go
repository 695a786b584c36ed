package calendar

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/read"
)

// Policy is a practice's booking policy as the staff see it.
type Policy struct {
	Online, SelfService bool
	Window              booking.Window
	Limits              booking.Limits
	// CancellationVersion is that of the text that patients see, 0 before the first.
	CancellationVersion int
	CancellationText    string
	// Revision is that of the policy's stream, es.NoStream if nothing was ever set.
	Revision es.Revision
}

var selectPolicy = `
select online, self_service, cutoff_n, cutoff_unit, horizon_days, max_upcoming, max_per_day, cancellation_version, cancellation_text, revision
  from ` + policyTable + ` where group_id = $1`

// PolicyOf returns the policy of a practice. One that has set nothing has the
// settings that hold until it does: online booking is off.
func PolicyOf(ctx context.Context, pool *pgxpool.Pool, g id.Group) (Policy, error) {
	p, err := scanPolicy(pool.QueryRow(ctx, selectPolicy, g))
	if err != nil {
		return Policy{}, fmt.Errorf("booking policy: %w", err)
	}
	return p, nil
}

func scanPolicy(row pgx.Row) (Policy, error) {
	initial := booking.PolicyAggregate().New()
	p := Policy{Window: initial.Window, Limits: initial.Limits, Revision: es.NoStream}
	var unit string
	var revision int64
	err := row.Scan(&p.Online, &p.SelfService, &p.Window.Cutoff.N, &unit, &p.Window.HorizonDays,
		&p.Limits.Upcoming, &p.Limits.PerDay, &p.CancellationVersion, &p.CancellationText, &revision)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, nil
	}
	p.Window.Cutoff.Unit, p.Revision = booking.CutoffUnit(unit), es.Revision(revision)
	return p, err
}

// PolicyVersion is a text of the cancellation policy that was published.
type PolicyVersion struct {
	Version     int       `db:"version" json:"version"`
	Text        string    `db:"text" json:"text"`
	SHA256      string    `db:"sha256" json:"sha256"`
	PublishedAt time.Time `db:"published_at" json:"publishedAt"`
}

// PolicyVersions returns the texts that a practice ever published, the latest
// first; those after a version, if it is not zero, and at most limit.
func PolicyVersions(ctx context.Context, pool *pgxpool.Pool, g id.Group, before, limit int) ([]PolicyVersion, error) {
	return read.Rows[PolicyVersion](ctx, pool, "policy versions", `
select version, text, sha256, published_at from `+policyVersionTable+`
 where group_id = $1 and ($2 = 0 or version < $2) order by version desc limit $3`, g, before, limit)
}

// PolicyVersionOf returns one text. Fault: "policy_version_unknown".
func PolicyVersionOf(ctx context.Context, pool *pgxpool.Pool, g id.Group, version int) (PolicyVersion, error) {
	return read.One[PolicyVersion](ctx, pool, errPolicyVersionUnknown, `
select version, text, sha256, published_at from `+policyVersionTable+` where group_id = $1 and version = $2`, g, version)
}

// Type is an appointment type as the staff see it.
type Type struct {
	ID            id.AppointmentType `db:"type_id" json:"id"`
	Name          string             `db:"name" json:"name"`
	LengthMin     int                `db:"length_min" json:"lengthMin"`
	PaddingMin    int                `db:"padding_min" json:"paddingMin"`
	StartEveryMin int                `db:"start_every_min" json:"startEveryMin,omitempty"`
	// Clinicians are those who offer it; empty means all.
	Clinicians []id.Member `db:"clinicians" json:"clinicians"`
	Retired    bool        `db:"retired" json:"retired"`
}

var selectTypes = `
select type_id, name, length_min, padding_min, start_every_min, clinicians, retired
  from ` + appointmentTypeTable + ` where group_id = $1 and ($2 or not retired) order by retired, name, type_id`

// TypeOf returns one appointment type, also a retired one. Fault: "type_unknown".
func TypeOf(ctx context.Context, pool *pgxpool.Pool, g id.Group, t id.AppointmentType) (Type, error) {
	return read.One[Type](ctx, pool, errTypeUnknown, `
select type_id, name, length_min, padding_min, start_every_min, clinicians, retired
  from `+appointmentTypeTable+` where group_id = $1 and type_id = $2`, g, t)
}

// Types returns the appointment types of a practice by name, the retired ones
// last and only on demand.
func Types(ctx context.Context, pool *pgxpool.Pool, g id.Group, retired bool) ([]Type, error) {
	return read.Rows[Type](ctx, pool, "appointment types", selectTypes, g, retired)
}

var selectOffered = `
select t.type_id, t.name, t.length_min
  from ` + appointmentTypeTable + ` t join ` + policyTable + ` p using (group_id)
 where t.group_id = $1 and p.online and not t.retired and (t.clinicians = '{}' or $2 = any(t.clinicians))
 order by t.name, t.type_id`

// Offered returns what patients can book with a clinician, without padding
// (BKG-8). While online booking is off there is nothing (BKG-1).
func Offered(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID) ([]booking.OfferedType, error) {
	rows, _ := pool.Query(ctx, selectOffered, c.Group, c.Clinician) // Collecting returns its error, too.
	types, err := pgx.CollectRows(rows, pgx.RowToStructByPos[booking.OfferedType])
	if err != nil {
		return nil, fmt.Errorf("offered types: %w", err)
	}
	return types, nil
}
