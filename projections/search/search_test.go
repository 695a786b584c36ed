package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"praxis/domain/text/texttest"
	"praxis/projections/search"
)

// finds reports whether a query finds a name, as Postgres would: an "or" stands in
// parentheses only, and within those it binds least.
func finds(query string, words []string) bool {
	for query != "" {
		term, rest, _ := strings.Cut(query, " & ")
		if either, inParentheses := strings.CutPrefix(query, "("); inParentheses {
			term, rest, _ = strings.Cut(either, ")")
			rest = strings.TrimPrefix(rest, " & ")
		}
		if !slices.ContainsFunc(strings.Split(term, " | "), func(all string) bool { return findsEvery(all, words) }) {
			return false
		}
		if query = rest; query == "" {
			return true
		}
	}
	return false
}

func findsEvery(terms string, words []string) bool {
	for term := range strings.SplitSeq(terms, " & ") {
		prefix := strings.TrimSuffix(strings.TrimPrefix(term, "'"), "':*")
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, prefix) }) {
			return false
		}
	}
	return true
}

func TestWords(t *testing.T) {
	for name, words := range map[string][]string{
		"O'Brien-Smith": {"brien", "o", "obrien", "obriensmith", "smith"},
		"Jörg Müller":   {"joerg", "jorg", "mueller", "muller"},
		"Ødegård":       {"odegaard", "odegard", "oedegaard", "oedegard"},
		"Mu\u0308ller":  {"mueller", "muller"},
		"Mueller":       {"mueller"},
		"Zoë Weiß":      {"weiss", "zoe"},
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
		"o’brien": "'obrien':*", "MÜL  jörg": "('mul':* | 'muel':*) & ('jorg':* | 'joerg':*)", "mueller": "'mueller':*",
		"müller-lang x": "('muller':* & 'lang':* | 'mueller':* & 'lang':*) & 'x':*", "anne-marie": "'anne':* & 'marie':*", "": "", "'": "", "%": "", `a\'b:*|c`: "'a':* & 'b':* & 'c':*",
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

func TestFoundT1_UmlautsAreFoundAsTheyAreSpelledOut(t *testing.T) {
	for name, typed := range map[string][]string{
		"Müller": {"Mueller", "muller", "MUELLER", "müller", "mue", "mu"}, "Mueller": {"Müller", "mu\u0308ller", "MÜL", "mueller"},
		"Jäger": {"jaeger", "jager"}, "Jaeger": {"jäger"}, "Böhm": {"boehm"}, "Boehm": {"böhm"}, "Weiß": {"weiss"}, "Weiss": {"weiß", "WEIẞ"},
		"Åse": {"aase", "ase"}, "Aase": {"åse"}, "Sørensen": {"soerensen", "sorensen"}, "Soerensen": {"sørensen", "Sörensen"},
		"Bjælke": {"bjaelke"}, "Bjaelke": {"bjælke"}, "Ødegård": {"odegaard", "oedegard"}, "Müller-Lüdenscheidt": {"mueller-luedenscheidt", "muellerluden"},
		"Ünlüöztürkgülü": {"unluozturkgulu", "uenlueoeztuerkguelue"},
	} {
		for _, s := range typed {
			require.True(t, finds(search.Query(s), search.Words(name)), "%q finds %q: %v", s, name, search.Words(name))
		}
	}
	for name, typed := range map[string]string{"Joan": "joe", "Zora": "zoe", "Mandel": "mae", "Muller": "mueller"} {
		require.False(t, finds(search.Query(typed), search.Words(name)), "%q finds no %q", typed, name)
	}
	hostile := strings.Repeat("ü", 200)
	require.Len(t, search.Words(hostile), 16, "spellings are bounded")
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
