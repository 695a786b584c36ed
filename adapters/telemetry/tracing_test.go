package telemetry_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"praxis/adapters/telemetry"
)

func TestSpansReachTheCollector(t *testing.T) {
	paths, bodies := make(chan string, 1), make(chan []byte, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var reader io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzipped, err := gzip.NewReader(r.Body)
			if err != nil {
				return
			}
			reader = unzipped
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return
		}
		paths <- r.URL.Path
		bodies <- content
	}))
	defer server.Close()
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	before, propagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
	t.Cleanup(func() { otel.SetTracerProvider(before); otel.SetTextMapPropagator(propagator) })

	shutdown, err := telemetry.Setup(t.Context(), telemetry.Config{ServiceVersion: "1.2.3", OTLPEndpoint: server.URL + "/otlp"})
	require.NoError(t, err)
	_, span := otel.Tracer("test").Start(t.Context(), "GET /v1/me")
	span.End()
	require.NoError(t, shutdown(t.Context()))

	require.Equal(t, "/otlp/v1/traces", <-paths)
	var request collector.ExportTraceServiceRequest
	require.NoError(t, proto.Unmarshal(<-bodies, &request))
	require.Len(t, request.ResourceSpans, 1)
	attributes := map[string]string{}
	for _, a := range request.ResourceSpans[0].Resource.Attributes {
		attributes[a.Key] = a.Value.GetStringValue()
	}
	require.Equal(t, "praxis", attributes["service.name"])
	require.Equal(t, "1.2.3", attributes["service.version"])
	require.Equal(t, "test", attributes["deployment.environment.name"])
	require.Equal(t, "GET /v1/me", request.ResourceSpans[0].ScopeSpans[0].Spans[0].Name)
	require.Equal(t, []string{"traceparent", "tracestate"}, otel.GetTextMapPropagator().Fields())
}

func TestWithoutAnEndpointNothingIsSetUp(t *testing.T) {
	before := otel.GetTracerProvider()
	shutdown, err := telemetry.Setup(t.Context(), telemetry.Config{ServiceVersion: "1.2.3"})
	require.NoError(t, err)
	require.NoError(t, shutdown(t.Context()))
	require.Same(t, before, otel.GetTracerProvider())
}

func TestAnEndpointThatIsNoURLIsRefused(t *testing.T) {
	for _, endpoint := range []string{"localhost:4318", "grpc://127.0.0.1:4317", "http://", ":"} {
		_, err := telemetry.Setup(t.Context(), telemetry.Config{OTLPEndpoint: endpoint})
		require.ErrorContains(t, err, "must be an absolute http or https URL", endpoint)
	}
}
