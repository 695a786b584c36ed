// Package texttest is the corpus of texts that every field of Praxis is tried
// with: names as real people have them, and texts that were made to do harm. It
// exists for tests.
package texttest

import "strings"

// Sample is one text.
type Sample struct {
	// Name says what is special about it.
	Name string
	Text string
	// Line and Note are the codes with which a field of one line and one of several
	// lines refuse it, whatever their limits; empty where they take it.
	Line, Note string
	// Kept is what is kept of a text that is taken; empty for the text itself.
	Kept string
	// Find lists what somebody may type to find a person of that name.
	Find []string
}

// As returns the text as a field that takes it keeps it.
func (s Sample) As() string {
	if s.Kept != "" {
		return s.Kept
	}
	return s.Text
}

// People are names that people have, as they are typed.
func People() []Sample {
	return []Sample{
		{Name: "plain", Text: "Ada Lovelace", Find: []string{"ada", "lovelace", "LOVELACE Ada", "love ad"}},
		{Name: "apostrophe of the keyboard", Text: "O'Brien", Find: []string{"obrien", "O'Brien", "o’brien", "O Brien", "brien"}},
		{Name: "apostrophe of the typesetter", Text: "O’Brien", Find: []string{"obrien", "o'brien"}},
		{Name: "apostrophe of the linguist", Text: "Oʼbrien", Find: []string{"obrien", "o'brien"}},
		{Name: "turned comma", Text: "Hawaiʻi", Find: []string{"hawaii", "hawai'i"}},
		{Name: "modifier prime", Text: "Oʹbrien", Find: []string{"obrien"}},
		{Name: "grave accent for an apostrophe", Text: "O`Brien", Find: []string{"obrien"}},
		{Name: "acute accent for an apostrophe", Text: "O´Brien", Find: []string{"obrien", "O´Brien"}},
		{Name: "fullwidth apostrophe", Text: "O＇Brien", Find: []string{"obrien"}},
		{Name: "umlaut, composed", Text: "Jörg Müller", Find: []string{"muller", "Müller", "MÜLLER", "mu\u0308ller", "jorg mul", "mueller", "joerg MUELL"}},
		{Name: "umlaut, decomposed", Text: "Mu\u0308ller", Kept: "Müller", Find: []string{"muller", "Müller"}},
		{Name: "umlaut, spelled out", Text: "Goeran Mueller", Find: []string{"mueller", "Müller", "mu\u0308ller", "göran mül"}},
		{Name: "ring", Text: "Åse Ødegård", Find: []string{"ase", "aase", "åse", "odegard", "Odegaard", "oedegaard", "ØDEGÅRD"}},
		{Name: "ring, spelled out", Text: "Aase Oedegaard", Find: []string{"aase", "åse", "ødegård"}},
		{Name: "sharp s", Text: "Straße", Find: []string{"strasse", "STRASSE", "straße", "STRAẞE"}},
		{Name: "d with stroke", Text: "Đặng", Find: []string{"dang", "đang", "Đặng"}},
		{Name: "Vietnamese, composed", Text: "Nguyễn Thị Ánh", Find: []string{"nguyen", "anh nguyen", "thi"}},
		{Name: "Vietnamese, decomposed", Text: "Nguye\u0302\u0303n", Kept: "Nguyễn", Find: []string{"nguyen", "Nguyễn"}},
		{Name: "l with stroke", Text: "Łukasz", Find: []string{"lukasz", "łukasz"}},
		{Name: "o with stroke", Text: "Sørensen", Find: []string{"sorensen", "SØRENSEN", "soerensen"}},
		{Name: "ae", Text: "Bjælke", Find: []string{"bjaelke", "BJÆLKE"}},
		{Name: "tilde", Text: "Ñíguez", Find: []string{"niguez", "ñiguez"}},
		{Name: "dotless i", Text: "Çelik Işıl", Find: []string{"celik", "isil", "IŞIL"}},
		{Name: "dotted capital I", Text: "İbrahim", Find: []string{"ibrahim", "IBRAHIM"}},
		{Name: "ligature", Text: "Geoﬀrey Aﬄeck", Find: []string{"geoffrey", "affleck"}},
		{Name: "fullwidth letters", Text: "Ｔａｎａｋａ", Find: []string{"tanaka"}},
		{Name: "hyphen", Text: "Anne-Marie Müller-Lüdenscheidt", Find: []string{"anne-marie", "annemarie", "anne marie", "ludenscheidt", "muller-lud"}},
		{Name: "hyphen that does not break", Text: "Smith‑Jones", Find: []string{"smith-jones", "smithjones", "jones"}},
		{Name: "dash", Text: "Smith–Jones", Find: []string{"smith-jones", "jones"}},
		{Name: "one letter", Text: "Å", Find: []string{"a", "å"}},
		{Name: "one letter and a full stop", Text: "J. R. Ewing", Find: []string{"j r ewing", "ewing"}},
		{Name: "Japanese", Text: "山田 太郎", Find: []string{"山田", "太郎 山"}},
		{Name: "Japanese beyond the basic plane", Text: "𠮷田", Find: []string{"𠮷田", "𠮷"}},
		{Name: "Korean", Text: "김철수", Find: []string{"김철", "김철수"}},
		{Name: "Arabic", Text: "محمد علي", Find: []string{"محمد", "علي"}},
		{Name: "Arabic with a mark of direction", Text: "محمد\u200f (Mo)", Find: []string{"محمد", "mo"}},
		{Name: "Hebrew", Text: "יעל כהן", Find: []string{"כהן", "יעל"}},
		{Name: "Persian with a joiner", Text: "علی\u200cرضا", Find: []string{"علی\u200cرضا", "علیرضا"}},
		{Name: "Hindi", Text: "प्रिया शर्मा", Find: []string{"प्रिया", "शर्मा"}},
		{Name: "Russian", Text: "Пётр Чайковский", Find: []string{"петр", "Пётр", "чайк"}},
		{Name: "Greek", Text: "Γιώργος", Find: []string{"γιωργος", "ΓΙΏΡΓΟΣ"}},
		{Name: "emoji", Text: "Zoë 👩🏽‍⚕️", Find: []string{"zoe", "ZOË"}},
		{Name: "combining marks without a composed form", Text: "M\u0308bappe\u0301", Kept: "M\u0308bappé", Find: []string{"mbappe"}},
		{Name: "the word null", Text: "null", Find: []string{"null"}},
		{Name: "the word undefined", Text: "undefined", Find: []string{"undefined"}},
		{Name: "the word true", Text: "true", Find: []string{"true"}},
		{Name: "digits", Text: "X Æ A-12", Find: []string{"ae", "a-12", "12"}},
		{Name: "blanks around", Text: "  Ada \u00a0", Kept: "Ada", Find: []string{"ada"}},
	}
}

