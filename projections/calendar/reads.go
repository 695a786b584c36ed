package calendar

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/read"
)

var (
	errTypeUnknown          = fault.New(fault.NotFound, "type_unknown", "There is no such appointment type.")
	errPolicyVersionUnknown = fault.New(fault.NotFound, "policy_version_unknown", "No such version of the cancellation policy was ever published.")
	errReserveUnknown       = fault.New(fault.NotFound, "reserve_unknown", "There is no such reserved time in this calendar.")
	errBlockUnknown         = fault.New(fault.NotFound, "block_unknown", "There is no such blocked time in this calendar.")
	// ErrNoAppointment answers for appointments that do not exist and for those that are hidden.
	ErrNoAppointment = fault.New(fault.NotFound, "appointment_unknown", "There is no such appointment in this calendar.")
)

// Reserves returns the series of a calendar, those that have ended too, by their
// first day.
func Reserves(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID) ([]booking.Reserve, error) {
	reserves, err := reservesOf(ctx, pool, selectReserves, c.Group, c.Clinician)
	slices.SortFunc(reserves, func(a, b booking.Reserve) int {
		return cmp.Or(a.FirstDate.Compare(b.FirstDate), slices.Compare(a.ID[:], b.ID[:]))
	})
	return reserves, err
}

// ReserveOf returns one series. Fault: "reserve_unknown".
func ReserveOf(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, r id.Reserve) (booking.Reserve, error) {
	reserves, err := reservesOf(ctx, pool, selectReserves+` and reserve_id = $3`, c.Group, c.Clinician, r)
	switch {
	case err != nil:
		return booking.Reserve{}, err
	case len(reserves) == 0:
		return booking.Reserve{}, errReserveUnknown
	}
	return reserves[0], nil
}

func reservesOf(ctx context.Context, q read.Querier, sql string, args ...any) ([]booking.Reserve, error) {
	rows, _ := q.Query(ctx, sql, args...) // Collecting returns its error, too.
	reserves, err := pgx.CollectRows(rows, pgx.RowTo[booking.Reserve])
	if err != nil {
		return nil, fmt.Errorf("reserves: %w", err)
	}
	return reserves, nil
}

// Block is time that is not to be booked.
type Block struct {
	ID    id.Block  `db:"block_id" json:"id"`
	Start time.Time `db:"starts_at" json:"start"`
	End   time.Time `db:"ends_at" json:"end"`
}

// Blocks returns the blocks of a calendar that are not over at an instant, by start.
func Blocks(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, from time.Time) ([]Block, error) {
	return read.Rows[Block](ctx, pool, "blocks", `
select block_id, starts_at, ends_at from `+blockTable+`
 where group_id = $1 and clinician_id = $2 and ends_at > $3 order by starts_at, block_id`, c.Group, c.Clinician, from)
}

// BlockOf returns one block. Fault: "block_unknown".
func BlockOf(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, b id.Block) (Block, error) {
	return read.One[Block](ctx, pool, errBlockUnknown, `
select block_id, starts_at, ends_at from `+blockTable+`
 where group_id = $1 and clinician_id = $2 and block_id = $3`, c.Group, c.Clinician, b)
}

// AppointmentOf returns one appointment of a calendar, also a cancelled one; only
// of a chart, if that is set. Fault: "appointment_unknown".
func AppointmentOf(ctx context.Context, pool *pgxpool.Pool, c booking.CalendarID, a id.Appointment, chart id.Chart) (Appointment, error) {
	return read.One[Appointment](ctx, pool, ErrNoAppointment, selectAppointments(appointmentTable)+`
 where group_id = $1 and clinician_id = $2 and appointment_id = $3 and ($4::uuid is null or chart_id = $4)`,
		c.Group, c.Clinician, a, projections.OrNull(chart))
}

// Upcoming returns the live appointments of a practice, or of one chart of it, that
// end after an instant, padding not counted, by start, at most limit unless that is
// zero; and how many there are.
func Upcoming(ctx context.Context, pool *pgxpool.Pool, g id.Group, chart id.Chart, after time.Time, limit int) ([]booking.Held, int, error) {
	type row struct {
		Appointment id.Appointment  `db:"appointment_id"`
		Clinician   id.Member       `db:"clinician_id"`
		Chart       id.Chart        `db:"chart_id"`
		Start       time.Time       `db:"starts_at"`
		End         time.Time       `db:"ends_at"`
		Date        civil.Date      `db:"local_date"`
		Channel     booking.Channel `db:"booked_by"`
		Total       int             `db:"total"`
	}
	rows, err := read.Rows[row](ctx, pool, "upcoming appointments", `
select appointment_id, clinician_id, chart_id, starts_at, starts_at + length_min * interval '1 minute' as ends_at, local_date, booked_by,
       count(*) over () as total
  from `+appointmentTable+`
 where group_id = $1 and ($2::uuid is null or chart_id = $2) and not cancelled
   and starts_at > $3::timestamptz - interval '8 hours' and starts_at + length_min * interval '1 minute' > $3
 order by starts_at, clinician_id, appointment_id limit nullif($4, 0)`, g, projections.OrNull(chart), after, limit)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	held := make([]booking.Held, 0, len(rows))
	for _, r := range rows {
		held = append(held, booking.Held{
			Appointment: r.Appointment, Clinician: r.Clinician, Chart: r.Chart, Date: r.Date, Channel: r.Channel,
			Span: booking.Span{Start: r.Start, End: r.End},
		})
	}
	return held, rows[0].Total, nil
}
