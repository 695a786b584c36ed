package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// An account may belong to one practice after another (G-7), and its keys go with it.
func TestOneKeyInTwoPracticesMakesTwoThings(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", true)
	for _, capability := range []string{"chart.create", "branch.manage", "member.invite"} {
		p.allow("sam", capability, "group")
	}
	things := func(at *practice) map[string]string {
		ids := map[string]string{}
		for below, body := range map[string]object{
			"/charts":            {"patient": object{"familyName": "Abbott"}, "primary": at.members["sam"]},
			"/branches":          {"name": "Riverside"},
			"/invitations":       {"email": "zoe@example.org", "role": "user", "clinician": true},
			"/appointment-types": {"name": "Intake", "lengthMin": 60},
		} {
			ids[below] = at.post("sam", at.path(below), body, key("import"+below)).done().ID
			require.Equal(t, ids[below], at.post("sam", at.path(below), body, key("import"+below)).receipt().ID, "a repetition names the same")
		}
		return ids
	}
	before := things(p)
	p.post(p.owner, p.path("/members/", p.members["sam"], "/removal"), object{"default": p.members["carla"]}).done()
	q := p.found("sam", true)
	q.allow("sam", "chart.create", "group")
	for below, thing := range things(q) {
		require.NotEqual(t, before[below], thing, below)
	}
	p.settle()
	require.Len(t, p.roster(p.owner, "").Charts, 1)
	require.Len(t, q.roster("sam", "").Charts, 1)
	require.Equal(t, http.StatusOK, p.send("", http.MethodGet, "/readyz", nil).status)
}
