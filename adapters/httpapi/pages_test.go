package httpapi_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFoundT8_CursorsAreSealedAndBoundToTheirQuery(t *testing.T) {
	p := newStack(t).staffed()
	for _, name := range []string{"Lovelace", "Hopper", "Liskov", "Perlman"} {
		p.post("olivia", p.path("/charts"), object{"patient": object{"familyName": name, "givenName": strings.Repeat("&", 100)}}).done()
	}
	list := func(query string) roster {
		t.Helper()
		var got roster
		p.get("olivia", p.path("/charts?", query)).into(&got)
		return got
	}
	first := list("limit=2")
	require.NotEmpty(t, first.NextCursor)
	rest := list("limit=500&cursor=" + first.NextCursor)
	require.Len(t, rest.Charts, 2, "another size of page is the same query")
	require.Empty(t, rest.NextCursor)
	found := list("limit=1&search=l&status=active")
	require.Len(t, list("status=active&limit=1&search=l&cursor="+found.NextCursor).Charts, 1)

	refused := func(t *testing.T, query string) {
		t.Helper()
		p.get("olivia", p.path("/charts?", query)).refused(http.StatusBadRequest, "malformed_cursor")
	}
	t.Run("nothing can be read from it", func(t *testing.T) {
		raw, err := base64.RawURLEncoding.DecodeString(first.NextCursor)
		require.NoError(t, err)
		for _, name := range []string{"Hopper", "Liskov", "roster", "&&", "{\""} {
			require.NotContains(t, string(raw[12:]), name)
		}
		require.NotEqual(t, first.NextCursor, list("limit=2").NextCursor, "not even that two are of the same row")
	})
	t.Run("it is good for its query only", func(t *testing.T) {
		for _, query := range []string{"search=l&", "sort=-name&", "sort=created&", "archived=true&", "status=active&"} {
			refused(t, query+"cursor="+first.NextCursor)
		}
		p.get("olivia", p.path("/appointments?cursor=", first.NextCursor)).refused(http.StatusBadRequest, "malformed_cursor")
		p.get("olivia", p.path("/members?cursor=", first.NextCursor)).refused(http.StatusBadRequest, "malformed_cursor")
	})
	t.Run("one that was tampered with is refused", func(t *testing.T) {
		for at := range first.NextCursor {
			changed := []byte(first.NextCursor)
			changed[at] = 'A' + (changed[at]+1)%26
			if string(changed[:len(changed)-1]) != first.NextCursor[:len(changed)-1] { // the last letter holds unused bits
				refused(t, "cursor="+string(changed))
			}
		}
		refused(t, "cursor="+first.NextCursor[:len(first.NextCursor)/2])
	})
	t.Run("those of releases that did not seal them are refused", func(t *testing.T) {
		refused(t, "cursor="+cursor("roster/name/false", "hopper grace", p.members["carla"]))
		refused(t, "cursor="+url.QueryEscape(`{"o":"roster/name/false","k":["a","b"]}`))
	})
}