// Hostile are texts that do harm where they are taken for more than texts, and
// texts that are none.
func Hostile() []Sample {
	return []Sample{
		{Name: "formula", Text: "=cmd|' /C calc'!A0"},
		{Name: "formula with a sum", Text: "@SUM(1+1)*cmd|' /C calc'!A0"},
		{Name: "formula behind a blank", Text: " =1+1", Kept: "=1+1"},
		{Name: "fullwidth formula", Text: "＝1+1"},
		{Name: "plus", Text: "+1+1"},
		{Name: "minus", Text: "-2+3"},
		{Name: "formula between separators", Text: "x;=1+1;y"},
		{Name: "quoted cell", Text: `"a","b";c`},
		{Name: "markup", Text: "<script>alert(1)</script>"},
		{Name: "entity", Text: "&lt;b&gt; &amp;"},
		{Name: "SQL", Text: "Robert'); DROP TABLE chart;--"},
		{Name: "wildcards", Text: `%_\`},
		{Name: "template", Text: "{{.}} ${jndi:ldap://x} %s%n"},
		{Name: "mail header", Text: "Bcc: eve@example.org"},
		{Name: "encoded word", Text: "=?utf-8?q?x?="},
		{Name: "JSON", Text: `{"a":[1,"\n"]}`},
		{Name: "path", Text: "../../etc/passwd"},
		{Name: "NUL", Text: "Ada\x00", Line: "malformed_json", Note: "malformed_json"},
		{Name: "escape", Text: "A\x1b[2J", Line: "malformed_text", Note: "malformed_text"},
		{Name: "control of C1", Text: "A\u009b2J", Line: "malformed_text", Note: "malformed_text"},
		{Name: "line break", Text: "Ada\nBcc: eve@example.org", Line: "malformed_text"},
		{Name: "line break of Windows", Text: "Ada\r\nLovelace", Line: "malformed_text", Kept: "Ada\nLovelace"},
		{Name: "carriage return", Text: "Ada\rEve", Line: "malformed_text", Note: "malformed_text"},
		{Name: "tab", Text: "Ada\tLovelace", Line: "malformed_text"},
		{Name: "line separator", Text: "Ada\u2028Eve", Line: "malformed_text", Note: "malformed_text"},
		{Name: "zero-width space only", Text: "\u200b", Line: "text_invisible", Note: "text_invisible"},
		{Name: "Hangul filler only", Text: "\u3164", Line: "text_invisible", Note: "text_invisible"},
		{Name: "blank Braille only", Text: "\u2800", Line: "text_invisible", Note: "text_invisible"},
		{Name: "combining mark only", Text: "\u0301", Line: "text_invisible", Note: "text_invisible"},
		{Name: "soft hyphen and joiner only", Text: "\u00ad \u200d", Line: "text_invisible", Note: "text_invisible"},
		{Name: "override of direction", Text: "Ada\u202eevE", Line: "malformed_text", Note: "malformed_text"},
		{Name: "isolate of direction", Text: "Ada\u2066Eve\u2069", Line: "malformed_text", Note: "malformed_text"},
		{Name: "zero-width space inside", Text: "Main\u200b Street", Line: "malformed_text"},
		{Name: "byte order mark before a formula", Text: "\ufeff=1+1", Line: "malformed_text"},
		{Name: "soft hyphen inside", Text: "Main Str\u00adeet", Line: "malformed_text"},
		{Name: "Arabic letter mark", Text: "محمد\u061c (Mo)", Line: "malformed_text"},
		{Name: "joiner that joins nothing", Text: "Main\u200d Street", Line: "malformed_text"},
		{Name: "replacement character", Text: "M\ufffdller", Line: "malformed_text", Note: "malformed_text"},
		{Name: "private use", Text: "Ada \ue000", Line: "malformed_text", Note: "malformed_text"},
		{Name: "never a character", Text: "Ada \ufdd0", Line: "malformed_text", Note: "malformed_text"},
		{Name: "10,001 characters", Text: strings.Repeat("é", 10_001), Line: "text_too_long", Note: "text_too_long"},
	}
}

// All are all of them.
func All() []Sample { return append(People(), Hostile()...) }
