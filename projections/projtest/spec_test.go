package projtest_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/projtest"
	"praxis/projections/rows"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

// The events of a small book of names.
type (
	opened struct {
		Name string `json:"name"`
	}
	renamed struct {
		Name string `json:"name"`
	}
)

// names is the read model: the name of each stream and how often it changed.
type names struct {
	// batch counts the events of the batch that is being prepared.
	batch map[*rows.Batch]int
	// cheat counts those instead of the changes; lost writes to a table that is not there.
	cheat, lost bool
}

type nameRow struct {
	Stream  string `db:"stream"`
	Name    string `db:"name"`
	Changes int    `db:"changes"`
}

var (
	known   = rows.NewTable("name", func(r *nameRow) string { return r.Stream }, "stream")
	nowhere = rows.NewLog[nameRow]("nowhere")
)

func (names) Name() string { return "names" }
func (names) Version() int { return 1 }
func (names) DDL() string {
	return "create table name (stream text primary key, name text not null, changes bigint not null)"
}
func (names) Tables() []string { return []string{"name"} }

func (names) Categories() []es.Category { return []es.Category{a.Category()} }

func (p names) Project(b *rows.Batch, e es.Envelope) error {
	p.batch[b]++
	switch event := e.Event.(type) {
	case opened:
		known.Insert(b, nameRow{Stream: string(e.Stream), Name: event.Name})
	case renamed:
		if p.lost {
			nowhere.Append(b, nameRow{})
		}
		n := p.batch[b]
		known.Change(b, string(e.Stream), func(r *nameRow) {
			if r.Name, r.Changes = event.Name, r.Changes+1; p.cheat {
				r.Changes = n
			}
		})
	}
	return nil
}

var (
	a = es.StreamOf("person", id.Derive[id.Group]("g"), "a")
	z = es.StreamOf("person", id.Derive[id.Group]("g"), "z")
)

func model(t *testing.T) projtest.Model {
	t.Helper()
	pool := pgtest.New(t)
	registry, err := es.NewRegistry(es.Plain{}, []es.Row{es.Define[opened]("person.opened", 1), es.Define[renamed]("person.renamed", 1)})
	require.NoError(t, err)
	return projtest.Model{Pool: pool, Registry: registry, Projector: names{batch: map[*rows.Batch]int{}}}
}

func TestSpec(t *testing.T) {
	t.Run("compares rows after what was given and after each step", func(t *testing.T) {
		m := model(t)
		projtest.Given(t, m,
			projtest.On(a, opened{Name: "Ada"}), projtest.On(z, opened{Name: "Zoe"}),
		).Then("select name, changes from name order by name",
			`{"name":"Ada","changes":0}`, `{"name":"Zoe","changes":0}`,
		).When(
			projtest.On(a, renamed{Name: "Adele"}), projtest.On(a, renamed{Name: "Ada"}),
		).Then("select name, changes from name where changes > 0",
			`{"name":"Ada","changes":2}`)
	})

	t.Run("of no events is a spec of empty tables", func(t *testing.T) {
		projtest.Given(t, model(t)).Then("select * from name")
	})

	given := func(m projtest.Model) func(testing.TB) {
		return func(t testing.TB) {
			projtest.Given(t, m, projtest.On(a, opened{Name: "Ada"}), projtest.On(a, renamed{Name: "Eve"})).
				Then("select name from name", `{"name":"Eve"}`)
		}
	}
	t.Run("a read model that counts passes", func(t *testing.T) {
		require.False(t, failed(t, given(model(t))))
	})

	t.Run("a read model that depends on how events are cut into batches fails", func(t *testing.T) {
		m := model(t)
		m.Projector = names{batch: map[*rows.Batch]int{}, cheat: true}
		require.True(t, failed(t, given(m)))
	})

	t.Run("other rows than expected fail", func(t *testing.T) {
		require.True(t, failed(t, func(t testing.TB) {
			projtest.Given(t, model(t.(*recorder).T), projtest.On(a, opened{Name: "Ada"})).
				Then("select name from name", `{"name":"Bob"}`)
		}))
	})

	t.Run("an event that stops the projection fails", func(t *testing.T) {
		m := model(t)
		m.Projector = names{batch: map[*rows.Batch]int{}, lost: true}
		require.True(t, failed(t, given(m)))
	})
}

// recorder is a test that may fail without failing the test it runs in.
type recorder struct {
	*testing.T
	failed bool
}

func (r *recorder) Errorf(string, ...any)    {}
func (r *recorder) FailNow()                 { r.failed = true; runtime.Goexit() }
func (r *recorder) Context() context.Context { return r.T.Context() }

// failed runs a spec and reports whether it failed.
func failed(t *testing.T, spec func(testing.TB)) bool {
	t.Helper()
	r := &recorder{T: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		spec(r)
	}()
	<-done
	return r.failed
}
