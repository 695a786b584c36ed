// Package search is the one way in which read models find names: as people spell
// them on the phone, without regard to case, accents, apostrophes, hyphens and
// the forms in which a letter can be typed. What is stored and what is asked for
// are folded by the same function, so that both agree. It may import package
// text's normalization and a table of transliterations; it imports nothing of
// ours.
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
// obriensmith.
func Words(names ...string) []string {
	words := []string{}
	for _, name := range names {
		for _, compound := range fold(name) {
			words = append(words, clip(strings.Join(slices.Concat(compound...), "")))
			for _, joined := range compound {
				words = append(words, clip(strings.Join(joined, "")))
				for _, part := range joined {
					words = append(words, clip(part))
				}
			}
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// Query is the tsquery that finds the names in which every word that was typed
// begins a word, in any order. It is empty if nothing was typed that a name could
// be found by; an empty query finds nothing.
func Query(typed string) string {
	var terms []string
	for _, compound := range fold(typed) {
		for _, joined := range compound {
			terms = append(terms, "'"+clip(strings.Join(joined, ""))+"':*")
		}
	}
	return strings.Join(terms, " & ")
}

// fold takes a text apart: into compounds, which blanks and other signs divide;
// those at hyphens; and those at apostrophes. No part is empty.
func fold(s string) [][][]string {
	var compounds [][][]string
	var compound [][]string
	var joined []string
	var part strings.Builder
	endPart := func() {
		if part.Len() > 0 {
			joined = append(joined, part.String())
			part.Reset()
		}
	}
	endJoined := func() {
		endPart()
		if len(joined) > 0 {
			compound, joined = append(compound, joined), nil
		}
	}
	endCompound := func() {
		endJoined()
		if len(compound) > 0 {
			compounds, compound = append(compounds, compound), nil
		}
	}
	for _, r := range bare(s) {
		for _, c := range spelled(r) {
			switch {
			case c == '\'' || c == '`':
				endPart()
			case c == '-':
				endJoined()
			case c < utf8.RuneSelf && !unicode.IsLetter(c) && !unicode.IsDigit(c):
				endCompound()
			default:
				part.WriteRune(unicode.ToLower(c))
			}
		}
	}
	endCompound()
	return compounds
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
