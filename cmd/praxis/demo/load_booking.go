package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// loadBooking sets the practice's policy and reserves time with every clinician whose plan
// includes online booking.
func (l *Loader) loadBooking(ctx context.Context) error {
	policy := []struct {
		key, path string
		body      object
	}{
		{"online", "/booking-policy/online", object{"on": true}},
		{"self-service", "/booking-policy/self-service", object{"on": true}},
		{"window", "/booking-policy/window", object{"cutoff": object{"n": 1, "unit": "day"}, "horizonDays": 60}},
		{"policy-text", "/booking-policy/cancellation-policy", object{"text": "Please give us 48 hours of notice, so that someone else can have the time."}},
	}
	for _, p := range policy {
		if _, err := l.command(ctx, owner.Subject, http.MethodPut, l.path("%s", p.path), p.key, p.body); err != nil {
			return err
		}
	}
	for _, t := range l.plan.types {
		id, err := l.command(ctx, owner.Subject, http.MethodPost, l.path("/appointment-types"), "type/"+t.name, object{
			"name": t.name, "lengthMin": t.length, "paddingMin": t.padding,
		})
		if err != nil {
			return err
		}
		l.types = append(l.types, id)
	}
	subjects := bookedOnline()
	return each(ctx, len(subjects), func(ctx context.Context, i int) error {
		return l.loadReserves(ctx, subjects[i])
	})
}

// loadReserves offers mornings and afternoons of the working week.
func (l *Loader) loadReserves(ctx context.Context, clinician string) error {
	hours := []object{{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}}
	for i, h := range hours {
		h["firstDate"] = l.Today.Format(day)
		h["repeat"] = object{"frequency": "weekly", "every": 1, "days": []string{"mon", "tue", "wed", "thu", "fri"}}
		path := l.path("/clinicians/%s/reserves", l.members[clinician])
		if _, err := l.command(ctx, clinician, http.MethodPost, path, fmt.Sprintf("reserve/%s/%d", clinician, i), h); err != nil {
			return err
		}
	}
	return nil
}

// bookAhead books a chart's coming appointment as the clinician would: on a
// working day, at an hour that no other chart of the demo takes.
func (l *Loader) bookAhead(ctx context.Context, i int, chart string, at time.Time) error {
	c := l.plan.charts[i]
	path := l.path("/clinicians/%s/appointments", l.members[c.clinician])
	_, err := l.command(ctx, c.clinician, http.MethodPost, path, fmt.Sprintf("appointment/%d", i), object{
		"chart": chart, "type": l.types[i%len(l.types)], "start": at.UTC().Format(time.RFC3339),
	})
	return err
}
