package id_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/fault"
	"praxis/domain/id"
)

const canonical = "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"

func TestParse(t *testing.T) {
	chart, err := id.Parse[id.Chart](canonical)
	require.NoError(t, err)
	require.Equal(t, canonical, chart.String())
	for name, s := range map[string]string{
		"nothing": "", "without dashes": strings.ReplaceAll(canonical, "-", ""), "as a URN": "urn:uuid:" + canonical,
		"in braces": "{" + canonical + "}", "in capitals": strings.ToUpper(canonical), "with a foreign letter": "g" + canonical[1:],
	} {
		t.Run("refuses one "+name, func(t *testing.T) {
			_, err := id.Parse[id.Chart](s)
			f := fault.From(err)
			require.Equal(t, "malformed_id", f.Code)
			require.Equal(t, fault.Invalid, f.Kind)
		})
	}
	t.Run("never repeats what was sent", func(t *testing.T) {
		_, err := id.Parse[id.Chart]("Jane Doe, born 1980, +1 555 0100 ....")
		require.NotContains(t, err.Error(), "Jane")
	})
	t.Run("MustParse panics on a malformed constant", func(t *testing.T) {
		require.Panics(t, func() { id.MustParse[id.Chart]("x") })
	})
}

func TestDerive(t *testing.T) {
	t.Run("is UUIDv5 over the SHA-256 of the parts with their lengths, for ever", func(t *testing.T) {
		require.Equal(t, "b3b57f89-1be7-5e65-b4f2-4b0301969897", id.Derive[id.Account]("https://issuer.example", "subject").String())
	})
	t.Run("keeps parts apart", func(t *testing.T) {
		require.NotEqual(t, id.Derive[id.Chart]("ab", "c"), id.Derive[id.Chart]("a", "bc"))
		require.NotEqual(t, id.Derive[id.Chart]("a"), id.Derive[id.Chart]("a", ""))
	})
	t.Run("names what a command brings into being by its role", func(t *testing.T) {
		c := id.MustParse[id.Command](canonical)
		first, again := id.From[id.Invoice](c, "invoice"), id.From[id.Invoice](c, "invoice")
		require.Equal(t, first, again)
		require.NotEqual(t, id.From[id.Invoice](c, "invoice"), id.From[id.Invoice](c, "payment"))
	})
}

func TestOf(t *testing.T) {
	require.True(t, id.Chart{}.IsZero())
	require.False(t, id.New[id.Chart]().IsZero())
	one, other := id.New[id.Chart](), id.New[id.Chart]()
	require.NotEqual(t, one, other)
	require.Equal(t, canonical, id.MustParse[id.Chart](canonical).UUID().String())
	t.Run("is its canonical form in JSON, as value and as key", func(t *testing.T) {
		in := map[id.Chart]id.Member{id.MustParse[id.Chart](canonical): id.MustParse[id.Member](canonical)}
		b, err := json.Marshal(in)
		require.NoError(t, err)
		require.JSONEq(t, `{"`+canonical+`":"`+canonical+`"}`, string(b))
		var out map[id.Chart]id.Member
		require.NoError(t, json.Unmarshal(b, &out))
		require.Equal(t, in, out)
		require.Error(t, json.Unmarshal([]byte(`{"x":"y"}`), &out))
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{canonical, "", "00000000-0000-0000-0000-000000000000", strings.ToUpper(canonical), "{" + canonical[:34] + "}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		chart, err := id.Parse[id.Chart](s)
		if err != nil {
			require.True(t, chart.IsZero())
			return
		}
		require.Equal(t, s, chart.String(), "one thing has one spelling")
	})
}
