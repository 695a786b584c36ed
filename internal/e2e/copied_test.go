package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

// copyReport is what praxis eventstore copy prints as JSON.
type copyReport struct {
	Events     int    `json:"events"`
	Copied     int    `json:"copied"`
	Hash       string `json:"sha256"`
	Level      bool   `json:"level"`
	ServerRuns bool   `json:"serverRuns"`
	Next       string `json:"next"`
}

func (i *installation) copyLog(t *testing.T, from, to string) copyReport {
	t.Helper()
	return parse[copyReport](t, i.succeed(t, "eventstore", "copy", from, to, "--json"))
}

var instantOfRecording = regexp.MustCompile(`,?"recordedAt":"[^"]*"`)

// withoutInstants writes a log into a directory as a release from before ADR 26 would have
// written half of it, years ago: the instant of recording is the store's stamp alone.
func withoutInstants(t *testing.T, from *eventstore.Store, dir string) {
	t.Helper()
	clock := time.Date(2019, 7, 1, 8, 30, 0, 123456700, time.UTC)
	to := openNode(t, eventnode.Config{Dir: dir, Clock: func() time.Time { clock = clock.Add(time.Second); return clock }})
	n := 0
	for rec, err := range from.ReadAll(t.Context(), catalog.Stored(), es.Position{}) {
		require.NoError(t, err)
		e := es.Proposed{ID: rec.ID, Type: rec.Type, Data: rec.Data, Metadata: rec.Metadata}
		if n++; n%2 == 0 {
			e.Metadata = instantOfRecording.ReplaceAll(e.Metadata, nil)
			require.True(t, json.Valid(e.Metadata))
		}
		_, err = to.Append(t.Context(), rec.Stream, es.At(rec.Revision-1), []es.Proposed{e})
		require.NoError(t, err)
	}
}

// TestFoundR14_TheReadModelsOfACopyAreThoseOfTheLog copies the demo's log into a server and
// from there into a directory, and fills every read model from each: all rows are equal but for
// positions in the log, their instants included, of events from before the instant of recording was part of them,
// too.
func TestFoundR14_TheReadModelsOfACopyAreThoseOfTheLog(t *testing.T) {
	i := newInstallation(t)
	i.succeed(t, "demo", "--stop")
	original, back := filepath.Join(i.dir, "original"), filepath.Join(i.dir, "back")
	t.Run("half of the log is from before", func(t *testing.T) { withoutInstants(t, i.openLog(t), original) })
	like := likeserver.Start(t, likeserver.Config{Dir: t.TempDir()})
	require.NoError(t, like.Foreign(t.Context(), 100))

	there := i.copyLog(t, original, like.URL())
	require.True(t, there.Level)
	require.Equal(t, there.Events, there.Copied)
	require.Equal(t, "praxis restore", there.Next)
	home := i.copyLog(t, like.URL(), back)
	require.Equal(t, there, home)
	again := i.copyLog(t, original, back)
	require.Zero(t, again.Copied)
	require.Equal(t, there.Hash, again.Hash)

	charts := ""
	live, address := i.openDatabase(t)
	want := foldInto(t, "original", live, address, openNode(t, eventnode.Config{Dir: original}))
	server, err := eventstore.Open(eventstore.Config{URL: like.URL()})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	for name, store := range map[string]*eventstore.Store{"server": server, "back": openNode(t, eventnode.Config{Dir: back, Verify: true})} {
		counts, err := checkReadModels(t, foldInto(t, name, live, address, store), want, "position", "prepare")
		require.NoError(t, err, name)
		for table, rows := range counts {
			if slices.Contains([]string{"chart", "entry", "invoice", "appointment", "member", "on_team"}, table[strings.Index(table, ".")+1:]) {
				require.Positive(t, rows, table)
			}
			if strings.HasSuffix(table, ".chart") {
				charts = table
			}
		}
	}
	var old bool
	require.NoError(t, want.QueryRow(t.Context(), "select exists (select from "+charts+" c where to_jsonb(c)::text like '%2019-07-01%')").Scan(&old))
	require.True(t, old, "there are rows with instants from before")
}

// manyEvents writes a log of n events, in streams that are woven together, into a directory.
func manyEvents(t *testing.T, dir string, n int) {
	t.Helper()
	to := openNode(t, eventnode.Config{Dir: dir})
	ends := map[es.Stream]es.Revision{}
	groups := []id.Group{id.New[id.Group](), id.New[id.Group](), id.New[id.Group]()}
	for i := 0; n > 0; i++ {
		stream := es.StreamOf(catalog.Stored()[i%5], groups[i%3])
		var events []es.Proposed
		for range min(n, 1+i%40) {
			events = append(events, es.Proposed{ID: id.New[id.Event](), Type: "copied.around", Data: fmt.Appendf(nil, `{"text":"%0300d"}`, n), Metadata: []byte("{}")})
			n--
		}
		done, err := to.Append(t.Context(), stream, es.At(ends[stream]-1), events)
		require.NoError(t, err)
		ends[stream] = done.Revision + 1
	}
}

