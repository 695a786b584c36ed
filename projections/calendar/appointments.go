package calendar

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

// Appointment is one appointment as the staff see it.
type Appointment struct {
	ID          id.Appointment     `db:"appointment_id"`
	Clinician   id.Member          `db:"clinician_id"`
	Chart       id.Chart           `db:"chart_id"`
	Type        id.AppointmentType `db:"type_id"`
	TypeName    string             `db:"type_name"`
	LengthMin   int                `db:"length_min"`
	PaddingMin  int                `db:"padding_min"`
	Start       time.Time          `db:"starts_at"`
	LocalDate   string             `db:"local_date"`
	LocalTime   string             `db:"local_time"`
	Zone        string             `db:"zone"`
	BookedBy    string             `db:"booked_by"`
	Cancelled   bool               `db:"cancelled"`
	CancelledBy *string            `db:"cancelled_by"`
	NoticeMin   *int               `db:"notice_min"`
	// TzdbVersion names the zone's rules that the local time was reckoned with.
	TzdbVersion string `db:"tzdb_version"`
	// PolicyVersionShown is the version of the cancellation policy that was shown.
	PolicyVersionShown int `db:"policy_version_shown"`
	// Clashes reports that the patient has another appointment at that time, with
	// another clinician (BKG-A18).
	Clashes bool `db:"clashes"`
}

// End is the end of the length that patients see, without padding.
func (a Appointment) End() time.Time { return a.Start.Add(time.Duration(a.LengthMin) * time.Minute) }

const appointmentColumns = `appointment_id, clinician_id, chart_id, type_id, type_name, length_min, padding_min,
       starts_at, local_date::text, local_time, zone, booked_by, cancelled, cancelled_by, notice_min,
       tzdb_version, policy_version_shown,
       not cancelled and exists (
         select from calendar.appointment o
          where o.group_id = a.group_id and o.chart_id = a.chart_id and o.clinician_id <> a.clinician_id and not o.cancelled
            and o.starts_at > a.starts_at - interval '8 hours'
            and o.starts_at < a.starts_at + a.length_min * interval '1 minute'
            and o.starts_at + o.length_min * interval '1 minute' > a.starts_at) as clashes`

// AppointmentsQuery asks for appointments in the order of their start.
type AppointmentsQuery struct {
	Reach      access.Reach
	Clinicians []id.Member
	Chart      id.Chart
	// From and To bound the start: [From, To). Zero means unbounded.
	From, To time.Time
	// Cancelled includes the cancelled ones.
	Cancelled bool
	Cursor    page.Token
	Limit     int
}

// AppointmentsPage is one page.
type AppointmentsPage struct {
	Appointments []Appointment
	Next         page.Token
}

// scope says where appointments keep what access is decided over. Appointments
// know neither branch nor care team; nor do the decisions about them.
var scope = reachsql.Columns{Group: "group_id", Clinician: "clinician_id", Chart: "chart_id"}

// byStart is the one order of the appointments.
var byStart = read.Order[Appointment]{
	Name: "appointments",
	Keys: []read.Key[Appointment]{
		read.Instant("starts_at", func(a Appointment) time.Time { return a.Start }),
		read.ID("clinician_id", func(a Appointment) id.Member { return a.Clinician }),
		read.ID("appointment_id", func(a Appointment) id.Appointment { return a.ID }),
	},
}

// Appointments answers the query. Fault: "malformed_cursor".
func Appointments(ctx context.Context, pool *pgxpool.Pool, q AppointmentsQuery) (AppointmentsPage, error) {
	where := read.Within(q.Reach, scope).
		Filter("clinician_id = any(?)", q.Clinicians).
		Filter("chart_id = ?", q.Chart).
		Filter("starts_at >= ?", q.From).
		Filter("starts_at < ?", q.To)
	if !q.Cancelled {
		where.And("not cancelled")
	}
	list, next, err := read.List(ctx, pool, "select "+appointmentColumns+" from calendar.appointment a", where, byStart, q.Cursor, q.Limit)
	return AppointmentsPage{Appointments: list, Next: next}, err
}
