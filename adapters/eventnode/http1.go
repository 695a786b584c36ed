package eventnode

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A client that calls the port with HTTP/1.1 (a browser, curl, a client that
// falls back to the old HTTP API) would get the binary beginning of HTTP/2. It
// gets one plain answer instead.
const (
	http1Answer   = "This is a Praxis event node. It speaks gRPC over HTTP/2 and has no HTTP API: use an EventStoreDB client.\n"
	http1Patience = 5 * time.Second
	// preface is how every HTTP/2 connection begins, and no HTTP/1.1 request.
	preface = "PRI"
)

var errHTTP1 = errors.New("an HTTP/1.1 request was answered with 501")

// http1Listener answers HTTP/1.1 and passes HTTP/2 on. TLS is already taken off: only
// what comes inside of it says for certain which of the two a client speaks.
type http1Listener struct{ net.Listener }

// Accept implements net.Listener.
func (l http1Listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	// A buffer this small is gone by: only the first bytes are copied twice.
	reader := bufio.NewReaderSize(conn, len(preface))
	return &sniffedConn{Conn: conn, reader: reader, sniff: sync.OnceValue(func() error { return sniff(conn, reader) })}, nil
}

// sniffedConn looks at the first bytes before it passes anything on. A client of
// HTTP/2 sends its preface without waiting, so client and server do not wait for
// each other.
type sniffedConn struct {
	net.Conn
	reader *bufio.Reader
	sniff  func() error
}

// Read implements net.Conn.
func (c *sniffedConn) Read(b []byte) (int, error) {
	if err := c.sniff(); err != nil {
		return 0, err
	}
	return c.reader.Read(b)
}

// Write implements net.Conn.
func (c *sniffedConn) Write(b []byte) (int, error) {
	if err := c.sniff(); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// sniff answers a connection that begins with a method other than HTTP/2's.
func sniff(conn net.Conn, reader *bufio.Reader) error {
	head, err := reader.Peek(len(preface))
	notUpper := func(r rune) bool { return r < 'A' || r > 'Z' }
	if err != nil || string(head) == preface || bytes.ContainsFunc(head, notUpper) {
		return nil //nolint:nilerr // An error of the connection is met again by who reads from it.
	}
	refuseHTTP1(conn, reader)
	return errHTTP1
}

// refuseHTTP1 answers a request. Errors are the end of a connection that ends anyway.
func refuseHTTP1(conn net.Conn, reader *bufio.Reader) {
	_ = conn.SetDeadline(time.Now().Add(http1Patience)) //nolint:forbidigo // A deadline of the network, not a decision.
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	response := http.Response{
		StatusCode: http.StatusNotImplemented, ProtoMajor: 1, ProtoMinor: 1, Request: request, Close: true,
		Header:        http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
		ContentLength: int64(len(http1Answer)), Body: io.NopCloser(strings.NewReader(http1Answer)),
	}
	_ = response.Write(conn)
	// What is left unread would make the kernel take the answer back.
	_, _ = io.CopyN(io.Discard, request.Body, 64<<10)
}
