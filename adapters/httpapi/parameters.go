package httpapi

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"praxis/adapters/spelling"
	"praxis/domain/text"
)

// checkParameters refuses what the validator would pass over: a query that
// cannot be read whole, parameters and headers of Praxis that the operation does
// not take, second values of what has one, and what is no text. A misspelt filter
// must not silently select everything, nor a condition be dropped.
func (c contract) checkParameters(r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalidRequest(FieldError{Pointer: "query", Rule: "malformed", Message: "The query cannot be read. Escape reserved characters, and separate parameters by &."})
	}
	var inQuery, inHeader []string
	var findings []FieldError
	for _, p := range c.op.parameters() {
		name, place := p.Value.Name, p.Value.In+"."+p.Value.Name
		var values []string
		fits, rule := isText, "It must be UTF-8 without NUL characters."
		switch p.Value.In {
		case openapi3.ParameterInQuery:
			inQuery, values = append(inQuery, name), query[name]
		case openapi3.ParameterInHeader:
			inHeader, values = append(inHeader, name), r.Header.Values(name)
			fits, rule = isLine, "It must be one line of UTF-8 text, visible, without characters that control or turn it."
		}
		if len(values) > 1 && !p.Value.Schema.Value.Type.Is(openapi3.TypeArray) {
			findings = append(findings, FieldError{Pointer: place, Rule: "single", Message: "It must be sent once."})
		}
		if slices.ContainsFunc(values, func(v string) bool { return !fits(v) }) {
			findings = append(findings, FieldError{Pointer: place, Rule: "text", Message: rule})
		}
	}
	for name := range query {
		if !slices.Contains(inQuery, name) {
			findings = append(findings, unknown("query", ".", "parameter", "unknownParameter", name, inQuery))
		}
	}
	for name := range r.Header {
		if (c.doc.headers[name] || strings.HasPrefix(name, "Praxis-")) && !takes(inHeader, name) {
			findings = append(findings, unknown("header", ".", "header", "unknownHeader", name, inHeader))
		}
	}
	if len(findings) > 0 {
		return invalidRequest(inOrder(findings)...)
	}
	return nil
}

// takes reports whether one of the documented headers has the canonical name.
func takes(documented []string, name string) bool {
	return slices.ContainsFunc(documented, func(d string) bool { return http.CanonicalHeaderKey(d) == name })
}

// inOrder sorts findings and leaves out what is said twice.
func inOrder(findings []FieldError) []FieldError {
	slices.SortFunc(findings, func(a, b FieldError) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(findings)
}

// isText reports whether s can be kept as text everywhere: Postgres takes no NUL.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// aHeader is what every header of Praxis is; the document bounds each further.
var aHeader = text.Line("header", 1000)

// isLine reports whether s is one line of text with something on it.
func isLine(s string) bool {
	line, err := aHeader.Read(s)
	return err == nil && line != ""
}

// speaking is how names look that people think of: digits, spaces and signs could
// be a patient's number or name that stands in the wrong place.
var speaking = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,39}$`)

// unknown says which name is not known at a place, and which is the nearest that
// is. Only what looks like a name, or nearly is one that is known, is repeated.
func unknown(place, separator, kind, rule, name string, known []string) FieldError {
	known = slices.Sorted(slices.Values(known))
	e := FieldError{Pointer: place, Rule: rule, Message: "A " + kind + " here is unknown."}
	near := spelling.Nearest(name, known)
	if speaking.MatchString(name) || near != "" && isLine(name) {
		e.Pointer, e.Message = place+separator+name, "The "+kind+" "+name+" is unknown here."
	}
	if near != "" {
		e.Message += " Did you mean " + near + "?"
	}
	if len(known) == 0 {
		e.Message += " None is taken."
	} else {
		e.Message += " Known are: " + strings.Join(known, ", ") + "."
	}
	return e
}
