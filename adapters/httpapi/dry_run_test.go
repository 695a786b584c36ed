package httpapi_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"praxis/adapters/contacts"
	"praxis/adapters/erasure"
	"praxis/adapters/httpapi"
	"praxis/adapters/lookups"
	"praxis/adapters/memstore"
	"praxis/commands"
	"praxis/domain/accesslog"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/text/texttest"
)

// standing says of read models that nobody updates any more that they are fresh.
type standing struct{ httpapi.Freshness }

func (standing) WaitFor(context.Context, es.Position, ...string) error { return nil }

// fork is an installation with a copy of another one's log: what is done there is
// not done here, and can be taken back. Its read models stay what they are.
type fork struct {
	*stack
	of     *stack
	store  struct{ eventStore }
	engine commands.Config
}

// fork makes one.
func (s *stack) fork() *fork {
	s.t.Helper()
	copied := *s
	b := &fork{stack: &copied, of: s, engine: s.engine}
	copied.store = &b.store
	fresh := standing{s.runner}
	b.engine.Store = &b.store
	models := lookups.Lookups{Pool: s.pool, Log: &b.store, Freshness: fresh}
	b.engine.Rosters, b.engine.Appointments = models, models
	config := s.config
	config.Store, config.Freshness = &b.store, fresh
	config.Engine = commands.NewEngine(b.engine)
	book, err := contacts.New(s.pool)
	require.NoError(s.t, err)
	config.Erasure = erasure.Erasure{Engine: config.Engine, Contacts: book, Outbox: postOf(s.t, s.pool, s.clock.Now)}
	b.serve(config)
	b.rewind()
	return b
}

// rewind makes the log a copy of the other one's as it is now.
func (b *fork) rewind() {
	b.t.Helper()
	now := b.clock.Now
	store := memstore.New(memstore.WithClock(func() time.Time { return now() }))
	for rec, err := range b.of.store.ReadAll(b.t.Context(), catalog.Categories(), es.Position{}) {
		require.NoError(b.t, err)
		now = func() time.Time { return rec.RecordedAt }
		_, err := store.Append(b.t.Context(), rec.Stream, es.At(rec.Revision-1), []es.Proposed{{ID: rec.ID, Type: rec.Type, Data: rec.Data, Metadata: rec.Metadata}})
		require.NoError(b.t, err)
	}
	now = b.clock.Now
	b.store.eventStore = store
	*b.config.Engine = *commands.NewEngine(b.engine) // which remembers nothing of another log
}

// request is one request to an operation.
type request struct {
	as, method, path string
	body             any
	options          []option
}

// happened is what a request led to.
type happened struct {
	answer
	events []es.Recorded
	mails  int
}

// do sends a request; changes are the events that it led to, but for what the access log
// says of a refusal.
func (s *stack) do(r request, options ...option) happened {
	s.t.Helper()
	tail := s.tail()
	h := happened{answer: s.send(r.as, r.method, r.path, r.body, append(slices.Clone(r.options), options...)...)}
	for rec, err := range s.store.ReadAll(s.t.Context(), catalog.Categories(), tail) {
		require.NoError(s.t, err)
		if rec.Stream.Category() != accesslog.Category {
			h.events = append(h.events, rec)
		}
	}
	h.mails = s.mails()
	return h
}

// mails is how many mails were ever held.
func (s *stack) mails() (n int) {
	s.t.Helper()
	require.NoError(s.t, s.pool.QueryRow(s.t.Context(), "select count(*) from praxis.outbox").Scan(&n))
	return n
}

var aTokenHash = regexp.MustCompile(`"tokenHash":"[0-9a-f]{64}"`)

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// known masks the ids that a text has and the log has not: they are made anew each time.
func known(log, text string) string {
	return anyID.ReplaceAllStringFunc(text, func(id string) string {
		if strings.Contains(log, id) {
			return id
		}
		return "new"
	})
}

