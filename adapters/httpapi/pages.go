package httpapi

import (
	"net/url"

	"github.com/gorilla/mux"

	"praxis/projections/page"
)

// opened reads the request's cursor, "" for the first page. Fault: "malformed_cursor"
// for anything but what was handed out for this very query, cursors of releases that
// did not seal them included.
func (x *Exchange) opened() (page.Token, error) {
	sealed := x.R.URL.Query().Get("cursor")
	if sealed == "" {
		return "", nil
	}
	cursor, ok, err := x.API.Cursors.Open(x.Ctx(), x.pages(), sealed)
	if err == nil && !ok {
		err = page.ErrMalformed
	}
	return page.Token(cursor), err
}

// NextCursor is the cursor of the next page in an answer; it is sealed as it is
// written. The zero one is that after the last page.
type NextCursor struct {
	x     *Exchange
	token page.Token
}

// Next is the cursor that an answer hands out.
func (x *Exchange) Next(token page.Token) NextCursor {
	if token == "" {
		return NextCursor{}
	}
	return NextCursor{x, token}
}

// MarshalText seals the cursor.
func (n NextCursor) MarshalText() ([]byte, error) {
	sealed, err := n.x.API.Cursors.Seal(n.x.Ctx(), n.x.pages(), string(n.token))
	return []byte(sealed), err
}

// pages names the query whose pages a cursor leads through: the operation, what its
// path names, and its filter. How many rows a page has may differ.
func (x *Exchange) pages() string {
	query := x.R.URL.Query()
	query.Del("cursor")
	query.Del("limit")
	path := url.Values{}
	for name, value := range mux.Vars(x.R) {
		path.Set(name, value)
	}
	return x.operation + "?" + path.Encode() + "?" + query.Encode()
}
