package faultcodes_test

import (
	"flag"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the list of error codes")

// read reads the source once for all tests.
var read = sync.OnceValues(func() (problems, error) {
	p, err := load()
	if err != nil {
		return problems{}, err
	}
	return p.problems()
})

func TestTheListIsUpToDate(t *testing.T) {
	const file = "../../adapters/httpapi/openapi/problems.json"
	all, err := read()
	require.NoError(t, err)
	want, err := all.written()
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(file, want, 0o644))
		return
	}
	have, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "%s is not up to date; run: make generate", file)
}

// The codes of operations whose refusals are known by heart, to tell that the
// source is followed through closures, interfaces, decoding and helpers.
func TestFoundO8_CodesAreReadOutOfTheSource(t *testing.T) {
	all, err := read()
	require.NoError(t, err, "every code is a constant and has one kind")
	require.Greater(t, len(all.Codes), 300)
	require.Equal(t, "invalid", all.Codes["malformed_date"].Kind)
	require.Contains(t, all.Codes["read_model_behind"].Messages[0], "The change is kept")

	for operation, want := range map[string][]string{
		"createChart":           {"name_required", "birth_date_in_future", "malformed_date", "permission_denied", "idempotency_key_reused", "stale_revision", "event_unreadable", "event_store_unavailable"},
		"recordPayment":         {"exceeds_balance", "select_one_clinician", "received_in_future", "invoice_not_found"},
		"bookAppointment":       {"taken", "too_soon", "off_grid", "not_reserved"},
		"claimSuccession":       {"step_up_auth_required"},
		"listCharts":            {"read_model_behind", "malformed_position"},
		"getChart":              {"chart_not_found", "group_not_found"},
		"receiveCardMessage":    {"webhook_not_authentic"},
		"publishPrices":         {"operators_only"},
		"forgetContact":         {"membership_active", "invitation_open"},
		"(readable)":            {"target_too_long"},
		"(outer)":               {"internal", "timed_out"},
		"(checked)":             {"invalid_request", "malformed_json", "body_too_large"},
		"(authenticated)":       {"token_missing", "token_expired", "rate_limited", "issuer_unavailable"},
		"portalBookAppointment": {"policy_not_shown", "booking_off"},
		"setClinicianBranches":  {"branch_not_found"},
	} {
		require.Subset(t, all.Operations[operation], want, operation)
	}
	for operation, not := range map[string][]string{
		"health": {"group_not_found"}, "createChart": {"exceeds_balance", "taken"}, "recordPayment": {"birth_date_in_future", "taken"},
		"bookAppointment": {"exceeds_balance"}, "getChart": {"exceeds_balance", "taken"}, "me": {"permission_denied"},
	} {
		require.NotContains(t, all.Operations[operation], not[0], operation)
		require.NotSubset(t, all.Operations[operation], not, operation)
	}
}
