// Package search is the one way in which read models find names: as people spell
// them on the phone, without regard to case, accents, apostrophes, hyphens and
// the forms in which a letter can be typed, umlauts spelled out or not. What is
// stored and what is asked for are folded by the same function, so that both
// agree. It may import package text's normalization and a table of
// transliterations; it imports nothing of ours.
package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// longestWord bounds a word in characters: Postgres takes 2,046 bytes.
const longestWord = 100

// Words are what names can be found by, for the column of type tsvector (through
// array_to_tsvector). O'Brien-Smith is found as obrien, brien, smith and
// obriensmith, Müller as muller and mueller.
func Words(names ...string) []string {
	words := []string{}
	for word := range strings.FieldsSeq(strings.Join(names, " ")) {
		for _, spelling := range spellings(word) {
			for _, compound := range fold(spelling) {
				words = append(words, clip(strings.Join(slices.Concat(compound...), "")))
				for _, joined := range compound {
					words = append(words, clip(strings.Join(joined, "")))
					for _, part := range joined {
						words = append(words, clip(part))
					}
				}
			}
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// Query is the tsquery that finds the names in which every word that was typed
// begins a word, in any order and in one of its spellings. It is empty if nothing
// was typed that a name could be found by; an empty query finds nothing.
func Query(typed string) string {
	var words []string
	for word := range strings.FieldsSeq(typed) {
		var either []string
		for _, spelling := range spellings(word) {
			if q := every(spelling); q != "" && !slices.Contains(either, q) {
				either = append(either, q)
			}
		}
		switch len(either) {
		case 0:
		case 1:
			words = append(words, either[0])
		default:
			words = append(words, "("+strings.Join(either, " | ")+")")
		}
	}
	return strings.Join(words, " & ")
}

// every is the tsquery of one spelling: all its parts.
func every(spelling string) string {
	var terms []string
	for _, compound := range fold(spelling) {
		for _, joined := range compound {
			terms = append(terms, "'"+clip(strings.Join(joined, ""))+"':*")
		}
	}
	return strings.Join(terms, " & ")
}

// spelledOut are the letters that people also write as two where a keyboard or a
// register has no such letter. ß, æ and œ always are: fold spells them so.
var spelledOut = map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue", 'å': "aa", 'ø': "oe"}

// mostSpellings bounds the spellings of one word.
const mostSpellings = 16

// spellings are the word as it is and with its umlauts, rings and strokes spelled
// out, each by itself: Ødegård is also Odegaard. The first has none of them spelled
// out, the last all; a word with more than four has half of its spellings like
// each of these from the fifth on.
func spellings(word string) []string {
	all := []string{""}
	for _, r := range norm.NFC.String(word) {
		two, ok := spelledOut[unicode.ToLower(r)]
		if ok && len(all) < mostSpellings {
			all = append(all, all...)
		}
		for n := range all {
			if ok && n >= len(all)/2 {
				all[n] += two
			} else {
				all[n] += string(r)
			}
		}
	}
	return all
}

// fold takes a text apart: into compounds, which blanks and other signs divide;
// those at hyphens; and those at apostrophes. No part is empty.
func fold(s string) (compounds [][][]string) {
	var plain strings.Builder
	for _, r := range bare(s) {
		plain.WriteString(strings.ToLower(spelled(r)))
	}
	for compound := range strings.FieldsFuncSeq(plain.String(), divides) {
		var joined [][]string
		for word := range strings.FieldsFuncSeq(compound, func(c rune) bool { return c == '-' }) {
			if parts := strings.FieldsFunc(word, isApostrophe); len(parts) > 0 {
				joined = append(joined, parts)
			}
		}
		if len(joined) > 0 {
			compounds = append(compounds, joined)
		}
	}
	return compounds
}

func isApostrophe(c rune) bool { return c == '\'' || c == '`' }

// divides reports whether a sign ends a compound.
func divides(c rune) bool {
	return c < utf8.RuneSelf && c != '-' && !isApostrophe(c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
}

// bare takes the accents off the letters that they can be taken off; others, such
// as those of Japanese, change what is said and stay.
func bare(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f { // Unicode's block of accents
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// spelled is how a letter is spelled in ASCII, "" for one that is not seen, and
// the letter itself where there is no such spelling.
func spelled(r rune) string {
	if s := unidecode.Unidecode(string(r)); s != "" {
		return s
	}
	if s := unidecode.Unidecode(norm.NFKC.String(string(r))); s != "" {
		return s
	}
	switch {
	case unicode.In(r, unicode.M, unicode.Cf):
		return ""
	case unicode.Is(unicode.Ideographic, r):
		return string(r) + " " // a word of its own, as the table has them
	}
	return string(r)
}

func clip(word string) string {
	if letters := []rune(word); len(letters) > longestWord {
		return string(letters[:longestWord])
	}
	return word
}
