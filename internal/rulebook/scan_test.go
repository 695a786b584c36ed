package rulebook_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Named says which files of tests name a rule: slash-separated paths below the
// root, in order.
type Named map[ID][]string

// function matches the names of tests that begin with a rule or a finding:
// TestBILA3RoundsOnce is about BIL-A3, TestFoundM1_AmountsHaveACap about FOUND-M1.
var function = regexp.MustCompile(`^(?:Test|Fuzz)(AMB|BIL|BKG|SCN|FOUND|[BCGHLR])([A-Z]?)([0-9]+)`)

// Of returns what names the ids that keep accepts.
func (n Named) Of(keep func(ID) bool) Named {
	some := Named{}
	for id, files := range n {
		if keep(id) {
			some[id] = files
		}
	}
	return some
}

// Scan reads all tests below a root, but for one directory. A test names a rule in a string literal (the
// name of a subtest, a row of a table, the message of an assertion), in the comment
// right above its function, or in the function's name. Other comments do not count.
func Scan(root, except string) (Named, error) {
	named := Named{}
	files := os.DirFS(root)
	err := fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(file); entry.IsDir() && file != "." && (file == except || base == "testdata" || strings.HasPrefix(base, ".")) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		source, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		return named.read(file, source)
	})
	return named, err
}

func (n Named) read(file string, source []byte) error {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		var text string
		switch node := node.(type) {
		case *ast.BasicLit:
			if node.Kind == token.STRING {
				text, _ = strconv.Unquote(node.Value)
			}
		case *ast.FuncDecl:
			if strings.HasPrefix(node.Name.Name, "Test") || strings.HasPrefix(node.Name.Name, "Fuzz") {
				text = node.Doc.Text() + function.ReplaceAllString(strings.Replace(node.Name.Name, "Found", "FOUND", 1), "\n$1-$2$3 ")
			}
		}
		ids, failed := Find(text)
		if failed != nil && err == nil {
			err = fmt.Errorf("%s: %w", set.Position(node.Pos()), failed)
		}
		for _, id := range ids {
			if !slices.Contains(n[id], file) {
				n[id] = append(n[id], file)
			}
		}
		return err == nil
	})
	return err
}
