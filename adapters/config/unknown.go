package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"praxis/adapters/spelling"
)

// ofOtherCommands are variables that are no setting, and are read by one command only.
var ofOtherCommands = []string{"PRAXIS_NODE_PASSWORD", "PRAXIS_NODE_PASSWORD_FILE", "PRAXIS_TOKEN"}

// unknownNames warns of variables that look like ours and are not. Variables of
// the project's own tests (PRAXIS_TEST_…) are left alone.
func unknownNames(values map[string]string, table []setting) []string {
	known := slices.Clone(ofOtherCommands)
	for _, s := range table {
		known = append(known, s.name)
		if s.isSecret() {
			known = append(known, s.name+"_FILE")
		}
	}
	var warnings []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !strings.HasPrefix(name, "PRAXIS_") || strings.HasPrefix(name, "PRAXIS_TEST_") || slices.Contains(known, name) {
			continue
		}
		warning := fmt.Sprintf("%q is not a variable of praxis and has no effect", name)
		if near := nearest(name, known); near != "" {
			warning += "; did you mean " + near + "?"
		}
		warnings = append(warnings, warning)
	}
	return warnings
}

// nearest returns the known name with the fewest typing errors, or nothing when
// all are too far off. Names without our prefix are also tried with it.
func nearest(name string, known []string) string {
	const tooFar = 7
	// A name this long is no slip of the keyboard, and the comparison is
	// quadratic.
	if len(name) > 100 {
		return ""
	}
	best, bestDistance := "", tooFar
	for _, candidate := range known {
		spelled := candidate
		if !strings.HasPrefix(candidate, "PRAXIS_") {
			spelled = "PRAXIS_" + candidate
		}
		// A third of the name may be wrong.
		if d := spelling.Distance(name, spelled); d < bestDistance && 3*d <= len(spelled)-len("PRAXIS_") {
			best, bestDistance = candidate, d
		}
	}
	return best
}
