package faultcodes_test

import (
	"fmt"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// api is the package with the handlers.
const api = module + "adapters/httpapi"

// pipeline are the methods around every handler. Those without sign-in lack
// authenticated, which follows from the document elsewhere.
var pipeline = []string{"readable", "outer", "authenticated", "checked"}

// operations finds what each operation leads to, by operationId: its handler, as
// the functions named …Handlers of the areas put it into their tables, and what every
// request passes before.
func (p *program) operations() (map[string][]ssa.Value, error) {
	pkg := p.ssa.ImportedPackage(api)
	if pkg == nil || pkg.Type("api") == nil {
		return nil, fmt.Errorf("there is no type api in %s", api)
	}
	all := map[string][]ssa.Value{}
	for _, area := range p.ssa.AllPackages() {
		if area.Pkg.Path() != api && !strings.HasPrefix(area.Pkg.Path(), api+"/") {
			continue
		}
		for _, member := range area.Members {
			f, ok := member.(*ssa.Function)
			if !ok || !strings.HasSuffix(strings.ToLower(f.Name()), "handlers") {
				continue
			}
			for _, block := range f.Blocks {
				for _, instr := range block.Instrs {
					update, ok := instr.(*ssa.MapUpdate)
					if !ok {
						continue
					}
					key, ok := update.Key.(*ssa.Const)
					if !ok {
						return nil, fmt.Errorf("%s: the name of this operation is no constant", p.ssa.Fset.Position(instr.Pos()))
					}
					all[constant.StringVal(key.Value)] = ingredients(update.Value)
				}
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no handlers in %s", api)
	}
	methods := p.ssa.MethodSets.MethodSet(types.NewPointer(pkg.Type("api").Type()))
	for _, name := range pipeline {
		sel := methods.Lookup(pkg.Pkg, name)
		if sel == nil {
			return nil, fmt.Errorf("%s has no method %s", api, name)
		}
		all["("+name+")"] = []ssa.Value{p.ssa.MethodValue(sel)}
	}
	return all, nil
}
