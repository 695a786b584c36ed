package text_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/text"
)

// alike reports whether two names, each "given|family", have a spelling in common.
func alike(a, b string) bool {
	spellings := func(name string) []string {
		given, family, _ := strings.Cut(name, "|")
		return text.Spellings(given, family)
	}
	return slices.ContainsFunc(spellings(a), func(s string) bool { return slices.Contains(spellings(b), s) })
}

func TestTheSameNameInAnySpelling(t *testing.T) {
	for _, c := range []struct{ what, one, other string }{
		{"case", "Ada|Lovelace", "ADA|lovelace"},
		{"order of given and family name", "Ada|Lovelace", "Lovelace|Ada"},
		{"both in one field", "Ada|Lovelace", "|Lovelace, Ada"},
		{"order of words", "María|García López", "Maria García|Lopez"},
		{"accents", "Zoë|Núñez", "Zoe|Nunez"},
		{"accents that are typed by themselves", "Rene\u0301|Cote\u0301", "René|Coté"},
		{"apostrophes", "Sean|O'Brien", "Sean|O’Brien"},
		{"an apostrophe or none", "Sean|O'Brien", "Sean|OBrien"},
		{"an apostrophe or a blank", "Sean|O'Brien", "Sean|O Brien"},
		{"hyphens", "Anne-Marie|Smith", "Anne Marie|Smith"},
		{"a hyphen or nothing", "Anne-Marie|Smith", "Annemarie|Smith"},
		{"initials", "J.R.|Tolkien", "JR|Tolkien"},
		{"blanks", " Ada |  Love  Lace", "Ada|Love Lace"},
		{"one word or two", "Kate|Mac Carthy", "Kate|MacCarthy"},
		{"umlauts spelled out", "Jörg|Müller", "Joerg|Mueller"},
		{"umlauts left out", "Jörg|Müller", "Jorg|Muller"},
		{"umlauts in two ways", "Müller|Böll", "Mueller|Boll"},
		{"eszett", "Anna|Groß", "Anna|GROSS"},
		{"ligatures", "Æneas|Œuvre", "Aeneas|Oeuvre"},
		{"rings and strokes", "Åse|Ødegård", "Aase|Oedegaard"},
		{"Polish", "Łukasz|Wałęsa", "Lukasz|Walesa"},
		{"Icelandic", "Þór|Ðuro", "Thor|Duro"},
		{"Cyrillic", "Юрий|Гагарин", "Yuri|Gagarin"},
		{"Cyrillic in another way", "Юрий|Гагарин", "Jurij|Gagarin"},
		{"Cyrillic ya", "Мария|Хрущёва", "Mariya|Khrushcheva"},
		{"Ukrainian", "Володимир|Зеленський", "Volodymyr|Zelenskyy"},
		{"Greek", "Σοφία|Παπαδοπούλου", "Sofia|Papadopoulou"},
		{"wide letters", "Ａｄａ|Ｌｏｖｅｌａｃｅ", "Ada|Lovelace"},
		{"letters that are not seen", "A\u200dda|Lovelace", "Ada|Lovelace"},
		{"doubled letters", "Philip|Hanna", "Philipp|Hana"},
		{"no letters that Latin has", "太郎|山田", "山田|太郎"},
	} {
		require.True(t, alike(c.one, c.other), "%s: %q and %q", c.what, c.one, c.other)
	}
}

func TestOtherNamesAreNotTheSame(t *testing.T) {
	for _, c := range [][2]string{
		{"Ada|Lovelace", "Ada|Byron"},
		{"Ada|Lovelace", "Eda|Lovelace"},
		{"Amy|Ames", "May|Ames"}, // letters in another order: twins
		{"Ada|Lovelace", "Ada|"},
		{"Ada|Lovelace", "Ada Augusta|Lovelace"},
		{"...|", "---|"},
	} {
		require.False(t, alike(c[0], c[1]), "%q", c)
	}
	require.Empty(t, text.Spellings("", "…"))
}

// FuzzSpellings: whatever somebody is called, the spellings of the name are those of the
// name in capitals, and with given and family name the other way round.
func FuzzSpellings(f *testing.F) {
	for _, seed := range [][2]string{{"Ada", "Lovelace"}, {"Jörg", "Groß-Müller"}, {"Юрий", "O'Brien"}, {"\u0301", "ΐ ﬁ İ"}, {"", ""}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, given, family string) {
		is := text.Spellings(given, family)
		require.LessOrEqual(t, len(is), 3)
		require.True(t, slices.IsSorted(is))
		require.NotContains(t, is, "")
		require.Equal(t, is, text.Spellings(family, given))
		require.Equal(t, is, text.Spellings(" "+given+" ", family+"."))
	})
}
