package httpapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// TestFoundM6_EveryFieldThatAMessageNamesExists reads every sentence of the
// program that a refusal may be made of, and looks up each word in it that is
// written like a field: whoever follows the sentence must not be refused for a
// property that the document does not know.
func TestFoundM6_EveryFieldThatAMessageNamesExists(t *testing.T) {
	known := documentNames(document(t))
	sentences := 0
	for place, text := range messages(t, "../..") {
		sentences++
		for _, name := range fieldLike.FindAllString(text, -1) {
			if operators[name] {
				continue
			}
			require.True(t, known[name], "%s names %q, which no request has: %q", place, name, text)
		}
	}
	require.Greater(t, sentences, 300, "the messages of the program are found")
}

// operators are words of the event store's own tools and columns of read models, in messages for those who run it.
var operators = map[string]bool{"tlsCaFile": true, "maxCount": true, "maxAge": true, "group_id": true}

// fieldLike matches words in camelCase and in snake_case.
var fieldLike = regexp.MustCompile(`\b(?:[a-z]+[0-9]*(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]*)+)\b`)

// documentNames are the words that a caller of the API can use or meet: names of
// properties and parameters, and the values of enumerations and patterns.
func documentNames(doc *openapi3.T) map[string]bool {
	names := map[string]bool{}
	seen := map[*openapi3.Schema]bool{}
	var walk func(*openapi3.SchemaRef)
	walk = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		for _, value := range s.Enum {
			if text, ok := value.(string); ok {
				names[text] = true
			}
		}
		for _, word := range fieldLike.FindAllString(s.Pattern, -1) {
			names[word] = strings.Contains(word, "_")
		}
		for name, p := range s.Properties {
			names[name] = true
			walk(p)
		}
		walk(s.Items)
		walk(s.AdditionalProperties.Schema)
		for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
			for _, part := range list {
				walk(part)
			}
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, o := range item.Operations() {
			for _, p := range append(append(openapi3.Parameters{}, item.Parameters...), o.Parameters...) {
				names[p.Value.Name] = true
				walk(p.Value.Schema)
			}
			if o.RequestBody != nil {
				for _, media := range o.RequestBody.Value.Content {
					walk(media.Schema)
				}
			}
		}
	}
	return names
}

// messages returns every literal that is a sentence in a file that makes faults,
// each by its place. The command line's own are about its flags and settings.
func messages(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files := token.NewFileSet()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "tools" || d.Name() == "cmd") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		faults := imports(file, "praxis/domain/fault") || file.Name.Name == "fault"
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || !faults || literal.Kind != token.STRING || literal.Value[0] != '"' {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && sentence.MatchString(text) {
				found[files.Position(literal.Pos()).String()] = text
			}
			return true
		})
		return nil
	}))
	return found
}

// sentence matches what is written for people: it begins with a capital or a
// blank, or has several words, and is no SQL.
var sentence = regexp.MustCompile(`^[A-Z][a-z']*[ ,].*[a-z%]|^ ?[a-z]+ [a-z].*\.$`)

func imports(file *ast.File, path string) bool {
	for _, i := range file.Imports {
		if i.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}
