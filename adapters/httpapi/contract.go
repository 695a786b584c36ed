package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gorilla/mux"

	"praxis/domain/fault"
	"praxis/domain/money"
)

// invalidRequestError lists where a request breaks the document.
type invalidRequestError struct {
	fault  *fault.Error
	fields []FieldError
}

func (e *invalidRequestError) Error() string { return e.fault.Error() }
func (e *invalidRequestError) Unwrap() error { return e.fault }

func invalidRequest(fields ...FieldError) error {
	refused := fault.New(fault.Invalid, "invalid_request", "The request does not fit the API. Each entry of errors names one place and what is expected there.")
	if own, named := limits[fields[0].code]; named && !slices.ContainsFunc(fields, func(f FieldError) bool { return f.code != own.Code }) {
		refused = own
	}
	return &invalidRequestError{fault: refused, fields: fields}
}

// limits are the refusals of limits that have a code of their own (x-code in the
// document), so that a caller meets one code wherever the limit is found out.
var limits = map[string]*fault.Error{money.ErrTooLarge.Code: money.ErrTooLarge}

// contract checks requests against one operation of the document.
type contract struct {
	doc     *document
	op      operation
	maxBody int64
}

// check reads the body (bounded), refuses what is not strictly the document's,
// and leaves the body readable for the handler.
func (c contract) check(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := c.readBody(w, r)
	if err != nil {
		return nil, err
	}
	if err := c.checkParameters(r); err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	options := &openapi3filter.Options{
		MultiError: true, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true,
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, // done before, by authenticate
	}
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: mux.Vars(r), Options: options,
		Route: &routers.Route{Spec: c.doc.openAPI, Path: c.op.path, PathItem: c.op.item, Method: c.op.method, Operation: c.op.spec},
	})
	if err != nil {
		return nil, invalidRequest(inOrder(fieldErrors(err, ""))...)
	}
	return body, nil
}

func (c contract) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	for _, coding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			return nil, fault.New(fault.Invalid, "unsupported_content_encoding", "Send the body as it is, without a Content-Encoding.")
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, c.maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, fault.New(fault.TooLarge, "body_too_large", "The body is larger than %d bytes.", c.maxBody)
	case err != nil:
		return nil, fault.New(fault.Invalid, "body_unreadable", "The body broke off before its end. Send it again.").Because(err)
	case len(body) == 0:
		return body, nil
	case !utf8.Valid(body):
		return nil, fault.New(fault.Invalid, "invalid_utf8", "The body is not valid UTF-8. Encode text as UTF-8.")
	}
	if !isJSON(r.Header.Values("Content-Type")) {
		return nil, fault.New(fault.Invalid, "unsupported_media_type", "Send the body as application/json in UTF-8.")
	}
	if err := strictJSON(body); err != nil {
		return nil, fault.New(fault.Invalid, "malformed_json", "The body is not one valid JSON value as the API reads it: %s.", err)
	}
	return body, nil
}

// isJSON reports whether there is one content type, and it is JSON. Its only
// charset is UTF-8; other parameters say nothing about it.
func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	mediaType, parameters, err := mime.ParseMediaType(types[0])
	charset, given := parameters["charset"]
	return err == nil && mediaType == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

// maxDepth is how deep JSON may nest; the document's bodies nest four deep.
const maxDepth = 32

// strictJSON accepts one JSON value in which no object repeats a name, no string
// holds NUL or half of a surrogate pair, and nothing nests without end. Its error says where, never what.
func strictJSON(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var walk func(depth int) error
	walk = func(depth int) error {
		token, err := dec.Token()
		if err != nil {
			return fmt.Errorf("syntax error near byte %d", dec.InputOffset())
		}
		if s, isString := token.(string); isString && !isText(s) {
			return fmt.Errorf("a text holds a NUL character near byte %d", dec.InputOffset())
		}
		delim, nested := token.(json.Delim)
		if !nested {
			return nil
		}
		if depth == maxDepth {
			return fmt.Errorf("nested too deep near byte %d", dec.InputOffset())
		}
		seen := map[string]bool{}
		for dec.More() {
			if delim == '{' {
				key, err := dec.Token()
				name, isName := key.(string)
				if err != nil || !isName {
					return fmt.Errorf("syntax error near byte %d", dec.InputOffset())
				}
				if seen[name] {
					return fmt.Errorf("a name is repeated near byte %d", dec.InputOffset())
				}
				seen[name] = true
			}
			if err := walk(depth + 1); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return fmt.Errorf("syntax error near byte %d", dec.InputOffset())
		}
		return nil
	}
	if err := walk(0); err != nil {
		return err
	}
	if dec.More() {
		return fmt.Errorf("more than one value, near byte %d", dec.InputOffset())
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("syntax error near byte %d", dec.InputOffset())
	}
	if at := loneSurrogate(body); at >= 0 {
		return fmt.Errorf("half of a surrogate pair near byte %d", at)
	}
	return nil
}

