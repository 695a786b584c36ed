package archtest_test

import (
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tracked are the files of the repository that git knows and whose names end so.
func tracked(t *testing.T, suffixes ...string) (files []string) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files")
	list.Dir = "../.."
	out, err := list.Output()
	require.NoError(t, err)
	for _, name := range strings.Fields(string(out)) {
		for _, suffix := range suffixes {
			if _, err := os.Stat(filepath.Join("../..", name)); err == nil && strings.HasSuffix(name, suffix) {
				files = append(files, name)
			}
		}
	}
	require.NotEmpty(t, files)
	return files
}

// retired are words of a private vocabulary that the code once had, and what is said
// instead (docs/glossary.md).
var retired = compiled(map[string]string{
	`\bTodos?\b|\btodos\b`: "effect",
	`\bReact(:|\()`:        "OnEvent",
	`\bFire(:|\()`:         "OnTimer",
	`\bCarry(:|\()`:        "Give",
	`\bForesight\b`:        "preview",
	`\bErrMoved\b`:         "checkpoint conflict",
	`\bhangUp\b`:           "release",
	`\bcorrespondence\{`:   "notification",
	`\bToldOfRefund\b`:     "payment notification",
	`\buseCase\b`:          "spec",
	whoever:                "the name of who is meant",
})

// whoever hides who is meant.
const whoever = `\b[Ww]hom?ever\b`

// maySayWhoever are tests, decisions and migrations that are taken, and one sentence that tests quote.
func maySayWhoever(name string) bool {
	return strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "docs/adr/") || strings.HasPrefix(name, "migrations/") || name == "domain/access/explain.go"
}

func compiled(words map[string]string) map[*regexp.Regexp]string {
	all := map[*regexp.Regexp]string{}
	for word, instead := range words {
		all[regexp.MustCompile(word)] = instead
	}
	return all
}

func TestRetiredWordsStayAway(t *testing.T) {
	for _, name := range tracked(t, ".go", ".md", ".yaml", ".sql") {
		if name == "CHANGELOG.md" || strings.HasSuffix(name, "words_test.go") || strings.HasPrefix(name, "docs/adr/0024") {
			continue
		}
		text, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		for word, instead := range retired {
			if word.String() == whoever && maySayWhoever(name) {
				continue
			}
			if found := word.Find(text); found != nil {
				t.Errorf("%s says %q; the word is %q", name, found, instead)
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestPagesLinkToWhatIsThere(t *testing.T) {
	for _, name := range tracked(t, ".md") {
		text, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		for _, to := range link.FindAllSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join("../..", filepath.Dir(name), string(to[1])))
			require.NoError(t, err, "%s links to %s", name, to[1])
		}
	}
}

// The page that follows a command names at most eight files up to the appended event,
// and fourteen for the round trip.
func TestTheLifeOfACommandIsShort(t *testing.T) {
	text, err := os.ReadFile("../../docs/life-of-a-command.md")
	require.NoError(t, err)
	there, back, both := strings.Cut(string(text), "## From the event to the row")
	require.True(t, both)
	step := regexp.MustCompile(`(?m)^\d+\. `)
	require.LessOrEqual(t, len(step.FindAllString(there, -1)), 8)
	require.LessOrEqual(t, len(step.FindAllString(there+back, -1)), 14)
}

// ofTheWire are the identifiers that are named after events and commands, whose names stay.
var ofTheWire = []string{"PracticeInfoUpdated", "UpdatePracticeInfo", "SoloPracticeConverted"}

// Code says group, and people read practice (docs/glossary.md).
func TestCodeSaysGroup(t *testing.T) {
	for _, name := range tracked(t, ".go") {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/") {
			continue
		}
		source, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err)
		files := token.NewFileSet()
		var s scanner.Scanner
		s.Init(files.AddFile(name, -1, len(source)), source, nil, 0)
		for pos, tok, word := s.Scan(); tok != token.EOF; pos, tok, word = s.Scan() {
			if tok == token.IDENT && strings.Contains(word, "Practice") && !slices.Contains(ofTheWire, word) {
				t.Errorf("%s: %s says practice; code says group", files.Position(pos), word)
			}
		}
	}
}
