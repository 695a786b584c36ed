// Package telemetry lets operators see how the installation does: traces over
// OTLP and metrics for Prometheus. Neither may say anything about a person: no
// label holds an id of a patient, an account or a group, and the number of
// values of every label is bounded, whatever callers pass. The package imports
// adapters/readiness, commands/process, domain/fault, OpenTelemetry and the
// Prometheus client.
package telemetry
