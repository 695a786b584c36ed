package demo

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// loadBooking sets the practice's policy and reserves time with every clinician whose plan
// includes online booking.
func (s *script) loadBooking() {
	for _, p := range []struct {
		key, name string
		body      object
	}{
		{"online", "online", object{"on": true}},
		{"self-service", "self-service", object{"on": true}},
		{"window", "window", object{"cutoff": object{"n": 1, "unit": "day"}, "horizonDays": 60}},
		{"policy-text", "cancellation-policy", object{"text": "Please give us 48 hours of notice, so that someone else can have the time."}},
	} {
		s.send(owner.Subject, http.MethodPut, s.practice+"/booking-policy/"+p.name, p.key, p.body)
	}
	for _, t := range s.plan.types {
		s.types = append(s.types, s.send(owner.Subject, http.MethodPost, s.practice+"/appointment-types", "type/"+t.name, object{
			"name": t.name, "lengthMin": t.length, "paddingMin": t.padding,
		}))
	}
	booked := slices.DeleteFunc(staff(), func(p Person) bool { return !p.isBookedOnline() })
	s.each(len(booked), func(s *script, i int) { s.loadReserves(booked[i].Subject) })
}

// loadReserves offers mornings and afternoons of the working week.
func (s *script) loadReserves(clinician string) {
	for i, h := range []object{{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}} {
		h["firstDate"] = s.Today.Format(day)
		h["repeat"] = object{"frequency": "weekly", "every": 1, "days": []string{"mon", "tue", "wed", "thu", "fri"}}
		s.send(clinician, http.MethodPost, s.practice+"/clinicians/"+s.members[clinician]+"/reserves", fmt.Sprintf("reserve/%s/%d", clinician, i), h)
	}
}

// bookAhead books a chart's coming appointment as the clinician would: on a
// working day, at an hour that no other chart of the demo takes.
func (s *script) bookAhead(i int, chart string, at time.Time) {
	clinician := s.plan.charts[i].clinician
	s.send(clinician, http.MethodPost, s.practice+"/clinicians/"+s.members[clinician]+"/appointments", fmt.Sprintf("appointment/%d", i), object{
		"chart": chart, "type": s.types[i%len(s.types)], "start": at.UTC().Format(time.RFC3339),
	})
}
