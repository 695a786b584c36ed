package eventstore_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// certificate is a server's certificate for this machine, signed by nobody else, and
// its PEM file.
func certificate(t *testing.T, names ...string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "es.example"}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if len(names) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.crt")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// nothingThere answers that there is nothing to read.
func nothingThere(*streams.ReadReq, streams.Streams_ReadServer) error { return nil }

// A certificate that is not trusted is said, with the setting that mends it: trying
// again does not.
func TestFoundR7_AnUntrustedCertificateIsNamed(t *testing.T) {
	untrusted := func(t *testing.T, url string) {
		t.Helper()
		_, err := openURL(t, url).Tail(t.Context())
		require.ErrorIs(t, err, es.ErrStoreUnavailable, "it is still the store that is away")
		require.Contains(t, fault.From(err).Message, "certificate")
		require.Contains(t, fault.From(err).Message, "tlsCaFile")
	}
	t.Run("signed by an unknown authority", func(t *testing.T) {
		cert, _ := certificate(t)
		address := stage(t, &scripted{read: nothingThere}, grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
		untrusted(t, "esdb://"+address+"?maxDiscoverAttempts=1")
	})
	t.Run("of another name", func(t *testing.T) {
		cert, ca := certificate(t, "elsewhere.example")
		address := stage(t, &scripted{read: nothingThere}, grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
		untrusted(t, "esdb://"+address+"?maxDiscoverAttempts=1&tlsCaFile="+ca)
	})
	t.Run("one that is trusted is no matter", func(t *testing.T) {
		cert, ca := certificate(t)
		address := stage(t, &scripted{read: nothingThere}, grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
		_, err := openURL(t, "esdb://"+address+"?maxDiscoverAttempts=1&tlsCaFile="+ca).Tail(t.Context())
		require.NoError(t, err)
	})
}
