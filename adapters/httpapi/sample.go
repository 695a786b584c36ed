package httpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"praxis/commands"
)

// SampleBody is the Sample of a command as the body of a request of its operation: the
// properties that the operation's schema has, too. It is nil for an operation that takes
// no body. Error: the operation is unknown, or wants a body of another shape.
func SampleBody(c commands.Description, operation string) (json.RawMessage, error) {
	doc, err := loadDocument()
	if err != nil {
		return nil, err
	}
	o, known := doc.operations[operation]
	if !known {
		return nil, fmt.Errorf("the command %s names the operation %s, which the document lacks", c.Name, operation)
	}
	if o.spec.RequestBody == nil {
		return nil, nil
	}
	schema := o.spec.RequestBody.Value.Content.Get("application/json").Schema.Value
	raw, err := json.Marshal(c.Sample)
	if err != nil {
		return nil, fmt.Errorf("the Sample of the command %s: %w", c.Name, err)
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, fmt.Errorf("the Sample of the command %s: %w", c.Name, err)
	}
	for name, value := range body {
		// The path has names of its own for ids.
		if text, _ := value.(string); schema.Properties[name] == nil && !isEmpty(value) && uuid.Validate(text) != nil && !o.hasParameter(name) {
			return nil, fmt.Errorf("the Sample of the command %s says %q, which the request of %s cannot", c.Name, name, operation)
		}
	}
	restrict(body, schema)
	if err := schema.VisitJSON(body, openapi3.MultiErrors()); err != nil {
		broken := inOrder(fieldErrors(err, ""))[0]
		return nil, fmt.Errorf("the Sample of the command %s does not fit the body of %s at /%s: %s", c.Name, operation, strings.TrimPrefix(broken.Pointer, "/"), broken.Message)
	}
	return json.Marshal(body)
}

// hasParameter reports whether a request says something beside its body.
func (o operation) hasParameter(name string) bool {
	return slices.ContainsFunc(o.parameters(), func(p *openapi3.ParameterRef) bool { return p.Value.Name == name })
}

// restrict takes out of an example what a schema does not know, and what is empty and
// not required.
func restrict(value any, schema *openapi3.Schema) {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			restrict(entry, schema.Items.Value)
		}
	case map[string]any:
		for name, of := range v {
			property := schema.Properties[name]
			if property == nil || isEmpty(of) && !slices.Contains(schema.Required, name) {
				delete(v, name)
				continue
			}
			restrict(of, property.Value)
		}
	}
}

// isEmpty reports what JSON writes for the zero value of a field.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, of := range v {
			if !isEmpty(of) {
				return false
			}
		}
		return true
	case []any:
		return len(v) == 0
	}
	return slices.Contains([]any{nil, false, 0.0, "", "0001-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000000"}, value)
}
