package e2e_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// elsewhere is the same data directory without a setting of the address.
func (i *installation) elsewhere(t *testing.T, args ...string) string {
	t.Helper()
	o := i.runWith(t, []string{"PRAXIS_LISTEN="}, args...)
	require.Equal(t, 0, o.code, o.stderr)
	return strings.TrimSpace(o.stdout)
}

func TestFoundS1_ATokenIsForTheServerOfTheDataDirectory(t *testing.T) {
	i := newInstallation(t)
	server := i.serve(t, "PRAXIS_OIDC_AUDIENCE=harbor")
	olivia := i.bearer(t, i.elsewhere(t, "token", "olivia"))
	require.Equal(t, i.signIn(t, "olivia").account, olivia.account)
	require.FileExists(t, filepath.Join(i.dir, "server.json"))
	i.stop(t, server)
	require.NoFileExists(t, filepath.Join(i.dir, "server.json"), "the address of a server ends with it")

	t.Run("and one that trusts another issuer takes none", func(t *testing.T) {
		record := filepath.Join(i.dir, "server.json")
		require.NoError(t, os.WriteFile(record, []byte(`{"url":"http://127.0.0.1:1"}`), 0o600))
		o := i.runWith(t, []string{"PRAXIS_LISTEN="}, "token", "olivia")
		require.Equal(t, 5, o.code)
		require.Contains(t, o.stderr, "no_development_issuer")
		require.NoError(t, os.Remove(record))
	})

	t.Run("FoundS4 another address has the same people", func(t *testing.T) {
		i.address = freeAddress(t)
		server := i.serve(t)
		require.Equal(t, olivia.account, i.signIn(t, "olivia").account)
		require.Equal(t, olivia.account, i.bearer(t, i.elsewhere(t, "token", "olivia")).account)
		i.stop(t, server)
	})
}

func TestFoundS2_ATakenAddressNamesItsSetting(t *testing.T) {
	i := newInstallation(t)
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", i.address)
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	for _, command := range []string{"serve", "demo"} {
		o := i.run(t, command)
		require.Equal(t, 7, o.code)
		last := o.stderr[strings.LastIndex(strings.TrimSpace(o.stderr), "\n")+1:]
		require.Equal(t, "praxis: Another program listens on "+i.address+" already; stop it, or set PRAXIS_LISTEN to another address, such as 127.0.0.1:8081. (address_taken)\n", last)
	}
	require.NoDirExists(t, filepath.Join(i.dir, "postgres"), "nothing was started")
	require.NoFileExists(t, filepath.Join(i.dir, "server.json"))
}

func TestFoundR9_TheDemoIsLoadedIntoAnotherLog(t *testing.T) {
	i := newInstallation(t)
	left := `{"today":"2026-01-02T00:00:00Z","loaded":true,"founding":"0b1c2d3e-4f50-5162-8374-95a6b7c8d9e0",
		"summary":{"Group":"2e1caa75-0f1b-5ce9-900b-d749b029716f"}}`
	require.NoError(t, os.WriteFile(filepath.Join(i.dir, "demo.json"), []byte(left), 0o600))
	demo := i.start(t, "demo")
	await(t, func() bool { return strings.Contains(demo.stderr.String(), "commands  ") }, "the demo is not loaded")
	require.Contains(t, demo.stderr.String(), "The event log is not the one that the demo was loaded into; loading it again.")
	require.NotEmpty(t, i.signIn(t, "olivia").me(t).Group)
	raw, err := os.ReadFile(filepath.Join(i.dir, "demo.json"))
	require.NoError(t, err)
	require.NotContains(t, string(raw), "2026-01-02", "its days count from today")
	i.stop(t, demo)
}
