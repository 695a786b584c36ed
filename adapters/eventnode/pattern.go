package eventnode

import (
	"regexp"
	"slices"
	"strings"
)

// pattern is a filter's regular expression: one of RE2, or ^(?!…) in front of
// one. The Python clients exclude system events by such a negative look-ahead,
// which RE2 does not have; at the beginning it is a match that must not be.
type pattern struct {
	unless []*regexp.Regexp
	wanted *regexp.Regexp
}

const negativeLookAhead = "(?!"

// newPattern reads a regular expression.
func newPattern(text string) (*pattern, error) {
	p := &pattern{}
	rest, isAnchored := strings.CutPrefix(text, "^")
	for isAnchored && strings.HasPrefix(rest, negativeLookAhead) {
		excluded, after, isClosed := cutTopLevel(rest[len(negativeLookAhead):], ')')
		if !isClosed {
			break
		}
		unless, err := regexp.Compile(`\A(?:` + excluded + `)`)
		if err != nil {
			return nil, notRE2(err)
		}
		p.unless, rest = append(p.unless, unless), after
	}
	if p.unless == nil {
		rest = text
	} else {
		// As a group, an alternative in the rest would no longer be one to all of it.
		if _, _, isAlternative := cutTopLevel(rest, '|'); isAlternative {
			return nil, invalidArgument("the filter's regular expression has an alternative beside ^(?!…), which the node does not support; put the alternatives into a group")
		}
		rest = "^" + rest
	}
	var err error
	if p.wanted, err = regexp.Compile(rest); err != nil {
		return nil, notRE2(err)
	}
	return p, nil
}

// notRE2 says why an expression is refused.
func notRE2(err error) error {
	return invalidArgument("the filter's regular expression is not one of RE2 (" + err.Error() + "); of look-around the node has only negative look-ahead at the beginning, ^(?!…)")
}

func (p *pattern) matches(subject string) bool {
	matches := func(expression *regexp.Regexp) bool { return expression.MatchString(subject) }
	return !slices.ContainsFunc(p.unless, matches) && matches(p.wanted)
}

// cutTopLevel cuts text at the first occurrence of end that is not escaped, in a
// character class or in a group.
func cutTopLevel(text string, end byte) (before, after string, found bool) {
	depth, isClass, classStart := 0, false, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\':
			i++
		case isClass:
			// A bracket that comes first, or behind a ^ that does, is a character.
			first := strings.TrimPrefix(text[classStart:i], "^") == ""
			isClass = c != ']' || first
		case c == end && depth == 0:
			return text[:i], text[i+1:], true
		case c == '[':
			isClass, classStart = true, i+1
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
	}
	return text, "", false
}
