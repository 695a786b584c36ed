package httpapi

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

//go:embed openapi/*.yaml
var fragments embed.FS

// operation is one operation of the document, found by its operationId.
type operation struct {
	id, method, path string
	item             *openapi3.PathItem
	spec             *openapi3.Operation
}

// Summary is what the document says in a sentence that an operation does; "" if it has none
// of that id.
func (a *api) Summary(operation string) string {
	if op, known := a.doc.operations[operation]; known {
		return op.spec.Summary
	}
	return ""
}

// maxBody is the operation's own limit of a body, in bytes (x-max-body-bytes); the
// largest number without one.
func (o operation) maxBody() int64 {
	if own, ok := o.spec.Extensions["x-max-body-bytes"].(float64); ok {
		return int64(own)
	}
	return math.MaxInt64
}

// needsSignIn reports whether the operation is for accounts only.
func (o operation) needsSignIn() bool { return o.spec.Security == nil || len(*o.spec.Security) > 0 }

// parameters are those of its path and its own.
func (o operation) parameters() openapi3.Parameters {
	return slices.Concat(o.item.Parameters, o.spec.Parameters)
}

// takesKey reports whether the operation takes an Idempotency-Key: it gives a command.
func (o operation) takesKey() bool {
	return o.spec != nil && o.spec.Parameters.GetByInAndName(openapi3.ParameterInHeader, HeaderIdempotency) != nil
}

// readsModels reports whether the operation is answered from read models that follow the
// log.
func (o operation) readsModels() bool {
	return o.spec != nil && o.spec.Parameters.GetByInAndName(openapi3.ParameterInHeader, headerMinPosition) != nil
}

// document is the OpenAPI document, merged from the fragments: one file per
// aggregate keeps each of them readable.
type document struct {
	openAPI    *openapi3.T
	operations map[string]operation
	// headers are the canonical names of all headers that some operation takes.
	headers map[string]bool
	// json is the document as it is served.
	json []byte
}

// loadDocument returns the document; it is read once, and never changed.
var loadDocument = sync.OnceValues(readDocument)

// readDocument merges and checks the embedded fragments. A duplicate path,
// schema or operation is an error: the program must not start on a document
// that is not true.
func readDocument() (*document, error) {
	merged, err := mergeFragments(fragments)
	if err != nil {
		return nil, err
	}
	raw, err := yaml.Marshal(merged)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	t, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	d := &document{openAPI: t, operations: map[string]operation{}, headers: map[string]bool{}}
	for path, item := range t.Paths.Map() {
		for method, spec := range item.Operations() {
			if _, dup := d.operations[spec.OperationID]; dup || spec.OperationID == "" {
				return nil, fmt.Errorf("openapi: operationId %q of %s %s is missing or used twice", spec.OperationID, method, path)
			}
			op := operation{spec.OperationID, method, path, item, spec}
			d.operations[op.id] = op
			if op.isRecorded() { // Who sees records may say what for; the fragments leave that out.
				spec.Parameters = append(spec.Parameters, &openapi3.ParameterRef{Ref: "#/components/parameters/purpose", Value: t.Components.Parameters["purpose"].Value})
			}
			for _, p := range op.parameters() {
				if p.Value.In == openapi3.ParameterInHeader {
					d.headers[http.CanonicalHeaderKey(p.Value.Name)] = true
				}
			}
		}
	}
	d.listReflections()
	codes, err := readCatalogue()
	if err != nil {
		return nil, err
	}
	d.listProblems(codes)
	if err := t.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	if d.json, err = t.MarshalJSON(); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return d, nil
}

// listReflections gives every answer from read models the headers that say what it
// reflects. The fragments describe them once.
func (d *document) listReflections() {
	for _, op := range d.operations {
		if !op.readsModels() {
			continue
		}
		answer := op.spec.Responses.Status(http.StatusOK).Value
		if answer.Headers == nil {
			answer.Headers = openapi3.Headers{}
		}
		for header, name := range map[string]string{headerPosition: "reflected", headerAsOf: "asOf", headerIncomplete: "incomplete"} {
			answer.Headers[header] = &openapi3.HeaderRef{Ref: "#/components/headers/" + name, Value: d.openAPI.Components.Headers[name].Value}
		}
	}
}

// mergeFragments lays all fragments over each other, map by map.
func mergeFragments(files fs.FS) (map[string]any, error) {
	names, err := fs.Glob(files, "openapi/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	slices.Sort(names)
	merged := map[string]any{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("openapi: %w", err)
		}
		var fragment map[string]any
		if err := yaml.Unmarshal(raw, &fragment); err != nil {
			return nil, fmt.Errorf("openapi: %s: %w", name, err)
		}
		if err := overlay(merged, fragment, name); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

func overlay(into, from map[string]any, at string) error {
	for key, value := range from {
		there, present := into[key]
		if !present {
			into[key] = value
			continue
		}
		a, both := there.(map[string]any)
		b, maps := value.(map[string]any)
		if !both || !maps {
			return fmt.Errorf("openapi: %s defines %q a second time", at, key)
		}
		if err := overlay(a, b, at+"/"+key); err != nil {
			return err
		}
	}
	return nil
}
