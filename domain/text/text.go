// Package text is the one rule for what people type: names, reasons, notes,
// addresses. It exists so that no field invents its own idea of a text, and so
// that a text that was accepted once reads, sorts, is found and is printed the
// same everywhere. It imports the standard library, fault, and Unicode's
// normalization (ADR 21).
package text

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"praxis/domain/fault"
)

// Field is what one field of a form takes. Declare it beside the command that
// has the field: its limit belongs to the field, everything else is the same for
// all of them.
type Field struct {
	what  string
	limit int
	lines bool
	link  bool
	email bool
}

// Line is a field of one line, such as a name. What is what sentences call it
// ("given name"), limit is in characters.
func Line(what string, limit int) Field { return Field{what: what, limit: limit} }

// Note is a field of several lines, such as a policy; limit is in characters.
func Note(what string, limit int) Field { return Field{what: what, limit: limit, lines: true} }

// Link is a field for the address of a page on the web; limit is in characters.
func Link(what string, limit int) Field { return Field{what: what, limit: limit, link: true} }

// Email is a field for the address of a mailbox; limit is in characters.
func Email(what string, limit int) Field { return Field{what: what, limit: limit, email: true} }

// Limit is how many characters the field takes.
func (f Field) Limit() int { return f.limit }

// Read returns what was typed as it is kept: in Unicode's composed form (NFC),
// without blanks around it, lines ended by \n. An empty text is returned as it
// is; whether one is required is for the command to say. Faults, none of which
// repeats the text: "malformed_text" for control characters, characters that turn
// the direction of writing or, in one line, cannot be seen, and what is no character
// at all; "text_invisible" for a text of which nothing can be seen; "text_too_long"; "malformed_link" for a Link
// and "malformed_email" for an Email that is none.
func (f Field) Read(s string) (string, error) {
	if f.lines {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	if problem := f.problem(s); problem != "" {
		return "", fault.New(fault.Invalid, "malformed_text", "The %s %s.", f.what, problem)
	}
	switch {
	case s != "" && !strings.ContainsFunc(s, visible):
		return "", fault.New(fault.Invalid, "text_invisible", "The %s has no character that can be seen. Leave it out, or write something.", f.what)
	case !f.lines && f.shown(s) != s:
		return "", fault.New(fault.Invalid, "malformed_text", "The %s %s.", f.what, unseen)
	case utf8.RuneCountInString(s) > f.limit:
		return "", fault.New(fault.Invalid, "text_too_long", "The %s has more than %d characters. Shorten it.", f.what, f.limit)
	case f.link && s != "" && !leadsToPage(s):
		return "", fault.New(fault.Invalid, "malformed_link", "The %s must be an address on the web that starts with https:// or http:// and names a host, such as https://elm.example.", f.what)
	case f.email && s != "" && !namesMailbox(s):
		return "", fault.New(fault.Invalid, "malformed_email", "The %s must look like name@example.org.", f.what)
	}
	return s, nil
}

// namesMailbox reports whether s is an address by itself: without a name, a comment,
// quotes or a second address beside it, so that every program that sends mail takes it
// for the same one. Only a mail that arrives tells whether it is one.
func namesMailbox(s string) bool {
	local, host, _ := strings.Cut(s, "@")
	return dotted(local) && dotted(host) && !strings.ContainsAny(s, "<>()[],;:\\\"") && !strings.ContainsFunc(s, unicode.IsSpace) &&
		!strings.Contains(host, "@")
}

// dotted reports whether something stands before, between and after the dots of s.
func dotted(s string) bool { return !slices.Contains(strings.Split(s, "."), "") }

// leadsToPage reports whether s is safe to show as a link: http or https, with a
// host, and without a name in front of the host that could be taken for it.
func leadsToPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(s, unicode.IsSpace)
}

const unseen = "holds a character that cannot be seen or that turns the direction of writing. " +
	"Text that is written from right to left needs none; type it again instead of copying it"

