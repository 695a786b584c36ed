package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAServerEndsInGoodOrder(t *testing.T) {
	i := newInstallation(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run("asked by "+signal.String()+" while it starts", func(t *testing.T) {
			p := i.start(t, "serve")
			await(t, func() bool { return strings.Contains(p.stderr.String(), "event node is serving") }, "the server does not start")
			p.signal(signal)
			require.Equal(t, 0, p.awaitExit(t))
			require.Zero(t, i.postgresPID())
		})
		t.Run("asked by "+signal.String()+" while it serves", func(t *testing.T) {
			p := i.serve(t)
			database := i.postgresPID()
			require.True(t, isAlive(database))
			p.signal(signal)
			require.Equal(t, 0, p.awaitExit(t))
			require.False(t, isAlive(database))
			require.Zero(t, i.postgresPID())
			require.NoFileExists(t, filepath.Join(i.dir, "server.json"))
		})
	}
	t.Run("a command under way is carried out and acknowledged", func(t *testing.T) {
		p := i.serve(t)
		practice := i.found(t)
		owner := practice.people["olivia"]
		body, rest := io.Pipe()
		inHand := make(chan struct{})
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(inHand) }})
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, owner.base+practice.path("/charts"), body)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+owner.token)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Expect", "100-continue")
		answered := make(chan answer, 1)
		go func() {
			answered <- doWith(&http.Transport{ExpectContinueTimeout: patience, DisableKeepAlives: true}, req)
		}()

		<-inHand // The server has begun to read the body.
		p.signal(syscall.SIGTERM)
		await(t, func() bool { return !isReady(t.Context(), i.url()) }, "the server still takes new requests")
		go func() {
			_ = rest.CloseWithError(json.NewEncoder(rest).Encode(practice.newChart("Cole", "carla")))
		}()
		a := <-answered
		require.NoError(t, a.err)
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.Equal(t, "done", parse[receipt](t, a.body).Outcome)
		require.Equal(t, 0, p.awaitExit(t))
	})
}

// TestAServerEndsWithItsPrivatePostgreSQL kills the PostgreSQL under a server that
// serves. Nobody else would start it again, so the server ends, and says why;
// whoever supervises it starts both, and what was acknowledged is still there.
func TestAServerEndsWithItsPrivatePostgreSQL(t *testing.T) {
	i := newInstallation(t)
	p := i.serve(t)
	practice := i.found(t)
	chart := practice.people["olivia"].command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	database := i.postgresPID()
	require.True(t, isAlive(database))

	require.NoError(t, syscall.Kill(database, syscall.SIGKILL))
	require.Equal(t, 7, p.awaitExit(t), "something is unavailable")
	require.Contains(t, p.stderr.String(), "(private_database_ended)")
	require.False(t, isReady(t.Context(), i.url()))

	p = i.serve(t)
	require.NotEqual(t, database, i.postgresPID())
	practice.people["olivia"].get(t, practice.path("/charts/%s", chart.ID), chart.Position, &object{})
	i.stop(t, p)
}

// answer is what came back for one request.
type answer struct {
	status int
	body   string
	err    error
}

func doWith(transport *http.Transport, req *http.Request) answer {
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(body), err}
}
