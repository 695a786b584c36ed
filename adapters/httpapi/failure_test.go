package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/adapters/httpapi"
	"praxis/domain/es"
)

// panicking is a sign-in service with a defect.
type panicking struct{ auth.Verifier }

func (panicking) Verify(context.Context, string) (auth.Principal, error) {
	panic("a defect that names " + canaryName)
}

func TestAPanicIsAProblemAndTheServerLives(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.Verifier = panicking{} }))
	p := s.send("olivia", http.MethodGet, "/v1/me", nil, header("X-Request-Id", "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e")).refused(http.StatusInternalServerError, "internal")
	require.Equal(t, "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e", p.RequestID)
	require.Contains(t, s.logs.String(), `"msg":"panic","request":"018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"`)
	requireNoCanary(t, "the log", s.logs.String())
	require.Equal(t, http.StatusOK, s.send("", http.MethodGet, "/healthz", nil).status)
}

// parts is the answer of readiness.
type parts struct {
	Ready       bool
	Parts       map[string]string
	Degraded    []string
	Unavailable []string
}

func (s *stack) ready(t *testing.T, status int) parts {
	t.Helper()
	a := s.send("", http.MethodGet, "/readyz", nil)
	require.Equal(t, status, a.status, "%s", a.body)
	var p parts
	require.NoError(t, json.Unmarshal(a.body, &p))
	return p
}

func TestWithoutTheStoreCommandsWaitTheirTurn(t *testing.T) {
	p := newStack(t).staffed()
	p.settle()
	require.Equal(t, parts{Ready: true, Parts: map[string]string{"event_store": "ready", "database": "ready", "projections": "ready"}}, p.ready(t, http.StatusOK))
	p.mem.Close()
	a := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}})
	a.refused(http.StatusServiceUnavailable, es.ErrStoreUnavailable.Code)
	require.Equal(t, "event_store_unavailable", es.ErrStoreUnavailable.Code)
	require.Equal(t, "1", a.header.Get("Retry-After"))
	now := p.ready(t, http.StatusServiceUnavailable)
	require.False(t, now.Ready)
	require.Contains(t, now.Parts["event_store"], "event_store_unavailable: ")
	require.Equal(t, "ready", now.Parts["database"])
	require.Equal(t, "unknown: Nothing is known of it while event_store is unavailable.", now.Parts["projections"], "Postgres says where the read models are, and nobody says how far the log is")
	require.Equal(t, []string{"event_store"}, now.Unavailable)
	require.Equal(t, []string{"projections"}, now.Degraded)
	require.Equal(t, http.StatusOK, p.send("", http.MethodGet, "/healthz", nil).status, "the process lives")
}

func TestAnOutcomeNobodyKnowsIsTriedAgainUnderTheSameIDs(t *testing.T) {
	p := newStack(t).staffed()
	lost := 0
	p.mem.LoseAnswer(func(es.Stream, []es.Proposed) error {
		if lost++; lost == 1 {
			return es.ErrOutcomeUnknown
		}
		return nil
	})
	chart := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}}).done().ID
	require.Positive(t, lost)
	require.Len(t, p.roster("carla", "").Charts, 1)
	require.Equal(t, chart, p.roster("carla", "").Charts[0].ID)
}

func TestAReadModelThatIsBehindSaysSo(t *testing.T) {
	p := newStack(t, with(func(c *httpapi.Config) { c.Timeout = 300 * time.Millisecond })).staffed()
	p.stopRunner()
	chart := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}}).done()
	r := p.get("carla", p.path("/charts/", chart.ID)).refused(http.StatusServiceUnavailable, "read_model_behind")
	require.Equal(t, "roster", r.Details["projection"])
	p.send("carla", http.MethodGet, p.path("/charts/", chart.ID), nil).refused(http.StatusNotFound, "chart_not_found")
}

func TestOneAccountCannotTakeTheServerFromOthers(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.PerSecond, c.Burst = 1, 3 }))
	rewind := func(*call) { s.clock.Pass(-time.Second) }
	for range 3 {
		require.Equal(t, http.StatusOK, s.send("olivia", http.MethodGet, "/v1/me", nil, rewind).status)
	}
	a := s.send("olivia", http.MethodGet, "/v1/me", nil, rewind)
	a.refused(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, http.StatusOK, s.send("zoe", http.MethodGet, "/v1/me", nil, rewind).status, "others go on")
	require.Equal(t, http.StatusOK, s.send("olivia", http.MethodGet, "/v1/me", nil).status, "and a second later so does she")
	for range 3 {
		s.send(nobody, http.MethodGet, "/v1/me", nil, rewind).refused(http.StatusUnauthorized, "token_missing")
	}
	s.send(nobody, http.MethodGet, "/v1/me", nil, rewind).refused(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, http.StatusOK, s.send("zoe", http.MethodGet, "/v1/me", nil, rewind).status, "an address is shared by those who are signed in")
}

// gate is a sign-in service that holds requests until it is opened.
type gate struct {
	auth.Verifier
	entered chan struct{}
	open    chan struct{}
}

func (g gate) Verify(ctx context.Context, token string) (auth.Principal, error) {
	close(g.entered)
	<-g.open
	return g.Verifier.Verify(ctx, token)
}

func TestShuttingDownFinishesWhatRuns(t *testing.T) {
	g := gate{entered: make(chan struct{}), open: make(chan struct{})}
	var api http.Handler
	s := newStack(t, with(func(c *httpapi.Config) {
		g.Verifier = c.Verifier
		c.Verifier = g
		var err error
		api, err = httpapi.New(*c)
		require.NoError(t, err)
	}))
	server := httptest.NewServer(api)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/me", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+s.token("olivia"))
	answered := make(chan int, 1)
	go func() {
		response, err := server.Client().Do(request)
		if err != nil {
			answered <- 0
			return
		}
		answered <- response.StatusCode
		_ = response.Body.Close()
	}()
	<-g.entered
	stopped := make(chan error, 1)
	go func() { stopped <- server.Config.Shutdown(context.WithoutCancel(t.Context())) }()
	close(g.open)
	require.Equal(t, http.StatusOK, <-answered)
	require.NoError(t, <-stopped)
}

// Metrics may be left out.
func TestWithoutMetricsThereAreNone(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.Metrics = nil }))
	s.send("", http.MethodGet, "/metrics", nil).refused(http.StatusNotFound, "no_such_path")
}

func TestWhatTookTooLongIsSaidToBeSo(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) {
		c.Timeout = time.Millisecond
		c.Verifier = slow{}
	}))
	s.send("olivia", http.MethodGet, "/v1/me", nil).refused(http.StatusServiceUnavailable, "timed_out")
}

// slow is a sign-in service that answers when it is too late.
type slow struct{}

func (slow) Verify(ctx context.Context, _ string) (auth.Principal, error) {
	<-ctx.Done()
	return auth.Principal{}, ctx.Err()
}
