package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// cash is the body of a payment.
func cash(cents int64) object {
	return object{"amount": dollars(cents), "method": "cash", "receivedOn": "2026-03-02"}
}

// A key stands for one request of one account, whatever its path.
func TestFoundM9_AKeyUsedOnAnotherPathIsRefused(t *testing.T) {
	p := newStack(t).staffed()
	ada, ben := p.open("carla", "Ada", "Abbott", "carla"), p.open("carla", "Ben", "Baker", "carla")
	pay := cash(2500)
	ledger := func(chart string) string { return p.ledger(chart, "carla", "/payments") }
	first := p.post("olivia", ledger(ada), pay, key("pay")).done()
	tail := p.tail()

	p.run(t, "another chart", func(t *testing.T) {
		p.post("olivia", ledger(ben), pay, key("pay")).refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	})
	p.run(t, "another operation", func(t *testing.T) {
		p.post("olivia", p.path("/charts"), object{"patient": object{"familyName": "Cole"}, "primary": p.members["carla"]}, key("pay")).refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	})
	p.run(t, "the same request, formatted otherwise, finds the first receipt", func(t *testing.T) {
		again := p.post("olivia", ledger(ada), text(spaced(t, pay)), key("pay")).receipt()
		require.Equal(t, "replayed", again.Outcome)
		require.Equal(t, first.ID, again.ID)
	})
	require.Equal(t, tail, p.tail(), "none of these changed anything")
	p.run(t, "a dry run claims no key", func(t *testing.T) {
		p.post("olivia", ledger(ada), pay, key("later"), asDryRun).receipt()
		p.post("olivia", ledger(ben), pay, key("later")).done()
	})
	p.run(t, "the key of a refused request is free for the corrected one", func(t *testing.T) {
		p.put("olivia", p.path("/charts/", ada, "/status"), object{"status": "active"}, key("fix")).refused(http.StatusUnprocessableEntity, "same_status")
		p.post("olivia", ledger(ben), cash(100), key("fix")).done()
	})
	p.run(t, "the same key of another account is another intention", func(t *testing.T) {
		p.post("carla", p.path("/charts"), object{"patient": object{"familyName": "Cole"}, "primary": p.members["carla"]}, key("pay")).done()
	})
	p.run(t, "a key goes with its account to another practice, and is no other intention there (G-7)", func(t *testing.T) {
		p.join("sam", "super_admin", true)
		p.allow("sam", "branch.manage", "group")
		p.post("sam", p.path("/branches"), object{"name": "Riverside"}, key("import")).done()
		p.post(p.owner, p.path("/members/", p.members["sam"], "/removal"), object{"default": p.members["carla"]}).done()
		q := p.found("sam", true)
		q.post("sam", q.path("/branches"), object{"name": "Riverside"}, key("import")).refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	})
}

// spaced is a body in another form: indented.
func spaced(t *testing.T, body object) []byte {
	t.Helper()
	raw, err := json.MarshalIndent(body, "", "\t")
	require.NoError(t, err)
	return raw
}
