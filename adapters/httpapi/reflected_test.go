package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/projections/directory"
)

// Every operation that waits for a position says, in its answer, what that reflects:
// the read models of names that stand beside ids are meant, too.
func TestEveryAnswerFromReadModelsSaysWhatItReflects(t *testing.T) {
	s := newScene(newStack(t))
	expected := rules()
	asked := 0
	for _, template := range s.doc.Paths.InMatchingOrder() {
		o := s.doc.Paths.Value(template).Get
		if o == nil || o.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Praxis-Min-Position") == nil {
			continue
		}
		asked++
		s.run(t, o.OperationID, func(t *testing.T) {
			rule := expected[o.OperationID]
			path := fillPath(template, s.ids)
			if rule.path != nil {
				if path = rule.path(s); strings.HasPrefix(path, "?") {
					path = fillPath(template, s.ids) + path
				}
			}
			// What was recorded last is none of most read models' business: they pass over it.
			written := s.post("carla", s.path("/charts"), object{"patient": object{"familyName": "Abbott"}}).done().Position
			a := s.send(cast[rune(rule.may[0])], http.MethodGet, path, nil, header("Praxis-Min-Position", written))
			require.Equal(t, http.StatusOK, a.status, "%s", a.body)
			require.False(t, position(t, a.header.Get("Praxis-Position")).Before(position(t, written)), "it reflects what was waited for")
			at, err := time.Parse(time.RFC3339, a.header.Get("Praxis-As-Of"))
			require.NoError(t, err)
			require.True(t, at.After(monday) && !at.After(s.clock.Now()), "%s", at)
		})
	}
	require.GreaterOrEqual(t, asked, 40)
}

func TestEveryListOfPagesSaysWhatItReflects(t *testing.T) {
	eachOperation(t, document(t), func(t *testing.T, method string, _ *openapi3.PathItem, o *openapi3.Operation) {
		if method != http.MethodGet || o.Parameters.GetByInAndName(openapi3.ParameterInQuery, "cursor") == nil {
			return
		}
		answer := o.Responses.Status(http.StatusOK).Value
		require.Contains(t, answer.Headers, "Praxis-Position")
		require.Contains(t, answer.Headers, "Praxis-As-Of")
		// The log itself is always whole.
		isOfReadModels := o.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Praxis-Min-Position") != nil
		require.Equal(t, isOfReadModels, answer.Headers["Praxis-Incomplete"] != nil)
	})
}

// The read model whose rows are listed and those of the names beside them may be at
// different places: the answer claims the least of them.
func TestAnAnswerFromSeveralReadModelsReflectsTheLeast(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.charge(chart, "carla", "2026-03-02", 100)
	p.settle()
	p.stopRunner()
	behind := es.Position{Commit: 1, Prepare: 1}
	_, err := p.pool.Exec(t.Context(), "update praxis.projection set commit_position = 1, prepare_position = 1, last_event_at = $1 where name = $2", monday, directory.Name)
	require.NoError(t, err)
	a := p.send("olivia", http.MethodGet, p.path("/billing/history"), nil)
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Equal(t, behind, position(t, a.header.Get("Praxis-Position")))
	require.Equal(t, "2026-03-02T14:00:00Z", a.header.Get("Praxis-As-Of"))
	require.True(t, behind.Before(position(t, p.send("olivia", http.MethodGet, p.path("/charts"), nil).header.Get("Praxis-Position"))), "the roster alone is further")
}

func position(t *testing.T, raw string) es.Position {
	t.Helper()
	at, err := es.ParsePosition(raw)
	require.NoError(t, err)
	return at
}
