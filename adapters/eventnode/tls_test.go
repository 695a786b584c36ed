package eventnode_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

// certificate writes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T) (certPath, keyPath string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certPath, keyPath = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(certPath, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	pool = x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(certPEM))
	return certPath, keyPath, pool
}

// parsed opens a client with a connection string.
func parsed(t *testing.T, connectionString string, change ...func(*esdb.Configuration)) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(connectionString)
	require.NoError(t, err)
	for _, c := range change {
		c(config)
	}
	return connectTo(t, config)
}

func TestTCPWithoutTLSOnLoopback(t *testing.T) {
	node := openNode(t, func(c *eventnode.Config) { c.Listen = "127.0.0.1:0" })
	require.Regexp(t, `^esdb://127\.0\.0\.1:\d+\?tls=false$`, node.ConnectionString())
	seed(t, parsed(t, node.ConnectionString()), "s", 2)
	seed(t, connect(t, node), "s", 1)
	discovering := parsed(t, strings.Replace(node.ConnectionString(), "esdb://", "esdb+discover://", 1))
	require.Len(t, readAll(t, discovering, esdb.ReadAllOptions{From: esdb.Start{}}, 10), 3)
}

func TestTLSAsksForTheUserAndThePassword(t *testing.T) {
	certPath, keyPath, pool := certificate(t)
	node := openNode(t, func(c *eventnode.Config) {
		c.Listen, c.TLSCert, c.TLSKey = "127.0.0.1:0", certPath, keyPath
		c.Username, c.Password = "praxis", "correct horse"
	})
	require.Contains(t, node.ConnectionString(), "?tls=true")
	require.NotContains(t, node.ConnectionString(), "horse")
	as := func(username, password string) func(*esdb.Configuration) {
		return func(c *esdb.Configuration) { c.RootCAs, c.Username, c.Password = pool, username, password }
	}
	seed(t, parsed(t, node.ConnectionString(), as("praxis", "correct horse")), "s", 1)
	discover := strings.Replace(node.ConnectionString(), "esdb://", "esdb+discover://", 1)
	seed(t, parsed(t, discover, as("praxis", "correct horse")), "s", 1)
	for name, change := range map[string]func(*esdb.Configuration){
		"another password": as("praxis", "correct hors"),
		"another user":     as("admin", "correct horse"),
		"nobody":           as("", ""),
	} {
		t.Run(name, func(t *testing.T) {
			client := parsed(t, node.ConnectionString(), change)
			_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event("x", "{}"))
			// The refusal may arrive while the client is still sending, which it then
			// reports as EOF (docs/event-node.md); that it is refused is what counts.
			require.Error(t, err)
			_, err = client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
			requireCode(t, esdb.ErrorCodeUnauthenticated, err)
			_, err = client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
			requireCode(t, esdb.ErrorCodeUnauthenticated, err)
		})
	}
	require.Len(t, readAll(t, connect(t, node), esdb.ReadAllOptions{From: esdb.Start{}}, 10), 2, "the socket needs no credentials")
}

func TestWideAddressesWithTLSAndCredentialsAreServed(t *testing.T) {
	certPath, keyPath, pool := certificate(t)
	node := openNode(t, func(c *eventnode.Config) {
		c.Listen, c.TLSCert, c.TLSKey, c.Username, c.Password = "0.0.0.0:0", certPath, keyPath, "u", "p"
	})
	_, port, err := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(node.ConnectionString(), "esdb://"), "?tls=true"))
	require.NoError(t, err)
	seed(t, parsed(t, "esdb+discover://u:p@127.0.0.1:"+port+"?tls=true", func(c *esdb.Configuration) { c.RootCAs = pool }), "s", 1)
}
