// Package smtptest is a real SMTP server inside the test process: it keeps what
// it is sent and misbehaves on demand. It is for tests only and imports go-smtp.
package smtptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Fault is how one delivery goes wrong.
type Fault struct {
	// Rcpt and Data are the replies to RCPT and to the end of the text, if not 0.
	Rcpt, Data int
	// Hang keeps the client waiting for the reply to the text.
	Hang bool
	// Drop takes the text and breaks the connection before the reply.
	Drop bool
}

// Received is a mail that the server took.
type Received struct {
	From string
	To   []string
	Text string
	// Encrypted reports whether the connection was.
	Encrypted bool
	// User is who had signed in.
	User string
}

// Config says what server to be.
type Config struct {
	// TLS offers STARTTLS with a certificate for Host.
	TLS bool
	// Implicit speaks TLS from the first byte.
	Implicit bool
	// Host is what the certificate is for; empty means 127.0.0.1.
	Host string
	// Username and Password, if set, are needed to send.
	Username, Password string
}

// Sink is a running server.
type Sink struct {
	// Address is host:port.
	Address string
	// Roots trusts the server's certificate.
	Roots *x509.CertPool

	config   Config
	released chan struct{}
	mu       sync.Mutex
	faults   []Fault
	received []Received
}

// New starts a server that ends with the test.
func New(t testing.TB, c Config) *Sink {
	t.Helper()
	s := &Sink{config: c, released: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{sink: s, conn: conn}, nil
	}))
	server.Domain, server.AllowInsecureAuth = "localhost", true
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s.Address = listener.Addr().String()
	if c.TLS || c.Implicit {
		server.TLSConfig = s.certify(t)
	}
	if c.Implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		close(s.released)
		if err := server.Close(); err != nil {
			t.Errorf("close the mail server: %v", err)
		}
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("the mail server ended: %v", err)
		}
	})
	return s
}

// certify makes a certificate of its own.
func (s *Sink) certify(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	now := time.Now() //nolint:forbidigo // TLS asks the real clock whether a certificate is valid.
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sink"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if s.config.Host == "" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		template.DNSNames = []string{s.config.Host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatalf("make a certificate: %v", err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("read the certificate: %v", err)
	}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// Fail makes the next deliveries go wrong, one each.
func (s *Sink) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Received returns what was taken so far.
func (s *Sink) Received() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

// session is one connection.
type session struct {
	sink  *Sink
	conn  *smtp.Conn
	user  string
	fault Fault
	mail  Received
}

func reply(code int) error {
	if code == 0 {
		return nil
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "no mail for somebody@example.org"}
}

func (s *session) AuthMechanisms() []string {
	if s.sink.config.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.sink.config.Username || password != s.sink.config.Password {
			return smtp.ErrAuthFailed
		}
		s.user = username
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.sink.config.Username != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.fault = Fault{}
	if len(s.sink.faults) > 0 {
		s.fault, s.sink.faults = s.sink.faults[0], s.sink.faults[1:]
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = Received{From: from, Encrypted: encrypted, User: s.user}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = append(s.mail.To, to)
	return reply(s.fault.Rcpt)
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.fault.Hang {
		<-s.sink.released
		return smtp.ErrServerClosed
	}
	if s.fault.Data != 0 {
		return reply(s.fault.Data)
	}
	s.mail.Text = string(text)
	s.sink.mu.Lock()
	s.sink.received = append(s.sink.received, s.mail)
	s.sink.mu.Unlock()
	if s.fault.Drop {
		return s.conn.Conn().Close()
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
