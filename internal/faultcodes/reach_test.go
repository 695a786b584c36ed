package faultcodes_test

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// reach collects the faults that some functions can return: it follows what each
// mentions (calls, closures, variables), and methods of interfaces to the types
// that were put into them on the way, else to those that the program is wired
// with. It may name a fault that is caught on the way; it misses none.
type reach struct {
	p       *program
	seen    map[ssa.Value]bool
	decoded map[types.Type]bool
	faults  map[string]declared
	// given are the types that are put into interfaces on the way, by interface.
	given map[types.Type]map[types.Type]bool
	calls []*ssa.CallCommon
}

func (p *program) reach(roots ...ssa.Value) map[string]declared {
	r := &reach{p: p, seen: map[ssa.Value]bool{}, decoded: map[types.Type]bool{}, faults: map[string]declared{}, given: map[types.Type]map[types.Type]bool{}}
	for _, v := range roots {
		r.value(v)
	}
	for before := -1; before != len(r.seen); {
		before = len(r.seen)
		for i := range r.calls {
			r.invoke(r.calls[i])
		}
	}
	return r.faults
}

// value follows a value that is mentioned.
func (r *reach) value(v ssa.Value) {
	if v == nil || r.seen[v] {
		return
	}
	r.seen[v] = true
	switch v := v.(type) {
	case *ssa.Function:
		r.function(v)
	case *ssa.Global:
		for _, held := range r.p.held[v] {
			r.value(held)
		}
	case *ssa.MakeClosure:
		r.value(v.Fn)
	case *ssa.Call:
		r.call(v)
	}
}

func (r *reach) call(v *ssa.Call) {
	for _, d := range r.p.made[v] {
		r.faults[d.code] = d
	}
}

func (r *reach) function(f *ssa.Function) {
	if answers(f) {
		return
	}
	for _, block := range f.Blocks {
		for _, instr := range block.Instrs {
			if compares(instr) {
				continue
			}
			for _, operand := range instr.Operands(nil) {
				switch v := (*operand).(type) {
				case *ssa.Function:
					r.value(v)
				case *ssa.Global:
					r.value(v)
				}
			}
			switch v := instr.(type) {
			case *ssa.MakeInterface:
				r.give(v)
			case ssa.CallInstruction:
				if c := v.Common(); c.IsInvoke() {
					r.calls = append(r.calls, c)
				}
				if call, ok := v.(*ssa.Call); ok {
					r.call(call)
				}
			}
		}
	}
}

// answers reports whether a function only tells a truth, a number or a text: the
// faults that it meets end in it. Not so a function inside another, such as the
// body of a range over a function, which can write to variables around it.
func answers(f *ssa.Function) bool {
	if f.Parent() != nil {
		return false
	}
	results := f.Signature.Results()
	for i := range results.Len() {
		if _, basic := results.At(i).Type().Underlying().(*types.Basic); !basic {
			return false
		}
	}
	return results.Len() > 0
}

// compares reports whether a variable is read only to compare an error with it.
func compares(instr ssa.Instruction) bool {
	load, ok := instr.(*ssa.UnOp)
	if !ok {
		return false
	}
	if _, ok := load.X.(*ssa.Global); !ok {
		return false
	}
	uses := 0
	for _, use := range *load.Referrers() {
		if _, ok := use.(*ssa.FieldAddr); ok {
			uses++
			continue
		}
		into, ok := use.(ssa.Value)
		if !ok {
			return false
		}
		switch into.(type) {
		case *ssa.MakeInterface, *ssa.ChangeInterface:
		default:
			return isComparison(use, load)
		}
		for _, of := range *into.Referrers() {
			if !isComparison(of, into) {
				return false
			}
			uses++
		}
	}
	return uses > 0
}

func isComparison(use ssa.Instruction, v ssa.Value) bool {
	call, ok := use.(*ssa.Call)
	if !ok {
		return false
	}
	f := call.Call.StaticCallee()
	return f != nil && f.String() == "errors.Is" && len(call.Call.Args) == 2 && call.Call.Args[1] == v
}

// give notes the type that is put into an interface. Where it is decoded into, its
// own readers of text and JSON count.
func (r *reach) give(v *ssa.MakeInterface) {
	i := v.Type()
	if r.given[i] == nil {
		r.given[i] = map[types.Type]bool{}
	}
	r.given[i][v.X.Type()] = true
	for _, use := range *v.Referrers() {
		if call, ok := use.(ssa.CallInstruction); ok && reads[nameOf(call.Common())] {
			r.decode(v.X.Type())
		}
	}
}

// reads are the functions that fill what they are given from text or JSON.
var reads = map[string]bool{"decode": true, "Decode": true, "Unmarshal": true}

func nameOf(c *ssa.CallCommon) string {
	switch f := c.StaticCallee(); {
	case c.IsInvoke():
		return c.Method.Name()
	case f == nil:
		return ""
	case f.Origin() != nil:
		return f.Origin().Name()
	default:
		return f.Name()
	}
}

// decode follows the methods by which a type, and what it is made of, is read.
func (r *reach) decode(t types.Type) {
	if r.decoded[t] {
		return
	}
	r.decoded[t] = true
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if !isOurs(named.Obj().Pkg()) {
			return
		}
		for _, name := range []string{"UnmarshalText", "UnmarshalJSON"} {
			if sel := r.p.ssa.MethodSets.MethodSet(types.NewPointer(named)).Lookup(named.Obj().Pkg(), name); sel != nil {
				r.value(r.p.ssa.MethodValue(sel))
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		r.decode(u.Elem())
	case *types.Slice:
		r.decode(u.Elem())
	case *types.Array:
		r.decode(u.Elem())
	case *types.Map:
		r.decode(u.Key())
		r.decode(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			r.decode(f.Type())
		}
	}
}

// invoke follows a call of an interface's method to the types behind it.
func (r *reach) invoke(c *ssa.CallCommon) {
	i := c.Value.Type()
	named, ok := types.Unalias(i).(*types.Named)
	if !ok || !isOurs(named.Obj().Pkg()) {
		return
	}
	behind := map[types.Type]bool{}
	for of, given := range r.given {
		if types.Identical(of, i) {
			for t := range given {
				behind[t] = true
			}
		}
	}
	if len(behind) == 0 {
		// One of the ports: what the program is wired with.
		for _, of := range r.p.wired.Keys() {
			if !types.AssignableTo(of, i) {
				continue
			}
			wired, _ := r.p.wired.At(of).(map[types.Type]bool)
			for t := range wired {
				behind[t] = true
			}
		}
	}
	for t := range behind {
		if types.IsInterface(t) {
			continue
		}
		if sel := r.p.ssa.MethodSets.MethodSet(t).Lookup(c.Method.Pkg(), c.Method.Name()); sel != nil {
			if m := r.p.ssa.MethodValue(sel); m != nil {
				r.value(m)
			}
		}
	}
}
