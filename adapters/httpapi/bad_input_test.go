package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bad is a request that must be refused, with the refusal it must get.
type bad struct {
	name          string
	as            string // carla unless told
	method, path  string
	body          any
	status        int
	code          string
	pointer, rule string // of the first of the errors, where the document is broken
	header, value string
}

func TestBadInputIsASpecificProblemAndChangesNothing(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	kind := p.bookable()
	charts, demographics := p.path("/charts"), p.path("/charts/", chart, "/demographics")
	charges, payments := p.ledger(chart, "carla", "/charges"), p.ledger(chart, "carla", "/payments")
	rule := p.path("/members/", p.members["carla"], "/permissions/roster.export")
	good := object{"patient": object{"familyName": "Abbott"}}
	charge := func(change object) object {
		c := object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(100)}
		for k, v := range change {
			c[k] = v
		}
		return c
	}
	payment := func(amount object, on string) object {
		return object{"amount": amount, "method": "cash", "receivedOn": on}
	}
	const invalid = "invalid_request"
	cases := []bad{
		{name: "broken JSON", path: charts, body: text(`{"patient":`), code: "malformed_json"},
		{name: "trailing garbage", path: charts, body: text(`{"patient":{"familyName":"A"}} x`), code: "malformed_json"},
		{name: "two values", path: charts, body: text(`{"patient":{"familyName":"A"}}{}`), code: "malformed_json"},
		{name: "a repeated name", path: charts, body: text(`{"patient":{"familyName":"A","familyName":"B"}}`), code: "malformed_json"},
		{name: "a repeated name that is written otherwise", path: charts, body: text(`{"patient":{"familyName":"A","family\u004eame":"B"}}`), code: "malformed_json"},
		{name: "a NUL character", path: charts, body: text(`{"patient":{"familyName":"A\u0000"}}`), code: "malformed_json"},
		{name: "half of a surrogate pair", path: charts, body: text(`{"patient":{"familyName":"A\ud800"}}`), code: "malformed_json"},
		{name: "the other half", path: charts, body: text(`{"patient":{"familyName":"\udc00A"}}`), code: "malformed_json"},
		{name: "two first halves", path: charts, body: text(`{"patient":{"familyName":"\ud800\ud83d\ude00"}}`), code: "malformed_json"},
		{name: "half a pair in a name of a property", path: charts, body: text(`{"patient":{"familyName\ud800":"A"}}`), code: "malformed_json"},
		{name: "endless nesting", path: charts, body: text(strings.Repeat("[", 60_000)), code: "malformed_json"},
		{name: "bad UTF-8", path: charts, body: text("{\"patient\":{\"familyName\":\"\xff\"}}"), code: "invalid_utf8"},
		{name: "too large", path: charts, body: text(`{"patient":{"familyName":"` + strings.Repeat("a", 70_000) + `"}}`), status: http.StatusRequestEntityTooLarge, code: "body_too_large"},
		{name: "another media type", path: charts, body: good, header: "Content-Type", value: "text/plain", status: http.StatusUnsupportedMediaType, code: "unsupported_media_type"},
		{name: "no media type", path: charts, body: good, header: "Content-Type", status: http.StatusUnsupportedMediaType, code: "unsupported_media_type"},
		{name: "no body", path: charts, code: invalid, rule: "required"},
		{name: "null", path: charts, body: text("null"), code: invalid},
		{name: "a list", path: charts, body: text("[]"), code: invalid, rule: "type"},
		{name: "a body where none belongs", method: http.MethodDelete, path: p.path("/charts/", chart, "/archive"), body: object{}, code: invalid},
		{name: "a wrong type", path: charts, body: object{"patient": object{"familyName": 7}}, code: invalid, pointer: "/patient/familyName", rule: "type"},
		{name: "a missing property", path: charts, body: object{}, code: invalid, rule: "required"},
		{name: "an unknown property", path: charts, body: object{"patient": object{"familyName": "A", "ssn": "x"}}, code: invalid, pointer: "/patient/ssn", rule: "properties"},
		{name: "a property in other letters", path: charts, body: object{"patient": object{"FamilyName": "A"}}, code: invalid, pointer: "/patient/FamilyName", rule: "properties"},
		{name: "a text too long", path: charts, body: object{"patient": object{"familyName": strings.Repeat("ä", 101)}}, code: invalid, pointer: "/patient/familyName", rule: "maxLength"},
		{name: "control characters", path: charts, body: object{"patient": object{"familyName": "A\x1b[2J"}}, code: "malformed_text"},
		{name: "no name at all", path: charts, body: object{"patient": object{"familyName": "  "}}, code: "name_required"},
		{name: "an id in upper case", path: charts, body: object{"patient": object{"familyName": "A"}, "primary": strings.ToUpper(p.members["carla"])}, code: invalid, pointer: "/primary", rule: "pattern"},
		{name: "an id that is short", method: http.MethodPut, path: p.path("/charts/123/status"), body: object{"status": "active"}, code: invalid, pointer: "path.chart", rule: "pattern"},
		{name: "an id that is no UUID", method: http.MethodGet, path: "/v1/groups/" + strings.Repeat("z", 36), code: invalid, pointer: "path.group", rule: "pattern"},
		{name: "an unknown capability", as: "olivia", method: http.MethodPut, path: p.path("/members/", p.members["carla"], "/permissions/chart.burn"), body: object{"effect": "allow", "scope": "group"}, code: "unknown_capability"},
		{name: "a day that does not exist", method: http.MethodPut, path: demographics, body: object{"familyName": "A", "birthDate": "2026-02-30"}, code: "malformed_date"},
		{name: "a birth before all living", method: http.MethodPut, path: demographics, body: object{"familyName": "A", "birthDate": "1850-01-01"}, code: "date_too_early"},
		{name: "a day of the query that is too early", method: http.MethodGet, path: p.path("/billing/history?from=1850-01-01"), code: "date_too_early"},
		{name: "a block that ends within a second", path: p.path("/clinicians/", p.members["carla"], "/blocks"), body: object{"start": "2026-03-04T14:00:00Z", "end": "2026-03-04T15:00:00.0000001Z"}, code: "instant_not_whole_seconds"},
		{name: "a permission that begins within a second", as: "olivia", method: http.MethodPut, path: p.path("/members/", p.members["carla"], "/permissions/chart.create"), body: object{"effect": "allow", "scope": "group", "from": "2026-03-04T14:00:00.5Z"}, code: "instant_not_whole_seconds"},
		{name: "a birth in the future", method: http.MethodPut, path: demographics, body: object{"familyName": "A", "birthDate": "2026-03-05"}, code: "birth_date_in_future"},

		{name: "an unknown parameter", method: http.MethodGet, path: charts + "?clinic=1", code: invalid, pointer: "query.clinic", rule: "unknownParameter"},
		{name: "a query that cannot be read", method: http.MethodGet, path: charts + "?status=%zz", code: invalid, pointer: "query", rule: "malformed"},
		{name: "a semicolon in the query", method: http.MethodGet, path: charts + "?status=active;archived=true", code: invalid, pointer: "query", rule: "malformed"},
		{name: "a parameter twice", method: http.MethodGet, path: charts + "?status=active&status=inactive", code: invalid, pointer: "query.status", rule: "single"},
		{name: "bad UTF-8 in the query", method: http.MethodGet, path: charts + "?search=%ff", code: invalid, pointer: "query.search", rule: "text"},
		{name: "NUL in the query", method: http.MethodGet, path: charts + "?search=%00", code: invalid, pointer: "query.search", rule: "text"},
		{name: "a limit that is no number", method: http.MethodGet, path: charts + "?limit=many", code: invalid, pointer: "query.limit"},
		{name: "a limit out of range", method: http.MethodGet, path: charts + "?limit=501", code: invalid, pointer: "query.limit", rule: "maximum"},
		{name: "a limit beyond all numbers", method: http.MethodGet, path: charts + "?limit=99999999999999999999", code: invalid, pointer: "query.limit"},
		{name: "an unknown sort", method: http.MethodGet, path: charts + "?sort=ssn", code: invalid, pointer: "query.sort", rule: "enum"},
		{name: "a cursor that nobody handed out", method: http.MethodGet, path: charts + "?cursor=abc", code: "malformed_cursor"},
		{name: "a cursor of another order", method: http.MethodGet, path: charts + "?sort=created&cursor=" + p.sealed(t, "listCharts", "sort=created", "roster/name/false", "a", chart), code: "malformed_cursor"},
		{name: "a cursor with another's keys", method: http.MethodGet, path: charts + "?cursor=" + p.sealed(t, "listCharts", "", "roster/name/false", "a", "no id"), code: "malformed_cursor"},
		{name: "a cursor with NUL", method: http.MethodGet, path: charts + "?cursor=" + p.sealed(t, "listCharts", "", "roster/name/false", "\x00", chart), code: "malformed_cursor"},
		{name: "a cursor without a time", method: http.MethodGet, path: charts + "?sort=created&cursor=" + p.sealed(t, "listCharts", "sort=created", "roster/created/false", "now", chart), code: "malformed_cursor"},
		{name: "a cursor of appointments without a time", method: http.MethodGet, path: p.path("/appointments?cursor=", p.sealed(t, "listAppointments", "", "appointments", "now", chart, chart)), code: "malformed_cursor"},
		{name: "a cursor of the history without a day", method: http.MethodGet, path: p.path("/billing/history?cursor=", p.sealed(t, "billingHistory", "", "billing/history", "now", "1", "1")), code: "malformed_cursor"},
		{name: "a malformed position", method: http.MethodGet, path: charts, header: "Praxis-Min-Position", value: "12", code: invalid, pointer: "header.Praxis-Min-Position", rule: "pattern"},
		{name: "a malformed If-Match", method: http.MethodPut, path: demographics, body: object{"familyName": "A"}, header: "If-Match", value: "0", code: "malformed_if_match"},
		{name: "a weak If-Match", method: http.MethodPut, path: demographics, body: object{"familyName": "A"}, header: "If-Match", value: `W/"0"`, code: "malformed_if_match"},
		{name: "any If-Match", method: http.MethodPut, path: demographics, body: object{"familyName": "A"}, header: "If-Match", value: "*", code: "malformed_if_match"},
		{name: "a negative If-Match", method: http.MethodPut, path: demographics, body: object{"familyName": "A"}, header: "If-Match", value: `"-1"`, code: "malformed_if_match"},
		{name: "a stale If-Match", method: http.MethodPut, path: demographics, body: object{"familyName": "A"}, header: "If-Match", value: `"7"`, status: http.StatusPreconditionFailed, code: "stale_revision"},
		{name: "a dry run that is neither true nor false", path: charts, body: good, header: "Praxis-Dry-Run", value: "TRUE", code: invalid, pointer: "header.Praxis-Dry-Run", rule: "enum"},
		{name: "a key too long", path: charts, body: good, header: "Idempotency-Key", value: strings.Repeat("k", 201), code: invalid, pointer: "header.Idempotency-Key", rule: "maxLength"},
		{name: "an unknown purpose", path: charts, body: good, header: "Praxis-Purpose-Of-Use", value: "curiosity", code: invalid, pointer: "header.Praxis-Purpose-Of-Use", rule: "enum"},

		{name: "a number beyond all integers", as: "olivia", path: charges, body: text(`{"serviceDate":"2026-03-02","code":"90834","units":1,"unitPrice":{"minor":9223372036854775808,"currency":"USD"}}`), code: "amount_too_large", pointer: "/unitPrice/minor", rule: "maximum"},
		{name: "a number beyond all floats", as: "olivia", path: charges, body: text(`{"serviceDate":"2026-03-02","code":"90834","units":1,"unitPrice":{"minor":1e999,"currency":"USD"}}`), code: invalid},
		{name: "half a cent", as: "olivia", path: charges, body: text(`{"serviceDate":"2026-03-02","code":"90834","units":1,"unitPrice":{"minor":0.5,"currency":"USD"}}`), code: invalid, pointer: "/unitPrice/minor", rule: "type"},
		{name: "a price times units beyond all money", as: "olivia", path: charges, body: charge(object{"units": 1000, "unitPrice": dollars(9223372036854775807)}), code: "amount_too_large"},
		{name: "a negative price", as: "olivia", path: charges, body: charge(object{"unitPrice": dollars(-1)}), code: "negative_price"},
		{name: "units out of range", as: "olivia", path: charges, body: charge(object{"units": 0}), code: invalid, pointer: "/units", rule: "minimum"},
		{name: "another currency", as: "olivia", path: charges, body: charge(object{"unitPrice": object{"minor": 1, "currency": "EUR"}}), status: http.StatusUnprocessableEntity, code: "currency_mismatch"},
		{name: "no currency at all", as: "olivia", path: charges, body: charge(object{"unitPrice": object{"minor": 1, "currency": "dollars"}}), code: invalid, pointer: "/unitPrice/currency", rule: "pattern"},
		{name: "a payment of nothing", as: "olivia", path: payments, body: payment(dollars(0), "2026-03-02"), code: "amount_not_positive"},
		{name: "a negative payment", as: "olivia", path: payments, body: payment(dollars(-100), "2026-03-02"), code: "amount_not_positive"},
		{name: "a payment of tomorrow's tomorrow", as: "olivia", path: payments, body: payment(dollars(1), "2026-03-05"), code: "received_in_future"},
		{name: "a payment without a clinician", as: "olivia", path: p.path("/charts/", chart, "/payments"), body: payment(dollars(1), "2026-03-02"), status: http.StatusUnprocessableEntity, code: "select_one_clinician"},
		{name: "a payment with two clinicians", as: "olivia", path: payments + "&clinician=" + p.members["david"], body: payment(dollars(1), "2026-03-02"), status: http.StatusUnprocessableEntity, code: "select_one_clinician"},
		{name: "a practice in no known zone", as: "zoe", path: "/v1/groups", body: object{"name": "A", "billingZone": "Mars/Olympus", "currency": "USD"}, code: "zone_unknown"},
		{name: "a practice in a zone of this machine", as: "zoe", path: "/v1/groups", body: object{"name": "A", "billingZone": "Local", "currency": "USD"}, code: "zone_unknown"},
		{name: "a practice in no known currency", as: "zoe", path: "/v1/groups", body: object{"name": "A", "billingZone": "UTC", "currency": "ZZZ"}, code: "unknown_currency"},
		{name: "days of slots out of range", method: http.MethodGet, path: p.path("/clinicians/", p.members["carla"], "/slots?from=2026-03-02&to=2026-12-31&type=", chart), code: "days_out_of_range"},
		{name: "an appointment in the year 9999", path: p.path("/clinicians/", p.members["carla"], "/appointments"), body: object{"chart": chart, "type": kind, "start": "9999-12-31T23:59:59Z"}, code: "start_out_of_range"},
		{name: "an instant before all years", as: "olivia", method: http.MethodGet, path: p.path("/permissions?at=0000-01-01T00:00:00%2B14:00"), code: "malformed_instant"},
		{name: "an instant after all years", as: "olivia", method: http.MethodGet, path: p.path("/access/explain?capability=roster.view&at=9999-12-31T23:59:59-14:00"), code: "malformed_instant"},
		{name: "a grant from before all years", as: "olivia", method: http.MethodPut, path: rule, body: object{"effect": "allow", "scope": "own", "from": "0000-01-01T00:00:00+14:00"}, code: "invalid_validity"},
		{name: "a denial until after all years", as: "olivia", method: http.MethodPut, path: rule, body: object{"effect": "deny", "scope": "own", "until": "9999-12-31T23:59:59-14:00"}, code: "invalid_validity"},
		{name: "a stream by another name", as: "olivia", method: http.MethodGet, path: p.path("/audit/history?stream=%24all"), code: invalid, pointer: "query.stream", rule: "pattern"},

		{name: "a method that the path does not know", method: http.MethodPatch, path: charts, body: good, status: http.StatusMethodNotAllowed, code: "method_not_allowed"},
		{name: "a path that is not there", method: http.MethodGet, path: "/v1/patients", status: http.StatusNotFound, code: "no_such_path"},
		{name: "a path with an empty part", method: http.MethodGet, path: "/v1//me", status: http.StatusNotFound, code: "no_such_path"},
		{name: "a path with dots", method: http.MethodGet, path: "/v1/x/../me", status: http.StatusNotFound, code: "no_such_path"},
		{name: "a path with a slash too many", method: http.MethodGet, path: charts + "/", status: http.StatusNotFound, code: "no_such_path"},
	}
	for _, c := range cases {
		p.run(t, c.name, func(t *testing.T) { p.requireRefused(t, c) })
	}
	p.run(t, "the methods that a path knows are named", func(t *testing.T) {
		a := p.send("carla", http.MethodPatch, charts, nil, malformed)
		require.Equal(t, "GET, HEAD, POST", a.header.Get("Allow"))
	})
	p.run(t, "a header twice", func(t *testing.T) {
		tail := p.tail()
		r := p.post("carla", charts, good, malformed, func(c *call) { c.Header["Praxis-Dry-Run"] = []string{"false", "true"} }).refused(http.StatusBadRequest, invalid)
		require.Equal(t, "header.Praxis-Dry-Run", r.Errors[0].Pointer)
		require.Equal(t, tail, p.tail())
	})
}

