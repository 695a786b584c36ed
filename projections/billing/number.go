package billing

import (
	"regexp"
	"slices"
	"strings"

	"praxis/projections/read"
)

// partLength is how many characters the longest parts of a number have that it is
// found by.
const partLength = 3

// partsOf are the parts of a number, for the column of type tsvector.
func partsOf(number string) []string {
	parts := []string{}
	for from := range len(number) {
		for to := from + 1; to <= min(from+partLength, len(number)); to++ {
			parts = append(parts, number[from:to])
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// wholeNumber matches numbers as they are printed: a prefix, and six digits or more.
var wholeNumber = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,5}-[0-9]{6,}$`)

// partOfNumber matches what a part of a number is written in.
var partOfNumber = regexp.MustCompile(`^[A-Z0-9-]+$`)

// asNumbered writes what was typed as numbers are written.
func asNumbered(typed string) string { return strings.ToUpper(strings.TrimSpace(typed)) }

// isWholeNumber reports whether a number was typed from its beginning to its end.
func isWholeNumber(typed string) bool { return wholeNumber.MatchString(asNumbered(typed)) }

// withNumber finds invoices by any part of their number, whatever its case; a whole number
// finds that one only. All parts together find more than the numbers that have what was
// typed in one piece, so that is looked at, too.
func withNumber(where *read.Where, typed string) *read.Where {
	number := asNumbered(typed)
	switch {
	case number == "":
		return where
	case wholeNumber.MatchString(number):
		return where.And("number = ?", number)
	case partOfNumber.MatchString(number):
		where.And("number_parts @@ cast(? as text)::tsquery", partsQuery(number))
	}
	return where.And("position(?::text in number) > 0", number)
}

// partsQuery is the tsquery of the longest parts of what was typed.
func partsQuery(typed string) string {
	length := min(partLength, len(typed))
	terms := make([]string, 0, len(typed))
	for from := range len(typed) - length + 1 {
		terms = append(terms, "'"+typed[from:from+length]+"'")
	}
	return strings.Join(terms, " & ")
}
