package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"praxis/adapters/readiness"
	"praxis/adapters/telemetry"
	"praxis/commands/process"
	"praxis/domain/fault"
	"praxis/projections"
)

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	content, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	return string(content)
}

// used returns metrics into which everything was recorded once.
func used() *telemetry.Metrics {
	m := telemetry.NewMetrics()
	m.Request("/v1/groups/{group}", http.MethodGet, 200, 20*time.Millisecond)
	m.Command("invoice.record_payment", nil, 3*time.Millisecond)
	m.Command("invoice.record_payment", fault.New(fault.Rejected, "over_allocated", "No."), time.Millisecond)
	m.Refused(fault.New(fault.Forbidden, "not_a_member", "No."))
	m.AddAppendedEvents(3)
	m.WatchParts(func(context.Context) []readiness.Finding {
		return []readiness.Finding{{Part: readiness.EventStore, State: readiness.Ready}}
	})
	m.ObserveBatch("ledger", 500, 40*time.Millisecond)
	m.CountCardRequest("charge", "succeeded", nil)
	m.CountCardRequest("charge", "", fault.New(fault.Unavailable, "card_processor_unavailable", "No."))
	m.CountCardMessage("payment_succeeded", "recorded")
	m.WatchProcesses(func(context.Context) ([]process.Status, error) {
		return []process.Status{
			{Name: "collection", Lag: 1500 * time.Millisecond, Overdue: time.Second, Timers: 4, Parked: 3, Accepted: 5, Refused: 6, Fired: 7},
			{Name: "removals"},
		}, nil
	})
	m.WatchProjections(func(context.Context) ([]projections.Status, error) {
		return []projections.Status{
			{Name: "ledger", Version: 2, Program: 2, State: projections.Running, Lag: 1500 * time.Millisecond, LagEvents: 7, Parked: 1, Skipped: 2},
			{Name: "ledger", Version: 1, Program: 2, State: projections.Stopped},
		}, nil
	})
	m.SetOutbox(1, 2, 3, 90*time.Second)
	m.SetViolations("one", map[string]int{"chart_primary": 2, "one_owner": 0})
	m.SetViolations("two", map[string]int{"chart_primary": 1, "one_owner": 1})
	m.SetViolations("two", map[string]int{"chart_primary": 1, "one_owner": 0})
	return m
}

func TestEverythingIsCounted(t *testing.T) {
	got := scrape(t, used())
	for _, line := range []string{
		`praxis_invariant_violations{rule="chart_primary"} 3`,
		`praxis_invariant_violations{rule="one_owner"} 0`,
		`praxis_http_request_duration_seconds_count{method="GET",route="/v1/groups/{group}",status="200"} 1`,
		`praxis_http_request_duration_seconds_bucket{method="GET",route="/v1/groups/{group}",status="200",le="0.025"} 1`,
		`praxis_http_request_duration_seconds_bucket{method="GET",route="/v1/groups/{group}",status="200",le="0.01"} 0`,
		`praxis_command_duration_seconds_count{command="invoice.record_payment",outcome="accepted"} 1`,
		`praxis_command_duration_seconds_count{command="invoice.record_payment",outcome="rejected"} 1`,
		`praxis_refusals_total{code="not_a_member",kind="forbidden"} 1`,
		`praxis_events_appended_total 3`,
		`praxis_event_store_available 1`,
		`praxis_projection_lag_seconds{projection="ledger"} 1.5`,
		`praxis_projection_lag_events{projection="ledger"} 7`,
		`praxis_projection_stopped{projection="ledger"} 0`,
		`praxis_projection_parked{projection="ledger"} 1`,
		`praxis_projection_skipped{projection="ledger"} 2`,
		`praxis_projections_readable 1`,
		`praxis_projection_batch_duration_seconds_count{projection="ledger"} 1`,
		`praxis_projection_events_total{projection="ledger"} 500`,
		`praxis_card_requests_total{outcome="succeeded",request="charge"} 1`,
		`praxis_card_requests_total{outcome="card_processor_unavailable",request="charge"} 1`,
		`praxis_card_messages_total{kind="payment_succeeded",result="recorded"} 1`,
		`praxis_processes_readable 1`,
		`praxis_process_parked{process="collection"} 3`,
		`praxis_process_lag_seconds{process="collection"} 1.5`,
		`praxis_process_timer_overdue_seconds{process="collection"} 1`,
		`praxis_process_timers{process="collection"} 4`,
		`praxis_process_commands_accepted_total{process="collection"} 5`,
		`praxis_process_commands_refused_total{process="collection"} 6`,
		`praxis_process_timers_fired_total{process="collection"} 7`,
		`praxis_mails{state="held"} 1`, `praxis_mails{state="queued"} 2`, `praxis_mails{state="failed"} 3`,
		`praxis_mail_oldest_seconds 90`,
	} {
		require.Contains(t, got, line+"\n")
	}
	require.Contains(t, got, "go_goroutines ")
	require.Contains(t, got, "process_start_time_seconds ")
}

func TestMetricsSayOfPartsWhatReadinessSays(t *testing.T) {
	m := telemetry.NewMetrics()
	store := readiness.Ready
	m.WatchParts(func(context.Context) []readiness.Finding {
		return []readiness.Finding{{Part: readiness.EventStore, State: store}}
	})
	require.Contains(t, scrape(t, m), "praxis_event_store_available 1\n")
	store = readiness.Degraded
	got := scrape(t, m)
	require.Contains(t, got, "praxis_event_store_available 0\n")
	require.Contains(t, got, "praxis_ready 1\n")
	require.Contains(t, got, `praxis_part_state{part="event_store",state="degraded"} 1`)
	require.Contains(t, got, `praxis_part_state{part="event_store",state="ready"} 0`)
	store = readiness.Unavailable
	require.Contains(t, scrape(t, m), "praxis_ready 0\n")
}

