package httpapi_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

const amountCap = money.Max

// operator may publish prices.
const operator = "omar"

// guard is a scene whose amounts are all known to a model.
type guard struct {
	*scene
	// books are the model of every ledger; open are those that are written to.
	books, open []*book
	turn        int
	issued      int
	published   int
	// seatMoney is what the practice was charged for licences, seatsElsewhere what
	// Omar's was.
	seatMoney, seatsElsewhere *big.Int
	prices                    map[string][]*big.Int
}

func newGuard(t *testing.T) *guard {
	t.Helper()
	g := &guard{
		scene:     newScene(newStack(t, with(func(c *httpapi.Config) { c.Operators = []string{operator} }))),
		seatMoney: new(big.Int), seatsElsewhere: new(big.Int), prices: map[string][]*big.Int{},
	}
	// It is still Monday in New York when it is Tuesday in Greenwich.
	g.clock.Pass(12 * time.Hour)
	for _, charge := range listAt(decoded(t, g.get("olivia", g.path("/subscription/charges")).body), "charges") {
		g.seatMoney.Add(g.seatMoney, bigAt(charge, "total", "minor"))
	}
	scene := newBook(g.ids["chart"], "carla")
	scene.charge(g.charge, big.NewInt(100), big.NewInt(1))
	for stage, invoice := range map[string]string{"draft": g.draft, "open": g.scene.issued} {
		scene.charge(stage, big.NewInt(100), big.NewInt(1))
		scene.draft(invoice, guardToday, "net_30", stage)
	}
	g.issued++
	scene.invoices[g.scene.issued].issued = g.issued
	scene.payments[g.payment] = &bookPayment{big.NewInt(100), big.NewInt(100)}
	g.books = append(g.books, scene)

	charts := []string{g.born("Bruno"), g.born("Celia")}
	for _, chart := range charts {
		for _, clinician := range []string{"carla", "david"} {
			g.open = append(g.open, newBook(chart, clinician))
		}
	}
	g.books = append(g.books, g.open...)
	full := g.born("Dora")
	for _, clinician := range []string{"carla", "david"} {
		b := newBook(full, clinician)
		g.books = append(g.books, b)
		g.full(b)
	}
	return g
}

// born opens a chart with a birth date.
func (g *guard) born(name string) string {
	g.t.Helper()
	return g.post("carla", g.path("/charts"), object{
		"patient": object{"givenName": name, "familyName": "Born", "birthDate": guardBorn}, "primary": g.members["carla"],
	}).done().ID
}

// full is a ledger that holds as much as can be told exactly; an earlier release let
// it come to that at once.
func (g *guard) full(b *book) {
	g.t.Helper()
	charge, payment, most := id.New[id.Charge](), id.New[id.Payment](), int64(money.MaxSum)
	on := civil.MustDate(guardToday)
	g.written(b.chart, b.clinician,
		invoice.ChargeRecorded{Charge: charge, ServiceDate: on, Code: "90834", Units: 1, UnitPrice: money.Of(most, "USD"), Amount: money.Of(most, "USD")},
		invoice.PaymentRecorded{Payment: payment, Amount: money.Of(most, "USD"), Method: invoice.Cash, ReceivedOn: on},
	)
	b.charge(charge.String(), big.NewInt(most), big.NewInt(1))
	b.payments[payment.String()] = &bookPayment{big.NewInt(most), big.NewInt(most)}
}

// extreme is a place of a request that takes an amount or a date.
type extreme struct {
	field
	// in is body, query or path.
	in     string
	amount bool
}

func extremeOf(in string, f field) (extreme, bool) {
	e := extreme{field: f, in: in}
	s := f.schema
	e.amount = s.Type.Is(openapi3.TypeInteger) && s.Format == "int64" && (s.Max == nil || *s.Max > math.MaxInt32)
	return e, e.amount || s.Format == "date" || strings.Contains(s.Pattern, "[0-9]{4}-[0-9]{2}-[0-9]{2}")
}

// extremesOf lists the places of an operation that take an amount or a date.
func extremesOf(item *openapi3.PathItem, o *openapi3.Operation) (all []extreme) {
	for _, p := range slices.Concat(item.Parameters, o.Parameters) {
		if p.Value.In == openapi3.ParameterInHeader {
			continue
		}
		for _, f := range leavesOf(p.Value.Schema.Value, p.Value.Name) {
			if e, ok := extremeOf(p.Value.In, f); ok {
				all = append(all, e)
			}
		}
	}
	if o.RequestBody == nil || o.OperationID == foreign {
		return all
	}
	for _, f := range leavesOf(o.RequestBody.Value.Content.Get("application/json").Schema.Value) {
		if e, ok := extremeOf("body", f); ok {
			all = append(all, e)
		}
	}
	return all
}

