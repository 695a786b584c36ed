package faultcodes_test

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
	"golang.org/x/tools/go/types/typeutil"

	"praxis/domain/fault"
)

// declared is one place where a fault is made.
type declared struct {
	code, kind, message, place string
}

// program is the compiled program, with what a function leads to.
type program struct {
	ssa *ssa.Program
	// faults are the faults by the instruction or the variable that holds them.
	made map[ssa.Value][]declared
	// held is what a variable of a package holds: faults and functions.
	held map[*ssa.Global][]ssa.Value
	// wired are the types that are handed in for an interface, anywhere.
	wired typeutil.Map
	all   []declared
}

// module is what the packages of the program begin with.
const module = "praxis/"

func isOurs(p *types.Package) bool {
	return p != nil && strings.HasPrefix(p.Path(), module) && !strings.HasPrefix(p.Path(), module+"internal/")
}

// load compiles the program's packages, without their tests.
func load() (*program, error) {
	initial, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedDeps}, "praxis/cmd/...", "praxis/adapters/...", "praxis/commands/...", "praxis/domain/...", "praxis/projections/...")
	if err != nil {
		return nil, fmt.Errorf("load the program: %w", err)
	}
	for _, p := range initial {
		for _, e := range p.Errors {
			return nil, fmt.Errorf("load the program: %w", e)
		}
	}
	prog, built := ssautil.Packages(initial, ssa.InstantiateGenerics)
	prog.Build()
	p := &program{ssa: prog, made: map[ssa.Value][]declared{}, held: map[*ssa.Global][]ssa.Value{}}
	for _, pkg := range built {
		if pkg == nil || !isOurs(pkg.Pkg) {
			continue
		}
		p.readVariables(pkg)
	}
	for f := range ssautil.AllFunctions(prog) {
		if f.Pkg != nil && isOurs(f.Pkg.Pkg) || f.Origin() != nil || f.Parent() != nil {
			if err := p.readFunction(f); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// readVariables notes what the variables of a package are made of.
func (p *program) readVariables(pkg *ssa.Package) {
	for _, block := range pkg.Func("init").Blocks {
		for _, instr := range block.Instrs {
			if store, ok := instr.(*ssa.Store); ok {
				if g, ok := root(store.Addr).(*ssa.Global); ok {
					p.held[g] = append(p.held[g], ingredients(store.Val)...)
				}
			}
			if update, ok := instr.(*ssa.MapUpdate); ok {
				for _, g := range holders(update.Map) {
					p.held[g] = append(p.held[g], ingredients(update.Value)...)
				}
			}
		}
	}
}

// root is the variable that an address lies in.
func root(addr ssa.Value) ssa.Value {
	for {
		switch v := addr.(type) {
		case *ssa.FieldAddr:
			addr = v.X
		case *ssa.IndexAddr:
			addr = v.X
		default:
			return addr
		}
	}
}

// holders are the variables that a value is stored to.
func holders(v ssa.Value) (all []*ssa.Global) {
	for _, r := range *v.Referrers() {
		if store, ok := r.(*ssa.Store); ok && store.Val == v {
			if g, ok := store.Addr.(*ssa.Global); ok {
				all = append(all, g)
			}
		}
	}
	return all
}

// ingredients are the values that a value is made of, itself included.
func ingredients(v ssa.Value) []ssa.Value {
	seen := map[ssa.Value]bool{}
	var all []ssa.Value
	var walk func(ssa.Value)
	walk = func(v ssa.Value) {
		if v == nil || seen[v] {
			return
		}
		seen[v] = true
		all = append(all, v)
		if _, isFunction := v.(*ssa.Function); isFunction {
			return
		}
		if instr, ok := v.(ssa.Instruction); ok {
			for _, operand := range instr.Operands(nil) {
				walk(*operand)
			}
		}
		switch v.(type) {
		case *ssa.Alloc, *ssa.MakeMap, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice:
			for _, r := range *v.Referrers() {
				switch r := r.(type) {
				case *ssa.Store:
					walk(r.Val)
				case *ssa.MapUpdate:
					walk(r.Value)
				case *ssa.FieldAddr:
					walk(r)
				case *ssa.IndexAddr:
					walk(r)
				}
			}
		}
	}
	walk(v)
	return all
}

// readFunction notes the faults that a function makes and the types that it hands
// in for interfaces.
func (p *program) readFunction(f *ssa.Function) error {
	for _, block := range f.Blocks {
		for _, instr := range block.Instrs {
			switch v := instr.(type) {
			case *ssa.Call:
				if err := p.readFault(v); err != nil {
					return err
				}
			case *ssa.MakeInterface:
				wired, _ := p.wired.At(v.Type()).(map[types.Type]bool)
				if wired == nil {
					wired = map[types.Type]bool{}
					p.wired.Set(v.Type(), wired)
				}
				wired[v.X.Type()] = true
			}
		}
	}
	return nil
}

// readFault notes a call of fault.New. A code that the program puts together is
// an error: it cannot be listed.
func (p *program) readFault(call *ssa.Call) error {
	callee := call.Call.StaticCallee()
	if callee == nil || callee.String() != "praxis/domain/fault.New" {
		return nil
	}
	place := p.ssa.Fset.Position(call.Pos()).String()
	codes := []ssa.Value{call.Call.Args[1]}
	if either, ok := codes[0].(*ssa.Phi); ok {
		codes = either.Edges
	}
	message := p.sentence(call.Call.Args[2])
	kind, ok := call.Call.Args[0].(*ssa.Const)
	if !ok {
		return fmt.Errorf("%s: the kind of this fault is no constant", place)
	}
	for _, of := range codes {
		code, ok := p.text(of)
		if !ok {
			return fmt.Errorf("%s: the code of this fault is no constant", place)
		}
		p.made[call] = append(p.made[call], declared{code: code, kind: fault.Kind(kind.Int64()).String(), message: message, place: place})
	}
	p.all = append(p.all, p.made[call]...)
	return nil
}

// sentence is a text with %s for what is put together while the program runs.
func (p *program) sentence(v ssa.Value) string {
	if sum, ok := v.(*ssa.BinOp); ok && sum.Op == token.ADD {
		return p.sentence(sum.X) + p.sentence(sum.Y)
	}
	if s, ok := p.text(v); ok {
		return s
	}
	return "%s"
}

// text is a constant text, or the code of a fault that a variable holds.
func (p *program) text(v ssa.Value) (string, bool) {
	if c, ok := v.(*ssa.Const); ok {
		return constant.StringVal(c.Value), true
	}
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return "", false
	}
	field, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return "", false
	}
	from, ok := field.X.(*ssa.UnOp)
	if !ok {
		return "", false
	}
	g, ok := from.X.(*ssa.Global)
	if !ok {
		return "", false
	}
	for _, held := range p.held[g] {
		if call, ok := held.(*ssa.Call); ok && call.Call.StaticCallee() != nil && call.Call.StaticCallee().String() == "praxis/domain/fault.New" {
			return p.text(call.Call.Args[1])
		}
	}
	return "", false
}
