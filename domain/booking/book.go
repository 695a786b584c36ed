package booking

import (
	"cmp"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Facts are what a decision about an appointment must know from outside its
// calendar.
type Facts struct {
	// Policy is the practice's booking policy; its revision is recorded.
	Policy Policy
	// Zone is the calendar's zone with its rules (BKG-A4), so that a decision
	// reads no zone files.
	Zone *time.Location
	// ClinicianOnChart reports whether the clinician is on the chart's care team (BKG-A17).
	ClinicianOnChart bool
	// ChartArchived reports that the chart is read-only (AMB-17).
	ChartArchived bool
	// ChartMerged reports that it is so because it was merged into another one.
	ChartMerged bool
	// Elsewhere are the chart's live appointments with other clinicians of the
	// practice that are not over yet, as a read model knows them (BKG-A18).
	Elsewhere []Held
}

// Held is an appointment of a chart in some calendar of the practice.
type Held struct {
	Appointment id.Appointment
	Clinician   id.Member
	Chart       id.Chart
	// Start and End are what the patient sees, without padding.
	Span
	// Date is the local day on the calendar's wall.
	Date    civil.Date
	Channel Channel
}

// BookAppointment books a time. Patients can book what is offered to them;
// every rule is looked at again here with the server's clock (BKG-A19). The staff
// are bound by neither reserves nor cut-off nor horizon, and may book over
// something else if they say why (BKG-A11).
//
// Faults: "channel_unknown", "already_exists", "start_out_of_range",
// "booking_off", "type_not_offered", "chart_archived", "chart_merged", "chart_not_with_clinician",
// "policy_not_shown", "too_many_upcoming", "too_many_that_day", "too_soon",
// "too_far", "not_reserved", "off_grid", "taken", "patient_busy", "zone_unknown",
// "instant_not_whole_seconds", and those of package text for the reason.
type BookAppointment struct {
	Appointment id.Appointment     `json:"appointment"`
	Clinician   id.Member          `json:"clinician"`
	Chart       id.Chart           `json:"chart"`
	Type        id.AppointmentType `json:"type"`
	// Start is the instant at which the appointment begins.
	Start   time.Time `json:"start"`
	Channel Channel   `json:"channel"`
	// PolicyVersionShown is the version of the cancellation policy that the
	// patient saw; 0 while none was published, or where the staff showed none.
	PolicyVersionShown int `json:"policyVersionShown"`
	// OverlapReason is why the staff book over something else. Patients have none.
	OverlapReason string `json:"overlapReason,omitempty"`
}

// Decide books the appointment.
func (c BookAppointment) Decide(s CalendarState, f Facts, now time.Time) ([]CalendarEvent, error) {
	_, exists := s.Appointments[c.Appointment]
	kind, ok := f.Policy.Types[c.Type]
	if err := cmp.Or(
		fault.When(exists, errAlreadyExists),
		// A switch that is off comes before the types: while it is, patients learn nothing
		// about them (BKG-1).
		fault.When(c.Channel == ByPatient && !f.Policy.Online, errBookingOff),
		fault.When(!ok || !kind.OfferedBy(c.Clinician), errTypeNotOffered),
	); err != nil {
		return nil, err
	}
	p, err := s.place(placing{
		chart: c.Chart, terms: kind.Terms, start: c.Start, channel: c.Channel,
		shown: c.PolicyVersionShown, overlapReason: c.OverlapReason, facts: f,
	}, now)
	if err != nil {
		return nil, err
	}
	return []CalendarEvent{AppointmentBooked{
		Appointment: c.Appointment, Chart: c.Chart, Terms: kind.Terms, When: p.when,
		Channel: c.Channel, Reserves: p.reserves, PolicyVersionShown: c.PolicyVersionShown,
		PolicyRevision: f.Policy.Revision, OverlapReason: p.overlapReason,
	}}, nil
}

// placing is the wish to put an appointment somewhere: a new one, or an old one
// elsewhere.
type placing struct {
	// moving is the appointment that moves, zero for a new one.
	moving        id.Appointment
	chart         id.Chart
	terms         Terms
	start         time.Time
	channel       Channel
	shown         int
	overlapReason string
	facts         Facts
}

// placed is where an appointment was found to fit.
type placed struct {
	when          When
	reserves      []id.Reserve
	overlapReason string
}

// place looks at every rule for one start, for new appointments and moved ones alike.
func (s CalendarState) place(w placing, now time.Time) (placed, error) {
	zone := w.facts.Zone
	if err := cmp.Or(
		fault.When(zone == nil, errZoneMissing),
		fault.When(!nearEnough(w.start, now), errStartOutOfRange),
		fault.When(w.facts.ChartMerged && w.channel != ByPatient, errChartMerged),
		fault.When(w.facts.ChartArchived, errChartArchived),
		fault.When(!w.facts.Policy.published(w.shown), errPolicyNotShown),
	); err != nil {
		return placed{}, err
	}
	start, err := civil.Instant(w.start)
	if err != nil {
		return placed{}, err
	}
	occupied := w.terms.occupied(start)
	q := Query{
		Zone: zone, Now: now, Online: w.facts.Policy.Online, Window: w.facts.Policy.Window,
		Terms: w.terms, Reserves: s.reserves(), Busy: s.Busy(occupied, w.moving),
	}
	var obstacle Obstacle
	var reason string
	other, busy := elsewhere(w, start)
	switch w.channel {
	case ByPatient:
		if err := cmp.Or(
			fault.When(!w.facts.ClinicianOnChart, errNotWithClinician),
			fault.When(w.shown != w.facts.Policy.CancellationVersion, errPolicyNotShown),
			s.withinLimits(w, start, now),
		); err != nil {
			return placed{}, err
		}
		if obstacle, err = Check(q, start); err != nil {
			return placed{}, err
		}
		if obstacle == Free && busy {
			return placed{}, patientBusy(other, zone)
		}
	case ByStaff:
		why, err := reasonField.Read(w.overlapReason)
		switch {
		case err != nil:
			return placed{}, err
		case !start.Equal(start.Truncate(time.Minute)):
			obstacle = OffGrid
		case len(q.Busy) > 0 && why == "":
			obstacle = Taken
		case busy && why == "":
			return placed{}, patientBusy(other, zone)
		case len(q.Busy) > 0 || busy:
			// A reason without an overlap would be personal data kept for nothing.
			reason = why
		}
	default:
		return placed{}, errChannel
	}
	if obstacle != Free {
		return placed{}, s.refuse(q, obstacle, start, w)
	}
	reserves, err := q.within(occupied)
	if err != nil {
		return placed{}, err
	}
	return placed{when: whenAt(start, zone), reserves: reserves, overlapReason: reason}, nil
}

// refuse turns an obstacle into the refusal that names what would be possible.
func (s CalendarState) refuse(q Query, o Obstacle, start time.Time, w placing) error {
	switch o {
	case Free:
		return nil
	case SwitchedOff:
		return errBookingOff
	case TooSoon:
		earliest := q.Window.Earliest(q.Now, q.Zone)
		shown := earliest.Add(time.Minute - 1).In(q.Zone).Format("Mon 2006-01-02 15:04")
		return fault.New(fault.Rejected, string(TooSoon), "That is too soon: the earliest time that can be booked online is %s.", shown).
			With("earliest", earliest.Format(time.RFC3339Nano))
	case TooFar:
		last := q.Window.LastDay(q.Now, q.Zone).String()
		return fault.New(fault.Rejected, string(TooFar), "That is too far ahead: the last day that can be booked online is %s.", last).With("lastDay", last)
	case NotReserved:
		return fault.New(fault.Rejected, string(NotReserved), "No time is reserved for online booking that would hold the whole appointment. Choose one of the times that are offered.")
	case OffGrid:
		return fault.New(fault.Rejected, string(OffGrid), "Appointments do not start at that minute. Choose one of the times that are offered.")
	case Taken:
	}
	refusal := fault.New(fault.Conflict, string(Taken), "That time has just been taken. Choose another time.")
	nearest, err := s.nearest(q, start, w)
	if err != nil || nearest == "" {
		return refusal
	}
	return refusal.With("nearest", nearest)
}