// values are what is thrown at the place at an instant.
func (e extreme) values(now time.Time) (all []any) {
	if e.amount {
		for _, minor := range []int64{0, 1, -1, amountCap, amountCap + 1, 1 << 53, 1 << 62, 1<<63 - 1} {
			all = append(all, minor)
		}
		return all
	}
	days := []string{"0001-01-01", "1899-12-31", "1900-01-01", dayAfter(guardBorn, -1), guardBorn, guardToday, dayAfter(guardToday, 1), "9999-12-31"}
	for _, east := range []int{-12, 14} {
		days = append(days, civil.In(now, time.FixedZone("", east*60*60)).String())
	}
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		if strings.Contains(e.schema.Pattern, "fixed_") {
			day = "fixed_" + day
		}
		all = append(all, day)
	}
	return all
}

func dayAfter(day string, n int) string { return civil.MustDate(day).Add(n).String() }

// TestFoundM1_ExtremeAmountsAndDatesNeverBendASum throws extreme amounts and dates at
// every operation of the document that takes one, and compares every sum that the
// document tells with what was accepted. A new operation that writes an amount needs an
// entry in bases(), one with a date an entry there or in rules(), and one that tells
// amounts an entry in sums().
func TestFoundM1_ExtremeAmountsAndDatesNeverBendASum(t *testing.T) {
	g := newGuard(t)
	g.checkSums()
	bases, expected := g.bases(), rules()
	for _, template := range g.doc.Paths.InMatchingOrder() {
		item := g.doc.Paths.Value(template)
		operations := item.Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			o := operations[method]
			for _, e := range extremesOf(item, o) {
				name := o.OperationID + "/" + e.in + "/" + strings.Join(e.path, "/")
				g.run(t, name, func(t *testing.T) {
					base, ok := bases[o.OperationID]
					if !ok {
						require.False(t, e.amount, "%s takes an amount and has no valid base request: give it one in bases(), with what it does to the sums", o.OperationID)
						require.NotEmpty(t, expected[o.OperationID].may, "%s takes a date and has no valid base request: give it one in bases() or rules()", o.OperationID)
						base = func(extreme) attempt { return g.fromRules(o.OperationID) }
					}
					g.tries(t, template, method, o, e, base)
				})
			}
		}
	}
	g.run(t, "a ledger that is full takes no more, and the sums stay", func(t *testing.T) {
		for _, b := range g.books[len(g.books)-2:] {
			g.post("olivia", g.on(b, "/charges"), object{"serviceDate": guardToday, "code": "90834", "units": 1, "unitPrice": dollars(1)}).
				refused(http.StatusUnprocessableEntity, "ledger_out_of_range")
			g.post("olivia", g.on(b, "/payments"), object{"amount": dollars(1), "method": "cash", "receivedOn": guardToday}).
				refused(http.StatusUnprocessableEntity, "ledger_out_of_range")
		}
		g.checkSums()
	})
}

// tries sends every value at one place, and then the request without any.
func (g *guard) tries(t *testing.T, template, method string, o *openapi3.Operation, e extreme, base func(extreme) attempt) {
	t.Helper()
	if method != http.MethodGet {
		a := base(e)
		path, body := g.extremely(template, a, e, nil)
		shown := g.send(a.as, method, path, body, asDryRun)
		require.Equal(t, http.StatusOK, shown.status, "%s has no valid base request: %s", o.OperationID, shown.body)
	}
	// What is accepted as it is comes first; but after the amounts, since it ends what
	// they are tried on: the subscription is started once.
	values := append([]any{nil}, e.values(g.clock.Now())...)
	if e.amount {
		values = append(values[1:], nil)
	}
	for _, value := range values {
		a := base(e)
		path, body := g.extremely(template, a, e, value)
		tail := g.tail()
		var options []option
		if value != nil {
			options = append(options, malformed)
		}
		answered := g.send(a.as, method, path, body, options...)
		require.Less(t, answered.status, http.StatusInternalServerError, "%v: %s", value, answered.body)
		accepted := answered.status == http.StatusOK
		require.True(t, accepted || value != nil, "%s has no valid base request: %s", o.OperationID, answered.body)
		g.requireWithin(t, o.OperationID, e, value, accepted, answered)
		switch {
		case !accepted:
			require.NotEmpty(t, answered.problem().Code)
			require.Equal(t, tail, g.tail(), "%v: what is refused changes nothing", value)
		case strings.HasPrefix(answered.header.Get("Content-Type"), "text/csv"): // It tells no amounts.
		case method == http.MethodGet:
			g.requireNoNegative(decoded(t, answered.body), path)
		case a.done != nil:
			a.done(decoded(t, encodedBody(t, body)), answered.receipt())
		}
	}
	if method != http.MethodGet {
		g.checkSums()
	}
}

