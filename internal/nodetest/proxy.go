package nodetest

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
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
