package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Config says where traces go.
type Config struct {
	// ServiceVersion is the version of the binary, named in every trace.
	ServiceVersion string
	// OTLPEndpoint is the base URL of an OTLP/HTTP collector, such as
	// http://127.0.0.1:4318; "v1/traces" is added to its path. Empty turns
	// tracing off. Headers, sampling and resource attributes come from the
	// standard OTEL_* variables.
	OTLPEndpoint string
}

// Setup makes OpenTelemetry's global tracer export to the collector and continue
// traces of W3C headers. It does not talk to the collector: one that is away
// costs spans, never requests. The returned function sends what is left and
// must be called before the process ends.
func Setup(ctx context.Context, c Config) (shutdown func(context.Context) error, err error) {
	if c.OTLPEndpoint == "" {
		return func(context.Context) error { return nil }, nil
	}
	endpoint, err := url.Parse(c.OTLPEndpoint)
	if err != nil || endpoint.Host == "" || (endpoint.Scheme != "http" && endpoint.Scheme != "https") {
		return nil, errors.New("telemetry: the OTLP endpoint must be an absolute http or https URL, such as http://127.0.0.1:4318")
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint.JoinPath("v1/traces").String()))
	if err != nil {
		return nil, fmt.Errorf("telemetry: make the exporter: %w", err)
	}
	described, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "praxis"), attribute.String("service.version", c.ServiceVersion)),
		// Last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("telemetry: describe the process: %w", err), exporter.Shutdown(ctx))
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(described))
	otel.SetTracerProvider(provider)
	// Baggage is left out: it would carry values of strangers into our logs and onwards.
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider.Shutdown, nil
}
