package eventnode

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"
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

// http1Listener answers HTTP/1.1 on connections without TLS.
type http1Listener struct{ net.Listener }

// Accept implements net.Listener.
func (l http1Listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &sniffedConn{Conn: conn}, nil
}

// sniffedConn looks at the first bytes before it passes anything on. A client of
// HTTP/2 sends its preface without waiting, so client and server do not wait for
// each other.
type sniffedConn struct {
	net.Conn
	once sync.Once
	head []byte
	err  error
}

func (c *sniffedConn) sniff() {
	head := make([]byte, len(preface))
	n, err := io.ReadFull(c.Conn, head)
	if c.head = head[:n]; err == nil && isHTTP1(head) {
		refuseHTTP1(c.Conn, head)
		c.err = errHTTP1
	}
}

// isHTTP1 reports whether a connection begins with a method other than HTTP/2's.
func isHTTP1(head []byte) bool {
	notUpper := func(r rune) bool { return r < 'A' || r > 'Z' }
	return string(head) != preface && strings.IndexFunc(string(head), notUpper) < 0
}

// Read implements net.Conn.
func (c *sniffedConn) Read(b []byte) (int, error) {
	if c.once.Do(c.sniff); c.err != nil {
		return 0, c.err
	}
	if len(c.head) > 0 {
		n := copy(b, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// Write implements net.Conn.
func (c *sniffedConn) Write(b []byte) (int, error) {
	if c.once.Do(c.sniff); c.err != nil {
		return 0, c.err
	}
	return c.Conn.Write(b)
}

// refuseHTTP1 answers a request whose first bytes were read already. Errors are
// the end of a connection that ends anyway.
func refuseHTTP1(conn net.Conn, head []byte) {
	_ = conn.SetDeadline(time.Now().Add(http1Patience)) //nolint:forbidigo // A deadline of the network, not a decision.
	request, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(string(head)), conn)))
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

// http1Credentials answers HTTP/1.1 on connections with TLS, where the protocol
// is agreed on before the first byte.
type http1Credentials struct {
	credentials.TransportCredentials
	config *tls.Config
}

func newHTTP1Credentials(config *tls.Config) http1Credentials {
	http2 := config.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	return http1Credentials{TransportCredentials: credentials.NewTLS(http2), config: config}
}

// ServerHandshake implements credentials.TransportCredentials.
func (c http1Credentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn := tls.Server(raw, c.config)
	ctx, cancel := context.WithTimeout(context.Background(), http1Patience)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	state := conn.ConnectionState()
	if state.NegotiatedProtocol != "h2" {
		refuseHTTP1(conn, nil)
		return nil, nil, errors.Join(errHTTP1, conn.Close())
	}
	info := credentials.TLSInfo{State: state, CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}
	return conn, info, nil
}

// Clone implements credentials.TransportCredentials.
func (c http1Credentials) Clone() credentials.TransportCredentials {
	return newHTTP1Credentials(c.config.Clone())
}