// requireSameVerdict sends a request as a dry run and in earnest, at the same instant,
// and asserts that both come to the same, and that the dry run changes nothing. It
// reports whether the request changed something in earnest.
func (s *stack) requireSameVerdict(t *testing.T, r request) (changed bool) {
	t.Helper()
	var log strings.Builder
	for rec, err := range s.store.ReadAll(t.Context(), catalog.Categories(), es.Position{}) {
		require.NoError(t, err)
		log.Write(rec.Data)
		log.WriteString(string(rec.Stream))
	}
	mails := s.mails()
	dry := s.do(r, asDryRun)
	require.Empty(t, dry.events, "%s: a dry run appends nothing", r.as)
	require.Equal(t, mails, dry.mails, "%s: a dry run writes to nobody", r.as)
	s.clock.Pass(-time.Second)
	earnest := s.do(r)
	require.Equal(t, dry.status, earnest.status, "%s: dry run %s in earnest %s", r.as, dry.body, earnest.body)
	if dry.status != http.StatusOK {
		told := func(h happened) problem {
			p := h.problem()
			p.RequestID = ""
			return p
		}
		require.Equal(t, told(dry), told(earnest), r.as)
		require.Empty(t, earnest.events, "%s: what is refused appends nothing", r.as)
		return false
	}
	shown, done := dry.receipt(), earnest.receipt()
	require.Equal(t, "dry_run", shown.Outcome)
	require.Contains(t, []string{"done", "unchanged"}, done.Outcome)
	if done.Stream != "" && !s.hidesEvents(r) { // Contacts are in no stream.
		require.Equal(t, done.Outcome == "done", len(shown.Events) > 0, "%s: dry run %s in earnest %s", r.as, dry.body, earnest.body)
	}
	require.Equal(t, known(log.String(), shown.ID), known(log.String(), done.ID), r.as)
	require.Equal(t, known(log.String(), shown.Stream), known(log.String(), done.Stream), r.as)
	require.Equal(t, shown.Appointments, done.Appointments, r.as)
	require.Equal(t, shown.AppointmentsTotal, done.AppointmentsTotal, r.as)
	if s.hidesEvents(r) {
		require.Empty(t, shown.Events, r.as)
		return len(earnest.events) > 0
	}
	// The token of an invitation is made anew each time, as its id is.
	secret := func(event string) string { return aTokenHash.ReplaceAllString(event, `"tokenHash":"new"`) }
	var previewed, appended []string
	for _, e := range shown.Events {
		previewed = append(previewed, secret(known(log.String(), canonical(t, e.Event))))
	}
	for _, rec := range earnest.events {
		if string(rec.Stream) == done.Stream {
			appended = append(appended, secret(known(log.String(), canonical(t, rec.Data))))
		}
	}
	require.Equal(t, previewed, appended, "%s: the preview is what is appended", r.as)
	return len(earnest.events) > 0
}

// canonical is JSON with its names in order.
func canonical(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal(raw, &v))
	return encoded(t, v)
}

// hidesEvents reports whether patients ask, who are told what they do without the
// practice's events.
func (s *stack) hidesEvents(r request) bool { return strings.Contains(r.path, "/portal/") }

// Every operation that offers a dry run × everybody: what a dry run says is what
// happens in earnest, also when it is asked for a second time, with texts and dates
// that do harm, with ids of nothing, and upon a state that is no more.
func TestFoundP8_EveryDryRunSaysWhatHappensInEarnest(t *testing.T) {
	s := newScene(newStack(t))
	table, f := rules(), s.fork()
	operations, changes := 0, 0
	for _, template := range s.doc.Paths.InMatchingOrder() {
		for method, o := range s.doc.Paths.Value(template).Operations() {
			if o.Parameters.GetByInAndName("header", "Praxis-Dry-Run") == nil {
				continue
			}
			operations++
			s.run(t, o.OperationID, func(t *testing.T) {
				rule := table[o.OperationID]
				path, body := s.base(template, rule)
				s.settle()
				f.t = t
				f.rewind()
				try := func(r request) {
					if f.requireSameVerdict(t, r) {
						changes++
						f.requireSameVerdict(t, r)
						f.rewind()
					}
				}
				for _, letter := range slices.Sorted(maps.Keys(cast)) {
					try(request{as: cast[letter], method: method, path: path, body: body})
				}
				if rule.may == "" {
					return
				}
				as := cast[[]rune(rule.may)[0]]
				if o.Parameters.GetByInAndName("header", "If-Match") != nil {
					try(request{as: as, method: method, path: path, body: body, options: []option{header("If-Match", `"0"`)}})
				}
				for _, odd := range oddities(t, o, body) {
					try(request{as: as, method: method, path: path, body: odd, options: []option{malformed}})
				}
			})
		}
	}
	require.Greater(t, operations, 80)
	require.Greater(t, changes, operations, "most of what is tried changes something in earnest")
}

// oddities are the body with one property after another replaced by what should not be
// there.
func oddities(t *testing.T, o *openapi3.Operation, body any) (odd []any) {
	t.Helper()
	if o.RequestBody == nil {
		return nil
	}
	var base any
	require.NoError(t, json.Unmarshal([]byte(encoded(t, body)), &base))
	for _, f := range fieldsOf(o.RequestBody.Value.Content["application/json"].Schema.Value) {
		var values []string
		switch {
		case f.isText():
			values = []string{"a@b.example\r\nBcc: c@d.example"}
			for _, s := range texttest.Hostile() {
				values = append(values, s.Text)
			}
		case strings.HasPrefix(f.schema.Pattern, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"):
			values = []string{"1850-01-01", "1900-01-01", "2026-02-30", "9999-12-31"}
		case f.schema.Format == "date-time":
			values = []string{"1900-01-01T00:00:00Z", "2026-03-09T13:00:00.5Z", "9999-12-31T23:59:59Z"}
		case strings.Contains(f.schema.Pattern, "{12}"):
			values = []string{"018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e", "00000000-0000-0000-0000-000000000000"}
		}
		for _, value := range values {
			odd = append(odd, put(base, f.path, value))
		}
	}
	return odd
}

// base is the path and the body of the rule's request.
func (s *scene) base(template string, r rule) (path string, body any) {
	path = fillPath(template, s.ids)
	if r.path != nil {
		if own := r.path(s); strings.HasPrefix(own, "?") {
			path += own
		} else {
			path = own
		}
	}
	return path, bodyFor(s, r)
}
