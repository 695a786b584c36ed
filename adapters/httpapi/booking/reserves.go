package booking

import (
	"maps"
	"slices"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// reserveView is a series of reserved time with everything that was changed of it.
type reserveView struct {
	ID        id.Reserve           `json:"id"`
	FirstDate civil.Date           `json:"firstDate"`
	Start     civil.Clock          `json:"start"`
	End       civil.Clock          `json:"end"`
	Zone      civil.Zone           `json:"zone"`
	Repeat    booking.Repeat       `json:"repeat"`
	Types     []id.AppointmentType `json:"types"`
	// LastDate is its last day after it was ended.
	LastDate civil.Date   `json:"lastDate,omitzero"`
	Skipped  []civil.Date `json:"skipped"`
	Moved    []movedDate  `json:"moved"`
}

type movedDate struct {
	Date  civil.Date  `json:"date"`
	Start civil.Clock `json:"start"`
	End   civil.Clock `json:"end"`
}

func reserveOf(r booking.Reserve) reserveView {
	v := reserveView{
		ID: r.ID, FirstDate: r.FirstDate, Start: r.Start, End: r.End, Zone: r.Zone, Repeat: r.Repeat,
		Types: httpapi.List(r.Types), LastDate: r.Ended, Skipped: []civil.Date{}, Moved: []movedDate{},
	}
	for _, day := range slices.SortedFunc(maps.Keys(r.Exceptions), civil.Date.Compare) {
		if h := r.Exceptions[day]; h.Start == h.End {
			v.Skipped = append(v.Skipped, day)
		} else {
			v.Moved = append(v.Moved, movedDate{Date: day, Start: h.Start, End: h.End})
		}
	}
	return v
}

func listReserves(x *httpapi.Exchange) error {
	c := httpapi.PathCalendar(x)
	if _, err := admittedToOwnCalendar(x, "reserve.list", access.CalendarReserve, c); err != nil {
		return err
	}
	reserves, err := calendar.Reserves(x.Ctx(), x.API.Pool, c)
	return x.Answer(map[string]any{"reserves": httpapi.Views(reserves, reserveOf)}, err)
}

// listBlocks answers the blocks that are not over, or those of the past too.
func listBlocks(x *httpapi.Exchange) error {
	c := httpapi.PathCalendar(x)
	from, _ := httpapi.QueryDays(x)
	zone, err := admittedToOwnCalendar(x, "block.list", access.CalendarReserve, c)
	if err != nil {
		return err
	}
	after := x.API.Clock()
	if !from.IsZero() {
		after = civil.At(from, 0, zone)
	}
	blocks, err := calendar.Blocks(x.Ctx(), x.API.Pool, c, after)
	return x.Answer(map[string]any{"blocks": httpapi.List(blocks)}, err)
}

// zoneView says in which zone a calendar is, and whose zone that is (BKG-A4).
type zoneView struct {
	Zone  civil.Zone       `json:"zone"`
	SetBy group.ZoneSource `json:"setBy"`
}

func getClinicianZone(x *httpapi.Exchange) error {
	c := httpapi.PathCalendar(x)
	var view zoneView
	known := false
	admission, err := x.Admit(commands.Question{
		Action: "calendar.get_zone", Capability: access.CalendarReserve, Target: c.Stream(),
		Look: func(g group.State) {
			_, known = g.Member(c.Clinician)
			view.Zone, view.SetBy = g.CalendarZoneOf(c.Clinician)
		},
	}, access.Resource{Group: c.Group, Clinician: c.Clinician})
	if err != nil {
		return err
	}
	if !known {
		return errNoSuchClinician
	}
	return x.ReplyAt(admission.Revision, view)
}

var errNoSuchClinician = fault.New(fault.NotFound, "member_not_found", "There is no such member of this practice.")
