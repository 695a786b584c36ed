package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	areas "praxis/adapters/httpapi/all"
	"praxis/commands"
	"praxis/domain/catalog"
	"praxis/domain/es"
)

// document reads the document as it is served; it needs no stores.
func document(t testing.TB) *openapi3.T {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	clock := func() time.Time { return monday }
	api, err := httpapi.New(httpapi.Config{
		Areas:  areas.Areas(),
		Engine: commands.NewEngine(commands.Config{Registry: registry, Clock: clock}), Registry: registry, Clock: clock,
		Observer: ignorant{}, Logger: slog.New(slog.DiscardHandler), MaxBody: 1 << 10, Timeout: time.Second, PerSecond: 1, Burst: 1,
	})
	require.NoError(t, err)
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
	require.Equal(t, http.StatusOK, recorder.Code)
	doc, err := openapi3.NewLoader().LoadFromData(recorder.Body.Bytes())
	require.NoError(t, err)
	require.NoError(t, doc.Validate(context.Background()))
	return doc
}

// foreign is the one operation whose requests somebody else designed: Stripe. What
// it is sent is bounded as a whole and authenticated by its signature.
const foreign = "receiveCardMessage"

// unlogged is the one operation that changes what no stream holds, so that it has no
// receipt.
const unlogged = "forgetContact"

type ignorant struct{}

func (ignorant) Request(string, string, int, time.Duration) {}
func (ignorant) Command(string, error, time.Duration)       {}
func (ignorant) Refused(error)                              {}

// eachOperation calls f for every operation, in a subtest of its name.
func eachOperation(t *testing.T, doc *openapi3.T, f func(t *testing.T, method string, item *openapi3.PathItem, o *openapi3.Operation)) {
	t.Helper()
	for _, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			t.Run(o.OperationID, func(t *testing.T) { f(t, method, item, o) })
		}
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	doc := document(t)
	eachOperation(t, doc, func(t *testing.T, method string, _ *openapi3.PathItem, o *openapi3.Operation) {
		require.True(t, strings.HasSuffix(o.Summary, "."), "the summary is a sentence")
		require.Len(t, o.Tags, 1)
		require.NotNil(t, doc.Tags.Get(o.Tags[0]), "the tag is declared")
		require.Nil(t, o.Responses.Default(), "the codes of this operation are not listed; run make generate")
		if method == http.MethodGet {
			require.Nil(t, o.RequestBody)
			return
		}
		if o.OperationID == foreign {
			return
		}
		for _, name := range []string{"Idempotency-Key", "Praxis-Dry-Run"} {
			require.NotNil(t, o.Parameters.GetByInAndName(openapi3.ParameterInHeader, name), "every command can be repeated and tried: %s", name)
		}
		if o.OperationID == unlogged {
			return
		}
		require.Equal(t, "#/components/responses/Receipt", o.Responses.Status(http.StatusOK).Ref)
	})
}

func TestEverythingThatIsSentIsBounded(t *testing.T) {
	eachOperation(t, document(t), func(t *testing.T, _ string, item *openapi3.PathItem, o *openapi3.Operation) {
		for _, parameters := range []openapi3.Parameters{item.Parameters, o.Parameters} {
			for _, p := range parameters {
				requireBounded(t, p.Value.Name, p.Value.Schema.Value)
			}
		}
		if o.OperationID == foreign {
			require.InDelta(t, 64<<10, o.Extensions["x-max-body-bytes"], 0, "it is bounded as a whole")
			return
		}
		if o.RequestBody != nil {
			// Linking an account was once without a body, and still can be.
			require.Equal(t, o.OperationID != "linkPatientAccount", o.RequestBody.Value.Required)
			require.Len(t, o.RequestBody.Value.Content, 1)
			requireBounded(t, "body", o.RequestBody.Value.Content.Get("application/json").Schema.Value)
		}
	})
}