// requireWithin holds the answer to the limits that the document states of the place.
func (g *guard) requireWithin(t *testing.T, operation string, e extreme, value any, accepted bool, a answer) {
	t.Helper()
	switch v := value.(type) {
	case int64:
		require.False(t, accepted && (v < 0 || v > amountCap), "%d is accepted: %s", v, a.body)
		if slices.Contains([]string{"recordCharge", "recordPayment", "applyPayment"}, operation) {
			require.Equal(t, v > 0 && v <= amountCap || v == 0 && operation == "recordCharge", accepted, "%d: %s", v, a.body)
		}
	case string:
		day := strings.TrimPrefix(v, "fixed_")
		require.False(t, accepted && day < "1900-01-01", "%s is accepted: %s", v, a.body)
		if e.schema == g.doc.Components.Schemas["PastDate"].Value {
			require.Equal(t, day >= guardBorn && day <= guardToday, accepted, "%s: %s", v, a.body)
		}
	}
}

// extremely returns the request with a value at the place, unchanged without one.
func (g *guard) extremely(template string, a attempt, e extreme, value any) (string, any) {
	ids := maps.Clone(g.ids)
	if e.in == openapi3.ParameterInPath && value != nil {
		ids[e.path[0]] = value.(string)
	}
	path := fillPath(template, ids)
	if strings.HasPrefix(a.path, "?") {
		path += a.path
	} else if a.path != "" {
		path = a.path
	}
	if e.in == openapi3.ParameterInQuery && value != nil {
		before, query, _ := strings.Cut(path, "?")
		values, err := url.ParseQuery(query)
		require.NoError(g.t, err)
		values.Set(e.path[0], value.(string))
		path = before + "?" + values.Encode()
	}
	if a.body == nil {
		return path, nil
	}
	body := decoded(g.t, encodedBody(g.t, a.body))
	if e.in == "body" && value != nil {
		body = put(body, e.path, value)
	}
	return path, body
}

// checkSums asks every operation that tells amounts.
func (g *guard) checkSums() {
	g.t.Helper()
	g.settle()
	told := g.sums()
	for _, item := range g.doc.Paths.Map() {
		if o := item.Get; o != nil && tellsAmounts(o) {
			check, known := told[o.OperationID]
			require.True(g.t, known, "%s tells amounts and has no entry in sums(): say what they are compared with", o.OperationID)
			check()
		}
	}
}

func tellsAmounts(o *openapi3.Operation) bool {
	for _, content := range o.Responses.Status(http.StatusOK).Value.Content {
		if content.Schema != nil && slices.ContainsFunc(leavesOf(content.Schema.Value), func(f field) bool {
			// A patient can be a minor, too.
			return len(f.path) > 0 && f.path[len(f.path)-1] == "minor" && f.schema.Type.Includes(openapi3.TypeInteger)
		}) {
			return true
		}
	}
	return false
}

// requireNoNegative walks an answer: nothing in it is below zero but the current
// balance, and the lines that take something off.
func (g *guard) requireNoNegative(value any, path string) {
	g.t.Helper()
	switch v := value.(type) {
	case []any:
		for _, e := range v {
			g.requireNoNegative(e, path)
		}
	case map[string]any:
		kind, _ := v["kind"].(string)
		for name, part := range v {
			if name == "current" || strings.HasSuffix(kind, "_credit") || name == "share" && strings.HasSuffix(at(v, "line", "kind").(string), "_credit") {
				continue
			}
			if name == "minor" {
				require.GreaterOrEqual(g.t, bigAt(v, "minor").Sign(), 0, "%s tells a negative amount: %v", path, v)
				continue
			}
			g.requireNoNegative(part, path+"/"+name)
		}
	}
}

func digits(all []*big.Int) []string {
	told := make([]string, 0, len(all))
	for _, n := range all {
		told = append(told, n.String())
	}
	slices.Sort(told)
	return told
}

// decoded reads JSON without losing a digit.
func decoded(t testing.TB, raw []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	require.NoError(t, d.Decode(&value), "%s", strconv.Quote(string(raw)))
	return value
}

func encodedBody(t testing.TB, body any) []byte {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	return raw
}
