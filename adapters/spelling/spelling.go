// Package spelling finds the name that somebody probably meant. It imports the
// standard library only.
package spelling

import "strings"

// tooLong is the length beyond which a name is no typing error: the comparison is
// quadratic.
const tooLong = 100

// Nearest returns the known name with the fewest typing errors, "" when all are
// too far off: at most a third of a known name may be wrong. Letters' cases,
// hyphens and underscores are no errors. Equally near names: the first.
func Nearest(name string, known []string) string {
	if len(name) > tooLong {
		return ""
	}
	best, fewest := "", tooLong
	for _, candidate := range known {
		spelled := plain(candidate)
		if d := Distance(plain(name), spelled); d < fewest && 3*d <= len(spelled) {
			best, fewest = candidate, d
		}
	}
	return best
}

func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

// Distance is the Levenshtein distance between two names, in bytes.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitution := diagonal
			if a[i] != b[j] {
				substitution++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitution, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
