package lease_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/lease"
	"praxis/internal/retry"
	"praxis/internal/runtest"
)

// quick is short, but leaves a busy machine time to do what has to be done in between.
var quick = lease.Config{Poll: 25 * time.Millisecond, Lapse: 3 * time.Second}

// patient never ends a session for its silence, while a test runs.
var patient = lease.Config{Poll: 25 * time.Millisecond, Lapse: time.Hour}

func openPool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func leasesOn(t *testing.T, url string, cfg lease.Config) *lease.Leases {
	t.Helper()
	return lease.New(connectTo(t, url), cfg)
}

func connectTo(t *testing.T, url string) *pgx.ConnConfig {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	return cfg
}

// register is the table of intervals: who led which group, from when until when.
type register struct {
	mu      sync.Mutex
	leaders map[string]string
	// begun is how many leads have begun, twice is what must never be.
	begun int
	twice []string
	// reasons are why leads of a process ended last.
	reasons map[string]error
}

func newRegister(t *testing.T) *register {
	r := &register{leaders: map[string]string{}, reasons: map[string]error{}}
	t.Cleanup(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		require.Empty(t, r.twice, "never two at once")
	})
	return r
}

func (r *register) begin(group, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
	if other := r.leaders[group]; other != "" {
		r.twice = append(r.twice, fmt.Sprintf("%s leads %s beside %s", name, group, other))
	}
	r.leaders[group] = name
}

func (r *register) end(group, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leaders[group] == name {
		delete(r.leaders, group)
	}
}

// held is how many groups each process leads, and begun how many leads there were.
func (r *register) held(context.Context) (held map[string]int, begun int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	held = map[string]int{}
	for _, name := range r.leaders {
		held[name]++
	}
	return held, r.begun
}

// await waits until each process leads so many groups.
func (r *register) await(t *testing.T, want map[string]int) {
	t.Helper()
	runtest.Until(t, func(ctx context.Context) map[string]int { held, _ := r.held(ctx); return held }, func(held map[string]int) bool {
		return fmt.Sprint(held) == fmt.Sprint(want)
	})
}

// reason is why the last lead, or wait for it, of a process ended.
func (r *register) reason(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reasons[name]
}

// awaitReason waits until a lead of a process, or the wait for it, ends for a reason.
func (r *register) awaitReason(t *testing.T, name string, why error) {
	t.Helper()
	runtest.Until(t, func(context.Context) bool { return errors.Is(r.reason(name), why) }, func(ended bool) bool { return ended })
}

// process wants groups as a server does, again and again, until it is stopped.
func (r *register) process(t *testing.T, name string, l *lease.Leases, groups ...string) (stop func()) {
	t.Helper()
	return runtest.Start(t, func(ctx context.Context) error {
		var all sync.WaitGroup
		for _, group := range groups {
			all.Go(func() {
				for ctx.Err() == nil {
					err := l.Lead(ctx, group, func(ctx context.Context) {
						r.begin(group, name)
						defer r.end(group, name)
						<-ctx.Done()
					})
					r.mu.Lock()
					r.reasons[name] = err
					r.mu.Unlock()
					_ = retry.Sleep(ctx, 10*time.Millisecond)
				}
			})
		}
		all.Wait()
		return nil
	})
}

// network is a way to the database that can be cut: packets vanish in both directions,
// and no end is told of it.
type network struct {
	listener net.Listener
	mu       sync.Mutex
	whole    chan struct{} // closed while packets pass
	over     chan struct{}
}

func newNetwork(t *testing.T, url string) *network {
	t.Helper()
	to := connectTo(t, url)
	listener := listen(t)
	n := &network{listener: listener, whole: make(chan struct{}), over: make(chan struct{})}
	close(n.whole)
	t.Cleanup(func() { close(n.over); _ = listener.Close() })
	network, address := pgNetwork(to)
	ctx := context.WithoutCancel(t.Context())
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				_ = conn.Close()
				continue
			}
			go n.pass(conn, server)
			go n.pass(server, conn)
		}
	}()
	return n
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return listener
}

func pgNetwork(cfg *pgx.ConnConfig) (network, address string) {
	if cfg.Host[0] == '/' {
		return "unix", fmt.Sprintf("%s/.s.PGSQL.%d", cfg.Host, cfg.Port)
	}
	return "tcp", net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port))
}

// pass passes on what comes, while the network is whole. The end of a connection is a
// packet too.
func (n *network) pass(from, to net.Conn) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		read, err := from.Read(buffer)
		n.mu.Lock()
		whole := n.whole
		n.mu.Unlock()
		select {
		case <-whole:
		case <-n.over:
			return
		}
		if _, failed := to.Write(buffer[:read]); err != nil || failed != nil {
			return
		}
	}
}

func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.whole = make(chan struct{})
}

// mend lets pass again, late, what was sent meanwhile.
func (n *network) mend() {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.whole:
	default:
		close(n.whole)
	}
}

// url is the database by this way.
func (n *network) url(t *testing.T, url string) string {
	t.Helper()
	to := connectTo(t, url)
	return fmt.Sprintf("host=127.0.0.1 port=%d user=%s password='%s' dbname=%s sslmode=disable", n.listener.Addr().(*net.TCPAddr).Port, to.User, to.Password, to.Database)
}
