package chart

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

var archiveReason = text.Line("reason", 500)

var (
	errAlreadyArchived = fault.New(fault.Rejected, "already_archived", "This chart is already archived.")
	errNotArchived     = fault.New(fault.Rejected, "not_archived", "This chart is not archived.")
	errReasonRequired  = fault.New(fault.Invalid, "reason_required", "A reason is required to archive a chart.")
)

// Archive makes a chart read-only and takes it off the default rosters (C-4).
type Archive struct {
	Reason string `json:"reason"`
	// Force archives the chart although appointments lie ahead; they stand.
	Force bool `json:"force,omitempty"`
}

// Ahead is an appointment of the chart that is not cancelled and not over.
type Ahead struct {
	Appointment id.Appointment
	// Start is when it begins, UTC.
	Start time.Time
}

// Decide archives. Faults: "chart_not_found", "chart_merged", "already_archived",
// "reason_required", "future_appointments", and those of package text.
func (c Archive) Decide(s State, ahead []Ahead, _ time.Time) ([]Event, error) {
	reason, err := archiveReason.Read(c.Reason)
	err = cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(!s.Merged().IsZero(), ErrMerged),
		fault.When(s.Archived, errAlreadyArchived),
		err,
		fault.When(reason == "", errReasonRequired),
		fault.When(len(ahead) > 0 && !c.Force, futureAppointments(ahead)),
	)
	return es.Decided[Event](err, false, Archived{Reason: reason, StatusAtArchive: s.Status, Forced: c.Force})
}

// mostAhead is how many appointments a refusal names.
const mostAhead = 100

// futureAppointments names the appointments that lie ahead, by their start: ids and
// instants in the same order.
func futureAppointments(ahead []Ahead) error {
	var ids, starts []string
	for _, a := range ahead[:min(mostAhead, len(ahead))] {
		ids, starts = append(ids, a.Appointment.String()), append(starts, a.Start.UTC().Format(time.RFC3339))
	}
	return fault.New(fault.Rejected, "future_appointments",
		"Appointments of this chart lie ahead: %d. Cancel them first, or archive with force and a reason; they stand then.", len(ahead)).
		With("total", fmt.Sprint(len(ahead))).With("appointments", strings.Join(ids, ",")).With("starts", strings.Join(starts, ","))
}

// Unarchive brings a chart back with the status it had (AMB-17).
type Unarchive struct{}

// Decide unarchives. Faults: "chart_not_found", "chart_merged", "not_archived".
func (Unarchive) Decide(s State, _ time.Time) ([]Event, error) {
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(!s.Merged().IsZero(), ErrMerged), fault.When(!s.Archived, errNotArchived))
	return es.Decided[Event](err, false, Unarchived{Status: s.Status})
}

// ReconsiderArchive brings a chart back of which an appointment was booked in the same
// instant in which it was archived: neither command could know of the other. An
// archiving that was forced stands, and so does one of a chart without appointments.
type ReconsiderArchive struct{}

// Decide unarchives where an appointment lies ahead that nobody has decided about.
func (ReconsiderArchive) Decide(s State, ahead []Ahead, _ time.Time) ([]Event, error) {
	if !s.Archived || s.ArchiveForced || !s.Merged().IsZero() || len(ahead) == 0 {
		return nil, nil
	}
	back := Unarchived{Status: s.Status}
	for _, a := range ahead[:min(mostAhead, len(ahead))] {
		back.BookedMeanwhile = append(back.BookedMeanwhile, a.Appointment)
	}
	return []Event{back}, nil
}
