package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// CalendarQuestion is what a query asks about one clinician's calendar.
type CalendarQuestion struct {
	// Action names the query, such as "slots.list", in the record of a refusal.
	Action string
	// Capability is the permission that the query needs.
	Capability access.Capability
	Calendar   booking.CalendarID
	// Chart, if set, is the chart on whose behalf a patient asks. The clinician
	// must treat it (BKG-A17).
	Chart id.Chart
	// Former admits to the calendar of a member who is no clinician any more.
	Former bool
}

// errNotWithClinician answers queries as the booking itself would.
var errNotWithClinician = fault.New(fault.Rejected, "chart_not_with_clinician", "Appointments can be booked online with clinicians who treat the patient. Call the practice to see another one.")

// errChartArchived answers what would be new for an archived chart (AMB-17).
var errChartArchived = fault.New(fault.Rejected, "chart_archived", "This chart is archived and read-only. Unarchive it first, or call the practice.")

// AdmitToCalendar decides whether the caller may see what a calendar offers, and
// returns the calendar's zone (BKG-A4). A refusal is recorded. Faults:
// "permission_denied", "group_not_found", "not_a_clinician",
// "chart_archived", "chart_not_with_clinician", "zone_unknown".
func (e *Engine) AdmitToCalendar(ctx context.Context, call Call, q CalendarQuestion) (*time.Location, error) {
	var name civil.Zone
	var practises error
	question := Question{
		Action: q.Action, Capability: q.Capability, Target: q.Calendar.Stream(), Chart: q.Chart,
		Look: func(g group.State) {
			name, practises = g.CalendarZone(q.Calendar.Clinician), requireClinician(g, q.Calendar.Clinician)
			if _, known := g.Member(q.Calendar.Clinician); known && q.Former {
				practises = nil
			}
		},
	}
	resource := access.Resource{Group: q.Calendar.Group, Clinician: q.Calendar.Clinician, Chart: q.Chart}
	if !q.Chart.IsZero() {
		var err error
		if resource.OfChart, err = e.chartAsItIs(ctx, q.Calendar.Group, q.Chart); err != nil {
			return nil, err
		}
	}
	if _, err := e.AdmitTo(ctx, call, question, resource); err != nil {
		return nil, err
	}
	if !q.Chart.IsZero() {
		treats, archived, err := e.chartFor(ctx, q.Calendar, q.Chart)
		switch {
		case err != nil:
			return nil, err
		case !treats: // also of who is none: patients do not learn who else is one
			return nil, errNotWithClinician
		case archived:
			return nil, errChartArchived
		}
	}
	if practises != nil {
		return nil, practises
	}
	return name.Load()
}

// chartFor reports whether the calendar's clinician is on the chart's care team, and
// whether the chart is archived, read to its tail.
func (e *Engine) chartFor(ctx context.Context, cal booking.CalendarID, c id.Chart) (treats, archived bool, err error) {
	err = e.charts.view(ctx, chart.Stream(cal.Group, c), func(s chart.State, _ es.Revision) {
		treats, archived = s.Treats(cal.Clinician, e.Clock()), s.Archived
	})
	return treats, archived, err
}
