package questions

import "strings"

// document is what is read of an OpenAPI document.
type document struct {
	Paths      map[string]item `json:"paths"`
	Components struct {
		Parameters map[string]parameter `json:"parameters"`
		Schemas    map[string]schema    `json:"schemas"`
	} `json:"components"`
}

type item struct {
	Parameters []parameter `json:"parameters"`
	Get        *operation  `json:"get"`
}

type operation struct {
	OperationID string      `json:"operationId"`
	Parameters  []parameter `json:"parameters"`
	Responses   map[string]struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type parameter struct {
	Ref      string `json:"$ref"`
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
	Schema   schema `json:"schema"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
	Enum       []any             `json:"enum"`
	Maximum    int               `json:"maximum"`
}

func (d document) parameter(p parameter) parameter {
	if name, is := strings.CutPrefix(p.Ref, "#/components/parameters/"); is {
		return d.Components.Parameters[name]
	}
	return p
}

func (d document) schema(s schema) schema {
	if name, is := strings.CutPrefix(s.Ref, "#/components/schemas/"); is {
		s = d.Components.Schemas[name]
	}
	return s
}

// words are the texts that a schema lists.
func (s schema) words() (words []string) {
	for _, word := range s.Enum {
		if text, is := word.(string); is {
			words = append(words, text)
		}
	}
	return words
}

func (d document) isJSON(o operation) bool {
	_, is := o.Responses["200"].Content["application/json"]
	return is
}

// isList reports whether an operation answers with a list: a property of its answer is
// one, or it is a table in a file.
func (d document) isList(o operation) bool {
	content := o.Responses["200"].Content
	if _, is := content["text/csv"]; is {
		return true
	}
	for _, property := range d.schema(content["application/json"].Schema).Properties {
		if d.schema(property).Type == "array" {
			return true
		}
	}
	return false
}
