package calendar

import (
	"encoding/json"
	"fmt"
	"time"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/rows"
)

// reserveRow is a series of reserved time.
type reserveRow struct {
	Group     id.Group   `db:"group_id"`
	Clinician id.Member  `db:"clinician_id"`
	Reserve   id.Reserve `db:"reserve_id"`
	// Rule is a booking.Reserve, key by key.
	Rule map[string]json.RawMessage `db:"rule,json"`
}

// blockRow is blocked time.
type blockRow struct {
	Group     id.Group  `db:"group_id"`
	Clinician id.Member `db:"clinician_id"`
	Block     id.Block  `db:"block_id"`
	StartsAt  time.Time `db:"starts_at"`
	EndsAt    time.Time `db:"ends_at"`
}

// appointmentRow is an appointment.
type appointmentRow struct {
	Group         id.Group           `db:"group_id"`
	Clinician     id.Member          `db:"clinician_id"`
	Appointment   id.Appointment     `db:"appointment_id"`
	Chart         id.Chart           `db:"chart_id"`
	Type          id.AppointmentType `db:"type_id"`
	TypeName      string             `db:"type_name"`
	LengthMin     int                `db:"length_min"`
	PaddingMin    int                `db:"padding_min"`
	StartEveryMin int                `db:"start_every_min"`
	StartsAt      time.Time          `db:"starts_at"`
	BusyUntil     time.Time          `db:"busy_until"`
	LocalDate     civil.Date         `db:"local_date"`
	LocalTime     string             `db:"local_time"`
	Zone          string             `db:"zone"`
	BookedBy      booking.Channel    `db:"booked_by"`
	Cancelled     bool               `db:"cancelled"`
	CancelledBy   booking.Channel    `db:"cancelled_by,null"`
	NoticeMin     *int               `db:"notice_min"`
	ChangedAt     time.Time          `db:"changed_at"`
	Revision      es.Revision        `db:"revision"`
	TzdbVersion   string             `db:"tzdb_version"`
	PolicyShown   int                `db:"policy_version_shown"`
}

// at moves the appointment to a time.
func (r *appointmentRow) at(w booking.When, total time.Duration) {
	r.StartsAt, r.BusyUntil, r.LocalDate, r.LocalTime = w.Start, w.Start.Add(total), w.Date, w.Clock.String()
	r.Zone, r.TzdbVersion = string(w.Zone), w.Rules
}

// in names a thing of a calendar: ids are unique within their calendar only.
type in[I any] struct {
	Group     id.Group
	Clinician id.Member
	ID        I
}

var (
	reserves = rows.NewTable("reserve", func(r *reserveRow) in[id.Reserve] {
		return in[id.Reserve]{r.Group, r.Clinician, r.Reserve}
	}, "group_id", "clinician_id", "reserve_id")
	blocks = rows.NewTable("block", func(r *blockRow) in[id.Block] {
		return in[id.Block]{r.Group, r.Clinician, r.Block}
	}, "group_id", "clinician_id", "block_id")
	appointments = rows.NewTable("appointment", func(r *appointmentRow) in[id.Appointment] {
		return in[id.Appointment]{r.Group, r.Clinician, r.Appointment}
	}, "group_id", "clinician_id", "appointment_id")
)

// calendarRows notes what one event of a calendar does.
type calendarRows struct {
	batch    *rows.Batch
	calendar booking.CalendarID
	envelope es.Envelope
}

func (r calendarRows) project(event booking.CalendarEvent) error {
	g, m := r.calendar.Group, r.calendar.Clinician
	switch e := event.(type) {
	case booking.TimeReserved:
		row := reserveRow{Group: g, Clinician: m, Reserve: e.Reserve}
		rule, err := json.Marshal(booking.ReserveOf(e))
		if err == nil {
			err = json.Unmarshal(rule, &row.Rule)
		}
		if err != nil {
			return fmt.Errorf("reserve: %w", err)
		}
		reserves.Insert(r.batch, row)
	case booking.ReservedDateSkipped:
		return r.except(e.Reserve, e.Date, booking.Hours{})
	case booking.ReservedDateMoved:
		return r.except(e.Reserve, e.Date, booking.Hours{Start: e.Start, End: e.End})
	case booking.ReservedDateRestored:
		r.exceptions(e.Reserve, func(of map[string]json.RawMessage) { delete(of, e.Date.String()) })
	case booking.ReserveReopened:
		r.rule(e.Reserve, func(rule map[string]json.RawMessage) { delete(rule, "ended") })
	case booking.ReserveEnded:
		ended, err := json.Marshal(e.LastDate.String())
		r.rule(e.Reserve, func(rule map[string]json.RawMessage) { rule["ended"] = ended })
		return err
	case booking.TimeBlocked:
		blocks.Insert(r.batch, blockRow{Group: g, Clinician: m, Block: e.Block, StartsAt: e.Start, EndsAt: e.End})
	case booking.TimeUnblocked:
		blocks.Delete(r.batch, in[id.Block]{g, m, e.Block})
	case booking.AppointmentBooked:
		t := e.Terms
		row := appointmentRow{
			Group: g, Clinician: m, Appointment: e.Appointment, Chart: e.Chart, Type: t.Type, TypeName: t.Name,
			LengthMin: t.LengthMin, PaddingMin: t.PaddingMin, StartEveryMin: t.StartEveryMin, BookedBy: e.Channel,
			PolicyShown: e.PolicyVersionShown, ChangedAt: r.envelope.RecordedAt, Revision: r.envelope.Revision,
		}
		row.at(e.When, t.Total())
		appointments.Insert(r.batch, row)
	case booking.AppointmentRescheduled:
		r.change(e.Appointment, func(a *appointmentRow) {
			a.at(e.To, e.Terms.Total())
			a.NoticeMin, a.PolicyShown = &e.NoticeMin, e.PolicyVersionShown
		})
	case booking.AppointmentCancelled:
		r.change(e.Appointment, func(a *appointmentRow) { a.Cancelled, a.CancelledBy, a.NoticeMin = true, e.By, &e.NoticeMin })
	}
	return nil
}

// change changes an appointment.
func (r calendarRows) change(a id.Appointment, change func(*appointmentRow)) {
	at, revision := r.envelope.RecordedAt, r.envelope.Revision
	appointments.Change(r.batch, in[id.Appointment]{r.calendar.Group, r.calendar.Clinician, a}, func(row *appointmentRow) {
		change(row)
		row.ChangedAt, row.Revision = at, revision
	})
}

// rule changes the rule of a series.
func (r calendarRows) rule(of id.Reserve, change func(map[string]json.RawMessage)) {
	reserves.Change(r.batch, in[id.Reserve]{r.calendar.Group, r.calendar.Clinician, of}, func(row *reserveRow) { change(row.Rule) })
}

// exceptions changes the days of a series that have other hours.
func (r calendarRows) exceptions(of id.Reserve, change func(map[string]json.RawMessage)) {
	r.rule(of, func(rule map[string]json.RawMessage) {
		days := map[string]json.RawMessage{}
		if had, ok := rule["exceptions"]; ok {
			// It is what was written here, or read from a column of jsonb.
			_ = json.Unmarshal(had, &days)
		}
		if change(days); len(days) > 0 || rule["exceptions"] != nil {
			rule["exceptions"], _ = json.Marshal(days)
		}
	})
}

// except gives one day of a series other hours; equal clocks mean none.
func (r calendarRows) except(reserve id.Reserve, day civil.Date, h booking.Hours) error {
	hours, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	r.exceptions(reserve, func(of map[string]json.RawMessage) { of[day.String()] = hours })
	return nil
}
