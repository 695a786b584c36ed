package calendar

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
)

// calendarRows writes the rows of one calendar for one event. Ids are unique
// within their calendar only, so every statement names the calendar.
type calendarRows struct {
	batch    *pgx.Batch
	calendar booking.CalendarID
	envelope es.Envelope
}

// queue adds a statement whose first two arguments name the calendar.
func (r calendarRows) queue(sql string, args ...any) {
	r.batch.Queue(sql, append([]any{r.calendar.Group, r.calendar.Clinician}, args...)...)
}

const (
	insertReserve = `insert into reserve (group_id, clinician_id, reserve_id, rule) values ($1, $2, $3, $4)`
	endReserve    = `
update reserve set rule = rule || jsonb_build_object('ended', $4::text)
 where group_id = $1 and clinician_id = $2 and reserve_id = $3`
	exceptReserve = `
update reserve set rule = rule || jsonb_build_object('exceptions',
                          coalesce(rule -> 'exceptions', '{}') || jsonb_build_object($4::text, $5::jsonb))
 where group_id = $1 and clinician_id = $2 and reserve_id = $3`
	restoreReserve = `
update reserve set rule = rule #- array['exceptions', $4::text] where group_id = $1 and clinician_id = $2 and reserve_id = $3`
	reopenReserve = `update reserve set rule = rule - 'ended' where group_id = $1 and clinician_id = $2 and reserve_id = $3`
	insertBlock   = `insert into block (group_id, clinician_id, block_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)`
	deleteBlock   = `delete from block where group_id = $1 and clinician_id = $2 and block_id = $3`

	insertAppointment = `
insert into appointment (group_id, clinician_id, appointment_id, chart_id, type_id, type_name, length_min, padding_min,
                         start_every_min, starts_at, busy_until, local_date, local_time, zone, booked_by, changed_at, revision,
                         tzdb_version, policy_version_shown)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`
	moveAppointment = `
update appointment set starts_at = $4, busy_until = $5, local_date = $6, local_time = $7, zone = $8, notice_min = $9,
                       changed_at = $10, revision = $11, tzdb_version = $12, policy_version_shown = $13
 where group_id = $1 and clinician_id = $2 and appointment_id = $3`
	cancelAppointment = `
update appointment set cancelled = true, cancelled_by = $4, notice_min = $5, changed_at = $6, revision = $7
 where group_id = $1 and clinician_id = $2 and appointment_id = $3`
)

func (r calendarRows) project(event booking.CalendarEvent) error {
	recorded, revision := r.envelope.RecordedAt, r.envelope.Revision
	switch e := event.(type) {
	case booking.TimeReserved:
		rule, err := json.Marshal(booking.ReserveOf(e))
		if err != nil {
			return fmt.Errorf("reserve: %w", err)
		}
		r.queue(insertReserve, e.Reserve, rule)
	case booking.ReservedDateSkipped:
		return r.except(e.Reserve, e.Date, booking.Hours{})
	case booking.ReservedDateMoved:
		return r.except(e.Reserve, e.Date, booking.Hours{Start: e.Start, End: e.End})
	case booking.ReservedDateRestored:
		r.queue(restoreReserve, e.Reserve, e.Date.String())
	case booking.ReserveReopened:
		r.queue(reopenReserve, e.Reserve)
	case booking.ReserveEnded:
		r.queue(endReserve, e.Reserve, e.LastDate.String())
	case booking.TimeBlocked:
		r.queue(insertBlock, e.Block, e.Start, e.End)
	case booking.TimeUnblocked:
		r.queue(deleteBlock, e.Block)
	case booking.AppointmentBooked:
		t, w := e.Terms, e.When
		r.queue(insertAppointment, e.Appointment, e.Chart, t.Type, t.Name, t.LengthMin, t.PaddingMin, t.StartEveryMin,
			w.Start, w.Start.Add(t.Total()), w.Date, w.Clock.String(), string(w.Zone), string(e.Channel), recorded, revision,
			w.Rules, e.PolicyVersionShown)
	case booking.AppointmentRescheduled:
		w := e.To
		r.queue(moveAppointment, e.Appointment, w.Start, w.Start.Add(e.Terms.Total()), w.Date, w.Clock.String(),
			string(w.Zone), e.NoticeMin, recorded, revision, w.Rules, e.PolicyVersionShown)
	case booking.AppointmentCancelled:
		r.queue(cancelAppointment, e.Appointment, string(e.By), e.NoticeMin, recorded, revision)
	}
	return nil
}

// except gives one day of a series other hours; equal clocks mean none.
func (r calendarRows) except(reserve id.Reserve, day civil.Date, h booking.Hours) error {
	hours, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	r.queue(exceptReserve, reserve, day.String(), hours)
	return nil
}
