package httpapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/all"
	"praxis/projections/quarantine"
	model "praxis/projections/roster"
)

// askedAt is a list as of an instant.
func (p *practice) askedAt(as, path string, at time.Time) answer {
	p.t.Helper()
	return p.send(as, http.MethodGet, p.path(path, "?asOf=", url.QueryEscape(at.Format(time.RFC3339Nano))), nil)
}

func (p *practice) namesAt(as string, at time.Time) (names []string) {
	p.t.Helper()
	var got roster
	p.askedAt(as, "/charts", at).into(&got)
	for _, c := range got.Charts {
		names = append(names, c.FamilyName)
	}
	return names
}

func TestAMomentIsAnInstantOrAPosition(t *testing.T) {
	onEachStore(t, func(t *testing.T, s *stack) {
		p := s.staffed()
		before := p.clock.Now()
		at := p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Abbott"}}).done().Position
		p.settle()
		opened, err := time.Parse(time.RFC3339, p.get("carla", p.path("/charts")).header.Get("Praxis-As-Of"))
		require.NoError(t, err)
		a := p.get("carla", p.path("/charts?asOf=", at))
		require.Equal(t, at, a.header.Get("Praxis-Position"))
		require.Empty(t, a.header.Values("Praxis-As-Of"), "when others' events were recorded is not told")
		var got roster
		a.into(&got)
		require.Len(t, got.Charts, 1)
		p.put("carla", p.path("/charts/", got.Charts[0].ID, "/demographics"), object{"familyName": "Ames"}).done()

		zone := time.FixedZone("", 5*3600+30*60)
		require.Equal(t, []string{"Abbott"}, p.namesAt("carla", opened.In(zone)), "an instant covers what was recorded at it")
		require.Empty(t, p.namesAt("carla", opened.Add(-time.Nanosecond)))
		a = p.askedAt("carla", "/charts", opened.In(zone))
		require.Equal(t, opened.Format(time.RFC3339Nano), a.header.Get("Praxis-As-Of"))
		require.Empty(t, a.header.Values("Praxis-Position"), "nor where they are")
		for _, path := range []string{"/charts", "/members", "/permissions", "/appointments", "/billing/history", "/billing/balance"} {
			a := p.askedAt("olivia", path, before.AddDate(-1, 0, 0))
			require.Equal(t, http.StatusOK, a.status, "before the practice was founded there is nothing: %s", a.body)
			require.Empty(t, a.header.Values("Praxis-Position"))
		}
		for _, never := range []string{"0.0", "1.1", "0001-01-01T00:00:00Z"} {
			a := p.get("olivia", p.path("/charts?asOf=", never))
			require.Equal(t, http.StatusOK, a.status)
			if never == "1.1" || never == "0.0" {
				require.Empty(t, a.header.Values("Praxis-As-Of"), "not that of the present")
			}
		}
		p.askedAt("olivia", "/members/"+p.members["carla"]+"/permissions", before.AddDate(-1, 0, 0)).refused(http.StatusNotFound, "member_not_found")
	})
}

