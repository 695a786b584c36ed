package rulebook_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the columns of tests of docs/rules.md and docs/trials.md")

func TestThePagesAreTrue(t *testing.T) {
	all, err := Scan("../..", "internal/rulebook") // whose specs name rules that are none
	require.NoError(t, err)
	for page, ofIt := range map[string]func(ID) bool{
		"docs/rules.md":  func(id ID) bool { return !id.Found() },
		"docs/trials.md": ID.Found,
	} {
		t.Run(page, func(t *testing.T) {
			file := filepath.Join("../..", page)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			p, err := Parse(string(content))
			require.NoError(t, err)
			require.NotEmpty(t, p.Rules)
			named := all.Of(ofIt)
			for _, wrong := range Check(p, named) {
				t.Error(page + " " + wrong)
			}
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(p.With(named)), 0o644))
				return
			}
			for _, stale := range Stale(p, named) {
				t.Error(page + " " + stale + "; run: make generate")
			}
		})
	}
}

func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		"BKG-E9 padding is part of the total": "BKG-E9",
		"BIL-17 (B-3) both":                   "BIL-17 B-3",
		"of AMB-14, the first":                "AMB-14",
		"BIL-T2..T5 and L-2":                  "BIL-T2 BIL-T3 BIL-T4 BIL-T5 L-2",
		"BIL-T2..BIL-T3":                      "BIL-T2 BIL-T3",
		"BIL-T9..10":                          "BIL-T9 BIL-T10",
		"G-1..3":                              "G-1 G-2 G-3",
		"BIL-7: ends. Then more":              "BIL-7",
		"chart-C-1 a-B-2 XG-3 G-3x R-2_x 8f3e-B-12": "",
		"BKG-F6 is no row, but it is an id":         "BKG-F6",
		"BIL-A6, 4 licences":                        "BIL-A6",
	} {
		t.Run(text, func(t *testing.T) {
			found, err := Find(text)
			require.NoError(t, err)
			var got []string
			for _, id := range found {
				got = append(got, id.String())
			}
			require.Equal(t, want, strings.Join(got, " "))
		})
	}
	for _, text := range []string{
		"BIL-T2...T5", "BIL-T2–T5", "BIL-T2-T5", "BIL-17/18", "BIL-A3, A4", "BIL-A3 and A4", "BIL-A3+A4", "BIL-T2 to T5",
		"BIL-T5..T2", "BIL-T5..T5", "BIL-T2..A5", "BIL-T2..", "BIL-1..BKG-3", "BIL-1..9999", "BIL-99999999999999999999", "BIL-1..99999999999999999999",
	} {
		t.Run("not understood: "+text, func(t *testing.T) {
			_, err := Find(text)
			require.Error(t, err)
		})
	}
}

func FuzzFind(f *testing.F) {
	f.Add("BIL-T2..T5 and L-2")
	f.Add("BIL-A3, A4")
	f.Fuzz(func(t *testing.T, text string) {
		found, err := Find(text)
		if err != nil {
			return
		}
		for _, id := range found {
			again, err := Find(id.String())
			require.NoError(t, err)
			require.Equal(t, []ID{id}, again, "an id reads as itself")
		}
	})
}

func TestScan(t *testing.T) {
	root := t.TempDir()
	write := func(file, source string) {
		file = filepath.Join(root, filepath.FromSlash(file))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(source), 0o644))
	}
	write("a/a_test.go", "package a\n\n// One-1 comment: L-1.\nfunc TestOne() { run(\"L-2 x\", `L-3..4`) // L-5 is not counted\n}\n// L-6 of a helper.\nfunc helper() {}\n\nfunc TestBILA7Floors() {}\n\nfunc FuzzC8() {}\n\nfunc TestFoundM1_Floors() {}\n\nfunc TestFounding() {}\n")
	write("b/b_test.go", "package b\n\nvar _ = \"L-2\"\n")
	write("b/b.go", "package b\n\nvar _ = \"L-9\"\n")
	write("b/testdata/c_test.go", "package c\n\nvar _ = \"L-9\"\n")
	write("f/f_test.go", "package f\n\nvar _ = \"L-9\"\n")
	write(".git/d_test.go", "package d\n\nvar _ = \"L-9\"\n")

	named, err := Scan(root, "f")
	require.NoError(t, err)
	require.Equal(t, Named{
		id("L-1"): {"a/a_test.go"}, id("L-2"): {"a/a_test.go", "b/b_test.go"}, id("L-3"): {"a/a_test.go"}, id("L-4"): {"a/a_test.go"},
		id("BIL-A7"): {"a/a_test.go"}, id("C-8"): {"a/a_test.go"}, id("FOUND-M1"): {"a/a_test.go"},
	}, named)

	t.Run("a range that is not understood is said with its place", func(t *testing.T) {
		write("e/e_test.go", "package e\n\nvar _ = \"L-2/3\"\n")
		_, err := Scan(root, "f")
		require.ErrorContains(t, err, "e/e_test.go:3:9: \"L-2/3\" is not understood")
	})
	t.Run("so is a source that is none", func(t *testing.T) {
		write("a/a_test.go", "package")
		_, err := Scan(root, "f")
		require.ErrorContains(t, err, "a/a_test.go:1")
	})
}

