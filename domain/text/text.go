// Package text is the one rule for what people type: names, reasons, notes,
// addresses. It exists so that no field invents its own idea of a text, and so
// that a text that was accepted once reads, sorts, is found and is printed the
// same everywhere. It imports the standard library, fault, and Unicode's
// normalization (ADR 21).
package text

import (
	"net/url"
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
// the direction of writing, and what is no character at all; "text_invisible" for
// a text of which nothing can be seen; "text_too_long"; "malformed_link" for a Link
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
	case utf8.RuneCountInString(s) > f.limit:
		return "", fault.New(fault.Invalid, "text_too_long", "The %s has more than %d characters. Shorten it.", f.what, f.limit)
	case f.link && s != "" && !leadsToPage(s):
		return "", fault.New(fault.Invalid, "malformed_link", "The %s must be an address on the web that starts with https:// or http:// and names a host, such as https://elm.example.", f.what)
	case f.email && s != "" && !namesMailbox(s):
		return "", fault.New(fault.Invalid, "malformed_email", "The %s must look like name@example.org.", f.what)
	}
	return s, nil
}

// namesMailbox reports whether s looks like an address. Only a mail that arrives
// tells whether it is one.
func namesMailbox(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && host != "" && !strings.Contains(host, "@") && !strings.ContainsFunc(s, unicode.IsSpace)
}

// leadsToPage reports whether s is safe to show as a link: http or https, with a
// host, and without a name in front of the host that could be taken for it.
func leadsToPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(s, unicode.IsSpace)
}

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
			return "holds a character that turns the direction of writing. Text that is written from right to left needs none; take it out"
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
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
	letters := []rune(strings.Join(strings.Fields(s), " "))
	if len(letters) > f.limit {
		return strings.TrimSpace(string(letters[:f.limit-1])) + "…"
	}
	if !strings.ContainsFunc(string(letters), visible) {
		return ""
	}
	return string(letters)
}

// breaksLine reports whether r ends a line.
func breaksLine(r rune) bool {
	return r >= '\n' && r <= '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// turns reports whether r overrides or isolates the direction of writing, so that
// a text reads as another than it is. The marks U+200E, U+200F and U+061C, which
// Hebrew and Arabic texts use, do not.
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
