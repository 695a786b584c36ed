package calendar

import (
	"time"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/rows"
)

// policyRow is the booking policy of a practice.
type policyRow struct {
	Group               id.Group           `db:"group_id"`
	Online              bool               `db:"online"`
	SelfService         bool               `db:"self_service"`
	CutoffN             int                `db:"cutoff_n"`
	CutoffUnit          booking.CutoffUnit `db:"cutoff_unit"`
	HorizonDays         int                `db:"horizon_days"`
	CancellationVersion int                `db:"cancellation_version"`
	CancellationText    string             `db:"cancellation_text"`
	Revision            es.Revision        `db:"revision"`
	MaxUpcoming         int                `db:"max_upcoming"`
	MaxPerDay           int                `db:"max_per_day"`
}

func (r *policyRow) window(w booking.Window) {
	r.CutoffN, r.CutoffUnit, r.HorizonDays = w.Cutoff.N, w.Cutoff.Unit, w.HorizonDays
}

// versionRow is a text of a cancellation policy.
type versionRow struct {
	Group       id.Group  `db:"group_id"`
	Version     int       `db:"version"`
	Text        string    `db:"text"`
	SHA256      string    `db:"sha256"`
	PublishedAt time.Time `db:"published_at"`
}

// typeRow is a type of appointments.
type typeRow struct {
	Group         id.Group           `db:"group_id"`
	Type          id.AppointmentType `db:"type_id"`
	Name          string             `db:"name"`
	LengthMin     int                `db:"length_min"`
	PaddingMin    int                `db:"padding_min"`
	StartEveryMin int                `db:"start_every_min"`
	Clinicians    []id.Member        `db:"clinicians"`
	Retired       bool               `db:"retired"`
}

// typeKey names a type: its id is unique within its practice.
type typeKey struct {
	Group id.Group
	Type  id.AppointmentType
}

var (
	policies = rows.NewTable("policy", func(r *policyRow) id.Group { return r.Group }, "group_id")
	versions = rows.NewLog[versionRow]("policy_version")
	types    = rows.NewTable("appointment_type", func(r *typeRow) typeKey { return typeKey{r.Group, r.Type} }, "group_id", "type_id")
)

func projectPolicy(b *rows.Batch, g id.Group, env es.Envelope, event booking.PolicyEvent) {
	// The first event of a practice makes the row, with the settings that hold
	// until it chooses its own.
	initial, revision := booking.PolicyAggregate().New(), env.Revision
	row := policyRow{Group: g, MaxUpcoming: initial.Limits.Upcoming, MaxPerDay: initial.Limits.PerDay, Revision: revision}
	row.window(initial.Window)
	policies.Upsert(b, row, func(r *policyRow) { r.Revision = revision })
	set := func(change func(*policyRow)) { policies.Change(b, g, change) }
	switch ev := event.(type) {
	case booking.OnlineBookingTurnedOn:
		set(func(r *policyRow) { r.Online = true })
	case booking.OnlineBookingTurnedOff:
		set(func(r *policyRow) { r.Online = false })
	case booking.SelfServiceAllowed:
		set(func(r *policyRow) { r.SelfService = true })
	case booking.SelfServiceStopped:
		set(func(r *policyRow) { r.SelfService = false })
	case booking.BookingWindowChanged:
		set(func(r *policyRow) { r.window(booking.Window{Cutoff: ev.Cutoff, HorizonDays: ev.HorizonDays}) })
	case booking.PatientLimitsChanged:
		set(func(r *policyRow) { r.MaxUpcoming, r.MaxPerDay = ev.Upcoming, ev.PerDay })
	case booking.CancellationPolicyPublished:
		versions.Append(b, versionRow{Group: g, Version: ev.Version, Text: ev.Text, SHA256: ev.SHA256, PublishedAt: env.RecordedAt})
		set(func(r *policyRow) { r.CancellationVersion, r.CancellationText = ev.Version, ev.Text })
	case booking.AppointmentTypeAdded:
		projectType(b, g, ev.Terms, ev.Clinicians)
	case booking.AppointmentTypeRevised:
		projectType(b, g, ev.Terms, ev.Clinicians)
	case booking.AppointmentTypeRetired:
		types.Change(b, typeKey{g, ev.Type}, func(r *typeRow) { r.Retired = true })
	}
}

func projectType(b *rows.Batch, g id.Group, t booking.Terms, clinicians []id.Member) {
	row := typeRow{Group: g, Type: t.Type, Name: t.Name, LengthMin: t.LengthMin, PaddingMin: t.PaddingMin, StartEveryMin: t.StartEveryMin, Clinicians: clinicians}
	types.Upsert(b, row, func(r *typeRow) {
		retired := r.Retired
		*r = row
		r.Retired = retired
	})
}