func TestMomentsThatCannotBeAskedAbout(t *testing.T) {
	p := newStack(t, with(func(c *httpapi.Config) { c.LogID = func() id.Log { return id.Derive[id.Log]("log") } })).staffed()
	at := p.get("carla", p.path("/charts")).header.Get("Praxis-Position")
	for asOf, code := range map[string]string{
		p.clock.Now().Add(time.Hour).Format(time.RFC3339): "as_of_in_future",
		"9223372036854775807.9223372036854775807":         "as_of_in_future",
		"1.1-00000000":                       "position_of_another_log",
		"99999999999999999999.1":             "invalid_request",
		"9999999999999999999.1":              "malformed_position",
		"2026-02-30T00:00:00Z":               "malformed_instant",
		"2026-03-01":                         "invalid_request",
		"2026-03-01T00:00:00":                "invalid_request",
		"yesterday":                          "invalid_request",
		at + "&limit=1&cursor=" + "nonsense": "malformed_cursor",
	} {
		p.send("carla", http.MethodGet, p.path("/charts?asOf=", asOf), nil, malformed).refused(http.StatusBadRequest, code)
	}
	p.run(t, "what is no moment is told how to write one", func(t *testing.T) {
		for _, asOf := range []string{"2026-11-30", "1000", "2026-03-01T00:00:00+05:00", "yesterday"} {
			a := p.send("carla", http.MethodGet, p.path("/charts?asOf=", asOf), nil, malformed)
			a.refused(http.StatusBadRequest, "invalid_request")
			require.Contains(t, string(a.body), "such as 2026-03-01T00:00:00-05:00")
			require.Contains(t, string(a.body), "such as 482133.482133")
			require.NotContains(t, string(a.body), "[0-9]")
		}
	})
	p.run(t, "other lists do not take it", func(t *testing.T) {
		p.send("olivia", http.MethodGet, p.path("/invitations?asOf=", at), nil, malformed).refused(http.StatusBadRequest, "invalid_request")
	})
	p.run(t, "a cursor is good for its moment only", func(t *testing.T) {
		for _, name := range []string{"Abbott", "Baptiste", "Cole"} {
			p.open("carla", "Ada", name, "carla")
		}
		p.settle()
		at := p.get("carla", p.path("/charts")).header.Get("Praxis-Position")
		var first, rest roster
		p.get("carla", p.path("/charts?limit=1&asOf=", at)).into(&first)
		p.open("carla", "Ada", "Brown", "carla")
		p.get("carla", p.path("/charts?limit=5&asOf=", at, "&cursor=", first.NextCursor)).into(&rest)
		require.Len(t, rest.Charts, 2, "the page goes on in the same moment")
		a := p.get("carla", p.path("/charts?limit=5&cursor=", first.NextCursor))
		a.refused(http.StatusBadRequest, "malformed_cursor")
		require.Contains(t, string(a.body), "asOf as the page before")
	})
}

// Both must hold: what somebody may see now, and what the row of then was.
func TestThePastShowsNobodyMoreThanTheyMaySeeNow(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	p.charge(ada, "carla", "2026-03-02", 100)
	hers := p.clock.Now()
	p.put("olivia", p.path("/charts/", ada, "/primary"), object{"clinician": p.members["david"]}).done()
	theirs := p.clock.Now()
	p.settle()
	require.Equal(t, []string{"Abbott"}, p.namesAt("olivia", hers))
	require.Empty(t, p.namesAt("carla", hers), "she had it then, and has it no longer")
	require.Empty(t, p.namesAt("david", hers), "he has it now, and had it not then")
	require.Equal(t, []string{"Abbott"}, p.namesAt("david", theirs))

	p.run(t, "names beside ids are held to the same", func(t *testing.T) {
		var h struct {
			Entries []struct{ PatientName string }
		}
		p.askedAt("carla", "/billing/history", hers).into(&h)
		require.Len(t, h.Entries, 1, "what she is owed stays hers to see")
		require.Empty(t, h.Entries[0].PatientName)
		p.askedAt("olivia", "/billing/history", hers).into(&h)
		require.Equal(t, "Ada Abbott", h.Entries[0].PatientName)
	})
	p.run(t, "who is no member any more sees nothing of the time when they were", func(t *testing.T) {
		p.post("olivia", p.path("/members/", p.members["david"], "/removal"), object{"default": p.members["carla"]}).done()
		p.askedAt("david", "/charts", theirs).refused(http.StatusForbidden, "permission_denied")
		require.Equal(t, []string{"Abbott"}, p.namesAt("olivia", theirs))
	})
}

