package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/catalog"
)

// TestStored reads the constants of the domain: a category that were left out would be
// missing in every copy of the log.
func TestStored(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	require.NoError(t, err)
	var declared []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, isSpec := n.(*ast.ValueSpec)
			if !isSpec || len(spec.Values) != 1 {
				return true
			}
			typ, isTyped := spec.Type.(*ast.SelectorExpr)
			if isTyped && typ.Sel.Name == "Category" && typ.X.(*ast.Ident).Name == "es" {
				name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				declared = append(declared, name)
			}
			return true
		})
	}
	var stored []string
	for _, c := range catalog.Stored() {
		stored = append(stored, string(c))
	}
	require.ElementsMatch(t, declared, stored)
}
