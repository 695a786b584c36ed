package httpapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheHistoryOfAStreamComesInPages(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	for n := range 4 {
		p.put("olivia", p.path("/charts/", chart, "/status"), object{"status": []string{"inactive", "active"}[n%2]}).done()
	}
	type entry struct {
		Revision int64
		Event    string
	}
	page := func(query string) (entries []entry, next string) {
		t.Helper()
		var answer struct {
			Entries    []entry
			NextCursor string
		}
		end, err := p.store.Tail(t.Context()) // The look itself is recorded after it.
		require.NoError(t, err)
		a := p.get("olivia", p.path("/audit/history?stream=", url.QueryEscape("chart-"+p.group+"+"+chart), query))
		a.into(&answer)
		require.Equal(t, end, position(t, a.header.Get("Praxis-Position")))
		require.Equal(t, p.clock.Now().UTC().Format(time.RFC3339Nano), a.header.Get("Praxis-As-Of"))
		return answer.Entries, answer.NextCursor
	}
	all, next := page("")
	require.Len(t, all, 5)
	require.Empty(t, next, "one page is all of it")

	var paged []entry
	cursor := ""
	for n := range 3 {
		some, next := page("&limit=2" + cursor)
		require.Equal(t, n == 2, next == "", "page %d", n)
		paged, cursor = append(paged, some...), "&cursor="+next
	}
	require.Equal(t, all, paged, "nothing twice, nothing left out")

	_, whole := page("&limit=5")
	require.Empty(t, whole, "a page that ends with the stream is the last")
	_, of := page("&limit=1")
	group := p.path("/audit/history?stream=group-", p.group, "&cursor=", of)
	p.get("olivia", group).refused(http.StatusBadRequest, "malformed_cursor")
}

func TestAPageOfHistoryHasAHundredEntriesUnlessMoreAreAskedFor(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	for n := range 100 {
		p.put("olivia", p.path("/charts/", chart, "/status"), object{"status": []string{"inactive", "active"}[n%2]}).done()
	}
	history := p.path("/audit/history?stream=", url.QueryEscape("chart-"+p.group+"+"+chart))
	for query, entries := range map[string]int{"": 100, "&limit=500": 101} {
		var answer struct{ Entries []struct{ Revision int64 } }
		p.get("olivia", history+query).into(&answer)
		require.Len(t, answer.Entries, entries, query)
	}
}
