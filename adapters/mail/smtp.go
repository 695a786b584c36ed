package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"praxis/adapters/loopback"
)

// SMTPConfig says how a mail server is reached.
type SMTPConfig struct {
	// Address is host:port. On port 465 the connection is TLS from its first byte;
	// on any other it is upgraded, which must succeed unless the host is this
	// machine.
	Address string
	// Username and Password sign in; both empty for a server that asks for none.
	Username, Password string
	// From is the sender's address.
	From string
	// Timeout bounds one mail, from dialling on; 0 means one minute.
	Timeout time.Duration
	// Roots are the authorities to trust; nil means those of the system.
	Roots *x509.CertPool
	// Dial reaches the server; nil means the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// implicitTLSPort is where SMTP over TLS is spoken from the first byte (RFC 8314).
const implicitTLSPort = 465

// SMTPSender hands mails to a mail server. SMTP cannot be exactly once: when the
// connection breaks after the text and before the server's answer, it stays
// unknown whether the server took the mail. Such a mail is reported as uncertain
// and sent again under the same Message-ID, by which servers and readers can
// tell that it is the same.
type SMTPSender struct {
	config SMTPConfig
	host   string
	port   int
}

// NewSMTPSender checks the configuration. It connects to nothing.
func NewSMTPSender(c SMTPConfig) (*SMTPSender, error) {
	host, service, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, errors.New("the address of the mail server must be host:port")
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil || host == "" {
		return nil, errors.New("the address of the mail server must be host:port with a number")
	}
	if (c.Username == "") != (c.Password == "") {
		return nil, errors.New("the mail server's user and password belong together")
	}
	c.Timeout = cmp.Or(c.Timeout, time.Minute)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	return &SMTPSender{config: c, host: host, port: int(port)}, nil
}

// Send implements Sender.
func (s *SMTPSender) Send(ctx context.Context, m Message) error {
	msg, err := compose(s.config.From, m)
	if err != nil {
		return &SendError{Code: "mail_malformed", Final: true}
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return &SendError{Code: "smtp_misconfigured"}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() {
		// Once the server has taken the mail, an ungracious good-bye is no failure.
		return nil
	}
	return verdict(err)
}

// client makes the client of one mail.
func (s *SMTPSender) client(ctx context.Context) (*gomail.Client, error) {
	config := &tls.Config{ServerName: s.host, RootCAs: s.config.Roots, MinVersion: tls.VersionTLS12}
	implicit := s.port == implicitTLSPort
	policy, auth := gomail.TLSMandatory, gomail.SMTPAuthAutoDiscover
	switch {
	case implicit:
		// The client does not see that a connection dialled here is encrypted.
		policy, auth = gomail.NoTLS, gomail.SMTPAuthPlain
	case loopback.Is(s.host):
		policy = gomail.TLSOpportunistic
	}
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.config.Timeout), gomail.WithTLSConfig(config), gomail.WithTLSPolicy(policy),
		gomail.WithDialContextFunc(s.dial(ctx, implicit, config)),
	}
	if s.config.Username != "" {
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(s.config.Username), gomail.WithPassword(s.config.Password))
	}
	return gomail.NewClient(s.host, options...)
}

// dial makes connections that break when ctx, that of the whole mail, ends: the
// client itself looks at no context once it has dialled.
func (s *SMTPSender) dial(ctx context.Context, implicit bool, config *tls.Config) gomail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := s.config.Dial(dialing, network, address)
		if err != nil {
			return nil, fmt.Errorf("dial the mail server: %w", err)
		}
		context.AfterFunc(ctx, func() {
			// A connection that is closed already is as good.
			_ = conn.Close()
		})
		if !implicit {
			return conn, nil
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(dialing); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return secured, nil
	}
}

// verdict says what an error means for the mail.
func verdict(err error) *SendError {
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		if reply, ok := errors.AsType[*textproto.Error](err); ok {
			return &SendError{Code: "smtp_refused_connection_" + strconv.Itoa(reply.Code)}
		}
		return &SendError{Code: "smtp_unreachable"}
	}
	code := failed.ErrorCode()
	switch {
	case code >= 500:
		return &SendError{Code: "smtp_" + strconv.Itoa(code), Final: true}
	case code >= 400:
		return &SendError{Code: "smtp_" + strconv.Itoa(code)}
	case failed.Reason == gomail.ErrSMTPDataClose:
		// The text was there, the answer was not.
		return &SendError{Code: "smtp_answer_lost", Uncertain: true}
	}
	return &SendError{Code: "smtp_broken_off"}
}
