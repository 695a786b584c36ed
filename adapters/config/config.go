package config

import (
	"log/slog"
	"net"
	"strings"
	"time"
)

// Config is the whole configuration, checked. Its zero value is not usable; Load makes one.
type Config struct {
	// Listen is the host:port of the HTTP server.
	Listen string `env:"PRAXIS_LISTEN" envDefault:"127.0.0.1:8080"`
	// PublicURL is where people reach the server, for links, without a slash at its end.
	PublicURL string `env:"PRAXIS_PUBLIC_URL"`
	// TLSCert and TLSKey are PEM files; both or neither are set.
	TLSCert string `env:"PRAXIS_TLS_CERT"`
	TLSKey  string `env:"PRAXIS_TLS_KEY"`
	// IsBehindProxy says that a proxy in front ends TLS and sets X-Forwarded-For.
	IsBehindProxy bool `env:"PRAXIS_BEHIND_PROXY" envDefault:"false"`
	// RequestTimeout bounds the work for one request.
	RequestTimeout time.Duration `env:"PRAXIS_REQUEST_TIMEOUT" envDefault:"30s"`
	// ShutdownTimeout bounds the end of a server, from when it was asked to end until
	// the process is gone.
	ShutdownTimeout time.Duration `env:"PRAXIS_SHUTDOWN_TIMEOUT" envDefault:"20s"`
	// DrainPeriod is how long a server that was asked to end still takes requests,
	// after it said in its readiness that it is about to.
	DrainPeriod time.Duration `env:"PRAXIS_DRAIN_PERIOD" envDefault:"3s"`
	// ReadyTimeout bounds how long readiness waits for a part.
	ReadyTimeout time.Duration `env:"PRAXIS_READY_TIMEOUT" envDefault:"1s"`
	// MaxBodyBytes bounds the body of a request, in bytes.
	MaxBodyBytes int64 `env:"PRAXIS_MAX_BODY_BYTES" envDefault:"1048576"`

	// DataDir holds what the embedded stores and the development issuer keep.
	DataDir string `env:"PRAXIS_DATA_DIR" envDefault:"./.praxis"`
	// DatabaseURL is the Postgres to use; the embedded one where unset.
	DatabaseURL Secret `env:"DATABASE_URL"`
	// EventStoreURL is the EventStoreDB to use; the embedded node where unset.
	EventStoreURL Secret `env:"EVENTSTOREDB_URL"`

	// OIDCIssuer is the issuer whose tokens are trusted; the development issuer where empty.
	OIDCIssuer string `env:"PRAXIS_OIDC_ISSUER"`
	// OIDCAudience is what every token must be for.
	OIDCAudience string `env:"PRAXIS_OIDC_AUDIENCE" envDefault:"praxis"`
	// Operators are the subjects, as the issuer names them, who operate the installation.
	Operators []string `env:"PRAXIS_OPERATORS"`
	// SelfServiceConversion lets the owners of solo practices convert them themselves.
	SelfServiceConversion bool `env:"PRAXIS_SELF_SERVICE_CONVERSION" envDefault:"false"`
	// TrialDays is how many days of 24 hours an owner's own trial lasts, from when they
	// founded or joined their practice; none grants no trials.
	TrialDays int `env:"PRAXIS_TRIAL_DAYS" envDefault:"30"`

	// SMTPAddress is the host:port of the mail server; mails become files in DataDir
	// where it is empty.
	SMTPAddress string `env:"PRAXIS_SMTP_ADDRESS"`
	// SMTPUsername and SMTPPassword sign in to it; both or neither are set.
	SMTPUsername string `env:"PRAXIS_SMTP_USERNAME"`
	SMTPPassword Secret `env:"PRAXIS_SMTP_PASSWORD"`
	// SMTPFrom is the address that mails come from.
	SMTPFrom string `env:"PRAXIS_SMTP_FROM" envDefault:"praxis@localhost"`
	// InvitationLink is where invitations are answered, with {group} and {invitation}
	// in it; the operation of the API where empty.
	InvitationLink string `env:"PRAXIS_INVITATION_LINK"`
	// StripeSecretKey and StripeWebhookSecret are those of the Stripe account; both
	// or neither are set, and cards are simulated where they are not.
	StripeSecretKey     Secret `env:"PRAXIS_STRIPE_SECRET_KEY"`
	StripeWebhookSecret Secret `env:"PRAXIS_STRIPE_WEBHOOK_SECRET"`
	// StripeURL is where Stripe's API is; Stripe itself where empty.
	StripeURL string `env:"PRAXIS_STRIPE_URL"`

	// LogLevel is the least level that is logged.
	LogLevel slog.Level `env:"PRAXIS_LOG_LEVEL" envDefault:"info"`
	// LogRequests asks for a line for every request.
	LogRequests bool `env:"PRAXIS_LOG_REQUESTS" envDefault:"false"`
	// LogFormat is "text" or "json".
	LogFormat string `env:"PRAXIS_LOG_FORMAT" envDefault:"text"`
	// OTLPEndpoint is the base URL of the collector of traces; empty turns tracing off.
	OTLPEndpoint string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`

	// Warnings say what is probably not meant as it is written.
	Warnings []string

	// given holds the names of the variables that were set.
	given map[string]bool
}

// IsGiven reports whether a variable was set.
func (c Config) IsGiven(name string) bool { return c.given[name] }

// UsesDevelopmentIssuer reports whether people sign in without a password, on this machine only.
func (c Config) UsesDevelopmentIssuer() bool { return c.OIDCIssuer == "" }

// SendsMail reports whether a mail server is configured.
func (c Config) SendsMail() bool { return c.SMTPAddress != "" }

// ChargesCards reports whether cards are charged through Stripe instead of in
// simulation.
func (c Config) ChargesCards() bool { return c.StripeSecretKey.IsSet() }

// CardMode says in a sentence whether money moves.
func (c Config) CardMode() string {
	switch {
	case !c.ChargesCards():
		return "cards are simulated: no money moves"
	case beginsWith("sk_test_", "rk_test_")(c.StripeSecretKey.Reveal()):
		return "cards are charged by Stripe in test mode: only test cards work and no money moves"
	default:
		return "cards are charged by Stripe: money moves"
	}
}

// UsesTLS reports whether the server itself ends TLS.
func (c Config) UsesTLS() bool { return c.TLSCert != "" }

// BaseURL is where people reach the server, without a slash at its end: the
// public URL, or else one made from the listen address.
func (c Config) BaseURL() string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	scheme := "http"
	if c.UsesTLS() {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
