package text

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Spellings returns what the name of a person is compared by. Two names that are the same
// but for case, accents, punctuation, blanks, the order of their words and of given and
// family name, and the usual ways to write letters that a keyboard or a register lacks
// (Müller, Mueller; Юрий, Yuri, Jurij) have one of them in common. It is for finding
// people who may be the same: different names can have one in common, too. A name without
// letters and digits has none.
func Spellings(given, family string) []string {
	words := slices.Concat(foldedWords(given), foldedWords(family))
	sorted := slices.Clone(words)
	for i := range sorted {
		sorted[i] = respelled(sorted[i])
	}
	slices.Sort(sorted)
	first, last := strings.Join(foldedWords(given), ""), strings.Join(foldedWords(family), "")
	all := []string{respelled(first + last), respelled(last + first), strings.Join(sorted, "")}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// foldedWords are the words of a name in lower-case letters, Latin where there is a usual
// way to write them so. Apostrophes and full stops divide nothing, other signs do.
func foldedWords(name string) []string {
	var folded strings.Builder
	last := rune(0)
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		latin, known := inLatin[r]
		switch {
		case r == 'υ' && last == 'ο':
			folded.WriteString("u")
		case known:
			folded.WriteString(latin)
		case unicode.In(r, unicode.M, unicode.Cf) || strings.ContainsRune(".'`’‘ʼ´", r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			folded.WriteRune(r)
		default:
			folded.WriteByte(' ')
		}
		last = r
	}
	return strings.Fields(folded.String())
}

// respelled writes the letters in one way that are written in several.
func respelled(s string) string {
	var plain strings.Builder
	last := rune(0)
	for _, r := range manyWays.Replace(s) {
		if r != last { // Anna, Ana
			plain.WriteRune(r)
		}
		last = r
	}
	return plain.String()
}

var manyWays = strings.NewReplacer(
	"ae", "a", "oe", "o", "ue", "u", "ou", "u",
	"kh", "h", "ph", "f", "x", "ks", "j", "i", "y", "i", "w", "v",
)

// inLatin are the letters that Unicode does not take apart, as they are usually written in
// Latin ones: those of Latin alphabets, Cyrillic and Greek.
var inLatin = func() map[rune]string {
	letters := map[rune]string{
		'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "ng",
		'ж': "zh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ь': "", 'ю': "iu", 'я': "ia", 'є': "ie", 'ђ': "d", 'џ': "dzh", 'љ': "li", 'њ': "ni", 'ћ': "ch",
		'θ': "th", 'ξ': "ks", 'ψ': "ps", 'χ': "h", 'ς': "s",
	}
	for pair := range strings.FieldsSeq("аa бb вv гg дd еe зz иi кk лl мm нn оo пp рr сs тt уu фf хh ыi эe іi ґg αa βv γg δd εe ζz ηi ιi κk λl μm νn οo πp ρr σs τt υy φf ωo") {
		runes := []rune(pair)
		letters[runes[0]] = string(runes[1])
	}
	return letters
}()