// loneSurrogate returns where valid JSON escapes half of a surrogate pair, -1 for
// nowhere. The decoder would put U+FFFD there and say nothing.
func loneSurrogate(body []byte) int {
	escaped := func(at int) rune {
		if at+6 > len(body) || body[at] != '\\' || body[at+1] != 'u' {
			return -1
		}
		n, err := strconv.ParseUint(string(body[at+2:at+6]), 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	for at := 0; at < len(body); at++ {
		if body[at] != '\\' {
			continue
		}
		if r := escaped(at); utf16.IsSurrogate(r) {
			if utf16.DecodeRune(r, escaped(at+6)) == unicode.ReplacementChar {
				return at
			}
			at += 6
		}
		at++ // what is escaped is no backslash of its own
	}
	return -1
}

// fieldErrors translates the validator's findings about what is at place. Only
// names and rules of the document come out; the validator's own texts can hold
// what was sent.
func fieldErrors(err error, place string) []FieldError {
	switch e := err.(type) { //nolint:errorlint // The outermost is wanted, and errors.As looks inside.
	case openapi3.MultiError:
		var all []FieldError
		for _, one := range e {
			all = append(all, fieldErrors(one, place)...)
		}
		return all
	case *openapi3filter.RequestError:
		if p := e.Parameter; p != nil {
			place = p.In + "." + p.Name
		}
		if e.Err != nil {
			return fieldErrors(e.Err, place)
		}
	}
	return schemaErrors(err, place)
}

func schemaErrors(err error, place string) []FieldError {
	var s *openapi3.SchemaError
	if !errors.As(err, &s) {
		rule, message := "required", "It is missing, or it cannot be read as the document asks."
		if errors.As(err, new(*openapi3filter.ParseError)) {
			rule, message = "type", "It cannot be read as the type that the document asks for."
		}
		return []FieldError{{Pointer: place, Rule: rule, Message: message}}
	}
	pointer := place
	for _, part := range s.JSONPointer() {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part)
	}
	if object, ok := s.Value.(map[string]any); ok && s.SchemaField == "properties" {
		var all []FieldError
		for name := range object {
			if s.Schema.Properties[name] == nil {
				all = append(all, unknown(pointer, "/", "property", s.SchemaField, name, slices.Collect(maps.Keys(s.Schema.Properties))))
			}
		}
		return all
	}
	code := ""
	if s.SchemaField == "maximum" {
		code, _ = s.Schema.Extensions["x-code"].(string)
	}
	return []FieldError{{Pointer: pointer, Rule: s.SchemaField, Message: expectation(s), code: code}}
}

// expectation says what the broken rule asks for, from the document alone.
func expectation(s *openapi3.SchemaError) string {
	switch sch := s.Schema; s.SchemaField {
	case "type":
		return fmt.Sprintf("It must be of type %s.", strings.Join(sch.Type.Slice(), " or "))
	case "enum":
		return fmt.Sprintf("It must be one of %v.", sch.Enum)
	case "pattern":
		if says, ok := sch.Extensions["x-expected"].(string); ok {
			return says
		}
		return fmt.Sprintf("It must match the pattern %s.", sch.Pattern)
	case "format":
		return fmt.Sprintf("It must have the format %s.", sch.Format)
	case "maxLength":
		return fmt.Sprintf("It must have at most %d characters.", *sch.MaxLength)
	case "minLength":
		return fmt.Sprintf("It must have at least %d characters.", sch.MinLength)
	case "maximum":
		return fmt.Sprintf("It must be at most %.0f.", *sch.Max)
	case "minimum":
		return fmt.Sprintf("It must be at least %v.", *sch.Min)
	case "required":
		return "A required property is missing here. Required are: " + strings.Join(sch.Required, ", ") + "."
	default:
		return "It breaks the rule " + s.SchemaField + " of the document."
	}
}