// A copy is killed at random points, again and again: the next one goes on, and in the end
// the copy is what one that was never killed makes.
func TestCopy_GoesOnAfterItWasKilled(t *testing.T) {
	i := newInstallation(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	for _, tt := range []struct {
		name   string
		events int
		to     func(t *testing.T) string
	}{
		{"into a directory", 20_000, func(*testing.T) string { return filepath.Join(i.dir, "killed") }},
		{"into a server", 2_000, func(t *testing.T) string {
			t.Helper()
			return likeserver.Start(t, likeserver.Config{Dir: t.TempDir()}).URL()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := filepath.Join(i.dir, fmt.Sprint(tt.events))
			t.Run("write the log", func(t *testing.T) { manyEvents(t, from, tt.events) })
			want := i.copyLog(t, from, filepath.Join(i.dir, fmt.Sprint("whole", tt.events)))
			require.Equal(t, want.Events, tt.events)
			to := tt.to(t)
			for range 8 {
				// Each line of progress is a tenth of comparing or of copying.
				lines := random.IntN(12)
				p := i.start(t, "eventstore", "copy", from, to)
				await(t, func() bool {
					select {
					case <-p.exited:
						return true
					default:
						return strings.Count(p.stderr.String(), "\n") >= lines
					}
				}, "the copy does not go on")
				p.kill(t)
			}
			got := i.copyLog(t, from, to)
			require.Equal(t, want.Hash, got.Hash)
			require.Equal(t, want.Events, got.Events)
			require.Less(t, got.Copied, got.Events, "what killed copies left is not copied again")
		})
	}
}

// An installation moves from its own node to a server: copy, restore, serve.
func TestCopy_AnInstallationMovesToAServer(t *testing.T) {
	i := newInstallation(t)
	p := i.serve(t)
	practice := i.found(t)
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), chart.Position, &object{})
	like := likeserver.Start(t, likeserver.Config{Dir: t.TempDir()})
	events := filepath.Join(i.dir, "events")

	beside := i.copyLog(t, events, like.URL())
	require.True(t, beside.ServerRuns)
	o := i.run(t, "eventstore", "copy", like.URL(), events)
	require.Equal(t, 7, o.code, o.stderr)
	require.Contains(t, o.stderr, "A server runs on the log in "+events)
	last := owner.command(t, http.MethodPost, practice.path("/charts"), "last", practice.newChart("Doe", "carla"))
	i.stop(t, p)
	o = i.run(t, "eventstore", "copy", events, like.URL())
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "praxis restore")
	require.NotContains(t, o.stdout, "A server runs")

	env := "EVENTSTOREDB_URL=" + like.URL()
	require.Contains(t, i.runWith(t, []string{env}, "restore").stdout, "Nothing was changed.", "positions are others")
	o = i.runWith(t, []string{env}, "restore", "--yes")
	require.Zero(t, o.code, o.stderr)
	p = i.serve(t, env)
	after := owner.command(t, http.MethodPost, practice.path("/charts"), "after", practice.newChart("Roe", "carla"))
	for _, c := range []string{after.ID, chart.ID, last.ID} {
		owner.get(t, practice.path("/charts/%s", c), after.Position, &object{})
	}
	i.stop(t, p)

	// The server has gone on: what stayed behind is no source for it any more.
	o = i.run(t, "eventstore", "copy", events, like.URL())
	require.Equal(t, 6, o.code, o.stderr)
	require.Contains(t, o.stderr, "where the source ends before it.")
}

func TestCopy_SaysWhatItCannotUse(t *testing.T) {
	i := newInstallation(t)
	log, other, used := filepath.Join(i.dir, "events"), filepath.Join(i.dir, "other"), filepath.Join(i.dir, "used")
	t.Run("write two logs", func(t *testing.T) { manyEvents(t, log, 10); manyEvents(t, other, 10) })
	require.NoError(t, os.MkdirAll(used, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(used, "file"), nil, 0o600))
	for _, tt := range []struct {
		name     string
		from, to string
		code     int
		says     string
	}{
		{"no log", filepath.Join(i.dir, "none"), used, 4, "no_log"},
		{"the data directory instead of its log", i.dir, used, 4, "Name " + log},
		{"a target with other files", log, used, 2, "directory_not_empty"},
		{"another log", log, other, 6, "copy_differs"},
		{"the log itself", log, log, 7, "data_in_use"},
		{"a variable that is not set", "env:PRAXIS_NONE", used, 2, "PRAXIS_NONE names no event store"},
		{"a malformed connection string", "esdb://user:secret@127.0.0.1?tls=maybe", used, 2, "event_store_url_malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := i.run(t, "eventstore", "copy", tt.from, tt.to)
			require.Equal(t, tt.code, o.code, o.stderr)
			require.Contains(t, o.stderr, tt.says)
			require.NotContains(t, o.stderr, "secret")
			require.Empty(t, o.stdout)
		})
	}
	o := i.runWith(t, []string{"COPY_FROM=" + log}, "eventstore", "copy", "env:COPY_FROM", filepath.Join(i.dir, "copy"))
	require.Zero(t, o.code, o.stderr)
	require.Contains(t, o.stdout, "Copied 10 events")
}
