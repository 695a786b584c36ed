package eventnode_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/domain/fault"
)

func TestUnsafeConfigurationsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		config eventnode.Config
		text   string
	}{
		"no directory":                        {eventnode.Config{}, "no data directory given"},
		"every interface without TLS":         {eventnode.Config{Listen: ":0"}, "reachable from other machines"},
		"an outside address without TLS":      {eventnode.Config{Listen: "192.0.2.1:2113"}, "reachable from other machines"},
		"a name without TLS":                  {eventnode.Config{Listen: "node.example:2113"}, "reachable from other machines"},
		"an outside address, TLS, no user":    {eventnode.Config{Listen: "0.0.0.0:0", TLSCert: "c", TLSKey: "k"}, "reachable from other machines"},
		"credentials without TLS":             {eventnode.Config{Listen: "127.0.0.1:0", Username: "u", Password: "p"}, "credentials need TLS"},
		"a user without a password":           {eventnode.Config{Listen: "127.0.0.1:0", Username: "u"}, "needed together"},
		"a certificate without a key":         {eventnode.Config{Listen: "127.0.0.1:0", TLSCert: "c"}, "needed together"},
		"TLS without an address":              {eventnode.Config{TLSCert: "c", TLSKey: "k"}, "TLS is for the TCP address"},
		"an address without a port":           {eventnode.Config{Listen: "localhost"}, "listen address"},
		"a certificate that cannot be loaded": {eventnode.Config{Listen: "127.0.0.1:0", TLSCert: "missing", TLSKey: "missing"}, "the TLS certificate cannot be loaded"},
		"a socket path no socket can have":    {eventnode.Config{Socket: "/tmp/" + strings.Repeat("long/", 40) + "s"}, "more than the 100 a unix socket can have"},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "no directory" {
				c.config.Dir = t.TempDir()
			}
			_, err := eventnode.Open(c.config)
			require.ErrorContains(t, err, c.text)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			require.Equal(t, "event_node_configuration_invalid", fault.From(err).Code)
			if c.config.Dir != "" {
				openNode(t, func(again *eventnode.Config) { again.Dir = c.config.Dir }) // nothing was left locked
			}
		})
	}
}

func TestTheSocketIsPrivate(t *testing.T) {
	t.Run("its directory is closed to others", func(t *testing.T) {
		dir := shortSocketDir(t)
		node := openNode(t, func(c *eventnode.Config) { c.Dir = dir })
		path := strings.TrimPrefix(node.Address(), "unix:")
		require.Equal(t, filepath.Join(dir, "run", "node.sock"), path)
		info, err := os.Stat(filepath.Dir(path))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		require.Empty(t, node.ConnectionString())
	})
	t.Run("a directory others can enter is refused", func(t *testing.T) {
		dir := shortSocketDir(t)
		require.NoError(t, os.Chmod(dir, 0o755))
		_, err := eventnode.Open(eventnode.Config{Dir: t.TempDir(), Socket: filepath.Join(dir, "s")})
		require.ErrorContains(t, err, "open to other users (mode 755); set it to 0700")
	})
	t.Run("a long data directory gets a short private socket that goes away", func(t *testing.T) {
		node, err := eventnode.Open(eventnode.Config{Dir: filepath.Join(t.TempDir(), strings.Repeat("long", 30))})
		require.NoError(t, err)
		path := strings.TrimPrefix(node.Address(), "unix:")
		require.LessOrEqual(t, len(path), 100)
		info, err := os.Stat(filepath.Dir(path))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		seed(t, connect(t, node), "s", 1)
		require.NoError(t, node.Close(t.Context()))
		require.NoDirExists(t, filepath.Dir(path))
	})
	t.Run("a stale socket is replaced, a file that is none is not", func(t *testing.T) {
		path := filepath.Join(shortSocketDir(t), "s")
		stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		require.NoError(t, err)
		stale.SetUnlinkOnClose(false)
		require.NoError(t, stale.Close())
		node := openNode(t, func(c *eventnode.Config) { c.Socket = path })
		seed(t, connect(t, node), "s", 1)

		file := filepath.Join(filepath.Dir(path), "file")
		require.NoError(t, os.WriteFile(file, []byte("precious"), 0o600))
		_, err = eventnode.Open(eventnode.Config{Dir: t.TempDir(), Socket: file})
		require.ErrorContains(t, err, "a file that is no socket")
		require.FileExists(t, file)
	})
	t.Run("a socket another node listens on is refused", func(t *testing.T) {
		path := filepath.Join(shortSocketDir(t), "s")
		node := openNode(t, func(c *eventnode.Config) { c.Socket = path })
		_, err := eventnode.Open(eventnode.Config{Dir: t.TempDir(), Socket: path})
		require.ErrorContains(t, err, "another process listens on the socket")
		seed(t, connect(t, node), "s", 1)
	})
}

func TestADirectoryHasOneNode(t *testing.T) {
	dir := t.TempDir()
	openNode(t, func(c *eventnode.Config) { c.Dir = dir })
	_, err := eventnode.Open(eventnode.Config{Dir: dir})
	require.ErrorAs(t, err, new(*engine.LockedError))
}

func TestARestartKeepsEverything(t *testing.T) {
	dir := shortSocketDir(t)
	for round := range 3 {
		node, err := eventnode.Open(eventnode.Config{Dir: dir, Verify: true})
		require.NoError(t, err)
		client := connect(t, node)
		seed(t, client, "s", 2)
		require.Len(t, readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 100), 2*(round+1))
		require.NoError(t, client.Close())
		require.NoError(t, node.Close(t.Context()))
	}
}

func TestAClientFindsTheNodeAgainAfterAShortRestart(t *testing.T) {
	dir := shortSocketDir(t)
	node, err := eventnode.Open(eventnode.Config{Dir: dir})
	require.NoError(t, err)
	client := connect(t, node)
	seed(t, client, "s", 1)
	require.NoError(t, node.Close(t.Context()))
	openNode(t, func(c *eventnode.Config) { c.Dir = dir })
	mine := event("retried", "{}")
	require.Eventually(t, func() bool {
		_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(0)}, mine)
		return err == nil
	}, waitLimit, pollInterval)
	require.Len(t, readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 100), 2)
}

func TestDiscoveryOverTheSocketIsRefused(t *testing.T) {
	connection, err := grpc.NewClient(openNode(t).Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { require.NoError(t, connection.Close()) }()
	_, err = gossip.NewGossipClient(connection).Read(t.Context(), &shared.Empty{})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "discovery needs the node's TCP address")
}

func TestServerFeaturesTellTheVersion(t *testing.T) {
	version, err := openClient(t).GetServerVersion()
	require.NoError(t, err)
	require.Equal(t, esdb.ServerVersion{Major: 24, Minor: 2, Patch: 0}, *version)
}
