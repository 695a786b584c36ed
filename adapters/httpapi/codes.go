package httpapi

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"praxis/domain/fault"
)

// problemsJSON is what internal/faultcodes reads out of the source (ADR 23).
//
//go:embed openapi/problems.json
var problemsJSON []byte

// Code is one error code of the program.
type Code struct {
	Name string
	Kind fault.Kind
	// Status and Title are how HTTP answers with it.
	Status int
	Title  string
	// Messages are its sentences as the source has them: verbs of fmt stand for ids,
	// amounts and dates.
	Messages []string
	// Operations can answer with it; none for codes of the command line and the log.
	Operations []string
	// Everywhere says that every operation can.
	Everywhere bool
}

// The entries of the file that stand for what every request passes, and what those
// pass that need a sign-in.
const (
	aroundTarget   = "(readable)"
	aroundAll      = "(outer)"
	aroundChecked  = "(checked)"
	aroundSignedIn = "(authenticated)"
)

// catalogue is the file of codes.
type catalogue struct {
	Codes map[string]struct {
		Kind     string   `json:"kind"`
		Messages []string `json:"messages"`
	} `json:"codes"`
	Operations map[string][]string `json:"operations"`
}

func readCatalogue() (catalogue, error) {
	var c catalogue
	if err := json.Unmarshal(problemsJSON, &c); err != nil {
		return c, fmt.Errorf("openapi/problems.json: %w", err)
	}
	return c, nil
}

// of lists the codes of an operation; none for an operation that the file does not
// know yet.
func (c catalogue) of(op operation) []string {
	own, known := c.Operations[op.id]
	if !known {
		return nil
	}
	all := slices.Concat(own, c.Operations[aroundTarget], c.Operations[aroundAll], c.Operations[aroundChecked])
	if op.needsSignIn() {
		all = append(all, c.Operations[aroundSignedIn]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// status is how HTTP answers with a code.
func (c catalogue) status(code string) (status int, title string) {
	s := answerTo(&fault.Error{Kind: c.kind(code), Code: code})
	return s.status, s.title
}

func (c catalogue) kind(code string) fault.Kind {
	for kind := range statuses {
		if kind.String() == c.Codes[code].Kind {
			return kind
		}
	}
	return fault.Internal
}

// listProblems puts the problems of every operation into the document: one
// response for each status, with the codes that it can have. They take the place
// of the default, which stays where the codes are not known yet.
func (d *document) listProblems(c catalogue) {
	problem := &openapi3.SchemaRef{Ref: "#/components/schemas/Problem", Value: d.openAPI.Components.Schemas["Problem"].Value}
	for _, op := range d.operations {
		codes := map[int][]any{}
		titles := map[int]string{}
		for _, code := range c.of(op) {
			status, title := c.status(code)
			codes[status], titles[status] = append(codes[status], code), title
		}
		for status, can := range codes {
			schema := openapi3.NewAllOfSchema()
			schema.AllOf = openapi3.SchemaRefs{problem, openapi3.NewSchemaRef("", openapi3.NewObjectSchema().
				WithProperty("status", openapi3.NewIntegerSchema().WithEnum(status)).
				WithProperty("code", openapi3.NewStringSchema().WithEnum(can...)))}
			response := openapi3.NewResponse().WithDescription(titles[status] + "; `code` says why, `detail` what to do.").
				WithContent(openapi3.Content{"application/problem+json": openapi3.NewMediaType().WithSchema(schema)})
			response.Headers = headersOf(status)
			if own := op.spec.Responses.Status(status); own != nil {
				maps.Copy(response.Content, own.Value.Content)
				response.Description, response.Headers = own.Value.Description, own.Value.Headers
			}
			op.spec.Responses.Set(strconv.Itoa(status), &openapi3.ResponseRef{Value: response})
		}
		if len(codes) > 0 {
			op.spec.Responses.Delete("default")
		}
	}
}

// headersOf are the headers that problems of a status have.
func headersOf(status int) openapi3.Headers {
	header := func(name, description string) openapi3.Headers {
		return openapi3.Headers{name: {Value: &openapi3.Header{Parameter: openapi3.Parameter{Description: description, Required: true, Schema: openapi3.NewSchemaRef("", openapi3.NewStringSchema())}}}}
	}
	switch status {
	case http.StatusUnauthorized:
		return header("WWW-Authenticate", "What to sign in with, and what is wrong with the token (RFC 6750, RFC 9470).")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return header("Retry-After", "After how many seconds to try again.")
	case http.StatusUnsupportedMediaType:
		return header("Accept", "What a body may be.")
	default:
		return nil
	}
}

// Codes are the error codes of the program by name, with the operations of the
// document that can answer with each.
func Codes() ([]Code, error) {
	doc, err := loadDocument()
	if err != nil {
		return nil, err
	}
	c, err := readCatalogue()
	if err != nil {
		return nil, err
	}
	byCode := map[string][]string{}
	for _, op := range sortedOperations(doc) {
		for _, code := range c.of(op) {
			byCode[code] = append(byCode[code], op.id)
		}
	}
	all := make([]Code, 0, len(c.Codes))
	for _, name := range slices.Sorted(maps.Keys(c.Codes)) {
		of := Code{Name: name, Kind: c.kind(name), Messages: c.Codes[name].Messages, Operations: byCode[name], Everywhere: len(byCode[name]) == len(doc.operations)}
		of.Status, of.Title = c.status(name)
		slices.SortFunc(of.Operations, strings.Compare)
		all = append(all, of)
	}
	return all, nil
}
