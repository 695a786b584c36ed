package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatCannotBeUndoneNeedsAFreshSignIn(t *testing.T) {
	p := newStack(t).staffed()
	offer, body := p.path("/ownership-offer"), object{"to": p.members["carla"]}
	stale := header("Authorization", "Bearer "+p.token("olivia"))
	p.clock.Pass(11 * time.Minute)

	p.run(t, "an old sign-in is refused as RFC 9470 says, and nothing happens", func(t *testing.T) {
		tail := p.tail()
		a := p.send("", http.MethodPost, offer, body, stale)
		require.Equal(t, "600", a.refused(http.StatusUnauthorized, "step_up_auth_required").Details["maxAgeSeconds"])
		require.Equal(t, `Bearer error="insufficient_user_authentication", error_description="A more recent sign-in is required", max_age="600"`, a.header.Get("WWW-Authenticate"))
		require.Equal(t, tail, p.tail())
	})
	p.run(t, "the same token does for everything else, and for a dry run", func(*testing.T) {
		p.send("", http.MethodPatch, p.path(""), object{"city": "Salem"}, stale).done()
		p.send("", http.MethodPost, offer, body, stale, asDryRun).receipt()
	})
	p.run(t, "the same Idempotency-Key works after signing in again, and its receipt for an old sign-in too", func(t *testing.T) {
		p.send("", http.MethodPost, offer, body, stale, key("give")).refused(http.StatusUnauthorized, "step_up_auth_required")
		p.post("olivia", offer, body, key("give")).done()
		require.Equal(t, "replayed", p.send("", http.MethodPost, offer, body, stale, key("give")).receipt().Outcome)
	})
	p.run(t, "who lacks the permission hears that", func(*testing.T) {
		other := header("Authorization", "Bearer "+p.token("david"))
		p.clock.Pass(11 * time.Minute)
		p.send("", http.MethodPost, offer, body, other).refused(http.StatusForbidden, "permission_denied")
	})
}
