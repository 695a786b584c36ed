package e2e_test

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/catalog"
	"praxis/internal/likeserver"
	"praxis/internal/stores"
)

var (
	foreign = flag.Int("foreign", 1_000_000, "how many events the other application writes")
	pace    = flag.Int("pace", 50_000, "events a second that the likeness of a server passes over")
)

// BenchmarkAStartAfterAnotherApplication measures a start of praxis after another
// application wrote a stretch of events into the same log: on the embedded node, and on
// the likenesses of an EventStoreDB, which pass over as many events a second as a server
// on two cores does. Times are to be seen beside the floor of the same run: one bare
// filtered subscription over that stretch.
func BenchmarkAStartAfterAnotherApplication(b *testing.B) {
	b.Run("node", func(b *testing.B) {
		node, err := eventnode.Open(eventnode.Config{Dir: b.TempDir(), Listen: "127.0.0.1:0"})
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, node.Close(context.WithoutCancel(b.Context()))) })
		startAfterAnother(b, node.ConnectionString(), nil)
	})
	for _, flavour := range likeserver.Flavours {
		b.Run(string(flavour), func(b *testing.B) {
			like := likeserver.Start(b, likeserver.Config{Flavour: flavour, Pace: *pace})
			startAfterAnother(b, like.URL(), like)
		})
	}
}

func startAfterAnother(b *testing.B, url string, like *likeserver.Server) {
	b.Helper()
	store, err := eventstore.Open(eventstore.Config{URL: url})
	require.NoError(b, err)
	b.Cleanup(store.Close)
	i, env := newInstallation(b), []string{"EVENTSTOREDB_URL=" + url}

	// The first start makes the database and a practice, the second is what a start
	// costs without anything to pass over.
	first, _ := i.startMeasured(b, env)
	i.signIn(b, "olivia").command(b, http.MethodPost, "/v1/groups", "group", object{
		"name": "Harbor", "billingZone": "America/New_York", "currency": "USD", "ownerIsClinician": true,
	})
	i.stop(b, first)
	second, plain := i.startMeasured(b, env)
	i.stop(b, second)
	own, err := store.Tail(b.Context())
	require.NoError(b, err)
	stores.Foreign(b, store, *foreign)
	begin := time.Now()
	for signal, err := range store.Subscribe(b.Context(), catalog.Categories(), own) {
		require.NoError(b, err)
		if signal.CaughtUp {
			break
		}
	}
	floor := time.Since(begin)
	if like != nil {
		like.ResetTraffic()
	}
	_, took := i.startMeasured(b, env)
	listed := i.untilListed(b)

	row := func(what string, took time.Duration, note string) {
		b.Logf("%-46s %10s   %s", what, took.Round(time.Millisecond), note)
	}
	row("floor: one bare filtered pass", floor, "")
	row("start to ready, nothing to pass over", plain.ready, "")
	row("start to ready", took.ready, "")
	row("a new chart is listed after its acknowledgement", listed, met(listed))
	row("/readyz, slowest", took.slowestReadyz, met(took.slowestReadyz))
	row("projections status, slowest", took.slowestStatus, met(took.slowestStatus))
	b.ReportMetric(max(0, took.ready-plain.ready).Seconds()/floor.Seconds(), "start/floor")
	if like != nil {
		t := like.Traffic()
		b.Logf("the server opened %d subscriptions, looked at %d events (%.2f of what there is) and sent %d",
			t.Subscriptions, t.Considered, float64(t.Considered)/float64(*foreign), t.Delivered+t.Read)
	}
}

func met(took time.Duration) string {
	if took < time.Second {
		return "below a second"
	}
	return "NOT below a second"
}

// startTimes are from the start of the process until every read model is up to date, and
// the slowest answers on the way there.
type startTimes struct{ ready, slowestReadyz, slowestStatus time.Duration }

// startMeasured starts the server and asks until its read models are ready, and for
// their status meanwhile.
func (i *installation) startMeasured(b *testing.B, env []string) (*process, startTimes) {
	b.Helper()
	var times startTimes
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	begin := time.Now()
	p := i.startWith(b, env, "serve")
	statuses := make(chan time.Duration, 1)
	watching, watched := context.WithCancel(ctx)
	answers := make(chan struct{})
	go func() { statuses <- i.slowestStatus(watching, b, env, answers) }()
	for {
		asked := time.Now()
		parts, err := i.partsOf(ctx)
		if err == nil {
			times.slowestReadyz = max(times.slowestReadyz, time.Since(asked))
			if answers != nil {
				close(answers)
				answers = nil
			}
		}
		if parts["projections"] == "ready" {
			times.ready = time.Since(begin)
			watched()
			times.slowestStatus = <-statuses
			return p, times
		}
		require.NoError(b, pause(ctx, 20*time.Millisecond), "the server does not get ready: %v", parts)
	}
}

// partsOf says what /readyz says of every part of the server.
func (i *installation) partsOf(ctx context.Context) (map[string]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.url()+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var state struct{ Parts map[string]string }
	return state.Parts, json.NewDecoder(resp.Body).Decode(&state)
}

// slowestStatus asks for the status of the projections again and again, from the first
// answer of the server on.
func (i *installation) slowestStatus(ctx context.Context, b *testing.B, env []string, answers <-chan struct{}) (slowest time.Duration) {
	b.Helper()
	select {
	case <-answers:
	case <-ctx.Done():
	}
	for ctx.Err() == nil {
		asked := time.Now()
		status := exec.CommandContext(ctx, binary, "projections", "status")
		status.Env = i.environ(env...)
		if said, err := status.CombinedOutput(); err == nil {
			slowest = max(slowest, time.Since(asked))
		} else if ctx.Err() == nil {
			b.Errorf("projections status: %v: %s", err, said)
		}
		_ = pause(ctx, 5*time.Second) // The loop sees that it is over.
	}
	return slowest
}

// untilListed opens a chart and returns how long after the answer the roster lists it.
func (i *installation) untilListed(b *testing.B) time.Duration {
	b.Helper()
	olivia := i.signIn(b, "olivia")
	me := olivia.me(b)
	group := "/v1/groups/" + me.Group
	olivia.command(b, http.MethodPut, group+"/members/"+me.Member+"/permissions/chart.create", "", object{"effect": "allow", "scope": "group"})
	olivia.command(b, http.MethodPost, group+"/charts", "", object{"patient": object{"givenName": "Ada", "familyName": "Abbott"}, "primary": me.Member})
	acknowledged := time.Now()
	await(b, func() bool {
		var page struct{ Charts []struct{ ID string } }
		olivia.get(b, group+"/charts", "", &page)
		return len(page.Charts) > 0
	}, "the chart is not listed")
	return time.Since(acknowledged)
}