func TestParse(t *testing.T) {
	for name, row := range map[string]string{
		"no such state":     "| L-1 | One. | done | |",
		"no state":          "| L-1 | One. |",
		"no sentence":       "| L-1 |  | held | |",
		"two ids":           "| L-1 L-2 | Both. | held | |",
		"a range":           "| L-1..2 | Both. | held | |",
		"a stroke too many": "| L-1 | One | other. | held | |",
		"a half range":      "| L-1.. | Both. | held | |",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("# Rules\n\n" + row + "\n")
			require.ErrorContains(t, err, "line 3: ")
		})
	}
}

func TestCheck(t *testing.T) {
	page := func(rows ...string) Page {
		p, err := Parse("# Rules\n\n| Id | Rule | State | Tests |\n|---|---|---|---|\n" + strings.Join(rows, "\n") + "\n")
		require.NoError(t, err)
		return p
	}
	named := Named{id("L-1"): {"a/a_test.go", "b/b_test.go"}}
	one := "| L-1 | One. | held | |"
	for name, c := range map[string]struct {
		page  Page
		named Named
		wrong []string
	}{
		"all is well":          {page(one, "| L-2 | Two, as L-1. | planned | |"), named, nil},
		"held, and not tested": {page(one, "| L-2 | Two. | held | |"), named, []string{"line 6: L-2 is held, and no test names it: name it in the test that holds it, or write \"planned\" in its row"}},
		"planned, and tested": {page("| L-1 | One. | planned | |"), named, []string{
			"line 5: L-1 is planned, and a/a_test.go, b/b_test.go names it: if that test holds the rule, write \"held\" in its row, else take the id out of the test",
		}},
		"tested, and not there": {page(one), Named{id("L-1"): {"a_test.go"}, id("B-7"): {"b_test.go"}}, []string{
			"B-7 is named by b_test.go and has no row: add | B-7 | what it says | held | |, or mend the test",
		}},
		"twice":                  {page(one, one), named, []string{"line 6: L-1 stands in line 5 already: keep one of the two"}},
		"a gap":                  {page(one, "| L-3 | Three. | planned | |"), named, []string{"L-2 has no row, though L-3 has: a rule that was given up keeps its row and says so"}},
		"speaks of what is not":  {page("| L-1 | As L-2. | held | |"), named, []string{"line 5: L-1 speaks of L-2, which has no row: give it one"}},
		"speaks of half a range": {page("| L-1 | As L-2/3. | held | |"), named, []string{"line 5: \"L-2/3\" is not understood: name each rule in full, or write a range as BIL-T2..T5"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.wrong, Check(c.page, c.named)) })
	}
	t.Run("the column of tests links to their files", func(t *testing.T) {
		require.Contains(t, page(one).With(named), "\n| L-1 | One. | held | [a/a](../a/a_test.go), [b/b](../b/b_test.go) |\n")
	})
	t.Run("what it links to is known to be up to date, or not", func(t *testing.T) {
		again, err := Parse(page(one).With(named))
		require.NoError(t, err)
		require.Empty(t, Stale(again, named))
		require.Equal(t, []string{"line 5: the tests of L-1 changed"}, Stale(page(one), named))
	})
	t.Run("and is empty where there are none", func(t *testing.T) {
		require.Contains(t, page("| L-1 | One. | planned | [a/a](../a/a_test.go) |").With(nil), "\n| L-1 | One. | planned | |\n")
	})
}

// id reads the one id of a text.
func id(text string) ID {
	found, err := Find(text)
	if err != nil || len(found) != 1 {
		panic(text)
	}
	return found[0]
}
