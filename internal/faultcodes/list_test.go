package faultcodes_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

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

// written is the text of the file.
func (all problems) written() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(all)
	return b.Bytes(), err
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
