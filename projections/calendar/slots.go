package calendar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// SlotsQuery asks for the starts that a patient can book with one clinician.
// The caller has been admitted to that calendar.
type SlotsQuery struct {
	Calendar booking.CalendarID
	// Type is what shall be booked. It does not count for a move.
	Type id.AppointmentType
	// Moving, if set, is an appointment of Chart that shall be moved: it gives its
	// own time back (BKG-I4) and keeps the terms it was booked under (BKG-A12).
	Moving id.Appointment
	Chart  id.Chart
	// Zone is the calendar's zone (BKG-A4), Now the server's clock.
	Zone *time.Location
	Now  time.Time
	// From and To are local days, both inclusive.
	From, To civil.Date
	// Most is how many starts are answered at the most, in whole days; one day is
	// always answered. Zero means all of them.
	Most int
}

// Slots are the answer. Nothing in it tells of padding (BKG-8).
type Slots struct {
	// Online is the practice's switch; off means that there are no starts (BKG-1).
	Online bool
	// Type is what the starts are for; nil while nothing can be booked online.
	Type   *booking.OfferedType
	Starts []booking.Start
	// Next is the first day that was left out, the zero date if none was.
	Next civil.Date
	// CancellationVersion is the version of the policy text that must be shown
	// with them, 0 if none was published; CancellationText is that text (BKG-4).
	CancellationVersion int
	CancellationText    string
}

var (
	selectType = `
select type_id, name, length_min, padding_min, start_every_min
  from ` + appointmentTypeTable + `
 where group_id = $1 and type_id = $3 and not retired and (clinicians = '{}' or $2 = any(clinicians))`
	selectMoving = `
select type_id, type_name, length_min, padding_min, start_every_min
  from ` + appointmentTable + `
 where group_id = $1 and clinician_id = $2 and appointment_id = $3 and chart_id = $4 and not cancelled and starts_at > $5`
	selectReserves = `select rule from ` + reserveTable + ` where group_id = $1 and clinician_id = $2`
	selectBusy     = `
select starts_at, busy_until from ` + appointmentTable + `
 where group_id = $1 and clinician_id = $2 and not cancelled and appointment_id <> $3 and starts_at < $5 and busy_until > $4
union all
select starts_at, ends_at from ` + blockTable + `
 where group_id = $1 and clinician_id = $2 and starts_at < $5 and ends_at > $4`
)

var (
	errTypeNotOffered     = fault.New(fault.Rejected, "type_not_offered", "This clinician does not offer appointments of this type. Choose another type or clinician.")
	errAppointmentUnknown = fault.New(fault.NotFound, "appointment_unknown", "There is no such appointment of this patient that could still be moved.")
)

// Available answers the query with the function that decides bookings
// (BKG-A19). Faults: "type_not_offered"; "appointment_unknown" for a move.
func Available(ctx context.Context, pool *pgxpool.Pool, q SlotsQuery) (Slots, error) {
	load := &slotsLoad{query: q}
	// One snapshot: a booking between two statements must not be seen by half.
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, pool, options, func(tx pgx.Tx) error { return tx.SendBatch(ctx, load.batch()).Close() })
	if err != nil {
		return Slots{}, fmt.Errorf("slots: %w", err)
	}
	return load.answer()
}

// slotsLoad collects what the rows say.
type slotsLoad struct {
	query    SlotsQuery
	policy   Policy
	terms    booking.Terms
	found    bool
	reserves []booking.Reserve
	busy     []booking.Span
}

// batch queues the four questions to the rows.
func (l *slotsLoad) batch() *pgx.Batch {
	q, b := l.query, &pgx.Batch{}
	group, clinician := q.Calendar.Group, q.Calendar.Clinician
	b.Queue(selectPolicy, group).QueryRow(func(row pgx.Row) (err error) {
		l.policy, err = scanPolicy(row)
		return err
	})
	if q.Moving.IsZero() {
		b.Queue(selectType, group, clinician, q.Type).QueryRow(l.scanTerms)
	} else {
		b.Queue(selectMoving, group, clinician, q.Moving, q.Chart, q.Now).QueryRow(l.scanTerms)
	}
	b.Queue(selectReserves, group, clinician).Query(func(rows pgx.Rows) (err error) {
		l.reserves, err = pgx.CollectRows(rows, pgx.RowTo[booking.Reserve])
		return err
	})
	// Two days on either side hold whatever a zone and a long appointment can move.
	from, to := civil.At(q.From.Add(-2), 0, q.Zone), civil.At(q.To.Add(3), 0, q.Zone)
	b.Queue(selectBusy, group, clinician, q.Moving, from, to).Query(func(rows pgx.Rows) (err error) {
		l.busy, err = pgx.CollectRows(rows, pgx.RowToStructByPos[booking.Span])
		return err
	})
	return b
}

func (l *slotsLoad) scanTerms(row pgx.Row) error {
	err := row.Scan(&l.terms.Type, &l.terms.Name, &l.terms.LengthMin, &l.terms.PaddingMin, &l.terms.StartEveryMin)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	l.found = true
	return err
}

// answer asks the engine of starts. While online booking is off, and for a move
// while patients may not move, nothing is offered and nothing shown (BKG-1,
// BKG-3).
func (l *slotsLoad) answer() (Slots, error) {
	q, moving := l.query, !l.query.Moving.IsZero()
	slots := Slots{
		Online: l.policy.Online, CancellationVersion: l.policy.CancellationVersion, CancellationText: l.policy.CancellationText,
	}
	switch {
	case !l.policy.Online || moving && !l.policy.SelfService:
		return slots, nil
	case !l.found && moving:
		return Slots{}, errAppointmentUnknown
	case !l.found:
		return Slots{}, errTypeNotOffered
	}
	slots.Type = &booking.OfferedType{Type: l.terms.Type, Name: l.terms.Name, LengthMin: l.terms.LengthMin}
	var err error
	slots.Starts, slots.Next, err = booking.Page(booking.Query{
		Zone: q.Zone, Now: q.Now, Online: true, Window: l.policy.Window, Terms: l.terms,
		Reserves: l.reserves, Busy: l.busy, From: q.From, To: q.To,
	}, cmp.Or(q.Most, math.MaxInt))
	if err != nil {
		return Slots{}, fmt.Errorf("slots: %w", err)
	}
	return slots, nil
}
