package household

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/id"
)

// Group is what a household must know of its practice.
type Group struct {
	// Members are the present and former ones, in the order of joining.
	Members careteam.Members
	// Zone is the practice's, in which its days are; nil is UTC.
	Zone *time.Location
	// By is the member who acts; zero for others than members.
	By id.Member
}

// BusinessDays is how many business days a patient has to confirm a transfer to another
// practice (H-7).
const BusinessDays = 5

// Deadline is the first instant after the fifth business day that follows the day of now,
// UTC. Business days are Monday to Friday in the zone; holidays are not known.
func Deadline(now time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	day := civil.In(now, zone)
	for left := BusinessDays; left > 0; {
		if day = day.Add(1); day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			left--
		}
	}
	return civil.At(day.Add(1), civil.MustClock("00:00"), zone).UTC()
}
