package group

import (
	"cmp"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// ClinicianZoneSet says in which zone a clinician's calendar is from now on; empty
// for that of their branch or of the practice (BKG-A4). What was reserved and
// booked before keeps the zone that it was made with.
type ClinicianZoneSet struct {
	Clinician id.Member  `json:"clinician"`
	Zone      civil.Zone `json:"zone"`
}

// BranchZoneSet says in which zone the calendars of those are who work in a branch;
// empty for that of the practice (BKG-A4).
type BranchZoneSet struct {
	Branch id.Branch  `json:"branch"`
	Zone   civil.Zone `json:"zone"`
}

func (ClinicianZoneSet) isEvent() {}
func (BranchZoneSet) isEvent()    {}

// ZoneSource is whose zone a calendar has.
type ZoneSource string

// The sources, the nearest first.
const (
	OwnZone    ZoneSource = "clinician"
	BranchZone ZoneSource = "branch"
	GroupZone  ZoneSource = "practice"
)

// CalendarZone returns the zone of a clinician's calendar (BKG-A4).
func (s State) CalendarZone(m id.Member) civil.Zone {
	zone, _ := s.CalendarZoneOf(m)
	return zone
}

// CalendarZoneOf returns the zone of a clinician's calendar and whose it is: their
// own, else the one that those of their open branches agree on that have one, else
// the practice's (BKG-A4).
func (s State) CalendarZoneOf(m id.Member) (civil.Zone, ZoneSource) {
	member, _ := s.Member(m)
	if member.CalendarZone != "" {
		return member.CalendarZone, OwnZone
	}
	zones := map[civil.Zone]bool{}
	for _, b := range member.Branches {
		if branch, _ := s.Branch(b); !branch.Closed && branch.Zone != "" {
			zones[branch.Zone] = true
		}
	}
	if len(zones) == 1 {
		for zone := range zones {
			return zone, BranchZone
		}
	}
	return s.zone, GroupZone
}

// checkZone refuses a zone that is unknown; the empty one means that of somebody else.
func checkZone(z civil.Zone) error {
	if z == "" {
		return nil
	}
	_, err := z.Load()
	return err
}

// SetClinicianZone says in which zone a clinician's calendar is. An empty zone
// means that of their branch or of the practice. Rejections: "not_a_clinician",
// "zone_unknown".
type SetClinicianZone struct {
	Clinician id.Member  `json:"clinician"`
	Zone      civil.Zone `json:"zone"`
}

// Decide sets the zone, unless it is the present one.
func (c SetClinicianZone) Decide(s State, _ time.Time) ([]Event, error) {
	m, _ := s.Member(c.Clinician)
	err := cmp.Or(fault.When(!s.IsActiveClinician(c.Clinician), errNotClinician), checkZone(c.Zone))
	return es.Decided[Event](err, m.CalendarZone == c.Zone, ClinicianZoneSet(c))
}

// SetBranchZone says in which zone the calendars of those are who work in a branch.
// An empty zone means that of the practice. Rejections: "branch_not_found",
// "branch_closed", "zone_unknown".
type SetBranchZone struct {
	Branch id.Branch  `json:"branch"`
	Zone   civil.Zone `json:"zone"`
}

// Decide sets the zone, unless it is the present one.
func (c SetBranchZone) Decide(s State, _ time.Time) ([]Event, error) {
	branch, err := s.openBranch(c.Branch)
	return es.Decided[Event](cmp.Or(err, checkZone(c.Zone)), branch.Zone == c.Zone, BranchZoneSet(c))
}
