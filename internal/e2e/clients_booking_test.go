package e2e_test

import (
	"context"
	"net/http"
	"time"
)

// reserve offers an hour of a day that is this client's alone.
func (c *client) reserve(ctx context.Context) error {
	day := c.today.AddDate(0, 0, c.count)
	clinician := c.anyClinician()
	_, err := c.send(ctx, c.practice.people[clinician], "reserve time", http.MethodPost,
		c.practice.path("/clinicians/%s/reserves", c.practice.members[clinician]), object{
			"firstDate": day.Format(time.DateOnly), "start": time.Time{}.Add(time.Duration(c.number) * time.Hour).Format("15:04"),
			"end": time.Time{}.Add(time.Duration(c.number+1) * time.Hour).Format("15:04"), "repeat": object{"frequency": "once"},
		})
	return err
}

// bookDistinct books an hour that no other client asks for.
func (c *client) bookDistinct(ctx context.Context) error {
	c.bookings[0]++
	hour := c.bookings[0]*numberOfClients + c.number
	return c.book(ctx, "book distinct", c.anyClinician(), c.today.AddDate(0, 0, 7).Add(time.Duration(hour)*time.Hour))
}

// bookContended books an hour that every client asks for, of which one gets it.
func (c *client) bookContended(ctx context.Context) error {
	c.bookings[1]++
	return c.book(ctx, "book contended", clinicians[0], c.today.AddDate(0, 0, 200).Add(time.Duration(c.bookings[1])*time.Hour))
}

func (c *client) book(ctx context.Context, what, clinician string, start time.Time) error {
	chart := c.anyChart()
	p, err := c.send(ctx, c.owner(), what, http.MethodPost,
		c.practice.path("/clinicians/%s/appointments", c.practice.members[clinician]), object{
			"chart": chart, "type": c.practice.kind, "start": start.Format(time.RFC3339),
		})
	if err == nil && p.refusal == "" {
		c.booked = append(c.booked, booked{clinician, chart, p.receipt.ID})
	}
	return err
}

func (c *client) cancel(ctx context.Context) error {
	if len(c.booked) == 0 {
		return nil
	}
	b := c.booked[0]
	c.booked = c.booked[1:]
	_, err := c.send(ctx, c.owner(), "cancel appointment", http.MethodPost,
		c.practice.path("/clinicians/%s/appointments/%s/cancel", c.practice.members[b.clinician], b.id), object{"chart": b.chart})
	return err
}
