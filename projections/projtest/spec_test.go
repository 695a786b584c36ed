package projtest_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/projtest"
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
	rename string
	// batch counts the events of the batch that is being prepared.
	batch map[*pgx.Batch]int
	cheat bool
}

func (names) Name() string     { return "names" }
func (names) Version() int     { return 1 }
func (names) Schema() string   { return "names" }
func (names) Tables() []string { return []string{"name"} }

func (names) Categories() []es.Category { return []es.Category{a.Category()} }

func (p names) Project(b *pgx.Batch, e es.Envelope) error {
	p.batch[b]++
	switch event := e.Event.(type) {
	case opened:
		b.Queue("insert into name (stream, name, changes) values ($1, $2, 0) on conflict do nothing", string(e.Stream), event.Name)
	case renamed:
		n := int64(e.Revision)
		if p.cheat {
			n = int64(p.batch[b])
		}
		b.Queue(p.rename, string(e.Stream), event.Name, n)
	}
	return nil
}

const (
	idempotent = "update name set name = $2, changes = $3 where stream = $1"
	counting   = "update name set name = $2, changes = changes + sign($3) where stream = $1"
)

var (
	a = es.StreamOf("person", id.Derive[id.Group]("g"), "a")
	z = es.StreamOf("person", id.Derive[id.Group]("g"), "z")
)

func model(t *testing.T, rename string) projtest.Model {
	t.Helper()
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), "create schema names; create table names.name (stream text primary key, name text not null, changes bigint not null)")
	require.NoError(t, err)
	registry, err := es.NewRegistry(es.Plain{}, []es.Row{es.Define[opened]("person.opened", 1), es.Define[renamed]("person.renamed", 1)})
	require.NoError(t, err)
	return projtest.Model{Pool: pool, Registry: registry, Projector: names{rename: rename, batch: map[*pgx.Batch]int{}}}
}

func TestSpec(t *testing.T) {
	t.Run("compares rows after what was given and after each step", func(t *testing.T) {
		m := model(t, idempotent)
		m.Twice = true
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
		projtest.Given(t, model(t, idempotent)).Then("select * from name")
	})

	given := func(m projtest.Model) func(testing.TB) {
		return func(t testing.TB) {
			projtest.Given(t, m, projtest.On(a, opened{Name: "Ada"}), projtest.On(a, renamed{Name: "Eve"})).
				Then("select name from name", `{"name":"Eve"}`)
		}
	}
	t.Run("a read model that counts passes without Twice and fails with it", func(t *testing.T) {
		m := model(t, counting)
		require.False(t, failed(t, given(m)))
		m.Twice = true
		require.True(t, failed(t, given(m)))
	})

	t.Run("a read model that depends on how events are cut into batches fails", func(t *testing.T) {
		m := model(t, idempotent)
		m.Projector = names{rename: idempotent, batch: map[*pgx.Batch]int{}, cheat: true}
		require.True(t, failed(t, given(m)))
	})

	t.Run("other rows than expected fail", func(t *testing.T) {
		require.True(t, failed(t, func(t testing.TB) {
			projtest.Given(t, model(t.(*recorder).T, idempotent), projtest.On(a, opened{Name: "Ada"})).
				Then("select name from name", `{"name":"Bob"}`)
		}))
	})

	t.Run("an event that stops the projection fails", func(t *testing.T) {
		m := model(t, "update nowhere set x = $1 || $2 || $3")
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
