package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// Commands whose answer names something new are found by trying each of them: what
// they make is then read by its id, by who made it. A new command that makes something
// needs an operation that reads one such thing below the same collection.
func TestFoundB4_EverythingThatHasAnIdCanBeReadByIt(t *testing.T) {
	s := newScene(newStack(t))
	s.run(t, "whatever a path names by its id", func(t *testing.T) {
		readable := map[string]bool{
			"clinician": true, // a member
			"account":   true, // a person's own: /v1/me
		}
		for _, path := range s.doc.Paths.InMatchingOrder() {
			if _, name, one := oneOf(path); one && s.doc.Paths.Value(path).Get != nil {
				readable[name] = true
			}
		}
		for path, item := range s.doc.Paths.Map() {
			for _, p := range item.Parameters {
				if p.Value.In == openapi3.ParameterInPath && p.Value.Schema.Ref == "#/components/schemas/Id" {
					require.True(t, readable[p.Value.Name], "nothing reads one {%s}, which %s names", p.Value.Name, path)
				}
			}
		}
	})
	// In the scene, the staff have booked the hour that its patient would book.
	later := map[string]string{"portalBookAppointment": "2026-03-18T13:00:00Z"}
	making := map[string]func(*testing.T){}
	all := rules()
	for _, operation := range slices.Sorted(maps.Keys(all)) {
		r := all[operation]
		template, method := s.place(operation)
		if method == http.MethodGet || r.may == "" || r.code != "" || operation == "unarchiveChart" {
			continue
		}
		path := fillPath(template, s.ids)
		if r.path != nil {
			if path += r.path(s); !strings.HasPrefix(r.path(s), "?") {
				path = r.path(s)
			}
		}
		body, as := bodyFor(s, r), cast[rune(r.may[0])]
		if start := later[operation]; start != "" {
			body.(object)["start"] = start
		}
		shown := s.send(as, method, path, body, asDryRun).receipt().ID
		if !isID(shown) || strings.Contains(path+encoded(t, body), shown) || slices.Contains(slices.Collect(maps.Values(s.ids)), shown) {
			continue // It changes what is there.
		}
		making[operation] = func(t *testing.T) {
			reader := readerOf(s.doc, template)
			require.NotEmpty(t, reader, "no operation reads one of what this makes")
			made := s.send(as, method, path, body).done().ID
			_, name, _ := oneOf(reader)
			ids := maps.Clone(s.ids)
			ids[name] = made
			var one map[string]any
			s.get(as, fillPath(reader, ids)).into(&one)
			require.Contains(t, []any{one["id"], one[name]}, made)
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(making)) {
		s.run(t, operation, making[operation])
	}
	require.Subset(t, slices.Collect(maps.Keys(making)), []string{
		"createGroup", "createBranch", "inviteMember", "createChart", "recordCharge", "draftInvoice", "recordPayment", "submitTraineeProof", "submitProofBeforeInvited",
		"addAppointmentType", "reserveTime", "changeReserveFrom", "blockTime", "bookAppointment", "portalBookAppointment",
	})
}

// place returns the path and the method of an operation.
func (s *scene) place(operation string) (template, method string) {
	for path, item := range s.doc.Paths.Map() {
		for method, o := range item.Operations() {
			if o.OperationID == operation {
				return path, method
			}
		}
	}
	require.Fail(s.t, "the document has no operation "+operation)
	return "", ""
}

// oneOf takes a path apart that names one thing of a collection by its last segment.
func oneOf(path string) (collection, name string, one bool) {
	at := strings.LastIndex(path, "/")
	collection, name = path[:at], path[at+1:]
	return collection, strings.Trim(name, "{}"), strings.HasPrefix(name, "{") && !strings.HasSuffix(collection, "}")
}

// readerOf returns the path that reads one thing of the collection that a path is in:
// of those of that name the one that has most of the path in common; "" for none.
func readerOf(doc *openapi3.T, template string) (reader string) {
	common := func(path string) (n int) {
		for n < len(path) && n < len(template) && path[n] == template[n] {
			n++
		}
		return n
	}
	segments := strings.Split(template, "/")
	for _, segment := range slices.Backward(segments) {
		if reader != "" || strings.HasPrefix(segment, "{") {
			continue
		}
		for path, item := range doc.Paths.Map() {
			if collection, _, one := oneOf(path); one && item.Get != nil && strings.HasSuffix(collection, "/"+segment) && common(path) > common(reader) {
				reader = path
			}
		}
	}
	return reader
}

func isID(s string) bool { return len(s) == 36 && strings.Count(s, "-") == 4 }

// What is read by its id is what its list shows, and what the reader's list does not
// show is as unknown as an id of nothing.
func TestFoundB4_WhatIsReadByItsIdIsWhatTheListShows(t *testing.T) {
	s := newScene(newStack(t))
	s.settle()
	chart := "/charts/" + s.ids["chart"]
	for _, c := range []struct {
		kind, list, in string
		key, id        string
		one            string
		unknown        string
	}{
		{"a branch", "", "branches", "id", s.ids["branch"], "/branches/", "branch_not_found"},
		{"a member", "/members", "members", "id", s.members["carla"], "/members/", "member_not_found"},
		{"an invitation", "/invitations", "invitations", "id", s.ids["invitation"], "/invitations/", "invitation_not_found"},
		{"a draft", "/billing/invoices", "invoices", "id", s.draft, chart + "/invoices/", "invoice_not_found"},
		{"an invoice", "/billing/invoices", "invoices", "id", s.issued, chart + "/invoices/", "invoice_not_found"},
		{"a charge", "/billing/history?kind=charge", "entries", "charge", s.charge, chart + "/charges/", "charge_not_found"},
		{"a payment", "/billing/history?kind=payment", "entries", "payment", s.payment, chart + "/payments/", "payment_not_found"},
		{"a proof of training", "/subscription", "proofs", "id", s.ids["proof"], "/trainee-proofs/", "proof_not_found"},
		{"a licence", "/licences", "licences", "id", s.ids["licence"], "/licences/", "licence_not_found"},
		{"a charge of the subscription", "/subscription/charges", "charges", "id", s.ids["seatCharge"], "/subscription/charges/", "charge_not_found"},
	} {
		s.run(t, c.kind, func(t *testing.T) {
			var list map[string]json.RawMessage
			s.get("olivia", s.path(c.list)).into(&list)
			var items []map[string]any
			require.NoError(t, json.Unmarshal(list[c.in], &items))
			at := slices.IndexFunc(items, func(item map[string]any) bool { return item[c.key] == c.id })
			require.GreaterOrEqual(t, at, 0)
			var one map[string]any
			s.get("olivia", s.path(c.one, c.id)).into(&one)
			// Lines of a charge are as many as the practice has licences: the list counts them.
			if lines, ok := one["lines"].([]any); ok {
				require.EqualValues(t, len(lines), items[at]["lineCount"])
				delete(one, "lines")
			}
			require.Equal(t, items[at], one)
			s.get("olivia", s.path(c.one, s.group)).refused(http.StatusNotFound, c.unknown)
		})
	}
	s.run(t, "a draft that was given up, and a branch that was closed, are not listed any more", func(t *testing.T) {
		s.post("olivia", s.ledger(s.ids["chart"], "carla", "/invoices/", s.draft, "/discard"), nil).done()
		var draft struct{ Status string }
		s.get("olivia", s.path(chart, "/invoices/", s.draft)).into(&draft)
		require.Equal(t, "discarded", draft.Status)
		s.post("olivia", s.path("/branches/", s.ids["branch"], "/close"), object{"movedTo": s.branch}).done()
		var branch struct {
			Name   string
			Closed bool
		}
		s.get("bea", s.path("/branches/", s.ids["branch"])).into(&branch)
		require.Equal(t, "River Street", branch.Name)
		require.True(t, branch.Closed)
	})
	s.run(t, "a removal is that of its member, who has one", func(t *testing.T) {
		var finn struct{ Removal map[string]any }
		s.get("carla", s.path("/members/", s.members["finn"])).into(&finn)
		var removal map[string]any
		s.get("carla", s.path("/members/", s.members["finn"], "/removal")).into(&removal)
		require.Equal(t, finn.Removal, removal)
		s.get("carla", s.path("/members/", s.members["carla"], "/removal")).refused(http.StatusNotFound, "removal_not_found")
	})
	s.run(t, "an invoice is found in the ledger that is named, and in no other", func(t *testing.T) {
		for _, ledger := range []string{"", "?clinician=" + s.members["carla"]} {
			s.get("olivia", s.path(chart, "/invoices/", s.issued, ledger)).into(new(any))
		}
		s.get("olivia", s.path(chart, "/invoices/", s.issued, "?clinician=", s.members["david"])).refused(http.StatusNotFound, "invoice_not_found")
	})
	s.run(t, "whoever sees some sees no others", func(t *testing.T) {
		s.allow("sam", "member.invite", "own")
		s.put("olivia", s.path("/members/", s.members["carla"], "/permissions/member.view"), object{"effect": "deny", "scope": "own"}).done()
		for _, c := range []struct{ as, path, id, code string }{
			{"sam", "/invitations/", s.ids["invitation"], "invitation_not_found"},
			{"carla", "/members/", s.members["carla"], "member_not_found"},
			{"david", chart + "/invoices/", s.issued, "invoice_not_found"},
		} {
			unseen := s.get(c.as, s.path(c.path, c.id)).refused(http.StatusNotFound, c.code)
			unknown := s.get(c.as, s.path(c.path, s.group)).refused(http.StatusNotFound, c.code)
			require.Equal(t, unknown.Detail, unseen.Detail)
		}
	})
	s.run(t, "an offer of the practice and the successor, by the owner and whom they are about", func(t *testing.T) {
		s.get("olivia", s.path("/ownership-offer")).refused(http.StatusNotFound, "no_ownership_offer")
		s.post("olivia", s.path("/ownership-offer"), object{"to": s.members["david"], "validDays": 7}).done()
		var offer struct{ To, ExpiresAt string }
		var named struct{ Successor string }
		for _, as := range []string{"olivia", "david"} {
			s.get(as, s.path("/ownership-offer")).into(&offer)
			require.Equal(t, s.members["david"], offer.To)
			require.Contains(t, offer.ExpiresAt, "2026-03-09T")
		}
		for _, as := range []string{"olivia", "carla"} {
			s.get(as, s.path("/successor")).into(&named)
			require.Equal(t, s.members["carla"], named.Successor)
		}
		s.get("carla", s.path("/ownership-offer")).refused(http.StatusNotFound, "no_ownership_offer")
		s.get("sam", s.path("/successor")).refused(http.StatusNotFound, "no_successor")
		seen := s.get("olivia", s.path("/successor")).header.Get("ETag")
		s.send("olivia", http.MethodDelete, s.path("/successor"), nil, header("If-Match", seen)).done()
		s.get("olivia", s.path("/successor")).refused(http.StatusNotFound, "no_successor")
	})
}
