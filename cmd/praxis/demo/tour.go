package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Stop is one thing to look at in the demo.
type Stop struct {
	Title string
	// Curl is the line to type; it uses the shell variables olivia and pat.
	Curl string
	// Check asks the same question and fails unless there is something to see.
	Check func(context.Context) error
}

// Tour lists what to look at first: a roster, a billing history, open slots and
// a booking.
func (c *Client) Tour(s Summary) []Stop {
	base := "/v1/groups/" + s.Group
	carla := s.Members["carla"]
	roster := base + "/charts?limit=5"
	history := base + "/billing/history?clinician=" + carla + "&limit=5"
	slots := fmt.Sprintf("%s/portal/charts/%s/clinicians/%s/slots?type=%s", base, s.Chart, carla, s.Type)
	booking := fmt.Sprintf("%s/portal/charts/%s/clinicians/%s/appointments", base, s.Chart, carla)
	curl := func(who, path string) string {
		return fmt.Sprintf(`curl -s -H "Authorization: Bearer $%s" "%s%s"`, who, c.Base, path)
	}
	return []Stop{
		{"A roster, as the owner", curl(owner.Subject, roster), c.shows(owner.Subject, roster, s.Position, "charts")},
		{"Carla's billing history, every entry with its clinician", curl(owner.Subject, history), c.shows(owner.Subject, history, s.Position, "entries")},
		{"Open slots with Carla, as the patient Pat", curl(patient.Subject, slots), c.shows(patient.Subject, slots, s.Position, "starts")},
		{
			"A booking, as Pat: put one of the starts above in place of START",
			fmt.Sprintf(`curl -s -X POST -H "Authorization: Bearer $%s" -H "Idempotency-Key: my-first-booking" -H "Content-Type: application/json" -d '{"type":"%s","start":"START","policyVersionShown":1}' "%s%s"`,
				patient.Subject, s.Type, c.Base, booking),
			func(context.Context) error { return nil },
		},
	}
}

// shows makes the check that an answer holds at least one of a list.
func (c *Client) shows(as, path, position, list string) func(context.Context) error {
	return func(ctx context.Context) error {
		var answer map[string]json.RawMessage
		if err := c.get(ctx, as, path, position, &answer); err != nil {
			return err
		}
		var rows []json.RawMessage
		if err := json.Unmarshal(answer[list], &rows); err != nil || len(rows) == 0 {
			return errors.Join(fmt.Errorf("demo: %s shows nothing", path), err)
		}
		return nil
	}
}
