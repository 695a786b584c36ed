package rulebook_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check says, one sentence each, where page and tests disagree and what to change.
func Check(p Page, named Named) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	rows, last := map[ID]Rule{}, map[string]int{}
	for _, r := range p.Rules {
		if before, twice := rows[r.ID]; twice {
			say("line %d: %s stands in line %d already: keep one of the two", r.Line, r.ID, before.Line)
		}
		rows[r.ID] = r
		last[r.ID.Series] = max(last[r.ID.Series], r.ID.Number)
		switch files := named[r.ID]; {
		case r.State == Held && len(files) == 0:
			say("line %d: %s is held, and no test names it: name it in the test that holds it, or write %q in its row", r.Line, r.ID, Planned)
		case r.State == Planned && len(files) > 0:
			say("line %d: %s is planned, and %s names it: if that test holds the rule, write %q in its row, else take the id out of the test", r.Line, r.ID, strings.Join(files, ", "), Held)
		}
	}
	for _, r := range p.Rules {
		others, err := Find(r.Says)
		if err != nil {
			say("line %d: %v", r.Line, err)
		}
		for _, other := range others {
			if _, there := rows[other]; !there {
				say("line %d: %s speaks of %s, which has no row: give it one", r.Line, r.ID, other)
			}
		}
	}
	for _, series := range slices.Sorted(maps.Keys(last)) {
		for n := 1; n <= last[series]; n++ {
			if _, there := rows[ID{Series: series, Number: n}]; !there {
				say("%s%d has no row, though %s%d has: a rule that was given up keeps its row and says so", series, n, series, last[series])
			}
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(named), Compare) {
		if _, there := rows[id]; !there {
			say("%s is named by %s and has no row: add | %s | what it says | %s | |, or mend the test", id, strings.Join(named[id], ", "), id, Held)
		}
	}
	return wrong
}

// Stale says which rows do not link to the tests that name their rule.
func Stale(p Page, named Named) []string {
	var stale []string
	for _, r := range p.Rules {
		if r.Tests != links(named[r.ID]) {
			stale = append(stale, fmt.Sprintf("line %d: the tests of %s changed", r.Line, r.ID))
		}
	}
	return stale
}
