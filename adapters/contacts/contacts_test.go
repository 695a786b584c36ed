package contacts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/contacts"
	"praxis/adapters/postgres/pgtest"
	"praxis/domain/id"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	noon = time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC)
	ada  = id.Derive[id.Account]("ada")
	bob  = id.Derive[id.Account]("bob")
)

func newBook(t *testing.T, pool *pgxpool.Pool) *contacts.Book {
	t.Helper()
	b, err := contacts.New(pool)
	require.NoError(t, err)
	return b
}

func of(t *testing.T, b *contacts.Book, accounts ...id.Account) map[id.Account]contacts.Contact {
	t.Helper()
	found, err := b.Of(t.Context(), accounts...)
	require.NoError(t, err)
	return found
}

func TestBook(t *testing.T) {
	pool := pgtest.New(t)
	b := newBook(t, pool)
	remember := func(address, name string, now time.Time) {
		require.NoError(t, b.Remember(t.Context(), ada, address, name, now))
	}
	require.Empty(t, of(t, b, ada), "nobody is known")
	require.Empty(t, of(t, b))

	t.Run("the latest sign-in counts", func(t *testing.T) {
		remember("ada@example.org", "Ada", noon)
		require.Equal(t, map[id.Account]contacts.Contact{ada: {Address: "ada@example.org", Name: "Ada", UpdatedAt: noon}}, of(t, b, ada, bob))
		remember("lovelace@example.org", "Ada L.", noon.Add(time.Second))
		require.Equal(t, contacts.Contact{Address: "lovelace@example.org", Name: "Ada L.", UpdatedAt: noon.Add(time.Second)}, of(t, b, ada)[ada])
	})
	t.Run("what it does not say stays as it is known", func(t *testing.T) {
		remember("", "Ada Lovelace", noon.Add(time.Minute))
		remember("", "", noon.Add(time.Minute))
		require.Equal(t, contacts.Contact{Address: "lovelace@example.org", Name: "Ada Lovelace", UpdatedAt: noon.Add(time.Minute)}, of(t, b, ada)[ada])
	})
	t.Run("what is known already changes nothing, also when another instance hears it", func(t *testing.T) {
		require.NoError(t, newBook(t, pool).Remember(t.Context(), ada, "lovelace@example.org", "Ada Lovelace", noon.Add(time.Hour)))
		require.Equal(t, noon.Add(time.Minute), of(t, b, ada)[ada].UpdatedAt)
	})
	t.Run("an account can be forgotten, and known again", func(t *testing.T) {
		require.NoError(t, b.Forget(t.Context(), ada))
		require.Empty(t, of(t, b, ada))
		remember("", "Ada", noon)
		require.Equal(t, contacts.Contact{Name: "Ada", UpdatedAt: noon}, of(t, b, ada)[ada])
	})
}

func TestBook_WritesWhatIsNewAndNothingPerRequest(t *testing.T) {
	pool := pgtest.New(t)
	b := newBook(t, pool)
	erased := func(when time.Time) bool {
		t.Helper()
		_, err := pool.Exec(t.Context(), "delete from praxis.contacts")
		require.NoError(t, err)
		require.NoError(t, b.Remember(t.Context(), ada, "ada@example.org", "Ada", when))
		return len(of(t, b, ada)) == 0
	}
	require.False(t, erased(noon), "the first request writes")
	require.True(t, erased(noon.Add(time.Hour-time.Nanosecond)), "no further one within the hour asks the database")
	require.False(t, erased(noon.Add(time.Hour)), "then it is written again: somebody else may have erased it")
}

func TestBook_NamesNobodyInErrors(t *testing.T) {
	pool := pgtest.New(t)
	b := newBook(t, pool)
	_, err := pool.Exec(t.Context(), "alter table praxis.contacts add constraint nobody check (name = '')")
	require.NoError(t, err)
	err = b.Remember(t.Context(), ada, "ada@example.org", "Lovelace", noon)
	require.ErrorContains(t, err, "SQLSTATE 23514")
	require.NotContains(t, err.Error(), "example.org")
	require.NotContains(t, err.Error(), "Lovelace")
	require.NoError(t, b.Remember(t.Context(), ada, "ada@example.org", "Lovelace", noon.Add(time.Minute-time.Nanosecond)), "it rests before it tries again")
	require.Error(t, b.Remember(t.Context(), ada, "ada@example.org", "Lovelace", noon.Add(time.Minute)))
}

func TestBook_TakesAnyName(t *testing.T) {
	b := newBook(t, pgtest.New(t))
	now := noon
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(raw []byte) string { return string(raw) })).Draw(rt, "name")
		now = now.Add(time.Second)
		if err := b.Remember(t.Context(), ada, "ada@example.org", name, now); err != nil {
			rt.Fatal(err)
		}
		found, err := b.Of(t.Context(), ada)
		if err != nil {
			rt.Fatal(err)
		}
		if kept := found[ada].Name; strings.ContainsAny(kept, "\x00\r\n\u2028\u2029\u202e") || len([]rune(kept)) > 200 {
			rt.Fatalf("kept as %q", kept)
		}
	})
	require.NoError(t, b.Remember(t.Context(), bob, "", " Ørsted\r\nBcc: eve\x00\u202e ", noon))
	require.Equal(t, "Ørsted Bcc: eve", of(t, b, bob)[bob].Name)
}
