package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/quarantine"
	model "praxis/projections/roster"
)

func TestFoundO5_APositionBeyondTheLogIsRefusedAtOnce(t *testing.T) {
	for name, isReal := range map[string]bool{"in memory": false, "on the event node": true} {
		t.Run(name, func(t *testing.T) {
			p := newStack(t, func(s *setup) { s.real = isReal }).staffed()
			at := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}}).done().Position
			p.send("carla", http.MethodGet, p.path("/charts"), nil, header("Praxis-Min-Position", at)).into(&struct{}{})
			began := time.Now()
			for _, beyond := range []string{"9223372036854775807.9223372036854775807", "1" + at} {
				p.send("carla", http.MethodGet, p.path("/charts"), nil, header("Praxis-Min-Position", beyond)).refused(http.StatusBadRequest, "position_unknown")
			}
			require.Less(t, time.Since(began), 5*time.Second, "the request would wait for ten")
		})
	}
}

func TestReadYourOwnWrites(t *testing.T) {
	p := newStack(t, onRealStore).staffed()
	for range 20 {
		r := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}}).done()
		p.send("carla", http.MethodGet, p.path("/charts/", r.ID), nil, header("Praxis-Min-Position", r.Position)).into(&struct{}{})
	}
}

func TestIfMatch(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	seen := p.get("carla", p.path("/charts/", chart)).header.Get("ETag")
	require.Equal(t, `"0"`, seen)
	path := p.path("/charts/", chart, "/status")
	changed := p.put("olivia", path, object{"status": "inactive"}, header("If-Match", seen))
	require.Equal(t, "done", changed.receipt().Outcome)
	require.Equal(t, `"1"`, changed.header.Get("ETag"))

	tail := p.tail()
	stale := p.put("olivia", path, object{"status": "active"}, header("If-Match", seen)).refused(http.StatusPreconditionFailed, "stale_revision")
	require.Equal(t, map[string]string{"expected": "0", "actual": "1"}, stale.Details)
	require.Equal(t, tail, p.tail(), "nothing was appended")
	p.put("olivia", path, object{"status": "active"}, header("If-Match", changed.header.Get("ETag"))).done()
}

// TestFoundW4_AnAnswerThatIsNotWholeSaysSo: to the practice that it concerns, and to no
// other.
func TestFoundW4_AnAnswerThatIsNotWholeSaysSo(t *testing.T) {
	p := newStack(t).staffed()
	p.open("carla", "Ada", "Abbott", "carla")
	require.Empty(t, p.get("olivia", p.path("/charts")).header.Get("Praxis-Incomplete"))
	g, other := id.MustParse[id.Group](p.group), id.New[id.Group]()
	for _, e := range []quarantine.Entry{{Group: &g, Scope: "one"}, {Group: &other, Scope: "two"}, {Group: &other, Scope: "three"}} {
		e.Follower, e.Subject, e.Failure = "projection "+projections.Build(model.Projector{}), "projection roster", []byte(`{}`)
		require.NoError(t, quarantine.Park(t.Context(), p.pool, e))
	}
	require.Equal(t, "parked=1, skipped=0", p.get("olivia", p.path("/charts")).header.Get("Praxis-Incomplete"))
	require.Empty(t, p.get("olivia", p.path("/members")).header.Get("Praxis-Incomplete"), "another read model")
}

func TestADryRunAppendsNothing(t *testing.T) {
	p := newStack(t).staffed()
	tail := p.tail()
	a := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}}, asDryRun)
	r := a.receipt()
	require.Equal(t, "dry_run", r.Outcome)
	require.Len(t, r.Events, 1)
	require.Equal(t, "chart.created", r.Events[0].Name)
	require.Empty(t, r.Position)
	require.Empty(t, a.header.Get("Praxis-Position"))
	require.Equal(t, tail, p.tail())
	p.get("carla", p.path("/charts/", r.ID)).refused(http.StatusNotFound, "chart_not_found")
}

