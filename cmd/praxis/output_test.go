package main

import (
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/audit"
	"praxis/adapters/config"
	"praxis/adapters/conformance"
	"praxis/adapters/mail"
	"praxis/adapters/postgres"
	"praxis/cmd/praxis/bench"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/projections"
	"praxis/projections/quarantine"
)

// printed are the types that commands print as JSON, by the file of the command.
var printed = map[string][]any{
	"audit.go":             {[]audit.Entry{}},
	"bench.go":             {[]bench.Row{}, []bench.Rebuild{}},
	"compare.go":           {[]verified{}},
	"contacts.go":          {map[string]any{}},
	"eventstore.go":        {conformance.Report{}},
	"eventstore_backup.go": {backedUp{}},
	"export.go":            {exported{}},
	"eventstore_copy.go":   {copied{}},
	"invariants.go":        {audit.Report{}},
	"mail.go":              {mail.Status{}, map[string]string{}},
	"processes.go":         {[]process.Status{}, []process.Refusal{}},
	"projections.go":       {[]projections.Status{}, []projections.Plan{}, rebuilt{}},
	"quarantine.go":        {[]quarantine.Entry{}, quarantine.Entry{}},
	"restore.go":           {restored{}},
	"tools.go":             {map[string]string{}, config.Config{}.Describe(), postgres.Status{}},
	"why.go":               {projections.Explanation{}},
	"verify.go":            {[]projections.Verification{}},
}

// Names in JSON are spelled in one way, camel case, whatever command prints them,
// and a position is one token.
func TestFoundR10_JSONIsSpelledInOneWay(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	var walk func(t *testing.T, path string, typ reflect.Type, seen map[reflect.Type]bool)
	walk = func(t *testing.T, path string, typ reflect.Type, seen map[reflect.Type]bool) {
		t.Helper()
		if typ.Implements(reflect.TypeFor[json.Marshaler]()) || typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || typ == reflect.TypeFor[time.Time]() || seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(t, path, typ.Elem(), seen)
		case reflect.Struct:
			for f := range typ.Fields() {
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				switch {
				case !f.IsExported() || tag == "-":
				case f.Anonymous && tag == "":
					walk(t, path, f.Type, seen)
				default:
					require.Regexp(t, name, tag, "%s.%s: give it a name in JSON", path, f.Name)
					walk(t, path+"."+f.Name, f.Type, seen)
				}
			}
		}
	}
	for file, values := range printed {
		t.Run(file, func(t *testing.T) {
			for _, v := range values {
				walk(t, file, reflect.TypeOf(v), map[reflect.Type]bool{})
			}
		})
	}
	t.Run("a position is one token", func(t *testing.T) {
		raw, err := json.Marshal(projections.Status{Position: es.Position{Commit: 12, Prepare: 7}})
		require.NoError(t, err)
		require.Contains(t, string(raw), `"position":"12.7"`)
		var back projections.Status
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, es.Position{Commit: 12, Prepare: 7}, back.Position)
	})
	t.Run("every command that prints JSON is listed here", func(t *testing.T) {
		files, err := filepath.Glob("*.go")
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || file == "output.go" {
				continue
			}
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is {
					if f, is := call.Fun.(*ast.Ident); is && slices.Contains([]string{"printJSON", "answer", "asking"}, f.Name) {
						require.Contains(t, printed, file, "say what %s prints", file)
					}
				}
				return true
			})
		}
	})
}
