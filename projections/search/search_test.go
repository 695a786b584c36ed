package search_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"praxis/domain/text/texttest"
	"praxis/projections/search"
)

// finds reports whether a query finds a name, as Postgres would.
func finds(query string, words []string) bool {
	if query == "" {
		return false
	}
	for _, term := range strings.Split(query, " & ") {
		prefix := strings.TrimSuffix(strings.TrimPrefix(term, "'"), "':*")
		found := false
		for _, w := range words {
			found = found || strings.HasPrefix(w, prefix)
		}
		if !found {
			return false
		}
	}
	return true
}

func TestWords(t *testing.T) {
	for name, words := range map[string][]string{
		"O'Brien-Smith": {"brien", "o", "obrien", "obriensmith", "smith"},
		"Jörg Müller":   {"jorg", "muller"},
		"":              {},
		"% _ . - '":     {},
		"山田":            {"shan", "tian"},
		"𠮷田":            {"tian", "𠮷"},
	} {
		require.Equal(t, words, search.Words(name), name)
	}
	require.Equal(t, []string{"ada", "lovelace"}, search.Words("Lovelace", "Ada"))
}

func TestQuery(t *testing.T) {
	for typed, query := range map[string]string{
		"o’brien": "'obrien':*", "MÜL  jörg": "'mul':* & 'jorg':*", "anne-marie": "'anne':* & 'marie':*", "": "", "'": "", "%": "", `a\'b:*|c`: "'a':* & 'b':* & 'c':*",
	} {
		require.Equal(t, query, search.Query(typed), typed)
	}
}

func TestEveryNameIsFoundAsItIsSpelled(t *testing.T) {
	for _, s := range texttest.People() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			words := search.Words(s.Text)
			require.Equal(t, words, search.Words(s.As()), "however it was typed")
			for _, typed := range append(s.Find, s.Text, s.As(), strings.ToUpper(s.As()), strings.ToLower(s.As())) {
				require.True(t, finds(search.Query(typed), words), "%q finds %q: %v", typed, s.Text, words)
			}
		})
	}
}

func FuzzSearch(f *testing.F) {
	for _, s := range texttest.All() {
		f.Add(s.Text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, query := search.Words(s), search.Query(s)
		for _, w := range words {
			require.NotEmpty(t, w)
			require.True(t, utf8.ValidString(w))
			require.LessOrEqual(t, utf8.RuneCountInString(w), 100)
			require.NotContains(t, w, "'")
			require.NotContains(t, w, `\`)
		}
		require.Equal(t, len(words) > 0, finds(query, words), "%q: %v", query, words)
	})
}