func (p *practice) requireRefused(t *testing.T, c bad) {
	t.Helper()
	as, method, status := c.as, c.method, c.status
	if as == "" {
		as = "carla"
	}
	if method == "" {
		method = http.MethodPost
	}
	if status == 0 {
		status = http.StatusBadRequest
	}
	tail := p.tail()
	options := []option{malformed}
	if c.header != "" {
		options = append(options, header(c.header, c.value))
	}
	refusal := p.send(as, method, c.path, c.body, options...).refused(status, c.code)
	require.Equal(t, tail, p.tail(), "nothing is appended")
	if c.code != "invalid_request" {
		return
	}
	if c.pointer == "" && c.rule == "" {
		return
	}
	require.NotEmpty(t, refusal.Errors)
	if c.pointer != "" {
		require.Equal(t, c.pointer, refusal.Errors[0].Pointer)
	}
	if c.rule != "" {
		require.Equal(t, c.rule, refusal.Errors[0].Rule)
	}
}

func TestABodyThatBreaksOff(t *testing.T) {
	p := newStack(t).staffed()
	tail := p.tail()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	_, err = fmt.Fprintf(conn, "POST /v1/groups/%s/charts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"patient\":", p.group, p.token("carla"))
	require.NoError(t, err)
	half, ok := conn.(*net.TCPConn)
	require.True(t, ok)
	require.NoError(t, half.CloseWrite())
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
	require.Contains(t, string(body), `"code":"body_unreadable"`)
	require.Equal(t, tail, p.tail())
}