func TestAnIdempotencyKeyIsOneIntention(t *testing.T) {
	p := newStack(t).staffed()
	body := object{"patient": object{"familyName": "Abbott"}, "primary": p.members["carla"]}
	first := p.post("carla", p.path("/charts"), body, key("k")).done()
	tail := p.tail()

	p.run(t, "repeating it gives the first receipt and changes nothing", func(t *testing.T) {
		again := p.post("carla", p.path("/charts"), body, key("k")).receipt()
		require.Equal(t, "replayed", again.Outcome)
		again.Outcome = first.Outcome
		require.Equal(t, first, again)
		require.Equal(t, tail, p.tail())
	})
	p.run(t, "another body under the same key is refused", func(t *testing.T) {
		p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Other"}}, key("k")).refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
		require.Equal(t, tail, p.tail())
	})
	p.run(t, "the same key of another account is another intention", func(t *testing.T) {
		other := p.post("olivia", p.path("/charts"), body, key("k")).done()
		require.NotEqual(t, first.ID, other.ID)
	})
	p.run(t, "founding and joining can be repeated, too", func(t *testing.T) {
		found := object{"name": "Elsewhere", "billingZone": "Europe/Berlin", "currency": "EUR"}
		r := p.post("omar", "/v1/groups", found, key("f")).done()
		again := p.post("omar", "/v1/groups", found, key("f")).receipt()
		require.Equal(t, []string{r.ID, "replayed"}, []string{again.ID, again.Outcome})
		i := p.invite("emma", "user", true)
		p.post("emma", p.path("/invitations/", i, "/accept"), nil, key("a")).done()
		require.Equal(t, "replayed", p.post("emma", p.path("/invitations/", i, "/accept"), nil, key("a")).receipt().Outcome)
	})
	p.run(t, "issuing can be repeated and keeps one number", func(t *testing.T) {
		draft := p.draft(first.ID, "carla", "2026-03-02", p.charge(first.ID, "carla", "2026-03-02", 100))
		path := p.ledger(first.ID, "carla", "/invoices/", draft, "/issue")
		r := p.post("olivia", path, nil, key("i")).done()
		again := p.post("olivia", path, nil, key("i")).receipt()
		require.Equal(t, []any{r.Revision, "replayed"}, []any{again.Revision, again.Outcome})
		require.Len(t, p.tracker("olivia", "").Invoices, 1)
	})
	p.run(t, "one key on the ledgers of two charts makes one charge", func(t *testing.T) {
		second := p.open("olivia", "Bruno", "Baptiste", "carla")
		body := object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(100)}
		p.post("olivia", p.ledger(first.ID, "carla", "/charges"), body, key("c")).done()
		p.post("olivia", p.ledger(second, "carla", "/charges"), body, key("c")).refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	})
}

// A chart's ETag is the revision of its stream, also after what the roster does not show:
// who reads it and decides on it (If-Match) is not told for ever to read it again.
func TestTheETagOfAChartIsItsRevisionWhateverHappenedToIt(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	account := p.path("/charts/", chart, "/patient-accounts/", p.me("pat").Account)
	team := p.path("/charts/", chart, "/team/", p.members["david"])
	for _, change := range []struct {
		what, method, path string
		body               any
	}{
		{"somebody joins the team", http.MethodPut, team, object{"role": "clinician"}},
		{"their role changes", http.MethodPatch, team, object{"role": "support"}},
		{"an account is linked", http.MethodPut, account, nil},
		{"and unlinked", http.MethodDelete, account, nil},
		{"they leave the team", http.MethodDelete, team, nil},
	} {
		p.send("olivia", change.method, change.path, change.body).done()
		p.settle()
		seen := p.get("carla", p.path("/charts/", chart)).header.Get("ETag")
		again := p.put("carla", p.path("/charts/", chart, "/demographics"), object{"familyName": "Ames"}, asDryRun, header("If-Match", seen))
		require.Equal(t, http.StatusOK, again.status, "%s: %s", change.what, again.body)
	}
}