// Where a clock was set back, an event can say that it was recorded before the one ahead of it.
func TestAStreamIsCutAtItsFirstLaterEvent(t *testing.T) {
	var past *projections.Past
	p := newStack(t, with(func(c *httpapi.Config) { past = c.Past })).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	between := p.clock.Now().Add(30 * time.Minute)
	for _, rename := range []struct {
		after time.Duration
		to    string
	}{{time.Hour, "Ames"}, {-50 * time.Minute, "Adler"}} {
		p.clock.Pass(rename.after)
		p.put("carla", p.path("/charts/", ada, "/demographics"), object{"familyName": rename.to}).done()
	}
	p.clock.Pass(time.Hour)
	p.settle()
	for source, cost := range sources {
		past.StreamCost = cost
		require.Equal(t, []string{"Abbott"}, p.namesAt("carla", between), "from the %s", source)
		require.Equal(t, []string{"Adler"}, p.namesAt("carla", p.clock.Now()), "from the %s", source)
	}
}

func TestThePastLacksWhatThePresentLacks(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	p.put("carla", p.path("/charts/", ada, "/demographics"), object{"familyName": "Ames"}).done()
	p.settle()
	now := p.clock.Now()
	require.Equal(t, []string{"Ames"}, p.namesAt("carla", now))
	g := id.MustParse[id.Group](p.group)
	waiting := quarantine.Entry{
		Follower: "projection " + projections.Build(model.Projector{}), Subject: "projection roster", Scope: "one", Group: &g,
		Stream: chart.Stream(g, id.MustParse[id.Chart](ada)), Revision: 1, Failure: []byte(`{}`),
	}
	require.NoError(t, quarantine.Park(t.Context(), p.pool, waiting))
	require.Equal(t, []string{"Abbott"}, p.namesAt("carla", now), "what waits in the quarantine")
	require.Equal(t, "parked=1, skipped=0", p.askedAt("carla", "/charts", now).header.Get("Praxis-Incomplete"))
}

func TestQuestionsAboutThePastAreBounded(t *testing.T) {
	var past *projections.Past
	bounded := func(change func(*projections.PastConfig)) *practice {
		return newStack(t, with(func(c *httpapi.Config) {
			of := projections.PastConfig{Runner: c.Past.Runner, Log: c.Past.Log, Models: all.Foldables()}
			change(&of)
			past = projections.NewPast(of)
			c.Past = past
		})).staffed()
	}
	t.Run("how many events and streams it takes together", func(t *testing.T) {
		for _, of := range []struct {
			path   string
			change func(*projections.PastConfig)
		}{
			{"/charts", func(c *projections.PastConfig) { c.Events, c.StreamCost = 2, sources["streams"] }},
			{"/charts", func(c *projections.PastConfig) { c.Events, c.StreamCost = 2, sources["log"] }},
			{"/charts", func(c *projections.PastConfig) { c.Streams = 2 }},
		} {
			p := bounded(of.change)
			for range 3 {
				p.open("carla", "Ada", "Abbott", "carla")
			}
			p.settle()
			p.askedAt("olivia", of.path, p.clock.Now()).refused(http.StatusRequestEntityTooLarge, "as_of_too_large")
		}
	})
	t.Run("how long it takes", func(t *testing.T) {
		p := bounded(func(c *projections.PastConfig) { c.Time = time.Nanosecond })
		a := p.askedAt("olivia", "/members", p.clock.Now())
		a.refused(http.StatusServiceUnavailable, "as_of_takes_too_long")
		require.Equal(t, "1", a.header.Get("Retry-After"))
	})
	t.Run("how many are answered at once", func(t *testing.T) {
		p := bounded(func(c *projections.PastConfig) { c.AtOnce = 1 })
		view, err := past.Open(t.Context(), id.MustParse[id.Group](p.group), projections.Moment{At: p.clock.Now()})
		require.NoError(t, err)
		a := p.askedAt("carla", "/charts", p.clock.Now())
		a.refused(http.StatusServiceUnavailable, "as_of_busy")
		require.Equal(t, "1", a.header.Get("Retry-After"))
		require.Equal(t, http.StatusOK, p.get("carla", p.path("/charts")).status, "the present need not wait")
		view.Close(t.Context())
		for range 3 {
			require.Equal(t, http.StatusOK, p.askedAt("carla", "/charts", p.clock.Now()).status, "each gives its turn back")
		}
	})
}
