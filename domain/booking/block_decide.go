package booking

import (
	"cmp"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// BlockTime keeps a span from being booked. Appointments inside stand; the event
// names them. Faults: "already_exists", "instant_not_whole_seconds",
// "empty_interval", "start_out_of_range".
type BlockTime struct {
	Block id.Block `json:"block"`
	Span
}

// Decide blocks the span.
func (c BlockTime) Decide(s CalendarState, now time.Time) ([]CalendarEvent, error) {
	_, exists := s.Blocks[c.Block]
	start, errStart := civil.Instant(c.Start)
	end, errEnd := civil.Instant(c.End)
	span := Span{start, end}
	if err := cmp.Or(
		fault.When(exists, errAlreadyExists),
		errStart, errEnd,
		fault.When(span.IsEmpty(), errEmptyInterval),
		fault.When(!nearEnough(start, now) || !nearEnough(end, now), errStartOutOfRange),
	); err != nil {
		return nil, err
	}
	var inside []id.Appointment
	for a := range s.around(span.Start, span.End) {
		if a.Occupied().Overlaps(span) {
			inside = append(inside, a.ID)
		}
	}
	return []CalendarEvent{TimeBlocked{Block: c.Block, Span: span, Inside: sorted(inside)}}, nil
}

// UnblockTime takes a block away. Fault: "block_unknown".
type UnblockTime struct {
	Block id.Block `json:"block"`
}

// Decide unblocks the time.
func (c UnblockTime) Decide(s CalendarState, _ time.Time) ([]CalendarEvent, error) {
	span, exists := s.Blocks[c.Block]
	return es.Decided[CalendarEvent](fault.When(!exists, errBlockUnknown), false, TimeUnblocked{Block: c.Block, Span: span})
}

// nearEnough reports whether an instant lies within ten years of now; beyond
// that it is a slip of the pen.
func nearEnough(at, now time.Time) bool {
	return at.After(now.AddDate(-10, 0, 0)) && at.Before(now.AddDate(10, 0, 0))
}
