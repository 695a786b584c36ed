package calendar

import (
	"github.com/jackc/pgx/v5"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
)

const upsertPolicy = `
insert into policy (group_id, cutoff_n, cutoff_unit, horizon_days, max_upcoming, max_per_day, revision) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (group_id) do update set revision = $7`

const insertPolicyVersion = `insert into policy_version (group_id, version, text, sha256, published_at) values ($1, $2, $3, $4, $5)`

func projectPolicy(b *pgx.Batch, g id.Group, env es.Envelope, event booking.PolicyEvent) {
	// The first event of a practice makes the row, with the settings that hold
	// until it chooses its own.
	initial := booking.PolicyAggregate().New()
	w, l := initial.Window, initial.Limits
	b.Queue(upsertPolicy, g, w.Cutoff.N, string(w.Cutoff.Unit), w.HorizonDays, l.Upcoming, l.PerDay, env.Revision)
	set := func(what string, args ...any) {
		b.Queue("update policy set "+what+" where group_id = $1", append([]any{g}, args...)...)
	}
	switch ev := event.(type) {
	case booking.OnlineBookingTurnedOn:
		set("online = true")
	case booking.OnlineBookingTurnedOff:
		set("online = false")
	case booking.SelfServiceAllowed:
		set("self_service = true")
	case booking.SelfServiceStopped:
		set("self_service = false")
	case booking.BookingWindowChanged:
		set("cutoff_n = $2, cutoff_unit = $3, horizon_days = $4", ev.Cutoff.N, string(ev.Cutoff.Unit), ev.HorizonDays)
	case booking.PatientLimitsChanged:
		set("max_upcoming = $2, max_per_day = $3", ev.Upcoming, ev.PerDay)
	case booking.CancellationPolicyPublished:
		b.Queue(insertPolicyVersion, g, ev.Version, ev.Text, ev.SHA256, env.RecordedAt)
		set("cancellation_version = $2, cancellation_text = $3", ev.Version, ev.Text)
	case booking.AppointmentTypeAdded:
		projectType(b, g, ev.Terms, ev.Clinicians)
	case booking.AppointmentTypeRevised:
		projectType(b, g, ev.Terms, ev.Clinicians)
	case booking.AppointmentTypeRetired:
		b.Queue("update appointment_type set retired = true where group_id = $1 and type_id = $2", g, ev.Type)
	}
}

const upsertType = `
insert into appointment_type (type_id, group_id, name, length_min, padding_min, start_every_min, clinicians)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (group_id, type_id) do update set name = $3, length_min = $4, padding_min = $5, start_every_min = $6, clinicians = $7`

func projectType(b *pgx.Batch, g id.Group, t booking.Terms, clinicians []id.Member) {
	b.Queue(upsertType, t.Type, g, t.Name, t.LengthMin, t.PaddingMin, t.StartEveryMin, projections.OrEmpty(clinicians))
}
