package booking

import (
	"time"

	"praxis/domain/id"
)

// Terms are what an appointment of a type takes. An appointment keeps the terms
// under which it was booked, even if the type changes or is retired (BKG-A12).
type Terms struct {
	Type id.AppointmentType `json:"type"`
	// Name is what patients see.
	Name string `json:"name"`
	// LengthMin is the length that patients see, in minutes.
	LengthMin int `json:"lengthMin"`
	// PaddingMin is the clinician's own time after it, in minutes; patients never
	// see it (BKG-8).
	PaddingMin int `json:"paddingMin"`
	// StartEveryMin is the distance of the starts that are offered, in minutes;
	// zero means the total of length and padding (BKG-A7).
	StartEveryMin int `json:"startEveryMin,omitempty"`
}

// Total is the time that an appointment occupies: length and padding (BKG-9).
func (t Terms) Total() time.Duration {
	return time.Duration(t.LengthMin+t.PaddingMin) * time.Minute
}

// Length is the time that the patient sees.
func (t Terms) Length() time.Duration { return time.Duration(t.LengthMin) * time.Minute }

// Step is the distance of one offered start from the next.
func (t Terms) Step() time.Duration {
	if t.StartEveryMin > 0 {
		return time.Duration(t.StartEveryMin) * time.Minute
	}
	return t.Total()
}

// occupied is the span that an appointment starting at the given instant takes,
// its padding after it (BKG-A5).
func (t Terms) occupied(start time.Time) Span { return Span{start, start.Add(t.Total())} }
