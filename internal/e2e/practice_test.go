package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// practice is a small practice on a running server: an owner and two clinicians
// who may do everything with their own charts.
type practice struct {
	group string
	// people are by their subject at the development issuer; olivia is the owner.
	people map[string]*person
	// members are their ids in the practice.
	members map[string]string
	// kind is an appointment type.
	kind string
}

// clinicians are the subjects of those who treat patients.
var clinicians = []string{"carla", "david"}

// found makes the practice.
func (i *installation) found(t *testing.T) *practice {
	t.Helper()
	p := &practice{people: map[string]*person{}, members: map[string]string{}}
	owner := i.signIn(t, "olivia")
	p.people["olivia"] = owner
	p.group = owner.command(t, http.MethodPost, "/v1/groups", "group", object{
		"name": "Harbor", "billingZone": "America/New_York", "currency": "USD",
	}).ID
	p.members["olivia"] = owner.me(t).Member
	for _, subject := range clinicians {
		invitation := owner.command(t, http.MethodPost, p.path("/invitations"), "invite "+subject, object{
			"email": subject + "@harbor.example", "role": "user", "clinician": true, "branches": []string{p.branch(t)},
		}).ID
		p.people[subject] = i.signIn(t, subject)
		p.people[subject].command(t, http.MethodPost, p.path("/invitations/%s/accept", invitation), "accept", nil)
		p.members[subject] = p.people[subject].me(t).Member
	}
	for _, grant := range [][3]string{
		{"members/" + p.members["olivia"], "chart.create", "group"},
		{"roles/user", "patient_billing.manage", "own"},
	} {
		path := p.path("/%s/permissions/%s", grant[0], grant[1])
		owner.command(t, http.MethodPut, path, "grant "+grant[1], object{"effect": "allow", "scope": grant[2]})
	}
	p.kind = owner.command(t, http.MethodPost, p.path("/appointment-types"), "type", object{"name": "Visit", "lengthMin": 30, "paddingMin": 15}).ID
	return p
}

// path is a path below the practice.
func (p *practice) path(format string, args ...any) string {
	return "/v1/groups/" + p.group + fmt.Sprintf(format, args...)
}

// branch is the practice's one branch.
func (p *practice) branch(t *testing.T) string {
	t.Helper()
	var g struct {
		Branches []struct {
			ID string `json:"id"`
		} `json:"branches"`
	}
	p.people["olivia"].get(t, p.path(""), "", &g)
	require.Len(t, g.Branches, 1)
	return g.Branches[0].ID
}

// newChart is the body of a command that opens a chart.
func (p *practice) newChart(family, clinician string) object {
	return object{
		"patient": object{"givenName": "Ada", "familyName": family}, "primary": p.members[clinician],
	}
}
