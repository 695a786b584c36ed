package rulebook_test

import (
	"fmt"
	"path"
	"strings"
)

// State says what is true of a rule today.
type State string

// The two states of a rule: a test names it, or it is not built, not whole, or not
// yet proven.
const (
	Held    State = "held"
	Planned State = "planned"
)

// Rule is one row of the page.
type Rule struct {
	ID    ID
	Says  string
	State State
	// Tests are links to the files that name the rule, as the page has them.
	Tests string
	// Line is where the row stands, from 1.
	Line int
}

// Page is docs/rules.md or docs/trials.md, read.
type Page struct {
	Rules []Rule
	lines []string
}

// columns are the cells of a rule's row: id, sentence, state, tests.
const columns = 4

// Parse reads the page. Rules are the rows of its tables that begin with an id;
// everything else is prose.
func Parse(text string) (Page, error) {
	p := Page{lines: strings.Split(text, "\n")}
	for n, line := range p.lines {
		cells := cellsOf(line)
		if len(cells) == 0 || !idPattern.MatchString(cells[0]) {
			continue
		}
		ids, err := Find(cells[0])
		if err != nil {
			return Page{}, fmt.Errorf("line %d: %w", n+1, err)
		}
		if len(cells) != columns || len(ids) != 1 || ids[0].String() != cells[0] {
			return Page{}, fmt.Errorf("line %d: a rule's row is | id | what it says | held or planned | tests |", n+1)
		}
		state := State(cells[2])
		if state != Held && state != Planned {
			return Page{}, fmt.Errorf("line %d: %s is %q, not held or planned", n+1, cells[0], cells[2])
		}
		if cells[1] == "" {
			return Page{}, fmt.Errorf("line %d: %s says nothing", n+1, cells[0])
		}
		p.Rules = append(p.Rules, Rule{ID: ids[0], Says: cells[1], State: state, Tests: cells[3], Line: n + 1})
	}
	return p, nil
}

// With returns the page's text with its column of tests written anew.
func (p Page) With(named Named) string {
	lines := append([]string(nil), p.lines...)
	for _, r := range p.Rules {
		row := []string{"|", r.ID.String(), "|", r.Says, "|", string(r.State), "|"}
		if tests := links(named[r.ID]); tests != "" {
			row = append(row, tests)
		}
		lines[r.Line-1] = strings.Join(append(row, "|"), " ")
	}
	return strings.Join(lines, "\n")
}

// links point from docs/ to files below the root.
func links(files []string) string {
	all := make([]string, 0, len(files))
	for _, file := range files {
		name := path.Join(path.Base(path.Dir(file)), strings.TrimSuffix(path.Base(file), "_test.go"))
		all = append(all, "["+name+"](../"+file+")")
	}
	return strings.Join(all, ", ")
}

func cellsOf(line string) []string {
	line, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
	if !ok {
		return nil
	}
	cells := strings.Split(strings.TrimSuffix(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}
