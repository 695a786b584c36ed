package rulebook_test

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ID is the name of a rule, such as "BIL-A14": its series, "BIL-A", and its
// number in it. Series whose numbers follow the dash keep it: "G-". What a trial of
// the running system found has such a name, too: "FOUND-M1".
type ID struct {
	Series string
	Number int
}

// String returns the id as tests and the page write it.
func (i ID) String() string { return i.Series + strconv.Itoa(i.Number) }

// Found tells whether it names a finding instead of a rule.
func (i ID) Found() bool { return strings.HasPrefix(i.Series, "FOUND-") }

// Compare orders ids by series, then by number.
func Compare(a, b ID) int {
	return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Number, b.Number))
}

var (
	idPattern = regexp.MustCompile(`((?:AMB|BIL|BKG|SCN|FOUND|[BCGHLR])-[A-Z]?)([0-9]+)`)
	// toPattern is the one way to write a range: BIL-T2..T5, BIL-T2..5, BIL-T2..BIL-T5.
	toPattern = regexp.MustCompile(`^\.\.([A-Z]*-?[A-Z]?)([0-9]+)\b`)
	// shorthand is what people write in place of a range or a list, such as
	// BIL-T2–T5, BIL-17/18 or "BIL-A3, A4". It hides rules from this package.
	shorthand = regexp.MustCompile(`^(?:(?:\.\.|…|–|—|[-/+&])[A-Z]*-?[A-Z]?[0-9]|\.\.|(?:,| and| to| or) ?[A-Z][0-9])`)
)

// longest bounds a range, so that a slip of the pen names no thousand rules.
const longest = 100

// Find returns the ids that a text names, ranges spelled out, in their order. It
// fails on an id that continues in a way it does not understand, because the rules
// meant there would count as untested.
func Find(text string) ([]ID, error) {
	var found []ID
	past := 0 // where the last range ends: its end is no id of its own
	for _, at := range idPattern.FindAllStringSubmatchIndex(text, -1) {
		if at[0] < past || at[0] > 0 && isWord(text[at[0]-1]) || at[1] < len(text) && isWord(text[at[1]]) && text[at[1]] != '-' {
			continue
		}
		first := ID{Series: text[at[2]:at[3]]}
		var err error
		if first.Number, err = strconv.Atoi(text[at[4]:at[5]]); err != nil {
			return nil, fmt.Errorf("the number of %q: %w", text[at[0]:at[1]], err)
		}
		rest := text[at[1]:]
		if to := toPattern.FindStringSubmatch(rest); to != nil {
			all, err := span(first, to[1], to[2])
			if err != nil {
				return nil, err
			}
			found, past = append(found, all...), at[1]+len(to[0])
			continue
		}
		if odd := shorthand.FindString(rest); odd != "" {
			return nil, fmt.Errorf("%q is not understood: name each rule in full, or write a range as BIL-T2..T5", first.String()+odd)
		}
		found = append(found, first)
	}
	return found, nil
}

// span spells a range out. The end may leave out what it shares with the first.
func span(first ID, series, number string) ([]ID, error) {
	last, err := strconv.Atoi(number)
	if err != nil {
		return nil, fmt.Errorf("the end of the range from %s: %w", first, err)
	}
	if !strings.HasSuffix(first.Series, series) || last <= first.Number || last-first.Number >= longest {
		return nil, fmt.Errorf("\"%s..%s%s\" is not understood: a range goes up within one series", first, series, number)
	}
	var all []ID
	for n := first.Number; n <= last; n++ {
		all = append(all, ID{Series: first.Series, Number: n})
	}
	return all, nil
}

// isWord tells whether an id that touches the byte is part of something longer.
func isWord(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
