package httpapi

import (
	"net/url"

	"github.com/gorilla/mux"

	"praxis/projections/page"
)

// opened reads the request's cursor, "" for the first page. Fault: "malformed_cursor"
// for anything but what was handed out for this very query, cursors of releases that
// did not seal them included.
func (x *exchange) opened() (page.Token, error) {
	sealed := x.r.URL.Query().Get("cursor")
	if sealed == "" {
		return "", nil
	}
	cursor, ok, err := x.api.Cursors.Open(x.ctx(), x.pages(), sealed)
	if err == nil && !ok {
		err = page.ErrMalformed
	}
	return page.Token(cursor), err
}

// nextCursor is the cursor of the next page in an answer; it is sealed as it is
// written. The zero one is that after the last page.
type nextCursor struct {
	x     *exchange
	token page.Token
}

// next is the cursor that an answer hands out.
func (x *exchange) next(token page.Token) nextCursor {
	if token == "" {
		return nextCursor{}
	}
	return nextCursor{x, token}
}

// MarshalText seals the cursor.
func (n nextCursor) MarshalText() ([]byte, error) {
	sealed, err := n.x.api.Cursors.Seal(n.x.ctx(), n.x.pages(), string(n.token))
	return []byte(sealed), err
}

// pages names the query whose pages a cursor leads through: the operation, what its
// path names, and its filter. How many rows a page has may differ.
func (x *exchange) pages() string {
	query := x.r.URL.Query()
	query.Del("cursor")
	query.Del("limit")
	path := url.Values{}
	for name, value := range mux.Vars(x.r) {
		path.Set(name, value)
	}
	return x.operation + "?" + path.Encode() + "?" + query.Encode()
}
