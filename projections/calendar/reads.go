package calendar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

var (
	errTypeUnknown          = fault.New(fault.NotFound, "type_unknown", "There is no such appointment type.")
	errPolicyVersionUnknown = fault.New(fault.NotFound, "policy_version_unknown", "No such version of the cancellation policy was ever published.")
	errReserveUnknown       = fault.New(fault.NotFound, "reserve_unknown", "There is no such reserved time in this calendar.")
	errBlockUnknown         = fault.New(fault.NotFound, "block_unknown", "There is no such blocked time in this calendar.")
	errNoAppointment        = fault.New(fault.NotFound, "appointment_unknown", "There is no such appointment in this calendar.")
)

// collect reads rows into structs.
func collect[T any](ctx context.Context, pool *pgxpool.Pool, what, sql string, args ...any) ([]T, error) {
	rows, err := pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}

// one reads one row into a struct, or answers with unknown.
func one[T any](ctx context.Context, pool *pgxpool.Pool, unknown *fault.Error, sql string, args ...any) (found T, err error) {
	list, err := collect[T](ctx, pool, unknown.Code, sql, args...)
	switch {
	case err != nil:
		return found, err
	case len(list) == 0:
		return found, unknown
	}
	return list[0], nil
}

// Reserves returns the series of a calendar, those that have ended too, by their
// first day.
func Reserves(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID) ([]booking.Reserve, error) {
	rows, err := pool.Query(ctx, selectReserves, c.Group, c.Clinician)
	if err != nil {
		return nil, fmt.Errorf("reserves: %w", err)
	}
	reserves, err := pgx.CollectRows(rows, scanReserve)
	if err != nil {
		return nil, fmt.Errorf("reserves: %w", err)
	}
	slices.SortFunc(reserves, func(a, b booking.Reserve) int {
		if byDay := a.FirstDate.Compare(b.FirstDate); byDay != 0 {
			return byDay
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	return reserves, nil
}

// ReserveOf returns one series. Fault: "reserve_unknown".
func ReserveOf(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, r id.Reserve) (booking.Reserve, error) {
	var rule []byte
	err := pool.QueryRow(ctx, selectReserves+` and reserve_id = $3`, c.Group, c.Clinician, r).Scan(&rule)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return booking.Reserve{}, errReserveUnknown
	case err != nil:
		return booking.Reserve{}, fmt.Errorf("reserve: %w", err)
	}
	var found booking.Reserve
	return found, json.Unmarshal(rule, &found)
}

// Block is time that is not to be booked.
type Block struct {
	ID    id.Block  `db:"block_id"`
	Start time.Time `db:"starts_at"`
	End   time.Time `db:"ends_at"`
}

// Blocks returns the blocks of a calendar that are not over at an instant, by start.
func Blocks(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, from time.Time) ([]Block, error) {
	return collect[Block](ctx, pool, "blocks", `
select block_id, starts_at, ends_at from calendar.block
 where group_id = $1 and clinician_id = $2 and ends_at > $3 order by starts_at, block_id`, c.Group, c.Clinician, from)
}

// BlockOf returns one block. Fault: "block_unknown".
func BlockOf(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, b id.Block) (Block, error) {
	return one[Block](ctx, pool, errBlockUnknown, `
select block_id, starts_at, ends_at from calendar.block
 where group_id = $1 and clinician_id = $2 and block_id = $3`, c.Group, c.Clinician, b)
}

// AppointmentOf returns one appointment of a calendar, also a cancelled one; only
// of a chart, if that is set. Fault: "appointment_unknown".
func AppointmentOf(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, a id.Appointment, chart id.Chart) (Appointment, error) {
	return one[Appointment](ctx, pool, errNoAppointment, `
select `+appointmentColumns+` from calendar.appointment a
 where group_id = $1 and clinician_id = $2 and appointment_id = $3 and ($4::uuid is null or chart_id = $4)`,
		c.Group, c.Clinician, a, orNull(chart))
}

// orNull is how an id that is not set is asked for.
func orNull(c id.Chart) *id.Chart {
	if c.IsZero() {
		return nil
	}
	return &c
}

// Upcoming returns the live appointments of a practice, or of one chart of it, that
// end after an instant, padding not counted, by start, at most limit unless that is
// zero; and how many there are.
func Upcoming(ctx context.Context, pool *pgxpool.Pool, g id.Group, chart id.Chart, after time.Time, limit int) ([]booking.Held, int, error) {
	type row struct {
		Appointment id.Appointment `db:"appointment_id"`
		Clinician   id.Member      `db:"clinician_id"`
		Chart       id.Chart       `db:"chart_id"`
		Start       time.Time      `db:"starts_at"`
		LengthMin   int            `db:"length_min"`
		Date        string         `db:"local_date"`
		BookedBy    string         `db:"booked_by"`
		Total       int            `db:"total"`
	}
	rows, err := collect[row](ctx, pool, "upcoming appointments", `
select appointment_id, clinician_id, chart_id, starts_at, length_min, local_date::text, booked_by, count(*) over () as total
  from calendar.appointment
 where group_id = $1 and ($2::uuid is null or chart_id = $2) and not cancelled
   and starts_at > $3::timestamptz - interval '8 hours' and starts_at + length_min * interval '1 minute' > $3
 order by starts_at, clinician_id, appointment_id limit nullif($4, 0)`, g, orNull(chart), after, limit)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	held := make([]booking.Held, 0, len(rows))
	for _, r := range rows {
		day, err := civil.ParseDate(r.Date)
		if err != nil {
			return nil, 0, fmt.Errorf("upcoming appointments: %w", err)
		}
		start := r.Start.UTC()
		held = append(held, booking.Held{
			Appointment: r.Appointment, Clinician: r.Clinician, Chart: r.Chart, Date: day, Channel: booking.Channel(r.BookedBy),
			Span: booking.Span{Start: start, End: start.Add(time.Duration(r.LengthMin) * time.Minute)},
		})
	}
	return held, rows[0].Total, nil
}
