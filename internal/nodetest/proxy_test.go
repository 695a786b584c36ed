package nodetest_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/internal/nodetest"
)

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
	proxy, err := nodetest.StartProxy(echo(t))
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