func TestProcessesThatCannotBeAskedAreSaidSo(t *testing.T) {
	m := telemetry.NewMetrics()
	m.WatchProcesses(func(context.Context) ([]process.Status, error) {
		return nil, errors.New("the database is away")
	})
	got := scrape(t, m)
	require.Contains(t, got, "praxis_processes_readable 0\n")
	require.NotContains(t, got, "praxis_process_")
	require.Contains(t, got, "praxis_events_appended_total ")
}

func TestLabelNamesAreTheseAndNoOthers(t *testing.T) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(scrape(t, used())))
	require.NoError(t, err)
	labels := map[string][]string{}
	for name, family := range families {
		if !strings.HasPrefix(name, "praxis_") {
			continue
		}
		labels[name] = []string{}
		for _, pair := range family.GetMetric()[0].GetLabel() {
			labels[name] = append(labels[name], pair.GetName())
		}
		slices.Sort(labels[name])
	}
	require.Equal(t, map[string][]string{
		"praxis_http_request_duration_seconds":     {"method", "route", "status"},
		"praxis_command_duration_seconds":          {"command", "outcome"},
		"praxis_refusals_total":                    {"code", "kind"},
		"praxis_events_appended_total":             {},
		"praxis_event_store_available":             {},
		"praxis_ready":                             {},
		"praxis_part_state":                        {"part", "state"},
		"praxis_projection_lag_seconds":            {"projection"},
		"praxis_projection_lag_events":             {"projection"},
		"praxis_projection_parked":                 {"projection"},
		"praxis_projection_skipped":                {"projection"},
		"praxis_projection_stopped":                {"projection"},
		"praxis_projections_readable":              {},
		"praxis_mail_oldest_seconds":               {},
		"praxis_mails":                             {"state"},
		"praxis_invariant_violations":              {"rule"},
		"praxis_projection_batch_duration_seconds": {"projection"},
		"praxis_projection_events_total":           {"projection"},
		"praxis_card_requests_total":               {"outcome", "request"},
		"praxis_card_messages_total":               {"kind", "result"},
		"praxis_processes_readable":                {},
		"praxis_process_parked":                    {"process"},
		"praxis_process_lag_seconds":               {"process"},
		"praxis_process_timer_overdue_seconds":     {"process"},
		"praxis_process_timers":                    {"process"},
		"praxis_process_commands_accepted_total":   {"process"},
		"praxis_process_commands_refused_total":    {"process"},
		"praxis_process_timers_fired_total":        {"process"},
	}, labels)

	problems, err := promlint.New(strings.NewReader(scrape(t, used()))).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestUnknownRoutesCollapseToOneLabel(t *testing.T) {
	m := telemetry.NewMetrics()
	for i := range 500 {
		m.Request("", http.MethodGet, 404, 0)
		m.Request(fmt.Sprintf("/v1/groups/018f3c1e-7b7a-4c55-9d57-0e8a5b%06d", i), "BREW", 1000, 0)
		m.Request(fmt.Sprintf("/charts/%d", 1_000_000+i), "brew", -1, 0)
		m.Request("/search?name=Mara Lind", http.MethodGet, 404, 0)
	}
	got := scrape(t, m)
	require.Contains(t, got, `praxis_http_request_duration_seconds_count{method="GET",route="other",status="404"} 1000`+"\n")
	require.Contains(t, got, `praxis_http_request_duration_seconds_count{method="other",route="other",status="other"} 1000`+"\n")
	require.Equal(t, 2, strings.Count(got, "praxis_http_request_duration_seconds_count{"))
}

func TestEveryLabelIsBounded(t *testing.T) {
	m := telemetry.NewMetrics()
	for i := range 1000 {
		name := fmt.Sprintf("made_up_%d", i)
		m.Request("/"+name, http.MethodGet, 200, 0)
		m.Command(name, nil, 0)
		m.Refused(fault.New(fault.Rejected, name, "No."))
		m.ObserveBatch(name, 1, 0)
		m.CountCardRequest("charge", name, nil)
		m.CountCardMessage(name, "recorded")
	}
	got := scrape(t, m)
	for _, series := range []string{
		"praxis_http_request_duration_seconds_count{", "praxis_command_duration_seconds_count{",
		"praxis_refusals_total{", "praxis_projection_events_total{",
	} {
		require.Equal(t, 201, strings.Count(got, series), series)
	}
	require.Contains(t, got, `praxis_refusals_total{code="other",kind="rejected"} 800`+"\n")
}

func TestAnUnforeseenErrorCountsAsInternalWithoutItsText(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Refused(errors.New("patient Mara Lind"))
	m.Refused(nil)
	m.Command("group.create", errors.New("patient Mara Lind"), 0)
	got := scrape(t, m)
	require.Contains(t, got, `praxis_refusals_total{code="internal",kind="internal"} 1`+"\n")
	require.Equal(t, 1, strings.Count(got, "praxis_refusals_total{"))
	require.Contains(t, got, `praxis_command_duration_seconds_count{command="group.create",outcome="internal"} 1`+"\n")
	require.NotContains(t, got, "Mara")
}
