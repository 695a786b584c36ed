package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Stop is one thing to look at in the demo.
type Stop struct {
	Title string
	// Curl is the line to type; it uses the shell variables named in SignIns.
	Curl string
}

// Tour lists what to look at first: a roster, a billing history, open slots, a
// booking, the next invoice, what a change would cost and open, and why somebody may
// not do something. It asks the questions itself, so that every line it returns is
// known to have something to show at this moment.
func (c *Client) Tour(ctx context.Context, s Summary) ([]Stop, error) {
	base := "/v1/groups/" + s.Group
	carla := s.Members["carla"]
	portal := fmt.Sprintf("%s/portal/charts/%s/clinicians/%s", base, s.Chart, carla)
	roster := base + "/charts?limit=5"
	history := base + "/billing/history?clinician=" + carla + "&limit=5"
	slots := portal + "/slots?type=" + s.Type
	theirs := base + "/charts?limit=1&clinician=" + s.Members[denied.Subject]
	subscription := base + "/subscription"

	var seen struct {
		Charts  []struct{} `json:"charts"`
		Entries []struct{} `json:"entries"`
		Slots   []struct {
			Start time.Time `json:"start"`
		} `json:"slots"`
		Policy struct {
			Version int `json:"version"`
		} `json:"cancellationPolicy"`
	}
	err := errors.Join(
		c.get(ctx, owner.Subject, roster, s.Position, &seen),
		c.get(ctx, owner.Subject, history, s.Position, &seen),
		c.get(ctx, patient.Subject, slots, s.Position, &seen),
	)
	if err != nil {
		return nil, err
	}
	why := base + "/access/explain?capability=" + deniedCapability + "&member=" + s.Members[denied.Subject]
	var of struct {
		Charts []struct {
			ID string `json:"id"`
		} `json:"charts"`
	}
	if err := c.get(ctx, owner.Subject, theirs, s.Position, &of); err != nil {
		return nil, err
	}
	for _, chart := range of.Charts {
		why += "&chart=" + chart.ID
	}
	who := base + "/permissions?capability=" + deniedCapability
	if err := errors.Join(
		c.get(ctx, owner.Subject, subscription, "", &seen),
		c.get(ctx, owner.Subject, who, s.Position, &seen),
		c.get(ctx, owner.Subject, why, "", &seen),
	); err != nil {
		return nil, err
	}
	if len(seen.Charts) == 0 || len(seen.Entries) == 0 || len(seen.Slots) == 0 {
		return nil, errors.New("demo: the practice is loaded, but its read models show nothing")
	}
	start := seen.Slots[0].Start.Format(time.RFC3339)
	booking := fmt.Sprintf(`{"type":%q,"start":%q,"policyVersionShown":%d}`, s.Type, start, seen.Policy.Version)
	return []Stop{
		{"The roster, as the owner", c.curl(owner, http.MethodGet, roster, "", "")},
		{"Carla's billing history, every entry with its clinician", c.curl(owner, http.MethodGet, history, "", "")},
		{"Open slots with Carla, as her patient Pat", c.curl(patient, http.MethodGet, slots, "", "")},
		{"Pat books the first of them (send it twice, it happens once)", c.curl(patient, http.MethodPost, portal+"/appointments", "book "+start, booking)},
		{"What Pat has booked", c.curl(patient, http.MethodGet, base+"/portal/charts/"+s.Chart+"/appointments", "", "")},
		{"A refusal that says why (nobody has granted Bea the roster)", c.curl(newcomer(), http.MethodGet, roster, "", "")},
		{"The next invoice of the practice, each line with the sentence that explains it", c.curl(owner, http.MethodGet, subscription, "", "")},
		{"What two more licences would cost, today and from the next period on (rehearsed: nothing is bought)", c.rehearse(owner, http.MethodPost, base+"/licences", `{"plan":"therapist_premium","quantity":2,"quotedTotal":{"minor":0,"currency":"USD"}}`)},
		{"Who would see which charts if all clinicians shared theirs (rehearsed)", c.rehearse(owner, http.MethodPut, base+"/chart-sharing", `{"sharing":"group"}`)},
		{"Who may export which rosters, and by which rule", c.curl(owner, http.MethodGet, who, "", "")},
		{"Why Farid may not export the roster that other clinicians may", c.curl(owner, http.MethodGet, why, "", "")},
	}, nil
}

// SignIns are the subjects whose tokens the tour uses.
func SignIns() []string { return []string{owner.Subject, patient.Subject, newcomer().Subject} }

// newcomer is the member who was granted nothing.
func newcomer() Person {
	all := staff()
	return all[len(all)-1]
}

// rehearse is the line for a shell that sends a command as a dry run.
func (c *Client) rehearse(who Person, method, path, body string) string {
	return strings.Replace(c.curl(who, method, path, "", body), "curl -s", "curl -s -H 'Praxis-Dry-Run: true'", 1)
}

// curl is the line for a shell that asks what the tour asks.
func (c *Client) curl(who Person, method, path, key, body string) string {
	line := "curl -s"
	if method != http.MethodGet {
		line += " -X " + method
	}
	line += ` -H "Authorization: Bearer $` + who.Subject + `"`
	if key != "" {
		line += fmt.Sprintf(" -H 'Idempotency-Key: %s'", key)
	}
	if body != "" {
		line += " -H 'Content-Type: application/json' -d '" + body + "'"
	}
	return line + fmt.Sprintf(" '%s%s'", c.Base, path)
}
