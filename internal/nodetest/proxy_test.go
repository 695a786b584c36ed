package nodetest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy is a network between clients and a node that can be made a poor one. It
// passes bytes between TCP connections; faults come and go with its methods.
type Proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu sync.Mutex
	// conns are both ends of every connection that is open.
	conns map[net.Conn]struct{}
	// flowing is closed while bytes pass; an open channel holds them back.
	flowing chan struct{}
	away    bool
	delay   time.Duration
	closed  bool
}

// StartProxy listens on a loopback address and passes everything to target.
func StartProxy(target string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, target: target, conns: make(map[net.Conn]struct{}), flowing: make(chan struct{})}
	close(p.flowing)
	p.running.Go(p.accept)
	return p, nil
}

// Address is where clients find the proxy.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Cut ends every connection at once, in the middle of whatever it carries.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// Away lets every connection fail, the open ones and new ones, until Back.
func (p *Proxy) Away() {
	p.mu.Lock()
	p.away = true
	p.mu.Unlock()
	p.Cut()
}

// Back ends Away.
func (p *Proxy) Back() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = false
}

// Stall holds every byte back until Flow, without notice: connections stay
// open, half of what was sent may have arrived.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.flowing:
		p.flowing = make(chan struct{})
	default:
	}
}

// Flow ends Stall.
func (p *Proxy) Flow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.flowing:
	default:
		close(p.flowing)
	}
}

// Delay makes every chunk of bytes that long under way; 0 ends it.
func (p *Proxy) Delay(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// Close ends the proxy and waits for it.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.listener.Close()
	p.Flow()
	p.Cut()
	p.running.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.connect(client) })
	}
}

// connect joins a client to the node until either ends.
func (p *Proxy) connect(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	if p.enter(client, server) {
		p.running.Go(func() { p.pass(client, server) })
		p.pass(server, client)
	}
	p.leave(client, server)
}

func (p *Proxy) enter(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away || p.closed {
		return false
	}
	p.conns[client], p.conns[server] = struct{}{}, struct{}{}
	return true
}

func (p *Proxy) leave(client, server net.Conn) {
	_, _ = client.Close(), server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
	delete(p.conns, server)
}

// pass moves bytes one way and closes the other end when there are no more.
func (p *Proxy) pass(from, to net.Conn) {
	defer func() { _ = to.Close() }()
	chunk := make([]byte, 16<<10)
	for {
		n, err := from.Read(chunk)
		p.hold()
		if _, failed := to.Write(chunk[:n]); errors.Join(err, failed) != nil {
			return
		}
	}
}

// hold keeps a chunk for as long as the network is slow or stalled.
func (p *Proxy) hold() {
	p.mu.Lock()
	flowing, delay := p.flowing, p.delay
	p.mu.Unlock()
	<-flowing
	if delay > 0 {
		<-time.After(delay)
	}
}

// echo answers every connection with what it sends, until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-ended })
	return listener.Addr().String()
}

func TestTheProxyMakesEveryKindOfTrouble(t *testing.T) {
	proxy, err := StartProxy(echo(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, proxy.Close()) }()
	dial := func() (net.Conn, *bufio.Reader) {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", proxy.Address())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return conn, bufio.NewReader(conn)
	}
	say := func(conn net.Conn) {
		_, err := conn.Write([]byte("hello\n"))
		require.NoError(t, err)
	}
	hears := func(from *bufio.Reader) {
		line, err := from.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "hello\n", line)
	}

	conn, from := dial()
	say(conn)
	hears(from)

	proxy.Delay(20 * time.Millisecond)
	started := time.Now()
	say(conn)
	hears(from)
	require.GreaterOrEqual(t, time.Since(started), 40*time.Millisecond, "there and back")
	proxy.Delay(0)

	proxy.Stall()
	say(conn)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err = from.ReadString('\n')
	require.ErrorContains(t, err, "timeout")
	require.NoError(t, conn.SetReadDeadline(time.Time{}))
	proxy.Flow()
	hears(from)

	proxy.Cut()
	_, err = from.ReadString('\n')
	require.Error(t, err)
	conn, from = dial()
	say(conn)
	hears(from)

	proxy.Away()
	_, err = from.ReadString('\n')
	require.Error(t, err)
	conn, from = dial()
	_, _ = conn.Write([]byte("hello\n"))
	_, err = from.ReadString('\n')
	require.Error(t, err, "who comes while it is away is turned away")
	proxy.Back()
	conn, from = dial()
	say(conn)
	hears(from)
}
