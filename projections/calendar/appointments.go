package calendar

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

// Appointment is one appointment as the staff see it.
type Appointment struct {
	ID         id.Appointment     `db:"appointment_id" json:"id"`
	Clinician  id.Member          `db:"clinician_id" json:"clinician"`
	Chart      id.Chart           `db:"chart_id" json:"chart"`
	Type       id.AppointmentType `db:"type_id" json:"type"`
	TypeName   string             `db:"type_name" json:"typeName"`
	LengthMin  int                `db:"length_min" json:"lengthMin"`
	PaddingMin int                `db:"padding_min" json:"paddingMin"`
	Start      time.Time          `db:"starts_at" json:"start"`
	// End is the end of the length that patients see, without padding.
	End         time.Time `db:"ends_at" json:"end"`
	LocalDate   string    `db:"local_date" json:"localDate"`
	LocalTime   string    `db:"local_time" json:"localTime"`
	Zone        string    `db:"zone" json:"zone"`
	BookedBy    string    `db:"booked_by" json:"bookedBy"`
	Cancelled   bool      `db:"cancelled" json:"cancelled"`
	CancelledBy *string   `db:"cancelled_by" json:"cancelledBy,omitempty"`
	NoticeMin   *int      `db:"notice_min" json:"noticeMin,omitempty"`
	// TzdbVersion names the zone's rules that the local time was reckoned with.
	TzdbVersion string `db:"tzdb_version" json:"tzdbVersion,omitempty"`
	// PolicyVersionShown is the version of the cancellation policy that was shown.
	PolicyVersionShown int `db:"policy_version_shown" json:"policyVersionShown"`
	// Clashes reports that the patient has another appointment at that time, with
	// another clinician (BKG-A18).
	Clashes bool `db:"clashes" json:"clashes"`
}

// selectAppointments is the statement up to its conditions, which name the table a.
func selectAppointments(table string) string {
	return `
select appointment_id, clinician_id, chart_id, type_id, type_name, length_min, padding_min,
       starts_at, starts_at + length_min * interval '1 minute' as ends_at, local_date::text, local_time, zone, booked_by, cancelled, cancelled_by, notice_min,
       tzdb_version, policy_version_shown,
       not cancelled and exists (
         select from ` + table + ` o
          where o.group_id = a.group_id and o.chart_id = a.chart_id and o.clinician_id <> a.clinician_id and not o.cancelled
            and o.starts_at > a.starts_at - interval '8 hours'
            and o.starts_at < a.starts_at + a.length_min * interval '1 minute'
            and o.starts_at + o.length_min * interval '1 minute' > a.starts_at) as clashes
  from ` + table + ` a`
}

// AppointmentsQuery asks for appointments in the order of their start.
type AppointmentsQuery struct {
	Reach      access.Reach
	Clinicians []id.Member
	Chart      id.Chart
	// Merged are charts that were merged into Chart: they are the same patient's.
	Merged []id.Chart
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
func Appointments(ctx context.Context, from projections.Tables, q AppointmentsQuery) (AppointmentsPage, error) {
	where := read.Within(q.Reach, scope).
		Filter("clinician_id = any(?)", q.Clinicians).
		Filter("starts_at >= ?", q.From).
		Filter("starts_at < ?", q.To)
	if len(q.Merged) > 0 {
		where.And("chart_id = any(?)", append([]id.Chart{q.Chart}, q.Merged...))
	} else {
		where.Filter("chart_id = ?", q.Chart)
	}
	if !q.Cancelled {
		where.And("not cancelled")
	}
	list, next, err := read.List(ctx, from, selectAppointments(from.Of(Projector{}, "appointment")), where, byStart, q.Cursor, q.Limit)
	return AppointmentsPage{Appointments: list, Next: next}, err
}
