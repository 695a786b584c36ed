// The program faultcodes reads the source of Praxis and writes which error codes
// each operation of the API can answer with. It follows what the handler of an
// operation mentions (ADR 23): what it lists can be more than ever happens, and is
// never less.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail if the file is not up to date")
	flag.Parse()
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// code is what is known of one error code.
type code struct {
	Kind string `json:"kind"`
	// Messages are its sentences as they stand in the source, with their verbs.
	Messages []string `json:"messages"`
}

// problems is the file.
type problems struct {
	Codes map[string]*code `json:"codes"`
	// Operations lists the codes of each operation by its operationId.
	Operations map[string][]string `json:"operations"`
}

func run(path string, check bool) error {
	p, err := load()
	if err != nil {
		return err
	}
	all, err := p.problems()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	if !check {
		return os.WriteFile(path, b.Bytes(), 0o644)
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, b.Bytes()) {
		return fmt.Errorf("%s is not up to date; run make generate", path)
	}
	return nil
}

// problems gathers what the program says of its codes and operations.
func (p *program) problems() (problems, error) {
	all := problems{Codes: map[string]*code{}, Operations: map[string][]string{}}
	var twoKinds []error
	for _, d := range p.all {
		known, ok := all.Codes[d.code]
		if !ok {
			known = &code{Kind: d.kind, Messages: []string{}}
			all.Codes[d.code] = known
		}
		if known.Kind != d.kind {
			twoKinds = append(twoKinds, fmt.Errorf("%s: %s is %s here and %s elsewhere; a code has one kind", d.place, d.code, d.kind, known.Kind))
		}
		if d.message != "" && !slices.Contains(known.Messages, d.message) {
			known.Messages = append(known.Messages, d.message)
		}
	}
	if len(twoKinds) > 0 {
		return all, errors.Join(twoKinds...)
	}
	for _, known := range all.Codes {
		slices.Sort(known.Messages)
	}
	operations, err := p.operations()
	if err != nil {
		return all, err
	}
	for id, handler := range operations {
		all.Operations[id] = slices.AppendSeq([]string{}, maps.Keys(p.reach(handler...)))
		slices.Sort(all.Operations[id])
	}
	return all, nil
}