// requireBounded fails for texts and lists without end, and for objects that
// take properties that the document does not know.
func requireBounded(t *testing.T, name string, s *openapi3.Schema) {
	t.Helper()
	switch {
	case s.Type.Is(openapi3.TypeString):
		// A pattern bounds when it is anchored and repeats nothing without end.
		pattern := strings.HasPrefix(s.Pattern, "^") && strings.HasSuffix(s.Pattern, "$") && !strings.ContainsAny(s.Pattern, "*") && !strings.Contains(strings.ReplaceAll(s.Pattern, `\+`, ""), "+")
		require.True(t, s.MaxLength != nil || len(s.Enum) > 0 || s.Format == "date-time" || pattern, "%s is a text without a bound", name)
	case s.Type.Is(openapi3.TypeArray):
		require.NotNil(t, s.MaxItems, "%s is a list without a bound", name)
		requireBounded(t, name+"[]", s.Items.Value)
	case s.Type.Is(openapi3.TypeObject):
		require.NotNil(t, s.AdditionalProperties.Has, "%s takes unknown properties", name)
		require.False(t, *s.AdditionalProperties.Has, "%s takes unknown properties", name)
		for property, of := range s.Properties {
			requireBounded(t, name+"/"+property, of.Value)
		}
	case s.Type.Is(openapi3.TypeInteger):
		require.True(t, s.Format == "int64" || s.Min != nil && s.Max != nil, "%s is a number without bounds", name)
	default:
		require.True(t, s.Type.Is(openapi3.TypeBoolean), "%s has a type of its own", name)
	}
}

// A server that starts knows the operation of every command, and the command of every
// operation that gives one.
func TestCommandsAndOperationsAreTheSame(t *testing.T) {
	declared := commands.Declared()
	require.NoError(t, httpapi.MatchCommands(declared))

	other := append(slices.Clone(declared), commands.Description{Name: "chart.rename", Operation: "renameChart"})
	require.EqualError(t, httpapi.MatchCommands(other), "openapi: the command chart.rename names the operation renameChart, which is none that takes an Idempotency-Key")
	reading := append(slices.Clone(declared), commands.Description{Name: "chart.look", Operation: "getChart"})
	require.ErrorContains(t, httpapi.MatchCommands(reading), "getChart")

	archive := slices.IndexFunc(declared, func(c commands.Description) bool { return c.Operation == "archiveChart" })
	require.EqualError(t, httpapi.MatchCommands(slices.Delete(declared, archive, archive+1)), "openapi: the operation archiveChart takes an Idempotency-Key, and no command names it")
}

// A new query needs an entry in expectations() and one in explained(). A new command
// needs a Sample that fits its operation, and entries only where it is of a kind of its own.
func TestEveryOperationHasAnExampleAndAnExpectation(t *testing.T) {
	written, expected, questions, declared := expectations(), rules(), explained(), declaredCommands()
	eachOperation(t, document(t), func(t *testing.T, _ string, _ *openapi3.PathItem, o *openapi3.Operation) {
		require.Contains(t, questions, o.OperationID, "%s has no entry in explained(): say which permission it asks for, and of what", o.OperationID)
		require.Contains(t, expected, o.OperationID, "%s is the first of its permission for this kind of thing: say in expectations() who may", o.OperationID)
		c, gives := declared[o.OperationID]
		body, misfit := httpapi.SampleBody(c, o.OperationID)
		if written[o.OperationID].body == nil {
			require.NoError(t, misfit)
			require.Equal(t, body == nil, expected[o.OperationID].body == nil)
			return
		}
		require.True(t, !gives || misfit != nil, "the Sample of the command %s fits %s: take the body out of expectations()", c.Name, o.OperationID)
	})
	for name := range commands.SampleIDs() {
		require.Contains(t, (&scene{practice: &practice{}}).samples(), name, "the scene has nothing that is the %s of a Sample: add it to samples()", name)
	}
}
