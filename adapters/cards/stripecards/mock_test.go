package stripecards_test

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/stripecards"
	"praxis/domain/money"
)

// TestStripeMockAcceptsWhatWeSend holds our requests to Stripe's own schema:
// stripe-mock refuses what the API would not understand. It has no memory, so
// outcomes mean nothing here.
func TestStripeMockAcceptsWhatWeSend(t *testing.T) {
	dir := t.TempDir()
	binary, socket := filepath.Join(dir, "stripe-mock"), filepath.Join(dir, "s")
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile=tools/dev/go.mod", "-o", binary, "github.com/stripe/stripe-mock")
	build.Dir = "../../.."
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	mock := exec.CommandContext(ctx, binary, "-http-unix", socket)
	require.NoError(t, mock.Start())
	t.Cleanup(func() {
		cancel()
		require.Error(t, mock.Wait(), "it runs until it is killed")
	})

	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			for {
				conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
				if err == nil {
					return conn, nil
				}
				select {
				case <-time.After(10 * time.Millisecond):
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
		},
	}}
	p, err := stripecards.New(stripecards.Config{SecretKey: "sk_test_123", WebhookSecret: "w", URL: "http://stripe-mock", Client: client})
	require.NoError(t, err)

	paid, err := p.Charge(t.Context(), asked("key", seat, card))
	require.NoError(t, err)
	require.Regexp(t, "^pi_", paid.Reference)
	_, err = p.Lookup(t.Context(), "pi_1")
	require.NoError(t, err)
	back, err := p.Refund(t.Context(), owed("back", "pi_1", money.Of(1, "USD")))
	require.NoError(t, err)
	require.Regexp(t, "^re_", back.Reference)
	_, found, err := p.Find(t.Context(), asked("never", seat, card), noon)
	require.NoError(t, err)
	require.False(t, found)
	_, err = p.LookupRefund(t.Context(), "re_1")
	require.NoError(t, err)
	_, found, err = p.FindRefund(t.Context(), owed("never", "pi_1", seat))
	require.NoError(t, err)
	require.False(t, found)
}