// problem says which character does not belong, "" for none.
func (f Field) problem(s string) string {
	if !utf8.ValidString(s) {
		return "is not valid UTF-8 or holds half of a character. Type it again"
	}
	for _, r := range s {
		switch {
		case f.lines && (r == '\n' || r == '\t'):
		case breaksLine(r) && !f.lines:
			return "must be one line. Take the line break out"
		case unicode.IsControl(r) || breaksLine(r):
			return "holds a control character. Type it again instead of copying it"
		case turns(r):
			return unseen
		case meaningless(r):
			return "holds a character without a meaning that others can read. Type it again instead of copying it"
		}
	}
	return ""
}

// Tidy makes a text that Read accepts of one whose author cannot be asked to
// type it again, such as a name that a sign-in service sends: what Read refuses
// is taken out, blanks are joined, and what is too long ends with an ellipsis.
func (f Field) Tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case turns(r), meaningless(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	letters := []rune(strings.Join(strings.Fields(f.composed(s)), " "))
	if len(letters) > f.limit {
		return strings.TrimSpace(f.composed(string(letters[:f.limit-1]))) + "…"
	}
	if !strings.ContainsFunc(string(letters), visible) {
		return ""
	}
	return string(letters)
}

// composed returns s in NFC and as it is shown. What is taken out may have kept a
// letter and its accent apart.
func (f Field) composed(s string) string {
	for {
		next := f.shown(norm.NFC.String(s))
		if next == s {
			return s
		}
		s = next
	}
}

// shown returns s without the characters that leave no mark where they stand, so that
// two names that look the same are the same. What real scripts need stays: joiners and
// variants behind a letter that can be joined or varied, marks of direction in a name
// that has letters written from right to left. An address has no such marks.
func (f Field) shown(s string) string {
	if !strings.ContainsFunc(s, ignorable) {
		return s
	}
	marked := !f.email && !f.link && strings.ContainsFunc(s, fromRight)
	letter, last := ' ', ' '
	return strings.Map(func(r rune) rune {
		isSelector := unicode.Is(unicode.Variation_Selector, r)
		switch {
		case r == '\u200e' || r == '\u200f':
			if !marked {
				return -1
			}
		case joins(r) || isSelector:
			isKeycap := isSelector && strings.ContainsRune("0123456789#*", letter)
			if joins(last) || isSelector && unicode.Is(unicode.Variation_Selector, last) || !isKeycap && !joinable(letter) {
				return -1
			}
		case ignorable(r):
			return -1
		case !unicode.Is(unicode.Inherited, r):
			letter = r
		}
		last = r
		return r
	}, s)
}

// ignorable reports whether programs may show nothing in the place of r.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// joins reports whether r says how the letter before it joins the next one.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' || r == '\u180e' }

// joinable reports whether a letter can look different for a joiner or a selector
// behind it. In these scripts none does.
func joinable(r rune) bool {
	return r > unicode.MaxASCII && !unicode.IsSpace(r) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew)
}

// fromRight reports whether r is a letter that is written from right to left.
func fromRight(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Hanifi_Rohingya) && unicode.IsLetter(r)
}

// breaksLine reports whether r ends a line.
func breaksLine(r rune) bool {
	return r >= '\n' && r <= '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// turns reports whether r overrides or isolates the direction of writing, so that
// a text reads as another than it is. The marks U+200E and U+200F, which Hebrew and
// Arabic texts use, do not.
func turns(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// meaningless reports whether r is for private use, never a character, or stands
// for one that was lost: encoding/json puts U+FFFD where half of a surrogate pair was.
func meaningless(r rune) bool {
	return r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) || r >= '\ufdd0' && r <= '\ufdef' || r&0xfffe == 0xfffe
}

// visible reports whether r leaves a mark of its own on paper. Characters that
// this release of Unicode does not know yet do.
func visible(r rune) bool {
	return !unicode.In(r, unicode.Z, unicode.C, unicode.M, unicode.Other_Default_Ignorable_Code_Point) && r != '\u2800'
}
