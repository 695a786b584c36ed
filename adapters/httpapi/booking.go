package httpapi

import (
	"maps"

	"praxis/commands"
	"praxis/domain/booking"
	"praxis/domain/id"
)

// bookingHandlers collects the three views of booking: the practice's policy,
// the staff's calendars, and the patients' portal.
func (a *api) bookingHandlers() map[string]handler {
	all := a.bookingPolicyHandlers()
	maps.Copy(all, a.calendarHandlers())
	maps.Copy(all, a.portalHandlers())
	return all
}

// pathCalendar reads the calendar from the path.
func pathCalendar(x *exchange) (booking.CalendarID, error) {
	g, err := pathID[id.Group](x, "group")
	if err != nil {
		return booking.CalendarID{}, err
	}
	clinician, err := pathID[id.Member](x, "clinician")
	return booking.CalendarID{Group: g, Clinician: clinician}, err
}

// calendarThing names a new thing of a calendar. The calendar is part of the
// name, so that no two calendars hold one id.
func calendarThing[I ~[16]byte](call commands.Call, c booking.CalendarID, role string) I {
	return id.From[I](call.Command, role+"/"+c.Group.String()+"/"+c.Clinician.String())
}

// policyText is the cancellation policy as it must be shown (BKG-4).
type policyText struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
}
